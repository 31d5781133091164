"""Stored totals and ranks once more, from all that has happened: SQL of its own, so that an error in one shows."""

import sqlalchemy as sa

from crowd.db import db

# As `scoring.ranking.rank` has it: means to a millionth, equal means share a rank.
RANKS = """
SELECT challenge_id, id, CASE WHEN mean IS NOT NULL THEN
           rank() OVER (PARTITION BY challenge_id ORDER BY mean DESC NULLS LAST) END, mean, low, high, reviews
FROM (SELECT p.challenge_id, p.id, p.submitted_at, round(avg(r.total)::numeric, 6)::double precision AS mean,
             min(r.total) AS low, max(r.total) AS high, count(r.id) AS reviews
      FROM proposal p JOIN challenge c ON c.id = p.challenge_id
      LEFT JOIN assignment a ON a.proposal_id = p.id AND a.state = 'done'
      LEFT JOIN review r ON r.assignment_id = a.id AND r.submitted_at IS NOT NULL
      WHERE p.state = 'submitted' AND c.state IN ('decided', 'settled') GROUP BY p.id) AS means
ORDER BY challenge_id, mean DESC NULLS LAST, submitted_at, id
"""
COLUMNS = (
    "opened", "closed", "proposals", "decided", "rewarded", "settled", "cancelled", "stopped", "funded", "awarded",
    "paid", "fees", "refunded", "decision_seconds", "payment_seconds",
)  # fmt: skip
# Each event of a challenge, with the columns in which it counts.
EVENTS = (
    ("published_at", "origin = 'platform'", {"opened": "1"}),
    (
        "closed_at",
        "origin = 'platform'",
        {"closed": "1", "proposals": "(SELECT proposals FROM challenge_count WHERE challenge_id = challenge.id)"},
    ),
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
MONEY = {
    "funded": "CASE WHEN t.kind = 'fund' THEN p.amount ELSE 0 END",
    "paid": "CASE WHEN t.kind = 'award' AND a.kind = 'payable' THEN p.amount ELSE 0 END",
    "fees": "CASE WHEN t.kind = 'award' AND a.kind = 'fee' THEN p.amount ELSE 0 END",
    "refunded": "CASE WHEN t.kind = 'refund' THEN p.amount ELSE 0 END",
}


def ranks() -> list[sa.Row[tuple[object, ...]]]:
    """(challenge, proposal, rank, mean, low, high, reviews) of all that is decided, best first."""
    return list(db.session.execute(sa.text(RANKS)))


def totals() -> dict[str, int]:
    """Each column of the monthly totals, over all months and currencies."""
    parts = [f"SELECT {_row(counts)} FROM challenge WHERE {at} IS NOT NULL AND {rule}" for at, rule, counts in EVENTS]
    money = f"""SELECT {_row(MONEY)} FROM transfer t
        JOIN posting p ON p.transfer_id = t.id JOIN ledger_account a ON a.id = p.target_id
        WHERE t.kind IN ('fund', 'award', 'refund') AND t.reverses_id IS NULL"""
    sums = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in COLUMNS)
    row = db.session.execute(sa.text(f"SELECT {sums} FROM ({' UNION ALL '.join([*parts, money])}) AS events")).one()
    return {name: int(number) for name, number in row._mapping.items()}


def _row(counts: dict[str, str]) -> str:
    return ", ".join(f"{counts.get(name, '0')} AS {name}" for name in COLUMNS)
