"""What challenges add up to by month, for the page of statistics; the totals of results are sums of it."""

import sqlalchemy as sa
from alembic import context, op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COLUMNS = (
    "opened", "closed", "proposals", "decided", "rewarded", "settled", "cancelled", "stopped", "funded", "awarded",
    "paid", "fees", "refunded", "decision_seconds", "payment_seconds",
)  # fmt: skip
# Each act so far, with the columns that it counts in.
ACTS = (
    ("published_at", "origin = 'platform'", {"opened": "1"}),
    ("closed_at", "origin = 'platform'", {"closed": "1", "proposals": "proposals_count"}),
    (
        "decided_at",
        "true",
        {
            "decided": "1",
            "rewarded": "(SELECT (count(*) > 0)::int FROM award WHERE challenge_id = challenge.id)",
            "awarded": "(SELECT coalesce(sum(amount), 0) FROM award WHERE challenge_id = challenge.id)",
            "decision_seconds": "floor(extract(epoch FROM decided_at - closed_at))",
        },
    ),
    ("settled_at", "true", {"settled": "1", "payment_seconds": "floor(extract(epoch FROM settled_at - decided_at))"}),
    ("cancelled_at", "published_at IS NOT NULL AND closed_at IS NULL", {"cancelled": "1"}),
    ("cancelled_at", "published_at IS NOT NULL AND closed_at IS NOT NULL", {"stopped": "1"}),
)
MONEY = """
SELECT t.created_at AS at, p.currency, {columns}
FROM transfer t JOIN posting p ON p.transfer_id = t.id JOIN pot ON pot.id = p.target_id
WHERE t.move IN ('fund', 'award', 'refund') AND t.reverses_id IS NULL
"""
MOVED = {
    "funded": "CASE WHEN t.move = 'fund' THEN p.amount ELSE 0 END",
    "paid": "CASE WHEN t.move = 'award' AND pot.kind = 'payable' THEN p.amount ELSE 0 END",
    "fees": "CASE WHEN t.move = 'award' AND pot.kind = 'fee' THEN p.amount ELSE 0 END",
    "refunded": "CASE WHEN t.move = 'refund' THEN p.amount ELSE 0 END",
}


def _row(counts: dict[str, str]) -> str:
    return ", ".join(f"{counts.get(name, '0')} AS {name}" for name in COLUMNS)


def _acts() -> str:
    """Every act and every move of an escrow's money, as rows of `at`, `currency` and all columns."""
    parts = [
        f"SELECT {at} AS at, currency, {_row(counts)} FROM challenge WHERE {at} IS NOT NULL AND {condition}"
        for at, condition, counts in ACTS
    ]
    return " UNION ALL ".join([*parts, MONEY.format(columns=_row(MOVED))])


MONTHS = f"""
INSERT INTO month_total (month, currency, {", ".join(COLUMNS)})
SELECT date_trunc('month', at AT TIME ZONE 'UTC')::date, currency, {", ".join(f"sum({name})" for name in COLUMNS)}
FROM ({_acts()}) AS acts GROUP BY 1, 2 ORDER BY 1, 2
"""


def upgrade() -> None:
    op.create_table(
        "month_total",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COLUMNS),
        sa.PrimaryKeyConstraint("month", "currency", name=op.f("pk_month_total")),
    )
    op.execute(MONTHS)
    op.drop_table("result_total")
    role = context.config.attributes["app_role"]
    quoted = op.get_bind().dialect.identifier_preparer.quote(role)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON month_total TO {quoted}")


def downgrade() -> None:
    op.create_table(
        "result_total",
        sa.Column("currency", sa.String(length=3), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("decisions", "awarded", "paid")),
        sa.PrimaryKeyConstraint("currency", name=op.f("pk_result_total")),
    )
    op.execute(
        "INSERT INTO result_total SELECT currency, sum(decided), sum(awarded), sum(paid) FROM month_total "
        "GROUP BY currency HAVING sum(decided) > 0"
    )
    op.drop_table("month_total")
