"""Since when all reviews of a challenge in judging are in: pages, lists, dashboards and the decision go by it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# The latest review, where none is awaited and every proposal has one; the panel's own instant where nothing came in.
KNOWN = """
UPDATE challenge SET reviews_in_at = coalesce(
    (SELECT max(done_at) FROM assignment WHERE challenge_id = challenge.id AND state = 'done'), panel_formed_at)
WHERE panel_formed_at IS NOT NULL
  AND NOT EXISTS (SELECT FROM assignment WHERE challenge_id = challenge.id AND state = 'pending')
  AND NOT EXISTS (
      SELECT FROM proposal WHERE challenge_id = challenge.id AND state = 'submitted' AND NOT EXISTS (
          SELECT FROM assignment WHERE proposal_id = proposal.id AND assignment.state = 'done'))
"""
# The note of an approval stood where the remarks of a return stand, and was shown as such.
REMARKS = "UPDATE challenge SET screening_note = '' WHERE approved_at IS NOT NULL AND screening_note <> ''"


def upgrade() -> None:
    op.add_column("challenge", sa.Column("reviews_in_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(KNOWN)
    op.execute(REMARKS)


def downgrade() -> None:
    op.drop_column("challenge", "reviews_in_at")  # the notes that were taken away do not come back
