"""Databases of the tests that roll back: an empty one, and one for each beginning that many tests share.

A challenge that is judged or settled takes hundreds of statements to make. A factory marked `@remembered`, the first to
write in its test and asked as another test of the run has asked before, moves the test to a database where its result
stands. The run makes each beginning once, from a copy of the one that it begins with itself, and each process has a
copy of it. What a factory makes depends on its arguments alone.
"""

import fcntl
import functools
import hashlib
import io
import itertools
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import sqlalchemy as sa
from flask import Flask, current_app
from psycopg._preparing import PrepareManager
from sqlalchemy.util import LRUCache

from crowd import files
from crowd.db import Model, db
from crowd.files import StoredFile

if TYPE_CHECKING:
    from tests.cast import Cast

Factory = TypeVar("Factory", bound=Callable[..., Any])
Make = Callable[["Cast"], Any]
Place = tuple[type[Model], int]  # of a row: its table and its number
NAME = "tests.worlds"
NOBODY_WROTE = sa.text("SELECT pg_current_xact_id_if_assigned() IS NULL")
CONNECTED = 16  # databases to which a process stays connected
STATEMENTS = 5000  # that a process keeps compiled
ASKED = b"asked"  # once; nobody knows yet whether there will be a second time
_known: list[tuple[sa.Dialect, LRUCache[Any, Any]]] = []  # of this process, once there is one


@dataclass(frozen=True)
class World:
    """A database with what a factory made: the row that it gave, the people and organisations by name, and files."""

    database: str  # nobody is connected to it: it is there to be copied
    made: Place
    cast: dict[str, Place]
    files: dict[str, bytes]


class LastingStatements(PrepareManager):
    """What a connection has prepared outlives the rollback after each test: no test makes tables."""

    prepare_threshold, prepared_max = 1, 1000

    def clear(self) -> bool:
        return False


class Worlds:
    """Where the tests of one process are: each in a transaction of one of its databases, which is rolled back."""

    def __init__(self, app: Flask, folder: Path, copy: Callable[..., object]) -> None:
        """`folder` is the run's. `copy(name)` makes a database like the empty one, `copy(name, other)` one like it."""
        self._app, self._folder, self._copy = app, folder, copy
        self._settings = app.config["CROWD"]
        self._own: dict[str, sa.Engine] = {}  # this process's copies, by beginning
        self._recent: list[sa.Engine] = []
        self._numbers = itertools.count(1)
        self._settled = False  # in a database that has what the test begins with
        self._making: sa.Engine | None = None  # where a beginning is being made
        self._spare: sa.Engine | None = None  # an empty database for the next one
        with app.app_context():
            self._engines: Any = db.engines
            self._empty: sa.Engine = self._engines[None]
        folder.mkdir(exist_ok=True)
        app.extensions[NAME] = self

    @contextmanager
    def test(self) -> Iterator[None]:
        """Begin in the empty database; what the test has done there or elsewhere, or to the settings, is undone."""
        self._settled = False
        self._enter(self._empty)
        try:
            yield
        finally:
            with self._app.app_context():
                self._leave()
            self._app.config["CROWD"] = self._settings
            # Batches of another database have the same numbers, and their files the same names; so have emails.
            for folder in ("bank", "mail"):
                shutil.rmtree(self._settings.data_dir / folder, ignore_errors=True)

    def _enter(self, engine: sa.Engine) -> None:
        self._connection = engine.connect()
        link: Any = self._connection.connection.dbapi_connection
        link.autocommit = False
        if not isinstance(link._prepared, LastingStatements):
            link._prepared = LastingStatements()
        self._outer = self._connection.begin()
        self._engines[None] = self._connection

    def _leave(self, *, keep: bool = False) -> None:
        if self._connection.closed:
            return
        db.session.remove()
        self._engines[None] = self._empty
        self._outer.commit() if keep else self._outer.rollback()
        self._connection.close()

    def untouched(self) -> bool:
        """Whether the test has written nothing yet, under the settings of all tests."""
        same = not self._settled and self._app.config["CROWD"] is self._settings
        return same and bool(self._connection.scalar(NOBODY_WROTE))

    def begin(self, key: str, people: "Cast", make: Make) -> Any:
        """What `make` gives: made here the first time that the run asks; from then on, in a database that has it."""
        world = self._of_run(key, people, make)
        if world is None:
            return make(people)
        self._leave()
        if self._making:
            self._making = self._new(world.database)
        elif key not in self._own:
            self._own[key] = self._new(world.database)
            for digest, content in world.files.items():
                files.bring_back(digest, io.BytesIO(content))
        self._enter(self._making or self._connected(self._own[key]))
        self._settled = True
        people.__dict__.update({name: db.session.get_one(*place) for name, place in world.cast.items()})
        return db.session.get_one(*world.made)

    def _of_run(self, key: str, people: "Cast", make: Make) -> World | None:
        """What the run has made, now or before; None where it has not asked for this before. One process makes it."""
        with (self._folder / key).open("a+b") as note:
            fcntl.flock(note, fcntl.LOCK_EX)
            note.seek(0)
            told = note.read()
            if not told:
                note.write(ASKED)
                return None
            if told == ASKED:
                told = pickle.dumps(self._made(type(people)(), make))
                note.truncate(0)
                note.write(told)
            return cast(World, pickle.loads(told))

    def _made(self, people: "Cast", make: Make) -> World:
        """Make it in an empty database, or in a copy of the beginning for which the factory asks first."""
        around, self._making = self._making, self._spare or self._new()
        self._spare = self._making  # until something is written there
        try:
            self._leave()
            self._enter(self._making)
            self._settled = False
            made = _place(make(people))
            by_name = {name: _place(row) for name, row in vars(people).items()}
            stored = {
                digest: b"".join(files.chunks(digest)) for digest in db.session.scalars(sa.select(StoredFile.digest))
            }
            self._leave(keep=True)
            if self._making is self._spare:
                self._spare = None
            self._making.dispose()
            return World(str(self._making.url.database), made, by_name, stored)
        finally:
            self._making = around

    def _new(self, *like: str) -> sa.Engine:
        """A new database. SQLAlchemy compiles a statement once for all that speak one dialect."""
        name = f"{self._empty.url.database}_{next(self._numbers)}"
        self._copy(name, *like)
        options = self._app.config["SQLALCHEMY_ENGINE_OPTIONS"]
        return as_known(sa.create_engine(self._empty.url.set(database=name), **options))

    def _connected(self, engine: sa.Engine) -> sa.Engine:
        """Let go of the database in which no test has been for longest."""
        self._recent = [*(one for one in self._recent if one is not engine), engine]
        if len(self._recent) > CONNECTED:
            self._recent.pop(0).dispose()
        return engine


def as_known(engine: sa.Engine) -> sa.Engine:
    """Let an engine use the statements that others of this process have compiled."""
    if not _known:
        engine.connect().close()  # the dialect learns which server it speaks to
        _known.append((engine.dialect, LRUCache(STATEMENTS)))
    engine.dialect, engine._compiled_cache = _known[0]
    return engine


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
        words = repr((make.__module__, make.__qualname__, args, sorted(changes.items())))
        key = hashlib.sha256(words.encode()).hexdigest()
        return worlds.begin(key, people, lambda there: make(there, *args, **changes))

    return cast(Factory, recall)
