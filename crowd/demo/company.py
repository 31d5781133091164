"""The company on stage: the rows behind the cast's keys, fresh from the database at each act."""

import random

import sqlalchemy as sa

from challenges.models import Challenge
from crowd.accounts.models import Organisation, User
from crowd.db import db
from crowd.demo import personas
from crowd.demo.texts import read
from submissions.participation.queries import entry_of

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
SEED = 20260


def person(key: str) -> User:
    """The account of a person of the cast. Raises NoResultFound before the founding."""
    return db.session.scalars(sa.select(User).where(User.email == personas.person(key).email)).one()


def organisation(key: str) -> Organisation:
    """The organisation of the cast."""
    name = personas.organisation(key).name
    return db.session.scalars(sa.select(Organisation).where(Organisation.name == name)).one()


def language(account: User) -> str:
    """What somebody of the cast writes: "zh" or "en", whatever language their pages have."""
    return personas.person(account.email.partition("@")[0]).language


def agency_of(account: User, challenge: int) -> int | None:
    """The agency for which somebody answers a challenge, by its number; None where a colleague has entered for it."""
    agency = next((m.organisation_id for m in account.memberships if m.organisation.kind == "agency"), None)
    return None if entry_of(challenge, agency) else agency


def owner_of_agency(key: str) -> User:
    """Who founded the agency of a person of the cast."""
    house = personas.person(key).organisation
    return person(next(one.key for one in personas.PEOPLE if one.organisation == house))


def challenge(key: str) -> int:
    """The number of the challenge of that text. Raises NoResultFound before its draft."""
    title = read.challenge(key).title
    return db.session.scalars(sa.select(Challenge.id).where(Challenge.title == title)).one()


def chance(*about: object) -> random.Random:
    """Dice that fall the same way for the same matter, whatever else was added to the story: `about` are keys of the
    cast and of texts, or words of both, and never the number of a row."""
    return random.Random(f"{SEED}:{about!r}")  # noqa: S311 - a story, not a secret
