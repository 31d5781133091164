"""A platform multiplied: so many times the rows, each copy whole in itself."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd.bench import multiply
from tests import factories
from tests.cast import Cast

ORPHANS = """SELECT count(*) FROM "{table}" AS t LEFT JOIN "{to}" AS o ON o.id = t."{column}"
    WHERE t."{column}" IS NOT NULL AND o.id IS NULL"""


def counts(connection: sa.Connection) -> dict[str, int]:
    names = sa.inspect(connection).get_table_names()
    return {name: int(connection.scalar(sa.text(f'SELECT count(*) FROM "{name}"')) or 0) for name in names}


@pytest.mark.long
def test_every_copy_is_whole(committed: Flask) -> None:
    with committed.app_context():
        factories.settled(Cast())
    url = str(committed.config["CROWD"].owner_database_url)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        before = counts(connection)
        platform_accounts = connection.scalar(
            sa.text("SELECT count(*) FROM ledger_account WHERE owner_type = 'platform'")
        )
    multiply.multiply(url, 1, 2)
    rows = multiply.multiply(url, 2, 3)
    with engine.connect() as connection:
        inspector: Any = sa.inspect(connection)
        assert counts(connection) == {
            name: number * (3 if name in rows else 1) - (2 * platform_accounts if name == "ledger_account" else 0)
            for name, number in before.items()
        }
        for table in rows:
            for key in inspector.get_foreign_keys(table):
                column, to = key["constrained_columns"][0], key["referred_table"]
                lost = connection.scalar(sa.text(ORPHANS.format(table=table, column=column, to=to)))
                assert lost == 0, (table, column)
