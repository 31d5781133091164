"""A database with data as it was before a migration, which is then made again."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from flask import Flask

from crowd import schema
from crowd.config import Settings
from crowd.db import db


def revision(name: str) -> str:
    """The number of a migration by what its file is called."""
    return next(path.name[:4] for path in schema.versions() if path.stem.endswith(name))


@contextmanager
def before(app: Flask, name: str) -> Iterator[sa.Connection]:
    """The database, as its owner, as it was before a migration; on leaving it is brought up to date again."""
    settings: Settings = app.config["CROWD"]
    owner, role = str(settings.owner_database_url), schema.role_of(str(settings.database_url))
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    engine = sa.create_engine(owner, poolclass=sa.NullPool)
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(schema.MIGRATIONS))
        config.attributes.update(connection=connection, app_role=role)
        command.downgrade(config, f"{revision(name)}-1")
    with engine.begin() as connection:
        yield connection
    engine.dispose()
    schema.upgrade(owner, role)
