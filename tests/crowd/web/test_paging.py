"""Pages of a list that changes while it is read, and cursors that nobody makes but the platform."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from crowd.accounts.models import SignUp
from crowd.db import db
from crowd.errors import Invalid
from crowd.web.paging import Cursor, Page, page

T = datetime(2026, 11, 1, 12, 30, 0, 123_456, tzinfo=UTC)


@pytest.fixture
def request_of_a_list(isolated: Flask) -> Iterator[None]:
    with isolated.test_request_context("/list?filter=a&after=old&filter=b c"):
        yield


FACTS = st.tuples(st.sampled_from(["a", "B", "水", ""]), st.integers(0, 2), st.integers(0, 2))
KEYS = st.lists(st.sampled_from(["name", "created_at", "expires_at"]), unique=True, max_size=3)


def put(facts: list[tuple[str, int, int]]) -> set[int]:
    """Add rows of a table that has texts and instants; their ids."""
    made = [
        SignUp(
            email="", name=name, locale="", time_zone="", token_digest=secrets.token_hex(8),
            created_at=T + timedelta(hours=created), expires_at=T + timedelta(microseconds=expires),
        )
        for name, created, expires in facts
    ]  # fmt: skip
    db.session.add_all(made)
    db.session.flush()
    return {one.id for one in made}


@given(st.data(), st.lists(FACTS, max_size=9), KEYS, st.integers(1, 4))
@settings(max_examples=max(20, settings.default.max_examples // 10))
def test_each_row_is_seen_once_whatever_comes_and_goes_meanwhile(
    request_of_a_list: None, data: st.DataObject, facts: list[tuple[str, int, int]], keys: list[str], size: int
) -> None:
    db.session.execute(sa.delete(SignUp))
    order = [(getattr(SignUp, key), data.draw(st.booleans())) for key in [*keys, "id"]]
    stays, seen, after = put(facts), [], None
    for _turn in range(40):
        found = page(sa.select(SignUp), order, name="lines", after=after, size=size)
        rows = [(row.id, *(getattr(row, column.key) for column, _down in order)) for row in found]
        assert len(rows) <= size
        assert found.first is (after is None)
        seen += [row[0] for row in rows]
        if (after := found.after) is None:
            break
        put(data.draw(st.lists(FACTS, max_size=2)))
        if gone := data.draw(st.sets(st.sampled_from(sorted(stays)), max_size=2)) if stays else set():
            db.session.execute(sa.delete(SignUp).where(SignUp.id.in_(gone)))
            stays -= gone
        db.session.expire_all()
    assert after is None, "the list ends"
    assert len(seen) == len(set(seen))
    assert stays <= set(seen)


def test_a_page_knows_the_addresses_of_the_first_and_the_next(request_of_a_list: None) -> None:
    put([("", 0, 0)] * 3)
    order = [(SignUp.id, False)]
    first = page(sa.select(SignUp), order, name="lines", after=None, size=2)
    assert (first.first_url, bool(first), len(first.rows)) == (None, True, 2)
    assert first.next_url == f"/list?filter=a&filter=b+c&after={first.after}"
    last = page(sa.select(SignUp), order, name="lines", after=first.after, size=2)
    assert (last.next_url, last.first_url, len(last.rows)) == (None, "/list?filter=a&filter=b+c", 1)
    assert not Page([], None, first=True)


VALUES = st.lists(st.one_of(st.integers(-(10**12), 10**12), st.text(max_size=9), st.just(T)), max_size=4)


@given(VALUES, st.text(max_size=9))
def test_a_cursor_is_read_back_by_its_own_list_only(request_of_a_list: None, values: list[Any], other: str) -> None:
    cursor = Cursor("lines +id").write(values)
    assert Cursor("lines +id").read(cursor) == [T.isoformat() if one == T else one for one in values]
    if other != "lines +id":
        with pytest.raises(Invalid):
            Cursor(other).read(cursor)


@given(VALUES, st.data())
def test_a_changed_cursor_is_refused_or_says_the_same(
    request_of_a_list: None, values: list[Any], data: st.DataObject
) -> None:
    """The same only where its signature is written in another way: it has bits and letters that nobody reads."""
    cursor = Cursor("lines +id").write(values)
    place, letter = data.draw(st.integers(0, len(cursor) - 1)), data.draw(st.sampled_from("abcXYZ019-_. %\x00é"))
    for wrong in {cursor[:place] + letter + cursor[place + 1 :], cursor[:place], letter + cursor} - {cursor}:
        try:
            again = Cursor("lines +id").read(wrong)
        except Invalid:
            continue
        assert place > cursor.rindex(".")
        assert again == Cursor("lines +id").read(cursor)
