"""The company on stage: the rows behind the cast's keys, fresh from the database at each act."""

import random
from collections.abc import Iterable

import sqlalchemy as sa

from crowd.accounts.models import Organisation, User
from crowd.db import db
from crowd.demo import cast

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
ZONES = {"zh": "Asia/Shanghai", "en": "Europe/Berlin"}
SEED = 20260


def person(key: str) -> User:
    """The account of a person of the cast. Raises NoResultFound before the founding."""
    return db.session.scalars(sa.select(User).where(User.email == cast.person(key).email)).one()


def organisation(key: str) -> Organisation:
    """The organisation of the cast."""
    name = cast.organisation(key).name
    return db.session.scalars(sa.select(Organisation).where(Organisation.name == name)).one()


def people(keys: Iterable[str]) -> list[User]:
    """Several accounts, in the order of the keys."""
    return [person(key) for key in keys]


def chance(*about: object) -> random.Random:
    """Dice that fall the same way for the same matter, whatever else was added to the story."""
    return random.Random(f"{SEED}:{about!r}")  # noqa: S311 - a story, not a secret
