"""Organisations are found by their registration number: one body that is registered here twice is one party."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_organisation_number", "organisation", ["registration_number"],
        postgresql_where=sa.text("registration_number <> ''"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_organisation_number", "organisation")
