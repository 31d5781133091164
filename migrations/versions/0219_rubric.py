"""Kinds of criteria with decimals, and scores that a proposal must reach."""

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
ALTER TABLE score ALTER COLUMN points TYPE numeric(7, 2);
ALTER TABLE challenge ADD COLUMN passing_score numeric(5, 2)
    CONSTRAINT ck_challenge_passing_score CHECK (passing_score > 0 AND passing_score <= 100);
"""
DOWN = """
ALTER TABLE challenge DROP COLUMN passing_score;
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
