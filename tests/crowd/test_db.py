"""Connections: lent for reading without a transaction and for an operation with one, and never a dead one."""

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd.db import atomic, db
from crowd.errors import Conflict


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


def reads_without_transaction() -> bool:
    """Whether a statement of its own is a transaction of its own, on the connection that is lent next."""
    first, second = (db.session.scalar(sa.text("SELECT pg_current_xact_id()")) for _ in range(2))
    db.session.remove()
    return bool(first != second)


def test_what_is_read_outside_of_a_verb_opens_no_transaction(committed: Flask) -> None:
    with committed.app_context():
        assert reads_without_transaction()


def test_a_verb_is_one_transaction_and_gives_its_connection_back_for_reading(committed: Flask) -> None:
    @atomic
    def verb() -> set[int]:
        return {int(db.session.scalar(sa.text("SELECT pg_current_xact_id()"))) for _ in range(3)}

    @atomic
    def refused() -> None:
        db.session.execute(sa.text("UPDATE schedule_run SET schedule = 'x'"))
        raise Conflict

    with committed.app_context():
        assert len(verb()) == 1
        assert reads_without_transaction()
        with pytest.raises(Conflict):
            refused()
        assert reads_without_transaction()


def test_reading_keeps_prepared_statements(committed: Flask) -> None:
    with committed.app_context():
        for _ in range(10):
            db.session.execute(sa.text("SELECT count(*) FROM schedule_run"))
            db.session.remove()
        prepared = db.session.scalars(sa.text("SELECT statement FROM pg_prepared_statements")).all()
    assert "SELECT count(*) FROM schedule_run" in prepared
