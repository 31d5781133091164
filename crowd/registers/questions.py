"""What registers ask of the packages above."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from crowd.audit import Actor
from crowd.feature import Question


@dataclass(frozen=True, slots=True)
class Holder:
    """The holder of an entry on pages: their name (None where their account was deleted), and the URL of their
    page, where it opens for the reader.
    """

    name: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Holders:
    """People and organisations as holders; `kind` is "user" or "organisation".

    `find(reader, kind, ids)`: how they are shown, by id. `recipients(kind, id)`: the ids of those who hear of an entry.
    `lock(kind, id)`: lock the row, so that their entries are granted one after the other; raises NotFound.
    `called(kind, words, id)`: a clause, whether the one with this id has these words in their name.
    `meant(kind, typed)`: the id of the one that a keeper means, by an email address, a registration number or a name;
    raises Invalid at the field `holder`.
    `refresh(actor)`: read again, under a lock, what roles and memberships a person has who acts.
    `close(user id, kind, id)`: whether a person has a conflict of interest with the one with this id.
    """

    find: Callable[[Actor | None, str, Iterable[int]], dict[int, Holder]]
    recipients: Callable[[str, int], Sequence[int]]
    lock: Callable[[str, int], None]
    called: Callable[[str, str, InstrumentedAttribute[int | None]], sa.ColumnElement[bool]]
    meant: Callable[[str, str], int]
    refresh: Callable[[Actor], None]
    close: Callable[[int, str, int], bool]


CASE_FORM: Question[Callable[[str, str], str]] = Question("the page on which a case of a kind is filed (kind, key)")


@dataclass(frozen=True, slots=True)
class Inspection:
    """An inspection of an entry that has ended: when, and whether the entry was confirmed."""

    at: datetime
    confirmed: bool


INSPECTIONS: Question[Callable[[str, int], Sequence[Inspection]]] = Question(
    "the inspections (a kind of case) of an entry that were decided, the newest first"
)
CASE_PAGE: Question[Callable[[int], str]] = Question("the page of the case with a number")
HOLDERS: Question[Holders] = Question("people and organisations as holders of entries of registers")
