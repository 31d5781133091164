"""The pool of connections outlives its server's moods."""

import sqlalchemy as sa
from flask import Flask

from crowd.db import db


def test_a_connection_that_the_server_ended_is_not_handed_out(committed: Flask) -> None:
    with committed.app_context():
        ended = db.session.scalar(sa.text("SELECT pg_backend_pid()"))
        db.session.remove()
        with sa.create_engine(
            committed.config["CROWD"].owner_database_url.replace("crowd_owner", "postgres")
        ).connect() as admin:
            admin.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": ended})
            admin.execute(sa.text("SELECT pg_sleep(0.2)"))
        assert db.session.scalar(sa.text("SELECT pg_backend_pid()")) != ended
