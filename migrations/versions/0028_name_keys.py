"""The keys of names are made anew: accents no longer count, nor whether a small letter is taken for a small capital.

Fields of work that have since come into the list of terms are kept by their English names, as all others of it are.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from crowd.names import name_keys
from crowd.terms import kept

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

ORGANISATION = sa.table(
    "organisation", sa.column("id"), sa.column("name"), sa.column("name_keys", ARRAY(sa.Text()))
)
USER = sa.table(
    "user",
    *(sa.column("id"), sa.column("name"), sa.column("name_keys", ARRAY(sa.Text()))),
    sa.column("expertise", ARRAY(sa.Text())),
)
AT_ONCE = 1000


def upgrade() -> None:
    for table in (ORGANISATION, USER):
        for rows in _batches(table):
            _keep(table.c.name_keys, {row.id: keys for row in rows if (keys := name_keys(row.name)) != row.name_keys})
            if table is USER:
                _keep(USER.c.expertise, {row.id: own for row in rows if (own := kept(row.expertise)) != row.expertise})


def _batches(table: sa.TableClause) -> Iterator[Any]:
    last = 0
    query = sa.select(table).where(table.c.id > sa.bindparam("last")).order_by(table.c.id).limit(AT_ONCE)
    while rows := op.get_bind().execute(query, {"last": last}).all():
        yield rows
        last = rows[-1].id


def _keep(column: sa.ColumnClause[Any], values: dict[int, list[str]]) -> None:
    """Write what has changed: by id, the value of a column."""
    table = column.table
    change = sa.update(table).where(table.c.id == sa.bindparam("number")).values({column: sa.bindparam("value")})
    if values:
        op.get_bind().execute(change, [{"number": number, "value": value} for number, value in values.items()])


def downgrade() -> None:
    """Nothing: older rules compare by the same column, and what they would have written is not kept."""
