"""The schema's revision: a database of a version before 0.2 is refused with what to do."""

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from crowd import cli, schema
from crowd.config import Misconfigured
from crowd.embedded.servers import Servers
from tests.conftest import ROLE, _admin

OLD = ("CREATE TABLE alembic_version (version_num varchar(32))", "INSERT INTO alembic_version VALUES ('0029')")


@pytest.fixture
def older(servers: Servers) -> Iterator[str]:
    """The name of a database that an earlier version of Crowd had migrated."""
    name = f"older_{os.getpid()}"
    _admin(servers, f"CREATE DATABASE {name} OWNER crowd_owner")
    engine = sa.create_engine(servers.database_url("crowd_owner", name), poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in (*OLD, f"GRANT SELECT ON alembic_version TO {ROLE}"):
            connection.exec_driver_sql(statement)
    yield name
    _admin(servers, f"DROP DATABASE {name} WITH (FORCE)")


def test_a_database_from_before_0_2_is_not_upgraded(servers: Servers, older: str) -> None:
    url = servers.database_url("crowd_owner", older)
    with pytest.raises(Misconfigured, match=r"before 0\.2 \(migration 0029\).*empty database"):
        schema.upgrade(url, ROLE)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]


def test_every_command_says_so_in_one_sentence(
    servers: Servers, older: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("CROWD_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("CROWD_DATABASE_URL", servers.database_url(ROLE, older))
    monkeypatch.setenv("CROWD_OWNER_DATABASE_URL", servers.database_url("crowd_owner", older))
    monkeypatch.setenv("CROWD_REDIS_URL", str(servers.redis_url))
    for command in (["db", "upgrade"], ["ledger", "check"]):
        answer = CliRunner().invoke(cli.crowd, command)
        assert isinstance(answer.exception, Misconfigured), command  # which `crowd` prints, without a traceback
        assert "before 0.2 (migration 0029)" in str(answer.exception)
    report = CliRunner().invoke(cli.crowd, ["doctor"])
    assert "at 0029" in report.output
    assert "Name an empty database" in report.output


def test_an_empty_database_and_one_of_this_version_are_let_in() -> None:
    schema.refuse_before_baseline(None)
    schema.refuse_before_baseline(schema.BASELINE)
