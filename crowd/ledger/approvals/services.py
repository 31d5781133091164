"""Decides whether a person's record about money needs a second person, and stores both."""

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Conflict
from crowd.ledger.approvals import policy
from crowd.ledger.approvals.queries import access, find_waiting, said_today
from crowd.ledger.models import Approval, ApprovalKind
from crowd.ledger.workflow import APPROVAL_TRANSITIONS, APPROVAL_WORDING, ApprovalState
from crowd.values import term
from crowd.workflow import next_state

COUNTING = 20_261_122  # the advisory lock under which a day's sums are read and added to
Effect = Callable[[Actor, Approval], None]
_effects: dict[ApprovalKind, Effect] = {}


def effect(kind: ApprovalKind) -> Callable[[Effect], Effect]:
    """Register the function that runs the operation once a second person has agreed."""

    def mark(function: Effect) -> Effect:
        _effects[kind] = function
        return function

    return mark


def hold() -> None:
    """Keep others from adding to the day's sums until this transaction ends. Take it before row locks."""
    db.session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": COUNTING})


@atomic
def ask(
    actor: Actor,
    kind: ApprovalKind,
    subject_id: int,
    *,
    sums: Mapping[str, int],
    always: bool = False,
    data: Mapping[str, object] | None = None,
) -> Approval:
    """Record a person's request. The row is `single` where one person is enough, and then the caller acts; else it
    waits.

    Two people are needed where a party's sum of the day reaches its currency's limit, where the actor is or acts for a
    party, and where `always`. Raises Conflict where the same thing already waits.
    """
    hold()
    if find_waiting(kind, subject_id) is not None:
        raise Conflict(_("This was requested before and awaits the approval of a second person."))
    two = always or policy.has_interest(actor, sums) or any(_reaches(kind, party, sums[party]) for party in sums)
    row = Approval(
        kind=kind,
        subject_id=subject_id,
        sums=dict(sums),
        data=dict(data or {}),
        requested_by=actor.id,
        state=ApprovalState.WAITING if two else ApprovalState.SINGLE,
        created_at=clock.db_now(),
    )
    db.session.add(row)
    db.session.flush()
    return row


def _reaches(kind: ApprovalKind, party: str, amount: int) -> bool:
    total = said_today(kind.together(), party) + amount
    return policy.requires_dual_approval(party.split(" ", 1)[0], total)


@atomic
def approve(actor: Actor, approval_id: int) -> Approval:
    """Approve as the second person, and run the operation. Raises Forbidden for the first, Conflict too late."""
    row = access(actor, approval_id, to=policy.can_approve, lock=True)
    _decide(actor, row, "approve")
    _effects[row.kind](actor, row)
    return row


@atomic
def decline(actor: Actor, approval_id: int) -> Approval:
    """Decline a request, or withdraw the actor's own. Nothing is transferred."""
    row = access(actor, approval_id, to=policy.can_decline, lock=True)
    _decide(actor, row, "decline")
    record(actor, "approval.declined", row, kind=term(row.kind, "approval_kind"))
    return row


@atomic
def approve_waiting(actor: Actor, kind: ApprovalKind, subject_id: int) -> Approval:
    """Approve what waits about a subject. Raises what `approve` raises, and Conflict where nothing waits."""
    return approve(actor, _waiting(kind, subject_id).id)


@atomic
def drop(actor: Actor, kind: ApprovalKind, subject_id: int) -> None:
    """Decline what waits about a subject that is no longer needed, if anything does."""
    row = find_waiting(kind, subject_id)
    if row is not None:
        decline(actor, row.id)


def _waiting(kind: ApprovalKind, subject_id: int) -> Approval:
    row = find_waiting(kind, subject_id)
    if row is None:
        raise Conflict(_("There is nothing to approve here. Nothing was changed."))
    return row


def _decide(actor: Actor, row: Approval, operation: str) -> None:
    now = clock.db_now()  # read first: a read flushes changes, and the database rejects an incomplete decision
    row.state = next_state(APPROVAL_TRANSITIONS, APPROVAL_WORDING, row.state, operation)
    row.decided_by, row.decided_at = actor.id, now
