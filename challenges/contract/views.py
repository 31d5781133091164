"""Pages of a challenge's contract: its clauses, its canonical bytes, and what each version changed."""

import base64

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges import policy
from challenges.contract import clauses, forms, queries, services
from challenges.contract.document import KIND, read_document
from challenges.drafting.steps import STEPS
from challenges.entry.document import attachments_of
from challenges.entry.views import attached
from challenges.models import Challenge
from challenges.questions import ACCEPTANCE
from challenges.rule_set import rule_limits
from challenges.views import render_page
from crowd.contracts import queries as contracts
from crowd.contracts.models import ContractVersion
from crowd.errors import NotFound
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason

blueprint = Blueprint("contracts", __name__)


def _number() -> int | None:
    """The version that the URL names; None where it names none. Raises NotFound where that is no number."""
    text = arguments().text("version")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound
    return int(text) if text else None


@blueprint.get("/challenges/<int:challenge_id>/contract")
@guards.public
def show(challenge_id: int) -> ResponseReturnValue:
    """The clauses of a version (`?version=2`), of the one in force without a number."""
    challenge, version = queries.access(guards.actor(), challenge_id, _number())
    waiting = queries.waiting(guards.actor(), challenge)
    cost = services.cost_of(challenge, waiting) if waiting else 0
    return render_page(
        "challenges/contract.html",
        challenge,
        version_shown=version,
        versions=contracts.list_versions(KIND, challenge_id),
        sections=clauses.sections(read_document(version.document)),
        waiting=waiting,
        waiting_cost=cost,
        missing=services.missing_for(challenge, cost),
        amendable=challenge.is_open and policy.can_amend(guards.actor(), challenge),
        accepting=ACCEPTANCE()(guards.actor(), challenge),
    )


@blueprint.get("/challenges/<int:challenge_id>/contract/changes")
@guards.public
def changes(challenge_id: int) -> ResponseReturnValue:
    """What a version changed, clause by clause."""
    challenge, version = queries.access(guards.actor(), challenge_id, _number())
    before = contracts.previous(version)
    if before is None:
        raise NotFound
    differences = clauses.differences(read_document(before.document), read_document(version.document))
    return render_page(
        "challenges/contract_changes.html", challenge, version_shown=version, before=before, differences=differences
    )


@blueprint.get("/challenges/<int:challenge_id>/contract.json")
@guards.public
def document(challenge_id: int) -> Response:
    """The canonical bytes of a version: the same for everybody who may read it, with their digest (RFC 9530)."""
    _challenge, version = queries.access(guards.actor(), challenge_id, _number())
    return _bytes(version)


def _bytes(version: ContractVersion) -> Response:
    response = Response(version.document, mimetype="application/json")
    response.cache_control.no_transform = True
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(version.digest)).decode()}:"
    return response


# ---- the sponsor changes it


@blueprint.route("/challenges/<int:challenge_id>/contract/amend", methods=["GET", "POST"])
@guards.signed_in
@guards.takes_files
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def amend(challenge_id: int) -> ResponseReturnValue:
    """The editor of a published challenge: first what a change would be, then the change as a version."""
    challenge = queries.access_open(guards.actor(), challenge_id, to=policy.can_amend)
    if queries.waiting(guards.actor(), challenge) is not None:
        flash(_("Another change waits for its money. Pay for it or withdraw it first."), "warn")
        return redirect(url_for("contracts.show", challenge_id=challenge_id), 303)
    form = forms.AmendForm(queries.brief_in_force(challenge))
    form.take_files(lambda upload: attached(challenge_id, upload))
    if form.passes(lambda: _amended(challenge_id, form)) and form.outcome:
        flash(_after(form.outcome), "success")
        return redirect(url_for("contracts.show", challenge_id=challenge_id), 303)
    return _amend_page(challenge, form)


def _amended(challenge_id: int, form: forms.AmendForm) -> ContractVersion | None:
    """The new version, once its check was shown; None for the check itself."""
    if not form.is_confirmed():
        return None
    actor, brief, wanted = guards.person(), form.brief(), form.wanted()
    return services.amend(
        actor, challenge_id, brief=brief, reason=form.reason.data, shown=form.shown.data, wanted=wanted
    )


def _after(version: ContractVersion) -> str:
    if version.in_force_at is None:
        return _("Version %(number)s is in force as soon as it is paid.", number=version.number)
    return _("Version %(number)s is in force. Everybody registered is notified.", number=version.number)


def _amend_page(challenge: Challenge, form: forms.AmendForm) -> ResponseReturnValue:
    planned = form.planned(challenge) if form.is_submitted() and form.lacks_only_reason else None
    differences = clauses.differences(planned.before, planned.after) if planned else []
    missing = services.missing_for(challenge, planned.cost) if planned else 0
    page = render_page(
        "challenges/amend.html", challenge, form=form, planned=planned, differences=differences, limits=rule_limits(),
        steps=STEPS, kept=attachments_of(challenge.id),
        money_text=clauses.money_text(challenge.currency, planned.cost, missing) if planned and planned.cost else "",
        consequence=clauses.consequence(planned.change_class, planned.closes_at) if planned else "",
    )  # fmt: skip
    return page, form.status


@blueprint.post("/challenges/<int:challenge_id>/contract/fund")
@guards.signed_in
@once.acts
@confirmation.required
def fund(challenge_id: int) -> ResponseReturnValue:
    """Pay for the change that waits."""
    version = services.fund(guards.person(), challenge_id)
    flash(_after(version), "success")
    return redirect(url_for("contracts.show", challenge_id=challenge_id), 303)


@blueprint.post("/challenges/<int:challenge_id>/contract/withdraw")
@guards.signed_in
@confirmation.required
def withdraw(challenge_id: int) -> ResponseReturnValue:
    """Withdraw the change that waits."""
    services.withdraw(guards.person(), challenge_id)
    flash(_("The change is withdrawn; the version in force stays."), "success")
    return redirect(url_for("contracts.show", challenge_id=challenge_id), 303)
