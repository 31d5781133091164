"""Reads of the register of technology contracts: totals for everybody, and its rows for the operator.

The year is that of the registration, in the platform's time zone. A registration that was revoked in its year does not
count; what is revoked later changes nothing. Sums are public once the year is over, so that no sum ever changes and
nobody reads the amount of one contract from the difference of two; and they are those of at least FEWEST sellers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import InstrumentedAttribute

from crowd import clock
from crowd.accounts.models import User
from crowd.accounts.organisations import queries as organisations
from crowd.audit import Actor
from crowd.config import zone
from crowd.db import db
from crowd.errors import Forbidden, Invalid
from crowd.money import Money
from crowd.registers import queries as registers
from crowd.registers.models import RegisterEntry, RegisterEvent
from crowd.registers.workflow import EntryState
from crowd.technology_contracts.kinds import KINDS_OF_CONTRACT, OF_ORGANISATION, OF_PERSON
from crowd.technology_contracts.policy import can_export
from crowd.technology_contracts.register import REGISTER

FEWEST = 5  # sellers: of three, two who tell each other their amounts know the third one's
BATCH = 500  # rows of the file in a statement
COLUMNS = (
    *("number", "state", "registered_on", "year", "kind", "title", "field", "seller", "buyer", "parties"),
    *("signed_on", "currency", "contract_amount", "technology_amount"),
)
_CURRENCY = RegisterEntry.data["contract_amount"]["currency"].astext


@dataclass(frozen=True, slots=True)
class KindTotal:
    """The contracts of a kind that were registered in a year, in one currency; no amounts of too few sellers, and none
    before the year is over.
    """

    year: int
    kind: str
    currency: str
    contracts: int
    contract_amount: Money | None
    technology_amount: Money | None


def totals() -> list[KindTotal]:
    """The newest year first, then by kind in their order, and by currency."""
    seller = sa.func.coalesce(RegisterEntry.organisation_id, -RegisterEntry.user_id)
    by = (_year().label("year"), _kind().label("kind"), _CURRENCY.label("currency"))
    query = (
        sa.select(
            *by, sa.func.count(), _sum("contract_amount"), _sum("technology_amount"), sa.func.count(seller.distinct())
        )
        .where(RegisterEntry.register == REGISTER, ~_revoked_in_its_year())
        .group_by(*by)
    )
    order = {kind: place for place, kind in enumerate(KINDS_OF_CONTRACT)}
    found = [_total(*row) for row in db.session.execute(query)]
    return sorted(found, key=lambda one: (-one.year, order[one.kind], one.currency))


def _total(year: int, kind: str, currency: str, contracts: int, *sums_and_sellers: int) -> KindTotal:
    *sums, sellers = sums_and_sellers
    public = sellers >= FEWEST and year < clock.today().year
    contract, technology = (Money(currency, int(one)) if public else None for one in sums)
    return KindTotal(year, kind, currency, contracts, contract, technology)


def _year() -> sa.ColumnElement[int]:
    return _year_of(RegisterEntry.valid_from)


def _year_of(at: InstrumentedAttribute[datetime]) -> sa.ColumnElement[int]:
    return sa.cast(sa.extract("year", sa.func.timezone(str(zone()), at)), sa.Integer)


def _revoked_in_its_year() -> sa.ColumnElement[bool]:
    revoked = (RegisterEvent.state == EntryState.REVOKED, _year_of(RegisterEvent.at) == _year())
    return sa.exists(sa.select(1).where(RegisterEvent.entry_id == RegisterEntry.id, *revoked))


def _kind() -> sa.ColumnElement[str]:
    return RegisterEntry.data["kind"].astext


def _sum(name: str) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.cast(RegisterEntry.data[name]["amount"].astext, sa.BigInteger))


def years() -> list[int]:
    """The years in which contracts were registered, the newest first."""
    query = sa.select(_year()).where(RegisterEntry.register == REGISTER).distinct()
    return sorted(db.session.scalars(query), reverse=True)


def rows(actor: Actor | None, *, kind: str = "", year: str = "") -> Iterator[tuple[object, ...]]:
    """All registered contracts, or those of a kind or a year, in the order of registration, with what each register
    entry says now. Raises Forbidden, Invalid for a kind or a year that cannot be.
    """
    if not can_export(actor):
        raise Forbidden
    if kind and kind not in KINDS_OF_CONTRACT:
        raise Invalid.at("kind", _("There is no such kind of contract."))
    if year and not re.fullmatch("[1-9][0-9]{3}", year):
        raise Invalid.at("year", _("This is not a year."))
    return _rows(kind, int(year) if year else None)


def _rows(kind: str, year: int | None) -> Iterator[tuple[object, ...]]:
    query = sa.select(RegisterEntry, _year()).where(RegisterEntry.register == REGISTER)
    query = query.where(_kind() == kind) if kind else query
    query = query.where(_year() == year) if year is not None else query
    last = 0
    query = query.order_by(RegisterEntry.id).limit(BATCH)
    while found := db.session.execute(query.where(RegisterEntry.id > last)).all():
        views = registers.views(row.RegisterEntry for row in found)
        yield from (_row(view, number) for view, (_entry, number) in zip(views, found, strict=True))
        last = views[-1].entry.id


def _row(view: registers.EntryView, year: int) -> tuple[object, ...]:
    data = view.known
    texts = [data.get(name, "") for name in ("kind", "title", "field")]
    contract, technology = (_money(data.get(name)) for name in ("contract_amount", "technology_amount"))
    registered = view.entry.valid_from.astimezone(zone()).date()
    return (
        view.entry.number, view.state, registered, year, *texts, view.holder.name or "", data.get("buyer", ""),
        data.get("parties", ""), data.get("signed_on", ""), contract.currency if contract else "",
        contract.decimal if contract else "", technology.decimal if technology else "",
    )  # fmt: skip


def _money(value: object) -> Money | None:
    """An amount of an entry; nothing of a deleted account."""
    return Money(value["currency"], value["amount"]) if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class Seller:
    """Somebody for whom the reader can apply: the kind of case and the key of its subject."""

    name: str
    kind: str
    key: int


def sellers(actor: Actor | None) -> list[Seller]:
    """The reader, and the organisations that they manage."""
    if not isinstance(actor, User):
        return []
    firms = [Seller(row.name, OF_ORGANISATION, row.id) for row in organisations.for_whom(actor)]
    return [*firms, Seller(actor.name, OF_PERSON, actor.id)]
