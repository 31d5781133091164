"""Who sees which field of a profile: everybody, signed-in people, or nobody but the person.

One rule for pages, search and responses: `shown` and `may_see` for a person's row, `visible_clause` for rows in SQL.
"""

from collections.abc import Mapping
from enum import StrEnum

import sqlalchemy as sa

from crowd.accounts.models import User
from crowd.audit import Actor


class Audience(StrEnum):
    """The three steps."""

    EVERYBODY = "everybody"
    SIGNED_IN = "signed_in"
    NOBODY = "nobody"


# The fields that a person may hide, and who sees each as long as they have chosen nothing.
USUAL: Mapping[str, Audience] = {
    "bio": Audience.EVERYBODY,
    "expertise": Audience.EVERYBODY,
    "organisations": Audience.EVERYBODY,
    "region": Audience.EVERYBODY,
    "languages": Audience.EVERYBODY,
    "links": Audience.SIGNED_IN,
    "cv": Audience.SIGNED_IN,
    "availability": Audience.SIGNED_IN,
}
_COLUMNS = {"region": "region_id"}


def audience_of(user: User, field: str) -> Audience:
    """Who sees a field of this person."""
    return Audience(user.visibility.get(field, USUAL[field]))


def may_see(actor: Actor | None, user: User, field: str) -> bool:
    """Whether this reader sees a field of this person."""
    if actor is not None and actor.id == user.id:
        return True
    audience = audience_of(user, field)
    return audience == Audience.EVERYBODY or (audience == Audience.SIGNED_IN and actor is not None)


def shown(actor: Actor | None, user: User) -> dict[str, object]:
    """The fields of a profile, with None for those that this reader does not see.

    Organisations are shown by the caller, who has them.
    """
    columns = {field: _COLUMNS.get(field, field) for field in USUAL if field != "organisations"}
    return {field: getattr(user, column) if may_see(actor, user, field) else None for field, column in columns.items()}


def visible_clause(actor: Actor | None, field: str) -> sa.ColumnElement[bool]:
    """`may_see` as SQL over people."""
    steps = [Audience.EVERYBODY] if actor is None else [Audience.EVERYBODY, Audience.SIGNED_IN]
    seen = sa.func.coalesce(User.visibility[field].astext, USUAL[field].value).in_([step.value for step in steps])
    return seen if actor is None else sa.or_(User.id == actor.id, seen)
