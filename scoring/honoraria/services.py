"""The payment of reviewers' fees, as the platform."""

from collections import Counter

from challenges import queries as challenges
from challenges.models import Challenge
from challenges.monthly_totals import add_to_month
from crowd import clock
from crowd.audit import Actor, record
from crowd.db import atomic
from crowd.ledger import transfers
from crowd.values import count, money
from scoring import policy
from scoring.honoraria import notifications, queries


@atomic
def pay(actor: Actor, challenge_id: int) -> int:
    """Pay the fees of a decided challenge; returns how many reviews were paid. A second call pays nothing."""
    challenge = challenges.access(actor, challenge_id, to=policy.can_run, lock=True)
    return pay_earned(actor, challenge) if challenge.has_results else 0


@atomic
def pay_earned(actor: Actor, challenge: Challenge) -> int:
    """Pay each review of the challenge, whose row is locked, that came in time and is not paid; returns how many."""
    rows, now = queries.to_pay(challenge.id), clock.db_now()
    amounts, numbers = Counter[int](), Counter[int]()
    for row in rows:
        transfers.honorarium(
            actor, row.id, challenge_id=challenge.id, currency=challenge.currency, user_id=row.reviewer_id,
            amount=row.fee,
        )  # fmt: skip
        row.fee_paid_at = now
        amounts[row.reviewer_id] += row.fee
        numbers[row.reviewer_id] += 1
    if not rows:
        return 0
    whole = amounts.total()
    add_to_month(challenge, now, honoraria=whole)
    record(actor, "honoraria.paid", challenge, reviews_paid=count(len(rows)), amount=money(whole, challenge.currency))
    first = {row.reviewer_id: row.id for row in reversed(rows)}
    for reviewer_id, amount in amounts.items():
        notifications.earned(
            challenge, reviewer_id, first=first[reviewer_id], amount=amount, number=numbers[reviewer_id]
        )
    notifications.spent(challenge, first=rows[0].id, amount=whole, number=len(rows))
    return len(rows)
