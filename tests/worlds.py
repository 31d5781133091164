"""Databases of the tests that roll back: an empty one, and one for each beginning that many tests share.

A challenge that is judged or settled takes hundreds of statements to make. A factory marked `@remembered`, the first to
write in its test and asked as another test has asked before, moves the test to a database where its result stands.
What it makes depends on its arguments alone.
"""

import functools
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import sqlalchemy as sa
from flask import Flask, current_app

from crowd.db import Model, db

if TYPE_CHECKING:
    from tests.cast import Cast

Factory = TypeVar("Factory", bound=Callable[..., Any])
Place = tuple[type[Model], int]  # of a row: its table and its number
Key = tuple[Any, ...]
NAME = "tests.worlds"
NOBODY_WROTE = sa.text("SELECT pg_current_xact_id_if_assigned() IS NULL")


@dataclass(frozen=True)
class World:
    """A database with what a factory made: the row that it gave, and the people and organisations by name."""

    engine: sa.Engine
    made: Place
    cast: dict[str, Place]


class Worlds:
    """Where the tests of one process are: each in a transaction of one of its databases, which is rolled back."""

    def __init__(self, app: Flask, clone: Callable[[str], str]) -> None:
        """`clone` makes a new database with a name, and returns its URL."""
        self._app, self._clone = app, clone
        self._settings = app.config["CROWD"]
        self._asked: Counter[Key] = Counter()
        self._found: dict[Key, World] = {}
        self._settled = False  # in a database that has what the test begins with, or is to have it
        with app.app_context():
            self._engines: Any = db.engines
            self._empty: sa.Engine = self._engines[None]
        app.extensions[NAME] = self

    @contextmanager
    def test(self) -> Iterator[None]:
        """Begin in the empty database; whatever the test has done there or elsewhere is undone."""
        self._settled = False
        self._enter(self._empty)
        try:
            yield
        finally:
            with self._app.app_context():
                self._leave()
            # Batches of another database have the same numbers, and their files the same names; so have emails.
            for folder in ("bank", "mail"):
                shutil.rmtree(self._settings.data_dir / folder, ignore_errors=True)

    def _enter(self, engine: sa.Engine) -> None:
        self._connection = engine.connect()
        link: Any = self._connection.connection
        link.dbapi_connection.autocommit = False
        self._outer = self._connection.begin()
        self._engines[None] = self._connection

    def _leave(self, *, keep: bool = False) -> None:
        db.session.remove()
        self._engines[None] = self._empty
        self._outer.commit() if keep else self._outer.rollback()
        self._connection.close()

    def untouched(self) -> bool:
        """Whether the test has written nothing yet, under the settings of all tests."""
        same = not self._settled and self._app.config["CROWD"] is self._settings
        return same and bool(self._connection.scalar(NOBODY_WROTE))

    def begin(self, key: Key, people: "Cast", make: Callable[["Cast"], Any]) -> Any:
        """What `make` gives: made here the first time; from the second on, in a database that is kept."""
        self._asked[key] += 1
        if self._asked[key] == 1:
            return make(people)
        self._leave()
        self._settled = True
        if key not in self._found:
            self._found[key] = self._build(type(people)(), make)
        world = self._found[key]
        self._enter(world.engine)
        people.__dict__.update({name: db.session.get_one(*place) for name, place in world.cast.items()})
        return db.session.get_one(*world.made)

    def _build(self, people: "Cast", make: Callable[["Cast"], Any]) -> World:
        options = self._app.config["SQLALCHEMY_ENGINE_OPTIONS"]
        engine = sa.create_engine(self._clone(f"{self._empty.url.database}_{len(self._found)}"), **options)
        self._enter(engine)
        made = _place(make(people))
        by_name = {name: _place(row) for name, row in vars(people).items()}
        self._leave(keep=True)
        return World(engine, made, by_name)


def _place(row: Any) -> Place:
    return type(row), row.id


def remembered(make: Factory) -> Factory:
    """Let tests share the row that this factory makes for a cast, and for arguments that are words and numbers."""

    @functools.wraps(make)
    def recall(people: "Cast", *args: Any, **changes: Any) -> Any:
        worlds: Worlds | None = current_app.extensions.get(NAME)
        plain = all(isinstance(value, str | int | None) for value in (*args, *changes.values()))
        if worlds is None or not plain or not worlds.untouched():
            return make(people, *args, **changes)
        key = (make, args, tuple(sorted(changes.items())))
        return worlds.begin(key, people, lambda there: make(there, *args, **changes))

    return cast(Factory, recall)
