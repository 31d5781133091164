"""Somebody holds the application's own role and its connection, not its code: no balance moves without a posting.

Each attempt is a script on a raw connection. It is rejected, and the ledger, the clock and the server are unchanged.
"""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from crowd.audit import SYSTEM
from crowd.db import db
from crowd.ledger import transfers
from tests.crowd.ledger.conftest import Owner, deposited

REFUSED = ("42501", "23001")  # insufficient privilege, restrict violation
BOOKS = (
    "SELECT 'ledger_account', id, kind, owner_id, balance::text FROM ledger_account UNION ALL"
    " SELECT 'posting', id, source_id::text, target_id, amount::text FROM posting UNION ALL"
    " SELECT 'transfer', id, key, transaction_id, note FROM transfer ORDER BY 1, 2"
)
SPONSOR = "(SELECT min(id) FROM ledger_account WHERE kind = 'sponsor')"
BANK = "(SELECT min(id) FROM ledger_account WHERE kind = 'bank')"
LAST = "(SELECT max(id) FROM transfer)"
LIKE_A_POSTING = "t (id bigint, transfer_id bigint, source_id bigint, target_id bigint, amount bigint, currency text)"
FAKE_CLOCK = "platform_clock (single boolean, behind interval)"
FUNCTION = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
ATTEMPTS = {
    # a separate table, with the function that moves balances as its trigger
    "temporary table with our trigger": [
        f"CREATE TEMP TABLE {LIKE_A_POSTING}",
        "CREATE TRIGGER t AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION posting_apply()",
        f"INSERT INTO t VALUES (1, 1, {BANK}, {SPONSOR}, 5000, 'CNY')",
    ],
    "table in public with our trigger": [f"CREATE TABLE {LIKE_A_POSTING}"],
    "table in a schema of one's own": ["CREATE SCHEMA mine", f"CREATE TABLE mine.{LIKE_A_POSTING}"],
    "our trigger on a table of the application": [
        "CREATE TRIGGER t AFTER INSERT ON notification FOR EACH ROW EXECUTE FUNCTION posting_apply()"
    ],
    "a trigger of one's own on the books": [
        f"CREATE FUNCTION pg_temp.f() {FUNCTION}",
        "CREATE TRIGGER t BEFORE INSERT ON posting FOR EACH ROW EXECUTE FUNCTION pg_temp.f()",
    ],
    # calling what is not for calling
    "calling the trigger's function": ["SELECT posting_apply()"],
    "calling the check of transfers": ["SELECT transfer_check()"],
    # names that come before ours
    "temporary clock": [f"CREATE TEMP TABLE {FAKE_CLOCK}", "INSERT INTO platform_clock VALUES (true, '-1 year')"],
    "view over the books": ["CREATE TEMP VIEW transfer AS SELECT 0 AS transaction_id"],
    "temporary sequence": ["CREATE TEMP SEQUENCE posting_id_seq"],
    "function that shadows the clock": [
        "CREATE FUNCTION pg_temp.crowd_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'"
    ],
    "replacing the clock": [
        "CREATE OR REPLACE FUNCTION public.crowd_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'"
    ],
    "operator that shadows a comparison": [
        "CREATE OPERATOR public.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = int8ne)"
    ],
    "cast that shadows": ["CREATE CAST (xid8 AS text) WITH INOUT AS ASSIGNMENT"],
    "type that shadows": ["CREATE DOMAIN public.bigint AS text"],
    # switching the rules off
    "replica role": ["SET session_replication_role = replica"],
    "replica role by function": ["SELECT set_config('session_replication_role', 'replica', false)"],
    "disabling the trigger": ["ALTER TABLE posting DISABLE TRIGGER posting_append_only"],
    "dropping the trigger": ["DROP TRIGGER ledger_account_guard ON ledger_account"],
    "dropping the floor": ["ALTER TABLE ledger_account DROP CONSTRAINT ck_ledger_account_floor"],
    "a rule instead of the row": ["CREATE RULE r AS ON INSERT TO posting DO INSTEAD NOTHING"],
    "another search path for our function": ["ALTER FUNCTION lock_ledger_accounts(bigint[]) SET search_path = pg_temp"],
    "becoming the owner": ["SET ROLE crowd_owner"],
    "becoming the owner's session": ["SET SESSION AUTHORIZATION crowd_owner"],
    "a right for oneself": [
        "GRANT UPDATE ON ledger_account TO crowd_app",
        "UPDATE ledger_account SET balance = balance + 5000",
    ],
    "powers for oneself": ["ALTER ROLE crowd_app SUPERUSER"],
    # writing what only the database writes
    "balance": ["UPDATE ledger_account SET balance = balance + 5000 WHERE kind = 'sponsor'"],
    "owner of an account": ["UPDATE ledger_account SET owner_id = 999"],
    "a full account": [
        "INSERT INTO ledger_account (kind, owner_type, owner_id, currency, has_floor, balance)"
        " VALUES ('payable', 'user', 1, 'CNY', true, 5)"
    ],
    "merging into an account": [
        "INSERT INTO ledger_account (kind, owner_type, owner_id, currency, has_floor)"
        " SELECT kind, owner_type, owner_id, currency, has_floor FROM ledger_account"
        " ON CONFLICT (kind, owner_type, owner_id, currency) DO UPDATE SET balance = 5000"
    ],
    "copying into the accounts": [
        "COPY ledger_account (kind, owner_type, owner_id, currency, has_floor, balance) FROM STDIN"
    ],
    "copying with a program": ["COPY ledger_account TO PROGRAM 'cat'"],
    "copying into a file": ["COPY ledger_account TO '/tmp/accounts'"],
    "deleting postings": ["DELETE FROM posting"],
    "truncating": ["TRUNCATE posting, transfer CASCADE"],
    "a line for a booked transfer": [
        "INSERT INTO posting (transfer_id, source_id, target_id, amount, currency)"
        f" VALUES ({LAST}, {BANK}, {SPONSOR}, 5000, 'CNY')"
    ],
    "a transfer that claims another transaction": [
        "INSERT INTO transfer (key, kind, body_digest, actor_name, subject_type, subject_id, effective_on,"
        " transaction_id)"
        " VALUES ('k', 'deposit', '0', 'x', 'x', 1, '2026-01-01', 7)"
    ],
    # the clock, and what is beside the tables
    "the clock's offset": ["UPDATE platform_clock SET behind = '-1 year'"],
    "another clock row": ["INSERT INTO platform_clock VALUES (false, '0')"],
    "the sequence of transfers": ["SELECT setval('transfer_id_seq', 1)"],
    "a file as a large object": ["SELECT lo_import('/etc/passwd')"],
    "a large object as a file": ["SELECT lo_export(1, '/tmp/x')"],
    "reading the server's files": ["SELECT pg_read_file('postgresql.conf')"],
    "a setting of the server": ["ALTER SYSTEM SET fsync = off"],
    "history": ["UPDATE audit_event SET actor_name = 'nobody'"],
    "the migration's number": ["UPDATE alembic_version SET version_num = '0001'"],
}


@pytest.fixture
def raw(books: Any, committed: Flask) -> Iterator["psycopg.Connection[Any]"]:
    """A connection of the application's role, with a ledger of 600.00 in escrow and 400.00 free."""
    deposited(100_000, organisation_id=books.luoyang.id, recorded_by=books.fen.id)
    transfers.fund(SYSTEM, 7, organisation_id=books.luoyang.id, currency="CNY", amount=60_000)
    db.session.commit()
    url = sa.make_url(committed.config["CROWD"].database_url).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


def _state(owner: Owner) -> Any:
    return owner(f"SELECT array_agg(t::text) FROM ({BOOKS}) AS t"), owner("SELECT behind FROM platform_clock")


def test_what_the_application_cannot_do_with_its_own_role(raw: "psycopg.Connection[Any]", owner: Owner) -> None:
    before = _state(owner)
    assert len(before[0]) > 6
    went_through = []
    for name, script in ATTEMPTS.items():
        try:
            for statement in script:
                raw.execute(statement)
            went_through.append(name)
        except psycopg.Error as error:
            if error.sqlstate not in REFUSED:
                went_through.append(f"{name}: {error}")
        raw.execute("ROLLBACK")
    assert went_through == []
    assert _state(owner) == before


def test_our_trigger_on_another_table_moves_nothing_even_for_the_owner(
    raw: "psycopg.Connection[Any]", owner: Owner
) -> None:
    before = _state(owner)
    with pytest.raises(sa.exc.DBAPIError, match="belongs to the table posting"):
        owner(
            f"CREATE TABLE {LIKE_A_POSTING}",
            "CREATE TRIGGER t AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION posting_apply()",
            f"INSERT INTO t VALUES (1, 1, {BANK}, {SPONSOR}, 5000, 'CNY')",
        )
    assert _state(owner) == before


@pytest.mark.parametrize(
    "name", ["ledger_account_guard", "posting_check", "posting_apply", "transfer_check", "transfer_complete"]
)
def test_each_trigger_function_works_for_its_own_table_only(
    raw: "psycopg.Connection[Any]", owner: Owner, name: str
) -> None:
    when = "AFTER" if name in ("posting_apply", "transfer_complete") else "BEFORE"
    with pytest.raises(sa.exc.DBAPIError, match="belongs to the table"):
        owner(
            f"CREATE TABLE {LIKE_A_POSTING}",
            f"CREATE TRIGGER t {when} INSERT ON t FOR EACH ROW EXECUTE FUNCTION {name}()",
            "INSERT INTO t VALUES (1, 1, 1, 2, 5000, 'CNY')",
        )


def test_a_clock_of_the_same_name_is_not_asked(raw: "psycopg.Connection[Any]", owner: Owner) -> None:
    offset = owner(
        f"CREATE TEMP TABLE {FAKE_CLOCK}",
        "INSERT INTO pg_temp.platform_clock VALUES (true, '-1 year')",
        "SELECT clock_timestamp() - crowd_now() < interval '1 hour'",
    )
    assert offset is True
