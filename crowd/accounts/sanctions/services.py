"""Every write of sanctions, by jobs: what was decided, its beginning, its end, and an appeal that was granted."""

from datetime import timedelta

import sqlalchemy as sa

from crowd import clock
from crowd.accounts.models import Organisation, User
from crowd.accounts.organisations import closing
from crowd.accounts.organisations.queries import count_owners
from crowd.accounts.questions import PENDING_CASE
from crowd.accounts.sanctions import notifications
from crowd.accounts.sanctions.models import Sanction
from crowd.accounts.sanctions.workflow import (
    APPEAL,
    TRANSITIONS,
    WORDING,
    SanctionKind,
    SanctionState,
)
from crowd.accounts.services import close_account, reopen_account
from crowd.audit import SYSTEM, record
from crowd.background import enqueue
from crowd.db import atomic, db
from crowd.values import term
from crowd.workflow import next_state


@atomic
def decide(
    case_id: int, measure: str, appeal_days: int, *, user_id: int | None = None, organisation_id: int | None = None
) -> Sanction:
    """Keep what was decided, once for a case; it begins when nobody can appeal any more."""
    kind: type[User | Organisation] = User if user_id is not None else Organisation
    db.session.execute(sa.select(kind.id).where(kind.id == (user_id or organisation_id)).with_for_update())
    known = db.session.scalar(sa.select(Sanction).where(Sanction.case_id == case_id))
    if known is not None:
        return known
    now = clock.db_now()
    row = Sanction(
        case_id=case_id, user_id=user_id, organisation_id=organisation_id, measure=measure, decided_at=now,
        begins_at=now + timedelta(days=appeal_days),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    record(SYSTEM, "sanction.decided", row.party, measure=term(measure, "sanction_measure"), sanction=row.id)
    notifications.decided(row)
    enqueue("sanctions.begin", row.id, at=row.begins_at, key=f"sanctions.begin:{row.id}:0")
    return row


def _locked(sanction_id: int) -> Sanction:
    """A sanction under its lock, for jobs."""
    query = sa.select(Sanction).where(Sanction.id == sanction_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


@atomic
def begin(sanction_id: int, *, turn: int = 0) -> SanctionState:
    """The time for an appeal is over: close the account or the organisation. While an appeal is pending, look again the
    next day.
    """
    row = _locked(sanction_id)
    now = clock.db_now()
    if row.state != SanctionState.DECIDED or row.begins_at > now:
        return row.state
    if PENDING_CASE()(APPEAL, row.id):
        key = f"sanctions.begin:{row.id}:{turn + 1}"
        enqueue("sanctions.begin", row.id, turn + 1, at=now + timedelta(days=1), key=key)
        return row.state
    row.state, row.begins_at = next_state(TRANSITIONS, WORDING, row.state, "begin"), now
    days = row.decided.days
    row.ends_at = now + timedelta(days=days) if days is not None else None
    if row.decided.kind != SanctionKind.WARNING:
        row.closed = _close(row)
    record(SYSTEM, "sanction.begun", row.party, measure=term(row.measure, "sanction_measure"), sanction=row.id)
    notifications.begun(row)
    if row.ends_at is not None:
        enqueue("sanctions.end", row.id, at=row.ends_at, key=f"sanctions.end:{row.id}")
    return row.state


def _close(row: Sanction) -> bool:
    """Whether it was open until now."""
    if row.user is not None:
        if row.user.active:
            close_account(SYSTEM, row.user.id, reason=f"sanction {row.id}")
            return True
        return False
    assert row.organisation is not None
    if row.organisation.closed_at is None:
        closing.close_by_decision(SYSTEM, row.organisation.id, reason=f"sanction {row.id}")
        return True
    return False


@atomic
def end(sanction_id: int) -> SanctionState:
    """The time of a suspension is over: open what it closed."""
    row = _locked(sanction_id)
    if row.state != SanctionState.IN_FORCE or row.ends_at is None or row.ends_at > clock.db_now():
        return row.state
    row.state = next_state(TRANSITIONS, WORDING, row.state, "end")
    db.session.flush()
    if row.closed:
        _reopen(row)
    record(SYSTEM, "sanction.ended", row.party, measure=term(row.measure, "sanction_measure"), sanction=row.id)
    notifications.ended(row)
    return row.state


def _reopen(row: Sanction) -> None:
    """Open it again; an organisation of which no owner has an open account stays closed, and staff opens it later."""
    if row.user is not None:
        reopen_account(SYSTEM, row.user.id, reason=f"sanction {row.id}")
    elif row.organisation is not None and count_owners(row.organisation.id):
        closing.reopen(SYSTEM, row.organisation.id, reason=f"sanction {row.id}")


def erase(user_id: int, _email: str) -> None:
    """With an account goes what would begin, and what would open it again."""
    theirs = sa.update(Sanction).where(Sanction.user_id == user_id)
    ahead = theirs.where(Sanction.state == SanctionState.DECIDED)
    db.session.execute(ahead.values(state=SanctionState.LIFTED))
    db.session.execute(theirs.values(closed=False))


@atomic
def lift(sanction_id: int) -> SanctionState:
    """An appeal was granted: the sanction does not begin."""
    row = _locked(sanction_id)
    if row.state == SanctionState.DECIDED:
        row.state = next_state(TRANSITIONS, WORDING, row.state, "lift")
        record(SYSTEM, "sanction.lifted", row.party, measure=term(row.measure, "sanction_measure"), sanction=row.id)
        notifications.lifted(row)
    return row.state
