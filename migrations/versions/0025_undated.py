"""What another platform does not date stands behind all that has a day, not at the day of its import."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
INDEX = "ix_challenge_state_posted_id"
UNDATED = "'1900-01-01T00:00:00Z'::timestamptz"
BY_DAY = f"COALESCE(published_at, CASE WHEN origin = 'external' THEN {UNDATED} ELSE created_at END)"


def upgrade() -> None:
    _compute(BY_DAY)


def downgrade() -> None:
    _compute("COALESCE(published_at, created_at)")


def _compute(expression: str) -> None:
    op.drop_column("challenge", "posted")  # and its index
    posted: sa.Column[object] = sa.Column(
        "posted", sa.DateTime(timezone=True), sa.Computed(expression, persisted=True), nullable=False
    )
    op.add_column("challenge", posted)
    op.create_index(INDEX, "challenge", ["state", "posted", "id"])
