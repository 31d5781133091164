"""Every write of registers. The callers check who may, and record nothing of their own about the entry.

The packages that own a register call these; its keepers go through `crowd.registers.keeping`.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.audit import SYSTEM, Actor, record
from crowd.background import enqueue
from crowd.canonical import digest
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict
from crowd.register_kinds import RegisterKind
from crowd.registers import document, notifications, numbers, queries
from crowd.registers.models import RegisterEntry, RegisterEvent
from crowd.registers.policy import kind_of
from crowd.registers.questions import HOLDERS
from crowd.registers.workflow import EVENTS, TRANSITIONS, WORDING, EntryOrigin, EntryState, EventKind
from crowd.values import term
from crowd.workflow import next_state


@atomic
def grant(
    actor: Actor, register: str, holder_id: int, data: Mapping[str, object], *, valid_until: datetime | None = None,
    reason: str = "", cause: str = "", case_id: int | None = None, holder: str = "",
) -> RegisterEntry:  # fmt: skip
    """Enter a person or an organisation; `valid_until` is the register's usual term where none is given, and `holder`
    says which of both it is where the register takes either.

    Raises NotFound, ValueError for data that the register's schema does not allow, Conflict where the holder has an
    entry that has not ended.
    """
    kind = queries.get_kind(register)
    document.check(kind, data)
    held_by = holder or kind.holder
    HOLDERS().lock(held_by, holder_id)
    if not kind.several and any(last.state in queries.COUNTS for _row, last in queries.of_holder(register, holder_id)):
        raise Conflict(_("There is an entry already. It must be revoked before another one is granted."))
    now = clock.db_now().replace(microsecond=0)
    number, until = numbers.draw(kind.prefix), valid_until or _usual_end(kind, now)
    written = document.write(register, number, (held_by, holder_id), data, now, until, EntryOrigin.GRANTED)
    row = RegisterEntry(
        register=register, number=number, document=written, digest=digest(written), valid_from=now, valid_until=until,
        **{f"{held_by}_id": holder_id},
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    event = RegisterEvent(entry_id=row.id, number=1, kind=EventKind.GRANTED, state=EntryState.VALID, valid_until=until,
                          acted_by=actor.id, reason=reason, cause=cause, case_id=case_id)  # fmt: skip
    _add(actor, row, event)
    return row


def _usual_end(kind: RegisterKind, now: datetime) -> datetime | None:
    days = getattr(limits(), kind.term) if kind.term else 0
    return now + timedelta(days=days) if days else None


def _add(actor: Actor, row: RegisterEntry, event: RegisterEvent, *, before: EntryState | None = None) -> None:
    """An event with what follows from it: what the register's package carries out, the trail, who hears, and jobs."""
    db.session.add(event)
    db.session.flush()
    kind, valid = kind_of(row), event.state == EntryState.VALID
    if kind.changed is not None and valid != (before == EntryState.VALID):
        kind.changed(actor, row.holder_id, valid)
    of_entry = {"number": row.number, "register": term(row.register, "register")}
    reason = {"reason": event.reason} if event.reason else {}
    record(actor, f"register.{event.kind}", row, challenge_id=None, **of_entry, **reason)
    notifications.happened(row, event)
    if event.kind in (EventKind.GRANTED, EventKind.RENEWED):
        enqueue("certificates.make", row.id, event.number, key=f"certificates.make:{row.id}:{event.number}")
        _schedule_end(row, event)


def _schedule_end(row: RegisterEntry, event: RegisterEvent) -> None:
    """The jobs that remind of the end and carry it out; where the entry is renewed meanwhile, they do nothing."""
    if event.valid_until is None:
        return
    soon = event.valid_until - timedelta(days=limits().register_reminder_days)
    of, until = f"{row.id}:{event.number}", event.valid_until.isoformat()
    if limits().register_reminder_days and soon > clock.now():
        enqueue("registers.remind", row.id, until, at=soon, key=f"registers.remind:{of}", wake=False)
    enqueue("registers.expire", row.id, until, at=event.valid_until, key=f"registers.expire:{of}", wake=False)


@atomic
def act(
    actor: Actor, row: RegisterEntry, operation: str, *, reason: str = "", cause: str = "", case_id: int | None = None
) -> RegisterEvent:
    """Suspend, resume, renew, revoke or expire an entry. A renewal is for the usual term from now, or from the end that
    lies ahead. Raises Conflict where the entry does not stand so.
    """
    queries.hold(row)
    now, last = clock.db_now(), queries.last_event(row.id)
    present = last.state if operation == "expire" else last.state_at(now)
    state = next_state(TRANSITIONS, WORDING, present, operation)
    until = last.valid_until
    if operation == "renew":
        until = _renewed_until(row, max(now, until or now))
    event = RegisterEvent(
        entry_id=row.id, number=last.number + 1, kind=EVENTS[operation], state=state, valid_until=until, reason=reason,
        cause=cause, acted_by=actor.id, case_id=case_id,
    )  # fmt: skip
    _add(actor, row, event, before=last.state)
    return event


def _renewed_until(row: RegisterEntry, begin: datetime) -> datetime:
    until = _usual_end(kind_of(row), begin.replace(microsecond=0))
    if until is None:
        raise Conflict(_("This entry has no end that could be moved."))
    others = [] if kind_of(row).several else queries.of_holder(row.register, row.holder_id)
    if any(other.id != row.id and last.state in queries.COUNTS for other, last in others):
        raise Conflict(_("Another entry of the same holder has replaced this one."))
    return until


@atomic
def ensure_valid(
    actor: Actor, register: str, holder_id: int, data: Mapping[str, object], *, cause: str, reason: str = "",
    case_id: int | None = None,
) -> RegisterEntry:  # fmt: skip
    """A valid entry of the holder, after what its package, or a case, has decided: a suspended one with the same data
    is resumed, one that expired is renewed, as a case renews a valid one; else another is granted and what had other
    data is revoked.
    """
    why: dict[str, Any] = {"reason": reason, "cause": cause, "case_id": case_id}
    HOLDERS().lock(queries.get_kind(register).holder, holder_id)
    for row, last in reversed(queries.of_holder(register, holder_id)):
        state = last.state_at(clock.db_now())
        same = row.data == dict(data)
        if same and state == EntryState.VALID and (case_id is None or last.valid_until is None):
            return row
        if same:
            _settle_end(row, last)
            act(actor, row, "resume" if state == EntryState.SUSPENDED else "renew", **why)
            return row
        act(actor, row, "revoke", **why)
    return grant(actor, register, holder_id, data, **why)


def _settle_end(row: RegisterEntry, last: RegisterEvent) -> None:
    """Expire an entry whose end has passed and whose job has not run yet, so that its history has both."""
    if last.state_at(clock.db_now()) == EntryState.EXPIRED != last.state:
        act(SYSTEM, row, "expire")


@atomic
def act_on_all(
    actor: Actor, register: str, holder_id: int, operation: str, *, cause: str, case_id: int | None = None
) -> None:
    """Do this to the entries of a holder from whose state it starts, after what the register's package, or a case, has
    decided.
    """
    HOLDERS().lock(queries.get_kind(register).holder, holder_id)
    _act_on(actor, queries.of_holder(register, holder_id), operation, cause, case_id)


@atomic
def act_everywhere(actor: Actor, holder_kind: str, holder_id: int, operation: str, *, cause: str) -> None:
    """The same in all registers, after what has happened to the holder."""
    HOLDERS().lock(holder_kind, holder_id)
    _act_on(actor, queries.all_of_holder(holder_kind, holder_id), operation, cause)


def _act_on(
    actor: Actor, found: Iterable[tuple[RegisterEntry, RegisterEvent]], operation: str, cause: str,
    case_id: int | None = None,
) -> None:  # fmt: skip
    for row, last in found:
        if last.state_at(clock.db_now()) in TRANSITIONS[operation][0]:
            act(actor, row, operation, cause=cause, case_id=case_id)


@atomic
def resume_after(actor: Actor, holder_kind: str, holder_id: int, *, cause: str) -> None:
    """Resume the entries of a holder, in all registers, that were suspended for this cause; those that a person
    suspended stay so.
    """
    HOLDERS().lock(holder_kind, holder_id)
    for row, last in queries.all_of_holder(holder_kind, holder_id):
        if last.state_at(clock.db_now()) == EntryState.SUSPENDED and last.cause == cause:
            act(actor, row, "resume", cause=cause)


@atomic
def expire(actor: Actor, entry_id: int, until: datetime) -> bool:
    """Expire an entry at its end; False where it was renewed, or has ended otherwise."""
    row = db.session.get(RegisterEntry, entry_id)
    if row is None:
        return False
    queries.hold(row)
    last = queries.last_event(entry_id)
    if last.valid_until != until or until > clock.db_now() or last.state not in TRANSITIONS["expire"][0]:
        return False
    act(actor, row, "expire")
    return True


@atomic
def remind(entry_id: int, until: datetime) -> bool:
    """Remind the holder of the end; False where the entry was renewed, or is not valid."""
    row, last = db.session.get(RegisterEntry, entry_id), queries.last_event(entry_id)
    if row is None or last.valid_until != until or last.state_at(clock.db_now()) != EntryState.VALID:
        return False
    notifications.ends_soon(row, until)
    return True
