"""Copies of all rows of a platform, made in the database itself: a platform a hundred times as old and as busy.

Every row is copied with its ids shifted by SHIFT, so that a copy's rows refer to one another as the originals do.
Challenges, people, proposals, ledger, events, jobs and emails are all copied; copied people cannot sign in.
"""

from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa

from crowd.embedded.postgres import OWNER, SUPERUSER

SHIFT = 10**9  # the distance between the ids of one copy and the next
ALONE = {  # tables that are not multiplied; sessions, and forms that were sent in them
    "alembic_version", "platform_clock", "role", "rule_adoption", "schedule_run", "ledger_check", "login_session",
    "sent_form", "monthly_total", "statement_layout",
}  # fmt: skip
NUMBERS = {"actor_id", "subject_id", "challenge_id", "owner_id"}  # ids of other rows, without a foreign key
PLATFORM_ACCOUNTS = "(SELECT id FROM ledger_account WHERE owner_type = 'platform')"


def multiply(owner_url: str, present: int, wanted: int, only: Collection[str] = ()) -> dict[str, int]:
    """Create `wanted` copies in all, of which `present` exist; returns the rows of each table afterwards.

    Where `only` some tables are copied, their rows refer to the originals of the others.
    """
    engine = sa.create_engine(owner_url.replace(f"//{OWNER}@", f"//{SUPERUSER}@"), poolclass=sa.NullPool)
    with engine.begin() as connection:
        # Triggers and foreign keys are off: copies of valid rows are valid, and accounts keep their balances.
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        names = set(sa.inspect(engine).get_table_names())
        tables = sorted(names & set(only) if only else names - ALONE)
        for name in tables:
            statement = sa.text(_copy(sa.inspect(engine), name, names - set(tables)))
            connection.execute(statement, {"first": present, "last": wanted - 1})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
        return {name: connection.scalar(sa.text(f'SELECT count(*) FROM "{name}"')) for name in tables}  # noqa: S608


def _copy(inspector: sa.Inspector, table: str, alone: Collection[str]) -> str:
    columns = [column for column in inspector.get_columns(table) if not column.get("computed")]
    names = ", ".join(f'"{column["name"]}"' for column in columns)
    values = ", ".join(_values(inspector, table, [column["name"] for column in columns], alone))
    originals = [f'"{key}" < {SHIFT}' for key in inspector.get_pk_constraint(table)["constrained_columns"][:1]]
    if table == "ledger_account":
        originals.append("owner_type <> 'platform'")
    copies = "generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS copy"
    source = f'"{table}" AS t CROSS JOIN {copies} WHERE {" AND ".join(originals)}'
    return f'INSERT INTO "{table}" ({names}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {source}'  # noqa: S608


def _values(inspector: sa.Inspector, table: str, columns: list[str], alone: Collection[str]) -> Iterator[str]:
    refers = {key["constrained_columns"][0]: key["referred_table"] for key in inspector.get_foreign_keys(table)}
    unique: list[Any] = [key["column_names"] for key in inspector.get_unique_constraints(table)]
    unique += [index["column_names"] for index in inspector.get_indexes(table) if index["unique"]]
    single = {names[0] for names in unique if len(names) == 1}
    for name in columns:
        column = f't."{name}"'
        moved = f"{column} + copy * {SHIFT}"
        if refers.get(name) == "ledger_account":
            yield f"CASE WHEN {column} IN {PLATFORM_ACCOUNTS} THEN {column} ELSE {moved} END"
        elif refers.get(name) in alone:
            yield column
        elif name == "id" or name in refers or name in NUMBERS:
            yield moved
        elif name == "digest" and name in single:
            yield f"encode(sha256(convert_to({column} || copy, 'UTF8')), 'hex')"
        elif name in single or (table, name) == ("organisation", "name"):
            yield f"{column} || '~' || copy"
        elif (table, name) == ("organisation", "registration_number"):
            yield f"CASE WHEN {column} = '' THEN '' ELSE {column} || '~' || copy END"
        else:
            yield column
