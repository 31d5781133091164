"""The index of pots by kind and currency also orders them by what they hold: finance reads the fullest first."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_pot_kind", table_name="pot")
    op.create_index("ix_pot_kind", "pot", ["kind", "currency", "balance", "id"])


def downgrade() -> None:
    op.drop_index("ix_pot_kind", table_name="pot")
    op.create_index("ix_pot_kind", "pot", ["kind", "currency"], postgresql_include=["balance"])
