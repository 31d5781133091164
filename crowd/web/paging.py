"""Keyset pages: the next page starts behind the last row seen, so a page costs the same at any depth."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from flask import request, url_for

from crowd.db import db
from crowd.errors import Invalid

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows, and the cursor behind them (None on the last page)."""

    rows: Sequence[T]
    after: str | None
    first: bool

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def next_url(self) -> str | None:
        """The address of the next page, with the request's other arguments."""
        return _here(after=self.after) if self.after else None

    @property
    def first_url(self) -> str | None:
        """The address of the first page, or None on it."""
        return None if self.first else _here(after=None)


def _here(**changes: Any) -> str:
    arguments = {**request.args.to_dict(flat=False), **(request.view_args or {}), **changes}
    return url_for(str(request.endpoint), **{key: value for key, value in arguments.items() if value is not None})


def page(query: sa.Select[Any], order: Sequence[tuple[Any, bool]], *, after: str | None, size: int) -> Page[Any]:
    """One page of `query`, ordered by `order`: (column, descending) pairs, the last one unique and none nullable.

    Raises Invalid for a cursor that is not one of ours.
    """
    if after:
        query = query.where(_behind(order, _decode(after, len(order))))
    query = query.order_by(*(column.desc() if down else column.asc() for column, down in order))
    rows = list(db.session.scalars(query.limit(size + 1)).unique())
    more = len(rows) > size
    rows = rows[:size]
    cursor = _encode([getattr(rows[-1], column.key) for column, _ in order]) if more else None
    return Page(rows, cursor, first=not after)


def _behind(order: Sequence[tuple[Any, bool]], values: Sequence[Any]) -> Any:
    """Rows strictly behind `values`: (a > x) or (a = x and (b > y or ...)), with < where descending."""
    clause: Any = sa.false()
    for (column, down), value in reversed(list(zip(order, values, strict=True))):
        value = sa.cast(sa.literal(value, sa.Text), column.type) if isinstance(value, str) else value
        beyond = column < value if down else column > value
        clause = sa.or_(beyond, sa.and_(column == value, clause))
    return clause


def _encode(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain, default=str).encode()).decode().rstrip("=")


def _decode(cursor: str, length: int) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise Invalid("This address of a page is not one of ours.") from error
    if not isinstance(values, list) or len(values) != length or any(isinstance(v, list | dict) for v in values):
        raise Invalid("This address of a page is not one of ours.")
    return values
