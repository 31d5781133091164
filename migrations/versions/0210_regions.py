"""The regions of both sides of an award: the sponsor's with the challenge, the winner's with the award.

Challenges that have opened and awards that are decided get the regions that organisations and people have now.
"""

from alembic import op

revision = "0210"
down_revision = "0209"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE challenge ADD COLUMN region_id bigint CONSTRAINT fk_challenge_region_id REFERENCES term (id);
CREATE INDEX ix_challenge_region_id ON challenge (region_id);
ALTER TABLE award ADD COLUMN region_id bigint CONSTRAINT fk_award_region_id REFERENCES term (id);
CREATE INDEX ix_award_region_id ON award (region_id);
"""
FILL = """
UPDATE challenge SET region_id = o.region_id FROM organisation AS o
    WHERE o.id = challenge.organisation_id AND challenge.origin = 'platform' AND challenge.published_at IS NOT NULL
        AND o.region_id IS NOT NULL;
UPDATE award SET region_id = CASE WHEN p.organisation_id IS NULL THEN u.region_id ELSE o.region_id END
    FROM proposal AS p JOIN "user" AS u ON u.id = p.user_id LEFT JOIN organisation AS o ON o.id = p.organisation_id
    WHERE p.id = award.proposal_id AND award.state <> 'selected';
"""
DOWN = """
ALTER TABLE award DROP COLUMN region_id;
ALTER TABLE challenge DROP COLUMN region_id;
"""


def upgrade() -> None:
    op.execute(UP)
    op.execute(FILL)


def downgrade() -> None:
    op.execute(DOWN)
