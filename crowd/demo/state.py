"""What a database holds of the story: nothing, all of it, the half of one that was interrupted, or somebody else's.

The mark of a whole story is its last event. People of the demonstration without it are half a story, which must never
be served as a whole one.
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

TOLD = "story.told"  # the verb of the event that ends the telling
FOLDERS = ("mail", "bank")  # of the data folder: letters and bank files that an interrupted story has written


class DemoState(StrEnum):
    NOTHING = "nothing"
    WHOLE = "whole"
    HALF = "half"
    STRANGERS = "strangers"


def find() -> DemoState:
    """What is here at this moment."""
    try:
        if _any(sa.select(AuditEvent.id).where(AuditEvent.verb == TOLD)):
            return DemoState.WHOLE
        if _any(sa.select(User.id).where(User.demonstration)):
            return DemoState.HALF
        return DemoState.STRANGERS if _any(sa.select(User.id)) else DemoState.NOTHING
    finally:
        commit()


def untouched() -> bool:
    """Whether all of it is the story's own: nobody else has an account, and nobody has ever signed in."""
    try:
        return not _any(sa.select(User.id).where(~User.demonstration)) and not _any(sa.select(LoginSession.sid))
    finally:
        commit()


def clear(settings: Settings, owner: sa.Engine) -> None:
    """Make the database an empty one again."""
    db.session.remove()
    db.engine.dispose()
    with owner.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    schema.upgrade(str(settings.owner_database_url), schema.role_of(str(settings.database_url)))


def prune(home: Path) -> None:
    """Remove what an earlier story has left in the data folder; in an empty database nothing belongs to it."""
    for name in FOLDERS:
        shutil.rmtree(home / name, ignore_errors=True)


def _any(query: sa.Select[Any]) -> bool:
    return db.session.execute(query.limit(1)).first() is not None
