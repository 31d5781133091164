"""Organisations are parties of a split: an agency has a line of its own in the shares of its proposal.

Where people have agreed to divide an award of an agency's proposal, nothing was left for the agency. What they agreed to
stays: the agency gets a line of 0, agreed where the proposal was final, else to be agreed by an owner.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

LINES = """
INSERT INTO share (proposal_id, organisation_id, points, agreed_at)
SELECT id, organisation_id, 0, CASE WHEN state = 'submitted' THEN finalised_at END
FROM proposal p WHERE organisation_id IS NOT NULL AND EXISTS (SELECT FROM share s WHERE s.proposal_id = p.id)
ORDER BY id
"""


def upgrade() -> None:
    op.alter_column("share", "user_id", nullable=True)
    op.add_column("share", sa.Column("organisation_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_share_organisation_id"), "share", "organisation", ["organisation_id"], ["id"])
    op.create_unique_constraint(
        op.f("uq_share_proposal_id_organisation_id"), "share", ["proposal_id", "organisation_id"]
    )
    op.create_index(op.f("ix_share_organisation_id"), "share", ["organisation_id"])
    op.create_check_constraint(op.f("ck_share_one_party"), "share", "(user_id IS NULL) <> (organisation_id IS NULL)")
    op.drop_constraint(op.f("ck_share_points"), "share")
    op.create_check_constraint(
        op.f("ck_share_points"), "share", "points BETWEEN 0 AND 10000 AND (points > 0 OR user_id IS NULL)"
    )
    op.execute(LINES)


def downgrade() -> None:
    op.execute("DELETE FROM share WHERE organisation_id IS NOT NULL")
    op.drop_constraint(op.f("ck_share_points"), "share")
    op.create_check_constraint(op.f("ck_share_points"), "share", "points BETWEEN 1 AND 10000")
    op.drop_constraint(op.f("ck_share_one_party"), "share")
    op.drop_column("share", "organisation_id")
    op.alter_column("share", "user_id", nullable=False)
