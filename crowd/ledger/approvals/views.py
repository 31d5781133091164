"""What waits for a second person of finance: the list, what each is about, and the decision.

These endpoints belong to the blueprint of the ledger (`ledger.approvals`, `ledger.approval`).
"""

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd.config import limits
from crowd.ledger import owners
from crowd.ledger.approvals import details, policy, queries, services
from crowd.ledger.models import Approval, OwnerType
from crowd.ledger.views import OVERSEERS, blueprint
from crowd.web import confirmation, guards
from crowd.web.arguments import arguments


@blueprint.route("/finance/approvals")
@guards.roles(*OVERSEERS)
def approvals() -> ResponseReturnValue:
    """What waits for a second person."""
    page = queries.waiting_page(after=arguments().after, size=limits().page_rows)
    return render_template(
        "ledger/approvals.html",
        page=page,
        people=_people(page.rows),
        labels={row.id: details.label(row) for row in page.rows},
        sums={row.id: details.sums(row) for row in page.rows},
    )


@blueprint.route("/finance/approvals/<int:approval_id>")
@guards.roles(*OVERSEERS)
def approval(approval_id: int) -> ResponseReturnValue:
    """One approval, with the details for the second person."""
    actor = guards.actor()
    row = queries.access(actor, approval_id)
    return render_template(
        "ledger/approval.html",
        approval=row,
        details=details.of(row),
        people=_people([row]),
        transitions=policy.open_transitions(actor, row),
    )


def _people(rows: Sequence[Approval]) -> dict[int, str]:
    ids = {person for row in rows for person in (row.requested_by, row.decided_by) if person}
    return {person: name for (_owner, person), name in owners.names((OwnerType.USER, i) for i in ids).items()}


@blueprint.post("/finance/approvals/<int:approval_id>/approve")
@guards.roles("finance")
@confirmation.required
def approve(approval_id: int) -> ResponseReturnValue:
    """Approve as the second person."""
    services.approve(guards.person(), approval_id)
    flash(_("Approved and done."), "success")
    return redirect(url_for("ledger.approval", approval_id=approval_id), 303)


@blueprint.post("/finance/approvals/<int:approval_id>/decline")
@guards.roles("finance")
@confirmation.required
def decline(approval_id: int) -> ResponseReturnValue:
    """Decline, or withdraw."""
    services.decline(guards.person(), approval_id)
    flash(_("Declined. No money was transferred."), "success")
    return redirect(url_for("ledger.approval", approval_id=approval_id), 303)
