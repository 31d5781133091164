"""A deposit is found by its bank reference in any case and width; nothing that is stored changes."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_deposit_same_reference", "deposit", [sa.text("upper(normalize(bank_reference, NFKC))")])


def downgrade() -> None:
    op.drop_index("ix_deposit_same_reference", "deposit")
