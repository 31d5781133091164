"""The state of the demonstration data in a database: none, complete, partial after an interruption, or other data.

A complete scenario ends with its last event. Personas without it are a partial scenario, which must never
be served as a complete one.
"""

import shutil
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crowd import schema
from crowd.accounts.models import LoginSession, User
from crowd.audit import AuditEvent
from crowd.config import Settings
from crowd.db import commit, db

LOADED = "demo.loaded"  # the action of the last event
FOLDERS = ("mail", "bank")  # of the data folder: emails and bank files that an interrupted run has written


class DemoState(StrEnum):
    """What a database holds of the demonstration."""

    EMPTY = "nothing"
    COMPLETE = "whole"
    PARTIAL = "half"
    OTHER_DATA = "strangers"


def find() -> DemoState:
    """The present state."""
    try:
        if _any(sa.select(AuditEvent.id).where(AuditEvent.action == LOADED)):
            return DemoState.COMPLETE
        if _any(sa.select(User.id).where(User.demonstration)):
            return DemoState.PARTIAL
        return DemoState.OTHER_DATA if _any(sa.select(User.id)) else DemoState.EMPTY
    finally:
        commit()


def untouched() -> bool:
    """Whether all data is the scenario's own: nobody else has an account, and nobody has ever signed in."""
    try:
        return not _any(sa.select(User.id).where(~User.demonstration)) and not _any(sa.select(LoginSession.sid))
    finally:
        commit()


def clear(settings: Settings, owner: sa.Engine) -> None:
    """Empty the database."""
    db.session.remove()
    db.engine.dispose()
    with owner.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    schema.upgrade(str(settings.owner_database_url), schema.role_of(str(settings.database_url)))


def prune(home: Path) -> None:
    """Remove files of an earlier run from the data folder; in an empty database no row refers to them."""
    for name in FOLDERS:
        shutil.rmtree(home / name, ignore_errors=True)


def _any(query: sa.Select[Any]) -> bool:
    return db.session.execute(query.limit(1)).first() is not None
