"""The decision clock: equal means, what follows from silence, reviewers' fees.

What has opened, or is approved, keeps the rule by which the service centre or the council may decide.
"""

from alembic import op

revision = "0220"
down_revision = "0217"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE challenge
    ADD COLUMN tie_rule varchar(24) DEFAULT 'sponsor' NOT NULL,
    ADD COLUMN silence varchar(24) DEFAULT 'centre' NOT NULL,
    ADD COLUMN centre_silence varchar(24) DEFAULT 'ranking' NOT NULL,
    ADD COLUMN silence_at timestamptz,
    ADD COLUMN review_fee bigint DEFAULT 0 NOT NULL,
    ADD COLUMN review_fee_cap bigint,
    ADD COLUMN honoraria bigint DEFAULT 0 NOT NULL,
    ADD CONSTRAINT ck_challenge_honoraria CHECK (review_fee >= 0 AND honoraria >= 0),
    ADD CONSTRAINT ck_challenge_tierule CHECK (tie_rule IN ('sponsor', 'share', 'earliest')),
    ADD CONSTRAINT ck_challenge_silence CHECK (silence IN ('centre_or_council', 'centre', 'ranking', 'refund')),
    ADD CONSTRAINT ck_challenge_aftercentre CHECK (centre_silence IN ('ranking', 'refund'));
UPDATE challenge SET silence = 'centre_or_council' WHERE state <> 'draft';
UPDATE challenge SET rules = rules || '{"centre_decision_days": 0, "decision_reminder_days": 0}' WHERE rules IS NOT NULL;
ALTER TABLE challenge ALTER COLUMN tie_rule DROP DEFAULT, ALTER COLUMN silence DROP DEFAULT,
    ALTER COLUMN centre_silence DROP DEFAULT, ALTER COLUMN review_fee DROP DEFAULT,
    ALTER COLUMN honoraria DROP DEFAULT;
ALTER TABLE monthly_total ADD COLUMN honoraria bigint DEFAULT 0 NOT NULL;
ALTER TABLE monthly_total ALTER COLUMN honoraria DROP DEFAULT;
ALTER TABLE assignment
    ADD COLUMN fee bigint DEFAULT 0 NOT NULL,
    ADD COLUMN fee_paid_at timestamptz,
    ADD CONSTRAINT ck_assignment_fee CHECK (fee >= 0);
ALTER TABLE assignment ALTER COLUMN fee DROP DEFAULT;
CREATE INDEX ix_challenge_silence_at ON challenge (silence_at) WHERE state = 'judging';
ALTER TABLE award
    ALTER COLUMN selected_by DROP NOT NULL,
    ALTER COLUMN position DROP NOT NULL,
    ADD COLUMN tie_rank bigint,
    ADD CONSTRAINT ck_award_place CHECK (position IS NOT NULL OR tie_rank IS NOT NULL);
"""
DOWN = """
ALTER TABLE award
    DROP COLUMN tie_rank,
    ALTER COLUMN position SET NOT NULL,
    ALTER COLUMN selected_by SET NOT NULL;
UPDATE challenge SET rules = rules - 'centre_decision_days' - 'decision_reminder_days' WHERE rules IS NOT NULL;
ALTER TABLE assignment DROP COLUMN fee_paid_at, DROP COLUMN fee;
ALTER TABLE monthly_total DROP COLUMN honoraria;
ALTER TABLE challenge
    DROP COLUMN honoraria, DROP COLUMN review_fee_cap, DROP COLUMN review_fee, DROP COLUMN silence_at, DROP COLUMN centre_silence, DROP COLUMN silence, DROP COLUMN tie_rule;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(UP)


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(DOWN)
