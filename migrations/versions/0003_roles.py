"""The platform's roles, as rows: every database has the same seven."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROLES = {
    "service_centre": "Screens challenges, verifies organisations and runs the process",
    "expert": "Sits on review panels",
    "council": "Decides policy and appeals",
    "finance": "Records money, approves payouts and keeps the books",
    "programme_officer": "Looks after a government programme",
    "auditor": "Reads everything and changes nothing",
    "administrator": "Gives people their roles",
}


def _table() -> sa.TableClause:
    return sa.table("role", sa.column("name", sa.Text), sa.column("description", sa.Text))


def upgrade() -> None:
    op.bulk_insert(_table(), [{"name": name, "description": text} for name, text in ROLES.items()])


def downgrade() -> None:
    op.execute("DELETE FROM user_role")
    op.execute(sa.delete(_table()).where(_table().c.name.in_(ROLES)))
