"""Kinds of criteria with decimals, scores that a proposal must reach; types and tiers; registrations to confirm."""

from alembic import op

revision = "0219"
down_revision = "0216"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE criterion
    DROP CONSTRAINT ck_criterion_scale,
    ALTER COLUMN scale TYPE numeric(7, 2),
    ADD COLUMN kind varchar(24) DEFAULT 'points' NOT NULL
        CONSTRAINT ck_criterion_criterionkind CHECK (kind IN ('points', 'rating', 'yes_no')),
    ADD COLUMN step numeric(7, 2) DEFAULT 1 NOT NULL,
    ADD COLUMN labels text[] DEFAULT '{}' NOT NULL,
    ADD COLUMN anchors text[] DEFAULT '{}' NOT NULL,
    ADD COLUMN comment_required boolean DEFAULT false NOT NULL,
    ADD COLUMN passing numeric(5, 2) CONSTRAINT ck_criterion_passing CHECK (passing > 0 AND passing <= 100),
    ADD CONSTRAINT ck_criterion_scale CHECK (scale > 0 AND scale <= 100),
    ADD CONSTRAINT ck_criterion_step CHECK (step > 0 AND step <= scale),
    ADD CONSTRAINT ck_criterion_labels CHECK ((kind = 'rating') = (cardinality(labels) > 0));
ALTER TABLE criterion
    ALTER COLUMN kind DROP DEFAULT, ALTER COLUMN step DROP DEFAULT, ALTER COLUMN labels DROP DEFAULT,
    ALTER COLUMN anchors DROP DEFAULT, ALTER COLUMN comment_required DROP DEFAULT;
ALTER TABLE registration
    ADD COLUMN confirmation varchar(24) DEFAULT 'not_needed' NOT NULL
        CONSTRAINT ck_registration_confirmation
            CHECK (confirmation IN ('not_needed', 'awaited', 'confirmed', 'refused')),
    ADD COLUMN confirmation_reason text DEFAULT '' NOT NULL;
ALTER TABLE registration
    ALTER COLUMN confirmation DROP DEFAULT, ALTER COLUMN confirmation_reason DROP DEFAULT;
CREATE INDEX ix_registration_awaited ON registration (accepted_at, id) WHERE confirmation = 'awaited';
ALTER TABLE score ALTER COLUMN points TYPE numeric(7, 2);
ALTER TABLE challenge
    ADD COLUMN tier_id bigint CONSTRAINT fk_challenge_tier_id REFERENCES term (id),
    ADD COLUMN passing_score numeric(5, 2)
        CONSTRAINT ck_challenge_passing_score CHECK (passing_score > 0 AND passing_score <= 100);
CREATE INDEX ix_challenge_tier_id ON challenge (tier_id);
-- Until now every challenge of this platform followed the rules of a prize, whatever its type was.
UPDATE challenge SET type = 'prize' WHERE origin = 'platform' AND type <> 'prize';
UPDATE challenge SET rules = rules || '{"verified_only": 0, "centre_confirms": 0}' WHERE rules IS NOT NULL;
"""
DOWN = """
ALTER TABLE registration DROP COLUMN confirmation, DROP COLUMN confirmation_reason;
UPDATE challenge SET rules = rules - 'verified_only' - 'centre_confirms' WHERE rules IS NOT NULL;
ALTER TABLE challenge DROP COLUMN passing_score, DROP COLUMN tier_id;
ALTER TABLE score ALTER COLUMN points TYPE bigint;
ALTER TABLE criterion
    DROP CONSTRAINT ck_criterion_step,
    DROP COLUMN kind, DROP COLUMN step, DROP COLUMN labels, DROP COLUMN anchors, DROP COLUMN comment_required,
    DROP COLUMN passing, ALTER COLUMN scale TYPE bigint,
    DROP CONSTRAINT ck_criterion_scale, ADD CONSTRAINT ck_criterion_scale CHECK (scale BETWEEN 1 AND 100);
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(UP)


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(DOWN)
