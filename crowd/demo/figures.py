"""The totals of a scenario: counts, balances, reputation. The same seed gives the same totals.

They do not depend on the time of the run, so the totals of two runs can be compared directly.
"""

import hashlib
import json
from typing import Any

import sqlalchemy as sa

from challenges.models import Challenge, Origin
from challenges.workflow import ChallengeState
from crowd.accounts.models import Organisation, User
from crowd.audit import AuditEvent
from crowd.cases.models import Case
from crowd.db import Base, db
from crowd.ledger.models import Deposit, LedgerAccount, Posting, Transfer
from crowd.ledger.payouts.models import Payout
from scoring import queries as scoring
from scoring.models import Assignment, Award, Panel, ReputationEvent
from submissions.models import Proposal

JUDGED = (ChallengeState.JUDGING, ChallengeState.DECIDED, ChallengeState.SETTLED)


def load() -> dict[str, Any]:
    """Counts by kind and state, money by kind of ledger account and currency, every ranking; and a digest of
    all of it.
    """
    found = {
        "challenges": challenges(),
        "counts": {
            "people": _count(User),
            "organisations": _count(Organisation),
            "proposals": _by(Proposal.state),
            "assignments": _by(Assignment.state),
            "awards": _by(Award.state),
            "deposits": _by(Deposit.state),
            "payouts": _by(Payout.state),
            "transfers": _by(Transfer.kind),
            "acts": _by(AuditEvent.action),
        },
        "cases": cases(),
        "balances": _balances(),
        "panels": _panels(),
        "standings": _standings(),
        "reputation": _reputation(),
    }
    text = json.dumps(found, ensure_ascii=False, sort_keys=True)
    return found | {"digest": hashlib.sha256(text.encode()).hexdigest()}


def challenges() -> dict[str, int]:
    """Challenges posted here by state, drafts included."""
    query = sa.select(Challenge.state, sa.func.count()).where(Challenge.origin == Origin.PLATFORM)
    return {str(state): number for state, number in db.session.execute(query.group_by(Challenge.state)).all()}


def cases() -> dict[str, int]:
    """Cases by kind."""
    return _by(Case.kind)


def _count(table: type[Base]) -> int:
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def _by(column: Any) -> dict[str, int]:
    query = sa.select(column, sa.func.count()).group_by(column).order_by(column)
    return {str(value): number for value, number in db.session.execute(query).all()}


def _balances() -> dict[str, int]:
    """Minor units by kind of ledger account and currency, summed from the postings."""
    amount = sa.case((Posting.target_id == LedgerAccount.id, Posting.amount), else_=-Posting.amount)
    query = (
        sa.select(LedgerAccount.kind, LedgerAccount.currency, sa.func.sum(amount))
        .join(Posting, sa.or_(Posting.source_id == LedgerAccount.id, Posting.target_id == LedgerAccount.id))
        .group_by(LedgerAccount.kind, LedgerAccount.currency)
        .order_by(LedgerAccount.kind, LedgerAccount.currency)
    )
    return {f"{kind} {currency}": int(total) for kind, currency, total in db.session.execute(query).all()}


def _panels() -> dict[str, list[str]]:
    """By challenge, the reviewers' email addresses in the order of their assignments."""
    query = (
        sa.select(Challenge.title, sa.func.array_agg(sa.distinct(User.email)))
        .join(Panel, Panel.challenge_id == Challenge.id)
        .join(Assignment, Assignment.challenge_id == Challenge.id)
        .join(User, User.id == Assignment.reviewer_id)
        .group_by(Challenge.id)
        .order_by(Challenge.id)
    )
    return {title: sorted(emails) for title, emails in db.session.execute(query).all()}


def _standings() -> dict[str, list[list[object]]]:
    """By challenge, [rank, mean to three places, reviews, title] of each proposal, best first."""
    judged = sa.select(Challenge.id, Challenge.title).where(Challenge.state.in_(JUDGED)).order_by(Challenge.id)
    rows = db.session.execute(judged.where(Challenge.origin == Origin.PLATFORM)).all()
    return {title: [_line(standing) for standing in scoring.ranked(number)] for number, title in rows}


def _line(standing: scoring.RankingRow) -> list[object]:
    rank = standing.ranked
    mean = None if rank.mean is None else round(rank.mean, 3)
    return [rank.rank, mean, len(rank.totals), standing.title]


def _reputation() -> dict[str, int]:
    """Points by kind of event."""
    query = sa.select(ReputationEvent.kind, sa.func.sum(ReputationEvent.points)).group_by(ReputationEvent.kind)
    return {str(kind): int(points) for kind, points in db.session.execute(query.order_by(ReputationEvent.kind)).all()}
