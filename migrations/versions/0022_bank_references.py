"""One bank reference is one, whatever its case, width and spaces; what was booked twice under two spellings stays."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
BOOKED = sa.text("state <> 'discarded'")


def upgrade() -> None:
    op.add_column("deposit", sa.Column("reference_key", sa.Text))
    connection, taken = op.get_bind(), set()
    rows = connection.execute(sa.text("SELECT id, bank_reference, state FROM deposit ORDER BY id")).all()
    for row in rows:
        key = "".join(unicodedata.normalize("NFKC", row.bank_reference).upper().split())
        if row.state != "discarded":
            key = key if key not in taken else f"{key}#{row.id}"
            taken.add(key)
        connection.execute(
            sa.text("UPDATE deposit SET reference_key = :key WHERE id = :id"), {"key": key, "id": row.id}
        )
    op.alter_column("deposit", "reference_key", nullable=False)
    op.drop_index("uq_deposit_bank_reference", "deposit")
    op.create_index("uq_deposit_reference_key", "deposit", ["reference_key"], unique=True, postgresql_where=BOOKED)
    op.create_index("ix_deposit_value_date_amount", "deposit", ["value_date", "amount"])


def downgrade() -> None:
    op.drop_index("ix_deposit_value_date_amount", "deposit")
    op.drop_index("uq_deposit_reference_key", "deposit")
    op.create_index("uq_deposit_bank_reference", "deposit", ["bank_reference"], unique=True, postgresql_where=BOOKED)
    op.drop_column("deposit", "reference_key")
