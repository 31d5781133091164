"""Counts of proposals and registrations in a row of their own, and the grace after a close."""

import sqlalchemy as sa
from alembic import context, op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Of every challenge that was ever published; a limit is never below what was counted.
COUNTS = """
INSERT INTO challenge_count (challenge_id, proposals, proposals_limit, registrations, registrations_limit)
SELECT id, proposals_count, proposals_limit, registrations_count, greatest(5000, registrations_count)
FROM challenge WHERE origin = 'platform' AND published_at IS NOT NULL ORDER BY id
"""
GRACE = "UPDATE challenge SET grace_seconds = {} WHERE origin = 'platform' AND published_at IS NOT NULL"
BACK = """
UPDATE challenge SET proposals_count = n.proposals, registrations_count = n.registrations
FROM challenge_count n WHERE n.challenge_id = challenge.id
"""


def upgrade() -> None:
    op.create_table(
        "challenge_count",
        sa.Column("challenge_id", sa.BigInteger(), nullable=False),
        sa.Column("proposals", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("proposals_limit", sa.BigInteger(), nullable=False),
        sa.Column("registrations", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("registrations_limit", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("proposals BETWEEN 0 AND proposals_limit", name=op.f("ck_challenge_count_proposals")),
        sa.CheckConstraint(
            "registrations BETWEEN 0 AND registrations_limit", name=op.f("ck_challenge_count_registrations")
        ),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_challenge_count_challenge_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("challenge_id", name=op.f("pk_challenge_count")),
    )
    op.add_column("challenge", sa.Column("grace_seconds", sa.BigInteger()))
    op.execute(COUNTS)
    # What had closed by then closed without a grace; what is open gets the one that is stated from now on.
    op.execute(GRACE.format("0") + " AND closed_at IS NOT NULL")
    op.execute(GRACE.format("10") + " AND closed_at IS NULL")
    op.drop_constraint("ck_challenge_proposals_limit", "challenge")
    op.drop_column("challenge", "proposals_count")
    op.drop_column("challenge", "registrations_count")
    quoted = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON challenge_count TO {quoted}")


def downgrade() -> None:
    for name in ("proposals_count", "registrations_count"):
        op.add_column("challenge", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    op.execute(BACK)
    op.create_check_constraint(
        op.f("ck_challenge_proposals_limit"), "challenge",
        "proposals_count >= 0 AND proposals_count <= proposals_limit",
    )  # fmt: skip
    op.drop_column("challenge", "grace_seconds")
    op.drop_table("challenge_count")
