"""The version of what follows from the tiers of need, which a challenge keeps since it was submitted for screening.

Challenges that were submitted before name none: they follow the first version, which has the values of then.
"""

from alembic import op

revision = "0250"
down_revision = "0241"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE challenge ADD COLUMN tiers_version bigint")


def downgrade() -> None:
    op.execute("ALTER TABLE challenge DROP COLUMN tiers_version")
