"""The arguments of a URL: the one parser for every view. An argument that cannot be parsed counts as missing, not as an
error.
"""

import re
from collections.abc import Container
from datetime import datetime

from flask import request
from werkzeug.datastructures import MultiDict

from crowd import text as cleaning
from crowd.web.converters import IdConverter

MAX_LENGTH = 1000  # characters of an argument; cursors are the longest
MAX_REPEATS = 50  # of one name


class Arguments:
    """Text, numbers and choices from the query string of a URL; of repeated names the first counts."""

    def __init__(self, given: MultiDict[str, str]) -> None:
        self._given = given

    def __contains__(self, name: str) -> bool:
        return name in self._given

    def text(self, name: str, *, among: Container[str] | None = None) -> str:
        """The argument as clean text, empty where it is missing or not `among` the known ones."""
        found = _text(self._given.get(name, ""))
        return found if among is None or found in among else ""

    def question(self, name: str) -> str:
        """The search text."""
        return cleaning.question(self._given.get(name, ""))

    def texts(self, name: str) -> list[str]:
        """Every value of a repeated argument that is not empty."""
        return [found for value in self._given.getlist(name)[:MAX_REPEATS] if (found := _text(value))]

    def number(self, name: str) -> int | None:
        """A row's number, or None where no row could have it."""
        typed = self.text(name)
        return int(typed) if re.fullmatch(IdConverter.regex, typed) else None

    def numbers(self, name: str) -> list[int]:
        """Every row's number of a repeated argument."""
        return [int(typed) for typed in self.texts(name) if re.fullmatch(IdConverter.regex, typed)]

    def moment(self, name: str) -> datetime | None:
        """A time in ISO 8601 with its zone; None where it is none."""
        try:
            found = datetime.fromisoformat(self.text(name))
        except ValueError:
            return None
        return found if found.tzinfo else None

    def flag(self, name: str) -> bool:
        """Whether the argument is given and not empty."""
        return bool(self.text(name))

    @property
    def after(self) -> str | None:
        """The cursor after which a page of a list begins, as `crowd.web.paging` reads it."""
        return self.text("after") or None


def arguments() -> Arguments:
    """The arguments of the request's URL."""
    return Arguments(request.args)


def posted() -> Arguments:
    """The values of a posted form besides the fields of its form class: which button was pressed, and for what."""
    return Arguments(request.form)


def _text(value: str) -> str:
    return cleaning.clean(value[:MAX_LENGTH])
