"""Layouts of banks' statements: stored when a file is booked, used for the next one with the same headings."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from crowd import clock
from crowd.audit import Actor
from crowd.db import atomic, db
from crowd.errors import Forbidden
from crowd.ledger.deposits import bank_statement, encodings, headings, policy
from crowd.ledger.deposits.bank_statement import Layout
from crowd.ledger.models import StatementLayout


@dataclass(frozen=True, slots=True)
class Reading:
    """A parsed statement, and the stored layout that was used for it, if any."""

    statement: bank_statement.BankStatement
    kept: StatementLayout | None

    @property
    def as_before(self) -> bool:
        """Whether the stored layout was used."""
        used, kept = self.statement.layout, self.kept
        return (
            kept is not None
            and used.places == headings.places(_columns(kept))
            and _currency(kept) in ("", used.currency)
            and (used.encoding in encodings.CERTAIN or kept.encoding in ("", used.encoding))
            and (None in (used.day_first, kept.day_first) or used.day_first == kept.day_first)
        )


def read(data: bytes, chosen: Layout) -> Reading:
    """Parse a statement with the chosen layout, then the stored one, then what the file shows.

    What the file itself shows overrides the stored layout. Raises Invalid where it is not a table.
    """
    kept = find(data, chosen.encoding)
    currency = _currency(kept) if kept is not None else ""
    found = bank_statement.read(data, _used(data, chosen, kept), currency=currency)
    if kept is None or kept.day_first is None or found.contradictory or not found.ambiguous:
        return Reading(found, kept)
    last = Layout(found.layout.encoding, kept.day_first, found.layout.columns, found.layout.currency)
    return Reading(bank_statement.read(data, last), kept)


def _used(data: bytes, chosen: Layout, kept: StatementLayout | None) -> Layout:
    """The layout known before parsing: the stored order of day and month only counts where the file has none."""
    if kept is None:
        return chosen
    certain = encodings.plausible(data) in encodings.CERTAIN
    return chosen.over(Layout("" if certain else kept.encoding, None, _columns(kept)))


def _columns(kept: StatementLayout) -> dict[str, int]:
    """The stored position of each field."""
    return {name: place if isinstance(place, int) else headings.ABSENT for name, place in kept.columns.items()}


def _currency(kept: StatementLayout) -> str:
    """The stored currency of all lines; empty where a column has it, or where it is not known yet."""
    said = kept.columns.get("currency")
    return said if isinstance(said, str) else ""


def find(data: bytes, encoding: str = "") -> StatementLayout | None:
    """The layout stored for files with these headings, the newest where several fit. Raises Invalid for no text."""
    keys = bank_statement.keys(data, encoding)
    query = sa.select(StatementLayout).where(StatementLayout.key.in_(set(keys.values())))
    newest = query.order_by(StatementLayout.kept_at.desc(), StatementLayout.key)
    rows = db.session.scalars(newest.execution_options(populate_existing=True))
    first = next(iter(keys.values()), None)
    alone = len(keys) == 1
    return next((row for row in rows if alone or keys.get(row.encoding, first) == row.key), None)


@atomic
def keep(actor: Actor, data: bytes, layout: Layout) -> None:
    """Store the layout of a file. What it does not show (the encoding of plain letters, the order of day and month in
    years that come first) stays as stored. Raises Forbidden.
    """
    if not policy.can_record(actor):
        raise Forbidden
    certain = encodings.plausible(data) in encodings.CERTAIN
    key = bank_statement.keys(data, layout.encoding)[layout.encoding]
    of_all = {"currency": layout.currency} if layout.currency and "currency" not in layout.places else {}
    row = insert(StatementLayout).values(
        key=key,
        encoding="" if certain else layout.encoding,
        day_first=layout.day_first,
        columns={**layout.columns, **of_all},
        kept_by=actor.id,
        kept_at=clock.db_now(),
    )
    new = row.excluded
    shown = {
        "encoding": sa.func.coalesce(sa.func.nullif(new.encoding, ""), StatementLayout.encoding),
        "day_first": sa.func.coalesce(new.day_first, StatementLayout.day_first),
        "columns": new.columns, "kept_by": new.kept_by, "kept_at": new.kept_at,
    }  # fmt: skip
    db.session.execute(row.on_conflict_do_update(index_elements=["key"], set_=shown))
