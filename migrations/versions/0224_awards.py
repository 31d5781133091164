"""Settlement award by award: each award has its fee, fixed at the decision, and when it was paid.

What is paid keeps the fee that was posted. What is published and not paid gets the fee that the settlement would have
calculated: what an award adds to the fee on all before it.
"""

from alembic import context, op

revision = "0224"
down_revision = "0221"
branch_labels = None
depends_on = None

UP = """
ALTER TABLE award ADD COLUMN fee bigint, ADD COLUMN paid_at timestamptz;
"""
FEES = """
UPDATE award SET fee = summed.upto - summed.before FROM (
    SELECT id, ((sum(amount) OVER way)::bigint * points + 5000) / 10000 AS upto,
           (((sum(amount) OVER way)::bigint - amount) * points + 5000) / 10000 AS before
    FROM (SELECT award.id, award.amount::bigint AS amount, award.challenge_id, challenge.fee_basis_points AS points,
                 prize.position AS prize_position, award.position
          FROM award JOIN challenge ON challenge.id = award.challenge_id JOIN prize ON prize.id = award.prize_id
          WHERE award.state <> 'selected') AS published
    WINDOW way AS (PARTITION BY challenge_id ORDER BY prize_position, position, id
                   ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
) AS summed WHERE summed.id = award.id;
UPDATE award SET fee = coalesce(posted.fee, 0), paid_at = posted.at FROM (
    SELECT t.subject_id AS id, t.created_at AS at, sum(p.amount) FILTER (WHERE account.kind = 'fee') AS fee
    FROM transfer t JOIN posting p ON p.transfer_id = t.id JOIN ledger_account account ON account.id = p.target_id
    WHERE t.kind = 'award' AND t.key = 'award:' || t.subject_id GROUP BY t.id
) AS posted WHERE posted.id = award.id AND award.state = 'posted';
UPDATE award SET paid_at = challenge.settled_at FROM challenge
WHERE challenge.id = award.challenge_id AND award.state = 'posted' AND award.paid_at IS NULL;
ALTER TABLE award ADD CONSTRAINT ck_award_fee CHECK (fee >= 0),
    ADD CONSTRAINT ck_award_fee_fixed CHECK ((state = 'selected') = (fee IS NULL)),
    ADD CONSTRAINT ck_award_paid CHECK ((state = 'posted') = (paid_at IS NOT NULL));
"""
DOWN = """
ALTER TABLE award DROP COLUMN fee, DROP COLUMN paid_at;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(UP + FEES)


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(DOWN)
