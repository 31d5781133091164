"""The rights of the application's role: a fresh platform has what it needs, and doctor sees each one too many."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import rights
from crowd.embedded import servers as crowd_servers
from tests.conftest import ROLE

BROKEN = {
    "application's role is plain": (
        f"ALTER ROLE {ROLE} CREATEROLE",
        f"ALTER ROLE {ROLE} SUPERUSER",
        f"GRANT pg_read_all_data TO {ROLE}",
    ),
    "application's role owns nothing": (
        f"CREATE TABLE stray (); ALTER TABLE stray OWNER TO {ROLE}",
        f"CREATE FUNCTION stray() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION stray() OWNER TO {ROLE}",
        f"CREATE SCHEMA stray AUTHORIZATION {ROLE}",
        f"ALTER DATABASE {{database}} OWNER TO {ROLE}",
    ),
    "application may not rewrite the books": (
        f"GRANT UPDATE (balance) ON ledger_account TO {ROLE}",
        f"GRANT TRIGGER ON posting TO {ROLE}",
        f"GRANT INSERT ON transfer TO {ROLE}",
        "GRANT DELETE ON posting TO PUBLIC",
        "GRANT UPDATE ON platform_clock TO PUBLIC",
        f"GRANT UPDATE (data) ON audit_event TO {ROLE}",
    ),
    "application may not make objects": (
        "GRANT TEMPORARY ON DATABASE {database} TO PUBLIC",
        f"GRANT CREATE ON DATABASE {{database}} TO {ROLE}",
        f"GRANT CREATE ON SCHEMA public TO {ROLE}",
        "CREATE SCHEMA other; GRANT CREATE ON SCHEMA other TO PUBLIC",
    ),
    "functions are for whom they were made": (
        "GRANT EXECUTE ON FUNCTION posting_apply() TO PUBLIC",
        f"GRANT EXECUTE ON FUNCTION posting_check() TO {ROLE}",
        "CREATE FUNCTION stray() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        f"REVOKE EXECUTE ON FUNCTION lock_ledger_accounts(bigint[]) FROM {ROLE}",
    ),
    "functions are the owner's, with names bound": (
        "ALTER FUNCTION posting_apply() RESET search_path",
        "ALTER FUNCTION posting_apply() OWNER TO postgres",
        "CREATE OR REPLACE FUNCTION crowd_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
    ),
    "the ledger's triggers are on": (
        "ALTER TABLE ledger_account DISABLE TRIGGER ledger_account_guard",
        "ALTER TABLE posting ENABLE REPLICA TRIGGER posting_apply",
        "DROP TRIGGER transfer_check ON transfer",
    ),
}
CASES = [(name, statement) for name, statements in BROKEN.items() for statement in statements]


@pytest.fixture
def admin(servers: crowd_servers.Servers, shared_app: Flask) -> Iterator[sa.Connection]:
    """The server's administrator in a transaction on a platform's database, of which nothing stays."""
    database = str(sa.make_url(shared_app.config["CROWD"].database_url).database)
    engine = sa.create_engine(servers.database_url("postgres", database), poolclass=sa.NullPool)
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def broken(admin: sa.Connection) -> set[str]:
    """The checks that find something, looked at as the application's role."""
    admin.exec_driver_sql(f"SET LOCAL ROLE {ROLE}")
    return {check.name for check in rights.CHECKS if check.broken(admin)}


def test_a_fresh_platform_gives_its_role_no_right_too_many(admin: sa.Connection) -> None:
    assert broken(admin) == set()


def test_every_check_can_fail() -> None:
    assert set(BROKEN) == {check.name for check in rights.CHECKS}


@pytest.mark.parametrize(("name", "statement"), CASES)
def test_each_right_too_many_is_seen(admin: sa.Connection, name: str, statement: str) -> None:
    admin.exec_driver_sql(statement.format(database=admin.scalar(sa.text("SELECT current_database()"))))
    assert name in broken(admin)


def test_what_postgresql_gives_everybody_is_withdrawn_again_at_each_migration_and_restore(admin: sa.Connection) -> None:
    database = admin.scalar(sa.text("SELECT current_database()"))
    admin.exec_driver_sql(f"GRANT TEMPORARY ON DATABASE {database} TO PUBLIC, {ROLE}")
    admin.exec_driver_sql(f"GRANT CREATE ON SCHEMA public TO {ROLE}")
    admin.exec_driver_sql("SET LOCAL ROLE crowd_owner")
    admin.exec_driver_sql("CREATE FUNCTION added_later() RETURNS int LANGUAGE sql RETURN 1")
    rights.withdraw(admin, ROLE)
    assert broken(admin) == set()


def test_a_function_of_a_later_migration_is_nobodys_by_default(admin: sa.Connection) -> None:
    admin.exec_driver_sql("SET LOCAL ROLE crowd_owner")
    admin.exec_driver_sql("CREATE FUNCTION added_later() RETURNS int LANGUAGE sql RETURN 1")
    assert broken(admin) == set()
