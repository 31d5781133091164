"""Beginnings that tests share: made in place once, then once for the run, from one another, and never changed."""

from dataclasses import replace

import sqlalchemy as sa
from flask import Flask

from crowd.accounts.models import Organisation, User
from crowd.db import commit, db
from tests import factories
from tests.cast import Cast
from tests.worlds import Worlds, remembered

made: list[str] = []


@remembered
def founded(people: Cast, name: str) -> Organisation:
    made.append("organisation")
    row = people.luoyang
    row.city = name
    commit()
    return row


@remembered
def staffed(people: Cast, name: str) -> User:
    founded(people, name)
    made.append("person")
    return people.ada


def test_a_beginning_is_made_in_place_and_then_once_from_the_one_that_it_begins_with(
    shared_app: Flask, worlds: Worlds
) -> None:
    made.clear()
    for turn in range(4):
        with worlds.test(), shared_app.app_context():
            people = Cast()
            assert staffed(people, "a town that no other test has") is people.ada
            assert people.ada.organisation_ids == [people.luoyang.id]
            assert people.luoyang.city == "a town that no other test has"
            assert db.session.scalar(sa.select(sa.func.count(User.id))) == 1, "what the turn before did is gone"
            factories.user("Bo")
        assert made == ["organisation", "person"] * (1 if turn == 0 else 2)
    with worlds.test(), shared_app.app_context():
        founded(Cast(), "a town that no other test has")
        assert db.session.scalar(sa.select(sa.func.count(User.id))) == 0, "what was begun with was copied, not changed"
    assert made.count("organisation") == 2, "it stood there already"


def test_each_test_has_the_settings_of_all(shared_app: Flask, worlds: Worlds) -> None:
    before = shared_app.config["CROWD"]
    with worlds.test():
        shared_app.config["CROWD"] = replace(before, name="Another")
    assert shared_app.config["CROWD"] is before


def test_who_has_written_stays_where_they_are(shared_app: Flask, worlds: Worlds) -> None:
    with worlds.test(), shared_app.app_context():
        people, first = Cast(), factories.user("Bo")
        for _ in range(3):
            founded(people, "another town")
        assert db.session.get(User, first.id) is first
