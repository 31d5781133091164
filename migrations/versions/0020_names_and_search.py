"""Names have keys by which those that look the same are found; search entries say by which rules they were made.

Fields of work are kept by their English names. The keys are made here; the search entries, which are many, by a job that reads what has an older version.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from crowd.names import name_keys
from crowd.terms import kept

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NAMED = ("organisation", "user")
AT_ONCE = 1000


def upgrade() -> None:
    for table in NAMED:
        keys: sa.Column[Any] = sa.Column("name_keys", ARRAY(sa.Text()), server_default="{}", nullable=False)
        op.add_column(table, keys)
        _fill(table)
        op.create_index(f"ix_{table}_name_keys", table, ["name_keys"], postgresql_using="gin")
    _keep_fields()
    version: sa.Column[Any] = sa.Column("search_version", sa.BigInteger(), server_default="0", nullable=False)
    op.add_column("challenge", version)
    op.create_index(op.f("ix_challenge_search_version"), "challenge", ["search_version"])


def _fill(table: str) -> None:
    rows = sa.table(table, sa.column("id"), sa.column("name"), sa.column("name_keys", ARRAY(sa.Text())))
    change = sa.update(rows).where(rows.c.id == sa.bindparam("number")).values(name_keys=sa.bindparam("keys"))
    link, last = op.get_bind(), 0
    while found := link.execute(
        sa.select(rows.c.id, rows.c.name).where(rows.c.id > last).order_by(rows.c.id).limit(AT_ONCE)
    ).all():
        link.execute(change, [{"number": number, "keys": name_keys(name)} for number, name in found])
        last = found[-1][0]


def _keep_fields() -> None:
    """Fields of our list are kept by their English names."""
    people = sa.table("user", sa.column("id"), sa.column("expertise", ARRAY(sa.Text())))
    link = op.get_bind()
    for number, given in link.execute(sa.select(people).where(people.c.expertise != sa.text("'{}'"))).all():
        if (fields := kept(given)) != given:
            link.execute(sa.update(people).where(people.c.id == number).values(expertise=fields))


def downgrade() -> None:
    op.drop_index(op.f("ix_challenge_search_version"), "challenge")
    op.drop_column("challenge", "search_version")
    for table in NAMED:
        op.drop_column(table, "name_keys")
