"""Reads of registers; `access` is the only function that reads an entry for somebody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute

from crowd import clock
from crowd.access import Rule
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from crowd.feature import declared
from crowd.register_kinds import RegisterKind
from crowd.registers import numbers, policy
from crowd.registers.models import RegisterEntry, RegisterEvent, RegisterStanding
from crowd.registers.questions import CASE_FORM, CASE_PAGE, HOLDERS, Holder
from crowd.registers.workflow import EntryState, EventKind
from crowd.web.link_access import refusal
from crowd.web.paging import Page, page

COUNTS = (EntryState.VALID, EntryState.SUSPENDED)  # states in which a holder has an entry that has not ended
MAX_OWN = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of an entry as a reader sees it."""

    name: str
    label: object
    text: str
    public: bool


@dataclass(frozen=True)
class EntryView:
    """An entry with what happened to it last, its holder, and its values, at the time `now`."""

    entry: RegisterEntry
    kind: RegisterKind
    last: RegisterEvent
    holder: Holder
    read: Mapping[str, object]
    now: datetime

    @property
    def state(self) -> EntryState:
        """Where it stands now."""
        return self.last.state_at(self.now)

    @property
    def is_valid(self) -> bool:
        """Whether it counts now."""
        return self.state == EntryState.VALID

    @property
    def is_suspended(self) -> bool:
        """Whether it counts again once it is resumed."""
        return self.state == EntryState.SUSPENDED

    @property
    def is_expired(self) -> bool:
        """Whether its time is over."""
        return self.state == EntryState.EXPIRED

    @property
    def is_revoked(self) -> bool:
        """Whether it never counts again."""
        return self.state == EntryState.REVOKED

    @property
    def valid_until(self) -> datetime | None:
        """Its end, as far as it has one; a revoked entry has ended already."""
        return None if self.is_revoked else self.last.valid_until

    @property
    def since(self) -> datetime:
        """Since when it has been in its state."""
        ended = self.state == EntryState.EXPIRED and self.last.kind != EventKind.EXPIRED
        return self.last.valid_until if ended and self.last.valid_until else self.last.at

    @cached_property
    def values(self) -> dict[str, object]:
        """The public values by field, as programs get them."""
        return {name: value for name, value in self.known.items() if self.kind.fields[name].public}

    def shown(self, *, whole: bool = False) -> list[Shown]:
        """The fields that say something, the public ones or all; a name that the holder still has stands above them."""
        return [
            Shown(name, field.label, text, field.public)
            for name, value in self.known.items()
            if ((field := self.kind.fields[name]).public or whole)
            and value != self.holder.name
            and (text := field.show(value))
        ]

    @cached_property
    def known(self) -> dict[str, object]:
        """All values that may be shown to somebody, by field. What keepers typed may say something of a person: of a
        deleted account only what was chosen from a list is left.
        """
        data, deleted = self.entry.data | dict(self.read), self.holder.name is None
        return {
            name: data[name]
            for name, field in self.kind.fields.items()
            if data.get(name) not in (None, "", []) and (field.choices or not deleted)
        }

    def reason_of(self, event: RegisterEvent) -> str:
        """What a keeper wrote about an event of its history; nothing where the account was deleted."""
        return "" if self.holder.name is None else event.reason


def get_kind(register: str) -> RegisterKind:
    """A register. Raises NotFound where no package declares it."""
    found = declared().registers.get(register)
    if found is None:
        raise NotFound
    return found


def find(number: str) -> RegisterEntry | None:
    """The entry with this number, as `numbers.read` returns it, of a register that is declared."""
    row = db.session.scalar(sa.select(RegisterEntry).where(RegisterEntry.number == number))
    return row if row is not None and row.register in declared().registers else None


def access(
    actor: Actor | None, register: str, number: str, to: Rule[RegisterEntry] | None = None, *, lock: bool = False
) -> RegisterEntry:
    """The entry of a register with this number, in whatever way it is written. Raises NotFound, Forbidden.

    With `lock` nothing happens to it meanwhile, and what the actor may is read again under the lock.
    """
    try:
        row = find(numbers.read(number))
    except ValueError:
        raise NotFound from None
    if row is None or row.register != register:
        raise NotFound
    if lock:
        hold(row)
        if actor is not None:
            HOLDERS().refresh(actor)
    if to is not None and not to(actor, row):
        raise Forbidden
    return row


def hold(entry: RegisterEntry) -> None:
    """Wait until nobody else adds to an entry's history. The lock of its holder comes first, as everywhere: whether
    another entry may be granted or renewed depends on all that they have.

    The application may not lock the entry's row itself: it may not change it either.
    """
    HOLDERS().lock(entry.holder_kind, entry.holder_id)
    db.session.execute(sa.select(sa.func.lock_register_entry(entry.id)))


def last_event(entry_id: int) -> RegisterEvent:
    """What happened to an entry last."""
    return _last_events([entry_id])[entry_id]


def _last_events(entry_ids: Iterable[int]) -> dict[int, RegisterEvent]:
    query = (
        sa.select(RegisterEvent)
        .where(RegisterEvent.entry_id.in_(list(entry_ids)))
        .ext(distinct_on(RegisterEvent.entry_id))
        .order_by(RegisterEvent.entry_id, RegisterEvent.number.desc())
    )
    return {row.entry_id: row for row in db.session.scalars(query)}


def history(entry_id: int) -> Sequence[RegisterEvent]:
    """What happened to an entry, the newest first."""
    query = sa.select(RegisterEvent).where(RegisterEvent.entry_id == entry_id)
    return db.session.scalars(query.order_by(RegisterEvent.number.desc())).all()


def renewal_page(reader: Actor | None, shown: EntryView) -> str:
    """Where the holder of an entry asks for its renewal; empty where there is no such page, or nothing to renew."""
    kind, entry = shown.kind, shown.entry
    if not kind.case_kind or not policy.holds(reader, entry) or shown.is_revoked or shown.valid_until is None:
        return ""
    page = CASE_FORM()(kind.case_kind, str(entry.holder_id))
    return page if refusal(reader, page) is None else ""


def application_page(reader: Actor | None, kind: RegisterKind) -> str:
    """Where the reader asks for an entry of their own; empty where they do not, and in registers of organisations,
    whose pages have the link.
    """
    if not kind.case_kind or kind.holder != "user" or reader is None:
        return ""
    page = CASE_FORM()(kind.case_kind, str(reader.id))
    return page if refusal(reader, page) is None else ""


def cases_of(events: Iterable[RegisterEvent], reader: Actor | None) -> dict[int, str]:
    """By event, the page of the case that decided it, where it opens for the reader."""
    pages = {one.id: CASE_PAGE()(one.case_id) for one in events if one.case_id}
    return {event: page for event, page in pages.items() if refusal(reader, page) is None}


def entered_by(case_id: int) -> Sequence[RegisterEntry]:
    """The entries that a case made, or by which it made one valid again."""
    kinds = (EventKind.GRANTED, EventKind.RENEWED, EventKind.RESUMED)
    made = sa.select(RegisterEvent.entry_id).where(RegisterEvent.case_id == case_id, RegisterEvent.kind.in_(kinds))
    known = RegisterEntry.register.in_(declared().registers)
    query = sa.select(RegisterEntry).where(RegisterEntry.id.in_(made), known)
    return db.session.scalars(query.order_by(RegisterEntry.id)).all()


def views(entries: Iterable[RegisterEntry], reader: Actor | None = None) -> list[EntryView]:
    """Entries as they stand now, in their order; a statement for each kind of thing that is read with them. Holders
    have the pages that open for the reader (None: for everybody).
    """
    entries, now = list(entries), clock.now()
    last, holders, read = _last_events(row.id for row in entries), _holders(entries, reader), _read(entries)
    return [
        EntryView(
            row, policy.kind_of(row), last[row.id], holders[row.holder_kind].get(row.holder_id, Holder(None, None)),
            read.get(row.register, {}).get(row.holder_id, {}), now,
        )
        for row in entries
    ]  # fmt: skip


def view(entry: RegisterEntry, reader: Actor | None = None) -> EntryView:
    """One entry as it stands now."""
    return views([entry], reader)[0]


def _holders(entries: Sequence[RegisterEntry], reader: Actor | None) -> dict[str, dict[int, Holder]]:
    ids: dict[str, set[int]] = {}
    for row in entries:
        ids.setdefault(row.holder_kind, set()).add(row.holder_id)
    return {kind: HOLDERS().find(reader, kind, these) for kind, these in ids.items()}


def _read(entries: Sequence[RegisterEntry]) -> dict[str, Mapping[int, Mapping[str, object]]]:
    found: dict[str, Mapping[int, Mapping[str, object]]] = {}
    for register in {row.register for row in entries}:
        if read := declared().registers[register].read:
            found[register] = read({row.holder_id for row in entries if row.register == register})
    return found


def list_entries(register: str, words: str, *, after: str | None, size: int) -> Page[RegisterEntry]:
    """One page of a register, the newest first: all, or those with this number or these words in the holder's name."""
    kind, query = get_kind(register), sa.select(RegisterEntry).where(RegisterEntry.register == register)
    if words:
        holders = ("user", "organisation") if kind.holder == "either" else (kind.holder,)
        called = [HOLDERS().called(one, words, _holder_column(one)) for one in holders]
        query = query.where(sa.or_(_numbered(words), *called))
    return page(query, [(RegisterEntry.id, True)], name=f"register {register}", after=after, size=size)


def _numbered(words: str) -> sa.ColumnElement[bool]:
    try:
        return RegisterEntry.number == numbers.read(words)
    except ValueError:
        return sa.false()


def of_holder(register: str, holder_id: int) -> list[tuple[RegisterEntry, RegisterEvent]]:
    """The entries of a holder in a register that were not revoked, with what happened to each last, oldest first."""
    column = _holder_column(get_kind(register).holder)
    return _not_revoked(RegisterEntry.register == register, column == holder_id)


def all_of_holder(holder_kind: str, holder_id: int) -> list[tuple[RegisterEntry, RegisterEvent]]:
    """The same in all registers; `holder_kind` is "user" or "organisation"."""
    known = RegisterEntry.register.in_(declared().registers)
    return _not_revoked(known, _holder_column(holder_kind) == holder_id)


def has_valid(register: str, holder_id: int) -> bool:
    """Whether a holder has an entry in a register that is valid now."""
    now = clock.db_now()
    return any(last.state_at(now) == EntryState.VALID for _row, last in of_holder(register, holder_id))


def _holder_column(holder_kind: str) -> InstrumentedAttribute[int | None]:
    return RegisterEntry.user_id if holder_kind == "user" else RegisterEntry.organisation_id


def _not_revoked(*whose: sa.ColumnElement[bool]) -> list[tuple[RegisterEntry, RegisterEvent]]:
    rows = db.session.scalars(sa.select(RegisterEntry).where(*whose).order_by(RegisterEntry.id)).all()
    last = _last_events(row.id for row in rows)
    return [(row, last[row.id]) for row in rows if last[row.id].state != EntryState.REVOKED]


def own(actor: Actor) -> list[EntryView]:
    """The entries of a person and of the organisations to which they belong, the newest first."""
    theirs = sa.or_(RegisterEntry.user_id == actor.id, RegisterEntry.organisation_id.in_(actor.organisation_ids))
    known = RegisterEntry.register.in_(declared().registers)
    query = sa.select(RegisterEntry).where(theirs, known).order_by(RegisterEntry.id.desc()).limit(MAX_OWN)
    return views(db.session.scalars(query), actor)


def counts() -> dict[str, int]:
    """How many entries are valid now, by register, also of those without one."""
    row = RegisterStanding
    lasts = sa.or_(row.valid_until.is_(None), row.valid_until > clock.now())
    valid = sa.select(row.register, sa.func.count()).where(row.state == EntryState.VALID, lasts)
    found: dict[str, int] = dict(db.session.execute(valid.group_by(row.register)).all())
    return {register: found.get(register, 0) for register in declared().registers}


def totals() -> dict[str, int]:
    """How many entries each register holds, whatever their states: what the demonstration says of itself."""
    query = sa.select(RegisterEntry.register, sa.func.count()).group_by(RegisterEntry.register)
    found: dict[str, int] = dict(db.session.execute(query).all())
    return {register: found.get(register, 0) for register in declared().registers}


def verified(typed: str, reader: Actor | None = None) -> tuple[EntryView | None, bool]:
    """The entry of a number as somebody typed it, or None; and whether it can be the number of one at all."""
    try:
        number = numbers.read(typed)
    except ValueError:
        return None, False
    row = find(number)
    return (view(row, reader) if row is not None else None), True
