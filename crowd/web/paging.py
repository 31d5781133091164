"""Keyset pages: the next page starts after the last row seen, so a page costs the same at any depth.

The end of a page is a cursor that is signed for its list, so that a cursor of another list, or one that
was changed, is rejected before a query sees it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import sqlalchemy as sa
from flask import current_app, request
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer

from crowd.db import db
from crowd.errors import Invalid

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows, and the cursor after them (None on the last page)."""

    rows: Sequence[T]
    after: str | None
    first: bool

    def __iter__(self) -> Iterator[T]:
        return iter(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def next_url(self) -> str | None:
        """The URL of the next page, with the request's other arguments."""
        return _here(self.after) if self.after else None

    @property
    def first_url(self) -> str | None:
        """The URL of the first page, or None on it."""
        return None if self.first else _here(None)


def _here(after: str | None) -> str:
    """The URL of this request with another cursor, whatever its other arguments are called."""
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "after"]
    query = urlencode(others + ([("after", after)] if after else []))
    return quote(request.script_root + request.path) + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The values of a page's last row, signed for one list: its name and what it is ordered by."""

    of: str

    def write(self, values: Sequence[object]) -> str:
        """The cursor as text for a URL."""
        return str(self._seal().dumps([v.isoformat() if isinstance(v, datetime) else v for v in values]))

    def read(self, cursor: str) -> list[Any]:
        """The values of a cursor. Raises Invalid where it is not one of this list, written by this platform."""
        try:
            return list(self._seal().loads(cursor))
        except (BadData, ValueError, TypeError) as error:
            raise Invalid(_("This link does not belong to this list. Start again from its first page.")) from error

    def _seal(self) -> URLSafeSerializer:
        return URLSafeSerializer(current_app.secret_key or "", salt=f"crowd.page {self.of}")


def page(
    query: sa.Select[Any], order: Sequence[tuple[Any, bool]], *, name: str, after: str | None, size: int
) -> Page[Any]:
    """One page of `query`, ordered by `order`: (column, descending) pairs, the last one unique and none nullable.

    `name` is the list's own: no other list uses it. Raises Invalid for a cursor that is not one of this list.
    """
    cursor = Cursor(" ".join([name, *(f"{'-' if down else '+'}{column.key}" for column, down in order)]))
    if after:
        query = query.where(_behind(order, cursor.read(after)))
    query = query.order_by(*(column.desc() if down else column.asc() for column, down in order))
    rows = list(db.session.scalars(query.limit(size + 1)).unique())
    more = len(rows) > size
    rows = rows[:size]
    behind = cursor.write([getattr(rows[-1], column.key) for column, _down in order]) if more else None
    return Page(rows, behind, first=not after)


def _behind(order: Sequence[tuple[Any, bool]], values: Sequence[object]) -> Any:
    """Rows strictly after `values`: (a > x) or (a = x and (b > y or ...)), with < where descending."""
    clause: Any = sa.false()
    for (column, down), value in reversed(list(zip(order, values, strict=True))):
        value = sa.cast(sa.literal(value, sa.Text), column.type) if isinstance(value, str) else value
        beyond = column < value if down else column > value
        clause = sa.or_(beyond, sa.and_(column == value, clause))
    return clause
