"""The dates of a panel are stored once, with its challenge."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
ONCE = """
UPDATE challenge SET panel_formed_at = coalesce(challenge.panel_formed_at, panel.formed_at),
       reviews_due_at = coalesce(challenge.reviews_due_at, panel.due_at)
FROM panel
WHERE panel.challenge_id = challenge.id AND (challenge.panel_formed_at IS NULL OR challenge.reviews_due_at IS NULL)
"""
BACK = """
UPDATE panel SET formed_at = challenge.panel_formed_at, due_at = challenge.reviews_due_at
FROM challenge WHERE panel.challenge_id = challenge.id
"""


def upgrade() -> None:
    op.execute(ONCE)
    op.drop_column("panel", "due_at")
    op.drop_column("panel", "formed_at")


def downgrade() -> None:
    op.add_column("panel", sa.Column("formed_at", WHEN, server_default=sa.text("crowd_now()"), nullable=False))
    op.add_column("panel", sa.Column("due_at", WHEN, nullable=True))
    op.execute(BACK)
    op.alter_column("panel", "due_at", nullable=False)
