"""Since when an award of a decided challenge waits for the council: pages, lists, dashboards and mail go by it."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# The first time that an award was held which the council has not cleared since.
KNOWN = """
UPDATE challenge SET held_at = found.at
FROM (SELECT award.challenge_id, min(audit_event.at) AS at
      FROM award JOIN audit_event ON audit_event.subject_type = 'award' AND audit_event.subject_id = award.id
      WHERE audit_event.verb = 'award.held' AND award.state = 'announced' AND award.cleared_at IS NULL
      GROUP BY award.challenge_id) AS found
WHERE challenge.id = found.challenge_id AND challenge.state = 'decided'
"""


def upgrade() -> None:
    op.add_column("challenge", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(KNOWN)
    op.create_check_constraint(op.f("ck_challenge_held"), "challenge", "held_at IS NULL OR state = 'decided'")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_challenge_held"), "challenge")
    op.drop_column("challenge", "held_at")
