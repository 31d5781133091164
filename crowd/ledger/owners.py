"""Names of the owners of money, and of its purpose. The ledger knows owners by type and id; their rows belong
to other packages.

So only this file reads a few columns of foreign tables by name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from crowd.db import db
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType
from crowd.web.organisations import labels

USER = sa.table("user", sa.column("id"), sa.column("name"))
ORGANISATION = sa.table(
    "organisation",
    *map(sa.column, ("id", "name", "origin", "country", "city", "registration_number", "verified_at")),
    sa.column("name_keys", ARRAY(sa.Text)),
)
CHALLENGE = sa.table(
    "challenge",
    *map(sa.column, ("id", "title", "language", "organisation_id")),
)
_AWARD = sa.table("award", sa.column("id"), sa.column("prize_id"))
_PRIZE = sa.table("prize", sa.column("id"), sa.column("title"))
_MEMBERSHIP = sa.table("membership", sa.column("user_id"), sa.column("organisation_id"), sa.column("role"))
_ROLE = sa.table("role", sa.column("id"), sa.column("name"))
_USER_ROLE = sa.table("user_role", sa.column("user_id"), sa.column("role_id"))
_PROPOSAL = sa.table("proposal", sa.column("user_id"))
_SHARE = sa.table("share", sa.column("user_id"))

Key = tuple[OwnerType, int]


@dataclass(frozen=True, slots=True)
class Party:
    """An owner as named on pages; a challenge's title has its own `language`."""

    name: str
    language: str | None = None


def _named(kind: OwnerType, table: Any, name: Any, language: Any) -> sa.Select[Any]:
    ids = sa.any_(sa.bindparam(f"{kind}s", type_=ARRAY(sa.BigInteger)))
    columns = (table.c.id.label("id"), name.label("name"), sa.cast(language, sa.Text).label("language"))
    return sa.select(sa.literal_column(f"'{kind}'").label("kind"), *columns).where(table.c.id == ids)


_NAMES = sa.union_all(
    _named(OwnerType.USER, USER, USER.c.name, sa.null()),
    _named(OwnerType.ORGANISATION, ORGANISATION, ORGANISATION.c.name, sa.null()),
    _named(OwnerType.CHALLENGE, CHALLENGE, CHALLENGE.c.title, CHALLENGE.c.language),
)
_NAMED = (OwnerType.USER, OwnerType.ORGANISATION, OwnerType.CHALLENGE)


def parties(owners: Iterable[Key]) -> dict[Key, Party]:
    """Those of these owners that have a name, in one statement."""
    wanted = set(owners)
    ids = {f"{kind}s": sorted(owner_id for owner, owner_id in wanted if owner == kind) for kind in _NAMED}
    if not any(ids.values()):
        return {}
    return {(OwnerType(row.kind), row.id): Party(row.name, row.language) for row in db.session.execute(_NAMES, ids)}


def names(owners: Iterable[Key]) -> dict[Key, str]:
    """The names of those owners that have one, in one statement."""
    return {key: party.name for key, party in parties(owners).items()}


def name(owner: OwnerType, owner_id: int) -> str:
    """The name of one owner, or an empty text."""
    return names([(owner, owner_id)]).get((owner, owner_id), "")


_SPONSORS = sa.select(CHALLENGE.c.id, CHALLENGE.c.organisation_id).where(
    CHALLENGE.c.id == sa.any_(sa.bindparam("challenges", type_=ARRAY(sa.BigInteger)))
)


def sponsors(challenge_ids: Iterable[int]) -> dict[int, int]:
    """The ids of the organisations that post challenges, by the challenge's id."""
    wanted = sorted(set(challenge_ids))
    rows = db.session.execute(_SPONSORS, {"challenges": wanted}) if wanted else ()
    return {row.id: row.organisation_id for row in rows}


_PRIZES = (
    sa.select(_AWARD.c.id, _PRIZE.c.title)
    .join_from(_AWARD, _PRIZE, _PRIZE.c.id == _AWARD.c.prize_id)
    .where(_AWARD.c.id == sa.any_(sa.bindparam("awards", type_=ARRAY(sa.BigInteger))))
)


def prizes(award_ids: Iterable[int]) -> dict[int, str]:
    """The titles of the prizes that awards give, by the award's id."""
    wanted = sorted(set(award_ids))
    return {row.id: row.title for row in db.session.execute(_PRIZES, {"awards": wanted})} if wanted else {}


# (owner, currency, amount): the money in the escrows of the challenges of `organisations`, as SQL.
ESCROW_SUMS = (
    sa.select(
        CHALLENGE.c.organisation_id.label("owner"),
        LedgerAccount.currency,
        sa.cast(sa.func.sum(LedgerAccount.balance), sa.BigInteger).label("amount"),
    )
    .join(CHALLENGE, sa.and_(LedgerAccount.owner_type == OwnerType.CHALLENGE, LedgerAccount.owner_id == CHALLENGE.c.id))
    .where(
        LedgerAccount.kind == LedgerAccountKind.ESCROW,
        LedgerAccount.balance > 0,
        CHALLENGE.c.organisation_id.in_(sa.bindparam("organisations", expanding=True)),
    )
    .group_by(CHALLENGE.c.organisation_id, LedgerAccount.currency)
    .order_by(CHALLENGE.c.organisation_id, LedgerAccount.currency)
)

_PERSON = sa.bindparam("person", type_=sa.BigInteger)
_BELONGS = sa.exists().where(
    _MEMBERSHIP.c.user_id == _PERSON, _MEMBERSHIP.c.organisation_id == sa.bindparam("organisation")
)
_ROLES = (
    sa.select(sa.func.array_agg(_ROLE.c.name))
    .join_from(_ROLE, _USER_ROLE, _USER_ROLE.c.role_id == _ROLE.c.id)
    .where(_USER_ROLE.c.user_id == _PERSON)
    .scalar_subquery()
)
_PLACE = sa.select(_BELONGS.label("belongs"), _ROLES.label("roles"))


def steps_in(person_id: int, sponsor_id: int) -> str | None:
    """The platform role in which a person acts in the sponsor's place; None for the sponsor's own people.

    A person who is neither counts as a former member of the sponsor: nobody else could have acted.
    """
    place = db.session.execute(_PLACE, {"person": person_id, "organisation": sponsor_id}).one()
    if place.belongs:
        return None
    return next((role for role in ("council", "service_centre") if role in (place.roles or ())), None)


_WRITES = sa.select(
    sa.or_(
        sa.exists().where(_PROPOSAL.c.user_id == _PERSON),
        sa.exists().where(_SHARE.c.user_id == _PERSON),
    )
)


def has_answered(person_id: int) -> bool:
    """Whether a person has begun or shares a proposal, so that they may earn money."""
    return bool(db.session.scalar(_WRITES, {"person": person_id}))


def people_of(owner: OwnerType, owner_id: int) -> list[int]:
    """The ids of those who get notifications about an owner's money: the person, or the organisation's owners."""
    if owner == OwnerType.USER:
        return [owner_id]
    if owner != OwnerType.ORGANISATION:
        return []
    query = sa.select(_MEMBERSHIP.c.user_id).where(
        _MEMBERSHIP.c.organisation_id == owner_id, _MEMBERSHIP.c.role == "owner"
    )
    return list(db.session.scalars(query))


def organisations() -> Mapping[int, str]:
    """The names of all organisations that can have money here (imported ones cannot), by id, in order of name."""
    query = sa.select(ORGANISATION).where(ORGANISATION.c.origin.is_(None))
    return labels(db.session.execute(query.order_by(ORGANISATION.c.name, ORGANISATION.c.id)).all())


def label(organisation_id: int) -> str:
    """The name of one organisation, distinguished from all others; an empty text where there is none."""
    return labels_of([organisation_id]).get(organisation_id, "")


def labels_of(organisation_ids: Iterable[int]) -> dict[int, str]:
    """The names of these organisations, distinguished from all others, in one statement."""
    wanted = sorted(set(organisation_ids))
    asked = ORGANISATION.alias("asked")
    alike = sa.exists().where(asked.c.id.in_(wanted), asked.c.name_keys.overlap(ORGANISATION.c.name_keys))
    query = sa.select(ORGANISATION).where(sa.or_(ORGANISATION.c.id.in_(wanted), alike)).order_by(ORGANISATION.c.id)
    found = labels(db.session.execute(query).all()) if wanted else {}
    return {number: found[number] for number in wanted if number in found}
