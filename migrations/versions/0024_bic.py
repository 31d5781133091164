"""Accounts for payouts outside China have the BIC of their bank."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payout_account", sa.Column("bic", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("payout_account", "bic")
