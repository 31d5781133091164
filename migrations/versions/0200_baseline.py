"""The schema of version 0.2.0, package by package: tables, rights of the application's role, rules of the ledger.

Databases from before 0.2.0 have revisions 0001 to 0029, which are gone: `crowd.schema.upgrade` refuses them.
"""

from pathlib import Path

from alembic import context, op

revision = "0200"
down_revision = None
branch_labels = None
depends_on = None

PARTS = sorted((Path(__file__).parents[1] / "baseline").glob("*.sql"))


def upgrade() -> None:
    bind = op.get_bind()
    role = bind.dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    for part in PARTS:
        script = part.read_text(encoding="utf-8").replace(':"app_role"', role)
        bind.connection.cursor().execute(script)  # the driver's own: `%` and `:` are the script's


def downgrade() -> None:
    raise NotImplementedError("Nothing comes before 0.2.0: drop the database instead.")
