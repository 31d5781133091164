"""The database handle, the only `commit()` of the code, and what runs after it.

A service is a function under `@atomic`: nested calls join the outermost, which commits once or rolls back all.
Pass what must only follow a commit (waking workers) to `after_commit`; a rollback drops it.

Reads outside an operation use no transaction (the application's connections begin in autocommit mode): under READ
COMMITTED that sees the same rows and saves two round trips for each page. Above all, no page ends with a ROLLBACK, at
which psycopg forgets every prepared statement.
"""

import functools
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry

from crowd.errors import Conflict, OperationError, Unavailable

P = ParamSpec("P")
R = TypeVar("R")

RETRIES = 3
DEADLOCK, SERIALISATION, LOCK_TIMEOUT = "40P01", "40001", "55P03"
REFUSAL = "refusal"  # where the session keeps what the last outermost operation rejected
WRITES = "crowd.writes"  # on a connection that an operation uses
OUTCOME = "outcome"  # where the session keeps whether something was committed


class Outcome(StrEnum):
    """What became of a request's changes: not committed, unknown (the connection broke during a commit), or
    committed.
    """

    NOTHING = "nothing"
    UNKNOWN = "unknown"
    DONE = "done"


class Base(DeclarativeBase):
    """Names of constraints follow one convention, so that a migration can name what it changes."""

    registry = registry(
        metadata=sa.MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: sa.DateTime(timezone=True), int: sa.BigInteger, str: sa.Text},
    )


db = SQLAlchemy(model_class=Base, session_options={"join_transaction_mode": "create_savepoint"})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


@sa.event.listens_for(sa.pool.Pool, "checkout")
def _leave_the_dead(connection: Any, _record: Any, _fairy: Any) -> None:
    """Take no connection from the pool that the server has ended: its last message, or the end, can be read there.

    An idle connection is silent, so this finds what a ping would, without a round trip for each request.
    """
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    if line.poll(0):
        raise sa.exc.InvalidatePoolError


@sa.event.listens_for(sa.pool.Pool, "checkin")
def _read_again(connection: Any, record: Any) -> None:
    """Return a connection that an operation has written on to reading without transactions."""
    if record.info.pop(WRITES, False) and connection is not None and not connection.closed:
        connection.autocommit = True


def _begin() -> None:
    """From here on everything is one transaction, on the session's connection."""
    link = db.session.connection().connection
    connection: Any = link.dbapi_connection
    if connection.autocommit:
        connection.autocommit = False
        link.info[WRITES] = True


def id_column() -> Any:
    """A surrogate key: `id: Mapped[int] = id_column()`."""
    return mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)


def state_column(states: type[StrEnum], default: StrEnum | None, **options: Any) -> Any:
    """A state stored as its own word, with a CHECK that lists all of them."""
    kind = sa.Enum(
        states,
        native_enum=False,
        length=24,
        values_callable=lambda kinds: [kind.value for kind in kinds],
        create_constraint=True,
        name=f"{states.__qualname__.lower()}",
    )
    return mapped_column(kind, default=default, **options)


class Transaction:
    """What one outermost `@atomic` call, or one `joined()`, collects: the wake-ups to send after its commit.

    `apart`: each operation within is a savepoint, so that one that is rejected leaves the others' work; `acts` counts
    those that succeeded.
    """

    def __init__(self, *, apart: bool = False) -> None:
        self.wake_ups: list[Callable[[], object]] = []
        self.apart, self.acts = apart, 0


_current: ContextVar[Transaction | None] = ContextVar("crowd_transaction", default=None)


def after_commit(wake_up: Callable[[], object]) -> None:
    """Call `wake_up` once the running transaction is committed; outside of one, at the next `commit()`."""
    transaction = _current.get()
    (transaction.wake_ups if transaction else db.session.info.setdefault("wake_ups", [])).append(wake_up)


def commit() -> None:
    """Commit the session: the only commit of the code. Flask-Security's datastore calls it too."""
    if _current.get() is not None:
        db.session.flush()  # inside an @atomic call, which commits once
        return
    wake_ups = db.session.info.pop("wake_ups", [])
    _begin()
    _commit()
    _wake_all(wake_ups)


def _commit() -> None:
    before, db.session.info[OUTCOME] = outcome(), Outcome.UNKNOWN
    try:
        db.session.commit()
    except DBAPIError as error:
        if not error.connection_invalidated:  # the database itself refused
            db.session.info[OUTCOME] = before
        raise
    db.session.info[OUTCOME] = Outcome.DONE


def outcome() -> Outcome:
    """What was committed since `forget_outcome()`."""
    return Outcome(db.session.info.get(OUTCOME, Outcome.NOTHING))


def clear_outcome() -> None:
    """Reset what is known of commits."""
    db.session.info.pop(OUTCOME, None)


def _wake_all(wake_ups: list[Callable[[], object]]) -> None:
    for wake_up in wake_ups:
        wake_up()


def atomic(function: Callable[P, R]) -> Callable[P, R]:
    """One transaction per operation: commit on return, roll back on any exception, retry a deadlock at most three
    times.

    A nested call joins the outer one. Raises Unavailable where a lock is held by others for too long, Conflict where
    a unique constraint decided a race against this call.
    """

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        around = _current.get()
        if around is not None and not around.apart:
            return function(*args, **kwargs)
        run = _once if around is None else _apart
        for attempt in range(RETRIES + 1):
            try:
                return run(function, *args, **kwargs)
            except DBAPIError as error:
                if sqlstate(error) in (DEADLOCK, SERIALISATION) and attempt < RETRIES:
                    time.sleep(0.01 * 2**attempt)
                    continue
                raise plain(error) from error
        raise AssertionError("unreachable")

    return call


def remember_refusal(error: OperationError) -> None:
    """Keep in the session what was rejected; the handler that answers the request records it."""
    db.session.info[REFUSAL] = error


def _once(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    transaction = Transaction()
    token = _current.set(transaction)
    try:
        _begin()
        result = function(*args, **kwargs)
        _commit()
    except BaseException as error:
        db.session.rollback()
        if isinstance(error, OperationError):
            remember_refusal(error)
        raise
    finally:
        _current.reset(token)
    _wake_all(transaction.wake_ups)
    return result


def _apart(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """An operation within `joined(apart=True)`: where it is rejected, it is rolled back to where it began."""
    around, transaction = _current.get(), Transaction()
    token = _current.set(transaction)
    try:
        with db.session.begin_nested():
            result = function(*args, **kwargs)
    except OperationError as error:
        db.session.info[REFUSAL] = error
        raise
    finally:
        _current.reset(token)
    if around is not None:
        around.wake_ups.extend(transaction.wake_ups)
        around.acts += 1
    return result


@contextmanager
def joined(*, apart: bool = False) -> Iterator[Transaction]:
    """Hold one transaction open around several operations (imports, a form's response): `with joined(): ...`.

    `apart`: each operation that is rejected is rolled back alone.
    """
    if (around := _current.get()) is not None:
        yield around
        return
    transaction = Transaction(apart=apart)
    token = _current.set(transaction)
    try:
        _begin()
        yield transaction
        _commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _current.reset(token)
    _wake_all(transaction.wake_ups)


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's five-letter code of an error, or None."""
    return getattr(getattr(error, "orig", error), "sqlstate", None)


def constraint_of(error: BaseException) -> str | None:
    """The name of the constraint that an error says was broken, or None."""
    diagnosis = getattr(getattr(error, "orig", error), "diag", None)
    return getattr(diagnosis, "constraint_name", None)


def plain(error: DBAPIError) -> Exception:
    """The error as a person can understand it, or the error itself."""
    code = sqlstate(error)
    if code in (LOCK_TIMEOUT, DEADLOCK, SERIALISATION):
        return Unavailable(_l("Somebody else is working on this. Nothing was changed; try again in a moment."))
    if code == "23505":
        return Conflict(_l("Somebody else did this first, or it was done before."), constraint=constraint_of(error))
    return error
