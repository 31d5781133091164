"""Access to a row by its id, the second of three access checks, and the operations that a page may offer on it.

A package's `queries.access` passes its table, the rule for viewing a row, and the messages of a refusal. Proposals,
which are sealed, have a function of their own.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.sql.base import ExecutableOption

from crowd.audit import Actor
from crowd.db import Base, db
from crowd.errors import Forbidden, NotFound, Sentence
from crowd.workflow import S, Transitions, operations_from

T = TypeVar("T", bound=Base)
Rule = Callable[[Actor | None, T], bool]  # whether the actor may, with this row
MAX_ID_DIGITS = 19  # digits: more cannot be a row's id


def id_in(text: str) -> int:
    """The id that a text in a URL or a form names; 0, which no row has, where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < MAX_ID_DIGITS else 0


def access_row(
    actor: Actor | None,
    table: type[T],
    row_id: int,
    *,
    view: Rule[T],
    to: Rule[T] | None,
    lock: bool = False,
    options: Sequence[ExecutableOption] = (),
    hidden: Sentence = "",
    refused: Sentence = "",
) -> T:
    """The row, if `actor` may `view` it and do `to` with it; with `lock` under its row lock, which is taken first: a
    statement that waits for a lock sees all rows but the locked one as they were before the wait.

    Raises NotFound (saying `hidden`) where the row is absent or hidden, Forbidden (saying `refused`) where `to` says
    no.
    """
    if lock:
        db.session.execute(_lock(table), {"id": row_id})
    query = _by_id(table, lock).options(*options)
    row = db.session.scalar(query, {"id": row_id})
    if row is None or not view(actor, row):
        raise NotFound(hidden)
    if to is not None and not to(actor, row):
        raise Forbidden(refused)
    return row


@cache
def _by_id(table: type[T], anew: bool) -> sa.Select[T]:
    """The statement, built once for each table; `anew` also over what the session knows."""
    query = sa.select(table).where(table.id == sa.bindparam("id"))  # type: ignore[attr-defined]
    return query.execution_options(populate_existing=True) if anew else query


@cache
def _lock(table: type[Base]) -> sa.Select[int]:
    """The lock of one row."""
    return sa.select(table.id).where(table.id == sa.bindparam("id")).with_for_update()  # type: ignore[attr-defined]


def open_operations(
    transitions: Transitions[S], state: S, rules: Mapping[str, Rule[T]], actor: Actor | None, subject: T
) -> list[str]:
    """The operations that start from the subject's `state` and that its `rules` allow the actor, in the table's order.

    An operation without a rule is nobody's to choose.
    """
    return [name for name in operations_from(transitions, state) if name in rules and rules[name](actor, subject)]
