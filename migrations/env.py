"""Alembic's door: runs the numbered migrations over the connection that `crowd.schema.upgrade` hands in."""

from alembic import context

from crowd.db import db

config = context.config


def run() -> None:
    """One transaction for each migration, so that one that is cut off leaves nothing half done."""
    context.configure(
        connection=config.attributes["connection"],
        target_metadata=db.metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
