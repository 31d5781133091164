"""Pages of shares: who gets what part of an award, and the answers of those who were asked."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crowd.money import CURRENCIES
from crowd.web import confirmation, guards
from crowd.web.arguments import posted
from crowd.web.confirmation import Reason
from submissions import policy, queries
from submissions.forms import SharesForm
from submissions.models import Proposal, Share
from submissions.shares import services
from submissions.shares.split import beneficiaries
from submissions.submission_errors import WHOLE

blueprint = Blueprint("shares", __name__)
blueprint.add_app_template_global(beneficiaries)
AGREED = _l("You agreed to your share. You can now write on the proposal too.")


@blueprint.app_template_global("shares_to_answer")
def _shares_to_answer(proposal: Proposal) -> list[Share]:
    """The shares of a proposal that wait for the reader's answer."""
    return policy.unanswered(guards.actor(), proposal)


@blueprint.route("/proposals/<int:id>/shares", methods=["GET", "POST"])
@guards.signed_in
@guards.sealed
@confirmation.not_required(Reason.EDITABLE)
def edit(id: int) -> ResponseReturnValue:
    """Set the shares, all at once."""
    proposal = queries.access(guards.actor(), id, to=policy.can_manage)
    form = SharesForm(data=_parts(proposal)).of(proposal.organisation)
    if "add" in posted():  # one more row, with all that was typed; nothing is saved
        return _page(proposal, form)
    if form.passes(lambda: services.set_shares(guards.person(), id, own=form.own.points, others=form.parts())):
        flash(_said(proposal, form.outcome), "success")
        return redirect(url_for("submissions.show", id=id), 303)
    return _page(proposal, form), form.status


def _said(proposal: Proposal, rows: list[Share]) -> str:
    """The message after setting the shares."""
    if any(row.agreed_at is None for row in rows):
        return _("The shares are set. Everybody named has to agree before you can submit.")
    if rows:
        return _("The shares are set. Everybody named has agreed.")
    if proposal.organisation_id is not None:
        return _("Nobody has a share. An award goes to the agency alone.")
    return _("Nobody else has a share. An award goes to the author alone.")


def _page(proposal: Proposal, form: SharesForm) -> str:
    """The form, with the amount of each part of the largest prize."""
    challenge = proposal.challenge
    return render_template(
        "submissions/shares.html",
        proposal=proposal,
        challenge=challenge,
        form=form,
        largest=max((prize.amount for prize in challenge.prizes), default=0),
        unit=10 ** CURRENCIES[challenge.currency],
    )


def _parts(proposal: Proposal) -> dict[str, Any]:
    """The shares as the form shows them, in percent."""
    alone = WHOLE if proposal.organisation_id is None else 0
    own = next((share.basis_points for share in proposal.shares if share.user_id == proposal.user_id), alone)
    others = [
        {"address": share.user.email, "percent": Decimal(share.basis_points) / 100}
        for share in proposal.shares
        if share.user is not None and share.user_id != proposal.user_id
    ]
    return {"own": Decimal(own) / 100, "others": others}


@blueprint.post("/proposals/<int:id>/shares/agree")
@guards.signed_in
@guards.sealed
@confirmation.required
def agree(id: int) -> ResponseReturnValue:
    """Agree to the person's own share, or (`agency`) to the agency's."""
    for_agency = "agency" in posted()
    services.agree_share(guards.person(), id, for_agency=for_agency)
    flash(_("You agreed to the share. The author is notified.") if for_agency else AGREED, "success")
    return redirect(url_for("submissions.show", id=id), 303)


@blueprint.post("/proposals/<int:id>/shares/refuse")
@guards.signed_in
@guards.sealed
@confirmation.required
def refuse(id: int) -> ResponseReturnValue:
    """Refuse the person's own share, and lose the right to read the proposal; or (`agency`) the agency's."""
    if "agency" in posted():
        services.refuse_share(guards.person(), id, for_agency=True)
        flash(_("You refused the share. The shares have to be set again."), "success")
        return redirect(url_for("submissions.show", id=id), 303)
    services.refuse_share(guards.person(), id)
    flash(_("You refused the share and have no part in the proposal any more."), "success")
    return redirect(url_for("submissions.mine"), 303)
