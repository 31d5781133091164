"""Typed values in recorded data (of audit events and notifications): JSON that says how it is shown.

`crowd.web.values` shows them in the reader's language, zone and format; a plain text or number is shown as it is.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

Value = dict[str, Any]


class Someone(Protocol):
    """A person's row, or whoever acts."""

    @property
    def id(self) -> Any:
        """The number of the account."""

    @property
    def name(self) -> str:
        """What they are called."""


def money(amount: int, currency: str) -> Value:
    """An amount in minor units."""
    return {"money": [amount, currency]}


def moment(at: datetime) -> Value:
    """An instant."""
    return {"instant": at.isoformat()}


def term(word: str, kind: str) -> Value:
    """A word of the platform (a state, a role), by the labels of its kind."""
    return {"term": [str(word), kind]}


def person(who: Someone, called: str = "") -> Value:
    """A person: by their name at that time, or as they are `called`. It goes when their account is deleted."""
    return {"person": [who.id, called or who.name]}


def named(names: Mapping[str, str]) -> Value:
    """A name in several languages, by locale; the English one always."""
    return {"names": dict(names)}


def basis_points(part: int) -> Value:
    """A part of a whole, in hundredths of a percent."""
    return {"basis_points": part}


def count(number: int) -> Value:
    """How many; a plain number may be an id, which is shown without separators."""
    return {"count": number}


def job(kind: str) -> Value:
    """A kind of job, by what it does."""
    return {"job": kind}


def by_account(values: Mapping[int, Any]) -> Value:
    """A value for each of several people, by the numbers of their accounts."""
    return {"by_account": {str(number): value for number, value in values.items()}}
