"""Names of the owners of money, and of its purpose. The ledger knows owners by type and id: people, organisations, and
challenges, which are above it and are asked for (`questions.py`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from crowd.accounts.models import Membership, Organisation, PlatformRole, Role, User, user_role
from crowd.accounts.organisations.rights import Right
from crowd.accounts.queries import people_with_right
from crowd.accounts.questions import WRITES_PROPOSALS
from crowd.db import db
from crowd.feature import built_once
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType
from crowd.ledger.questions import CHALLENGES
from crowd.web.organisations import labels

Key = tuple[OwnerType, int]


@dataclass(frozen=True, slots=True)
class Party:
    """An owner as named on pages; a challenge's title has its own `language`."""

    name: str
    language: str | None = None


def _named(kind: OwnerType, row_id: Any, name: Any, language: Any) -> sa.Select[Any]:
    ids = sa.any_(sa.bindparam(f"{kind}s", type_=ARRAY(sa.BigInteger)))
    columns = (row_id.label("id"), name.label("name"), sa.cast(language, sa.Text).label("language"))
    return sa.select(sa.literal_column(f"'{kind}'").label("kind"), *columns).where(row_id == ids)


@built_once
def _names() -> sa.CompoundSelect[Any]:
    challenge = CHALLENGES().c
    return sa.union_all(
        _named(OwnerType.USER, User.id, User.name, sa.null()),
        _named(OwnerType.ORGANISATION, Organisation.id, Organisation.name, sa.null()),
        _named(OwnerType.CHALLENGE, challenge.id, challenge.title, challenge.language),
    )


_NAMED = (OwnerType.USER, OwnerType.ORGANISATION, OwnerType.CHALLENGE)


def parties(owners: Iterable[Key]) -> dict[Key, Party]:
    """Those of these owners that have a name, in one statement."""
    wanted = set(owners)
    ids = {f"{kind}s": sorted(owner_id for owner, owner_id in wanted if owner == kind) for kind in _NAMED}
    if not any(ids.values()):
        return {}
    return {(OwnerType(row.kind), row.id): Party(row.name, row.language) for row in db.session.execute(_names(), ids)}


def names(owners: Iterable[Key]) -> dict[Key, str]:
    """The names of those owners that have one, in one statement."""
    return {key: party.name for key, party in parties(owners).items()}


def name(owner: OwnerType, owner_id: int) -> str:
    """The name of one owner, or an empty text."""
    return names([(owner, owner_id)]).get((owner, owner_id), "")


@built_once
def _sponsors() -> sa.Select[Any]:
    challenge = CHALLENGES().c
    wanted = sa.any_(sa.bindparam("challenges", type_=ARRAY(sa.BigInteger)))
    return sa.select(challenge.id, challenge.organisation_id).where(challenge.id == wanted)


def sponsors(challenge_ids: Iterable[int]) -> dict[int, int]:
    """The ids of the organisations that post challenges, by the challenge's id."""
    wanted = sorted(set(challenge_ids))
    rows = db.session.execute(_sponsors(), {"challenges": wanted}) if wanted else ()
    return {row.id: row.organisation_id for row in rows}


@built_once
def escrow_sums() -> sa.Select[Any]:
    """(owner, currency, amount): the money in the escrows of the challenges of `organisations`, as SQL."""
    challenges = CHALLENGES()
    sponsor = challenges.c.organisation_id
    amount = sa.cast(sa.func.sum(LedgerAccount.balance), sa.BigInteger).label("amount")
    return (
        sa.select(sponsor.label("owner"), LedgerAccount.currency, amount)
        .join(challenges, LedgerAccount.owner_id == challenges.c.id)
        .where(
            LedgerAccount.owner_type == OwnerType.CHALLENGE,
            LedgerAccount.kind == LedgerAccountKind.ESCROW,
            LedgerAccount.balance > 0,
            sponsor.in_(sa.bindparam("organisations", expanding=True)),
        )
        .group_by(sponsor, LedgerAccount.currency)
        .order_by(sponsor, LedgerAccount.currency)
    )


_PERSON = sa.bindparam("person", type_=sa.BigInteger)
_BELONGS = sa.exists().where(
    Membership.user_id == _PERSON, Membership.organisation_id == sa.bindparam("organisation", type_=sa.BigInteger)
)
_ROLES = (
    sa.select(sa.func.array_agg(Role.name))
    .join(user_role, user_role.c.role_id == Role.id)
    .where(user_role.c.user_id == _PERSON)
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
    return next(
        (role for role in (PlatformRole.COUNCIL, PlatformRole.SERVICE_CENTRE) if role in (place.roles or ())), None
    )


def has_answered(person_id: int) -> bool:
    """Whether a person has begun or shares a proposal, so that they may earn money."""
    return bool(db.session.scalar(sa.select(WRITES_PROPOSALS()(person_id))))


def people_of(owner: OwnerType, owner_id: int) -> list[int]:
    """The ids of those who get notifications about an owner's money: the person, or who may pay it out."""
    if owner == OwnerType.USER:
        return [owner_id]
    if owner != OwnerType.ORGANISATION:
        return []
    return [person.id for person in people_with_right(owner_id, Right.PAY_OUT)]


_ASKED = aliased(Organisation)
_LABELLED = sa.select(
    Organisation.id,
    Organisation.name,
    Organisation.name_keys,
    Organisation.country,
    Organisation.city,
    Organisation.registration_number,
    Organisation.verified_at,
)


def organisations() -> Mapping[int, str]:
    """The names of all organisations that can have money here (imported ones cannot), by id, in order of name."""
    query = _LABELLED.where(Organisation.origin.is_(None)).order_by(Organisation.name, Organisation.id)
    return labels(db.session.execute(query).all())


def label(organisation_id: int) -> str:
    """The name of one organisation, distinguished from all others; an empty text where there is none."""
    return labels_of([organisation_id]).get(organisation_id, "")


def labels_of(organisation_ids: Iterable[int]) -> dict[int, str]:
    """The names of these organisations, distinguished from all others, in one statement."""
    wanted = sorted(set(organisation_ids))
    alike = sa.exists().where(_ASKED.id.in_(wanted), _ASKED.name_keys.overlap(Organisation.name_keys))
    query = _LABELLED.where(sa.or_(Organisation.id.in_(wanted), alike)).order_by(Organisation.id)
    found = labels(db.session.execute(query).all()) if wanted else {}
    return {number: found[number] for number in wanted if number in found}
