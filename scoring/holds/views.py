"""The page of the holds of a payment; it belongs to the blueprint of scoring."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges import queries as challenges
from challenges.impartiality import is_party
from challenges.workflow import ChallengeState
from crowd.accounts.models import PlatformRole
from crowd.web import confirmation, guards, once
from scoring.forms import HoldForm, ReleaseForm
from scoring.holds import policy, queries, services
from scoring.views import blueprint, head

ORGANS = guards.roles(PlatformRole.COUNCIL, PlatformRole.SERVICE_CENTRE)


@blueprint.get("/challenges/<int:challenge_id>/holds")
@ORGANS
def holds(challenge_id: int) -> ResponseReturnValue:
    """The holds of a challenge's payment with their reasons; hold it, release it."""
    return _page(challenge_id, HoldForm(prefix="hold"))


@blueprint.post("/challenges/<int:challenge_id>/holds")
@ORGANS
@once.acts
@confirmation.required
def hold_payment(challenge_id: int) -> ResponseReturnValue:
    """Hold what is not paid."""
    form = HoldForm(prefix="hold")
    if form.passes(lambda: services.hold(guards.person(), challenge_id, **form.values())):
        flash(_("The payment is held. The sponsor and everybody behind an award are notified."), "success")
        return redirect(url_for("scoring.holds", challenge_id=challenge_id), 303)
    return _page(challenge_id, form)


@blueprint.post("/holds/<int:hold_id>/release")
@ORGANS
@confirmation.required
def release_payment(hold_id: int) -> ResponseReturnValue:
    """Release a hold."""
    form = _release_form(hold_id)
    if form.passes(lambda: services.release(guards.person(), hold_id, **form.values())):
        flash(_("The hold is released."), "success")
        return redirect(url_for("scoring.holds", challenge_id=form.outcome.id), 303)
    return _page(queries.challenge_of(hold_id), HoldForm(prefix="hold"), form, typed=hold_id)


def _release_form(hold_id: int) -> ReleaseForm:
    """One for each hold: several may be open on one page."""
    return ReleaseForm(prefix=f"release-{hold_id}")


def _page(
    challenge_id: int, form: HoldForm, rejected: ReleaseForm | None = None, typed: int | None = None
) -> ResponseReturnValue:
    actor = guards.person()
    challenge = challenges.access(actor, challenge_id, to=policy.can_hold)
    apart, decided = not is_party(actor, challenge), challenge.state == ChallengeState.DECIDED
    rows = queries.holds(challenge_id)
    releasable = [row.id for row in rows if row.is_open and apart and policy.can_release(actor, challenge, row)]
    page = render_template(
        "scoring/holds.html", holds=rows, form=form, rejected=rejected, typed=typed,
        holdable=apart and decided, decided=decided, **head(challenge),
        releases={id: rejected if id == typed else _release_form(id) for id in releasable},
    )  # fmt: skip
    return page, max(form.status, rejected.status if rejected else 200)
