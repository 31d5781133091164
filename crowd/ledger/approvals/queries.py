"""Reads of approvals."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from crowd import clock
from crowd.access import Rule, access_row
from crowd.audit import Actor
from crowd.config import zone
from crowd.db import db
from crowd.ledger.approvals.policy import can_view
from crowd.ledger.models import Approval, ApprovalKind
from crowd.ledger.workflow import ApprovalState
from crowd.web import paging

OF_DEPOSIT = (ApprovalKind.DEPOSIT, ApprovalKind.ALLOCATION, ApprovalKind.RETURN)


def access(actor: Actor | None, approval_id: int, *, to: Rule[Approval] | None = None, lock: bool = False) -> Approval:
    """An approval. Raises NotFound where hidden, Forbidden where it needs another person."""
    return access_row(
        actor,
        Approval,
        approval_id,
        view=can_view,
        to=to,
        lock=lock,
        refused=_l("This takes a finance officer other than the one who requested it, and not one whose money it is."),
    )


def midnight() -> datetime:
    """The beginning of today in the platform's time zone."""
    here = clock.db_now().astimezone(zone())
    return here.replace(hour=0, minute=0, second=0, microsecond=0)


def said_today(kinds: Iterable[ApprovalKind], party: str) -> int:
    """Minor units of a party that were requested today, declined ones left out."""
    amount = sa.cast(Approval.sums[party].astext, sa.BigInteger)
    query = sa.select(sa.func.coalesce(sa.func.sum(amount), 0)).where(
        Approval.kind.in_(list(kinds)),
        Approval.state != ApprovalState.DECLINED,
        Approval.created_at >= midnight(),
        Approval.sums.has_key(party),
    )
    return int(db.session.scalar(query) or 0)


def find_waiting(kind: ApprovalKind, subject_id: int) -> Approval | None:
    """The approval of that kind that waits for a second person, or None."""
    return db.session.scalar(
        sa.select(Approval).where(
            Approval.kind == kind, Approval.subject_id == subject_id, Approval.state == ApprovalState.WAITING
        )
    )


def was_declined(kind: ApprovalKind, subject_id: int) -> bool:
    """Whether the last request for this was declined."""
    query = sa.select(Approval.state).where(Approval.kind == kind, Approval.subject_id == subject_id)
    return db.session.scalar(query.order_by(Approval.id.desc()).limit(1)) == ApprovalState.DECLINED


def waiting_about(kind: ApprovalKind, subject_ids: Iterable[int]) -> dict[int, int]:
    """The ids of waiting approvals of that kind, by subject."""
    query = sa.select(Approval.subject_id, Approval.id).where(
        Approval.kind == kind, Approval.subject_id.in_(list(subject_ids)), Approval.state == ApprovalState.WAITING
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def list_of_deposit(deposit_id: int) -> list[Approval]:
    """The approvals about a deposit, oldest first."""
    query = sa.select(Approval).where(Approval.kind.in_(OF_DEPOSIT), Approval.subject_id == deposit_id)
    return list(db.session.scalars(query.order_by(Approval.id)))


def waiting_page(*, after: str | None, size: int) -> paging.Page[Approval]:
    """Approvals that wait for a second person, newest first."""
    query = sa.select(Approval).where(Approval.state == ApprovalState.WAITING)
    return paging.page(query, [(Approval.id, True)], name="approvals", after=after, size=size)
