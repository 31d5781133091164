"""The rows of the personas' keys, read again from the database at each step."""

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
    """The account of a persona. Raises NoResultFound before the founding scenario."""
    return db.session.scalars(sa.select(User).where(User.email == personas.person(key).email)).one()


def organisation(key: str) -> Organisation:
    """The organisation of that key."""
    name = personas.organisation(key).name
    return db.session.scalars(sa.select(Organisation).where(Organisation.name == name)).one()


def language(account: User) -> str:
    """The language in which a persona writes: "zh" or "en", whatever language their pages have."""
    return personas.person(account.email.partition("@")[0]).language


def agency_of(account: User, challenge: int) -> int | None:
    """The agency for which a persona takes part in a challenge, by its number; None where a colleague has registered
    for it.
    """
    agency = next((m.organisation_id for m in account.memberships if m.organisation.kind == "agency"), None)
    return None if entry_of(challenge, agency) else agency


def owner_of_agency(key: str) -> User:
    """The creator of a persona's agency."""
    house = personas.person(key).organisation
    return person(next(one.key for one in personas.PEOPLE if one.organisation == house))


def challenge(key: str) -> int:
    """The number of the challenge of that text. Raises NoResultFound before its draft."""
    title = read.challenge(key).title
    return db.session.scalars(sa.select(Challenge.id).where(Challenge.title == title)).one()


def chance(*about: object) -> random.Random:
    """A random generator with a stable seed for a subject, whatever else is added to the scenario: `about` are keys of
    the personas and of texts, or words of both, and never a row's id.
    """
    return random.Random(f"{SEED}:{about!r}")  # noqa: S311 - demonstration data, not a secret
