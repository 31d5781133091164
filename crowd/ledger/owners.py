"""Names of those whose money this is. The ledger knows owners by type and id; their rows belong to other rooms.

So this file reads three columns of foreign tables by name, and nobody else here does.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from crowd.db import db
from crowd.ledger.models import Owner, Pot, PotKind

_USER = sa.table("user", sa.column("id"), sa.column("name"))
_ORGANISATION = sa.table("organisation", sa.column("id"), sa.column("name"), sa.column("origin"))
_CHALLENGE = sa.table(
    "challenge",
    sa.column("id"),
    sa.column("title"),
    sa.column("organisation_id"),
)
_MEMBERSHIP = sa.table("membership", sa.column("user_id"), sa.column("organisation_id"), sa.column("role"))
_NAMES = {
    Owner.USER: (_USER, "name"),
    Owner.ORGANISATION: (_ORGANISATION, "name"),
    Owner.CHALLENGE: (_CHALLENGE, "title"),
}

Key = tuple[Owner, int]


def names(owners: Iterable[Key]) -> dict[Key, str]:
    """The names of those owners that have one, in a query for each kind of them."""
    wanted = set(owners)
    found: dict[Key, str] = {}
    for kind, (table, column) in _NAMES.items():
        ids = [owner_id for owner, owner_id in wanted if owner == kind]
        if ids:
            rows = db.session.execute(sa.select(table.c.id, table.c[column]).where(table.c.id.in_(ids)))
            found.update({(kind, row[0]): row[1] for row in rows})
    return found


def name(owner: Owner, owner_id: int) -> str:
    """The name of one owner, or an empty text."""
    return names([(owner, owner_id)]).get((owner, owner_id), "")


def challenge_ids(organisation_id: int) -> sa.Select[tuple[int]]:
    """The ids of an organisation's challenges, as SQL."""
    return sa.select(_CHALLENGE.c.id).where(_CHALLENGE.c.organisation_id == organisation_id)


# (owner, currency, amount): what lies in the escrows of the challenges of `organisations`, as SQL.
ESCROW_SUMS = (
    sa.select(
        _CHALLENGE.c.organisation_id.label("owner"),
        Pot.currency,
        sa.cast(sa.func.sum(Pot.balance), sa.BigInteger).label("amount"),
    )
    .join(_CHALLENGE, sa.and_(Pot.owner_type == Owner.CHALLENGE, Pot.owner_id == _CHALLENGE.c.id))
    .where(
        Pot.kind == PotKind.ESCROW,
        Pot.balance > 0,
        _CHALLENGE.c.organisation_id.in_(sa.bindparam("organisations", expanding=True)),
    )
    .group_by(_CHALLENGE.c.organisation_id, Pot.currency)
    .order_by(_CHALLENGE.c.organisation_id, Pot.currency)
)


def people_of(owner: Owner, owner_id: int) -> list[int]:
    """The ids of those who are told about an owner's money: the person, or the organisation's owners."""
    if owner == Owner.USER:
        return [owner_id]
    if owner != Owner.ORGANISATION:
        return []
    query = sa.select(_MEMBERSHIP.c.user_id).where(
        _MEMBERSHIP.c.organisation_id == owner_id, _MEMBERSHIP.c.role == "owner"
    )
    return list(db.session.scalars(query))


def organisations() -> list[tuple[int, str]]:
    """All organisations that can have money here (imported ones cannot), by name."""
    table = sa.table("organisation", sa.column("id"), sa.column("name"), sa.column("origin"))
    rows = db.session.execute(
        sa.select(table.c.id, table.c.name).where(table.c.origin.is_(None)).order_by(table.c.name)
    )
    return [(row[0], row[1]) for row in rows]
