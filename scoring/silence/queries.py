"""Reads of decisions that are awaited."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from challenges.deciding import Silence
from challenges.models import Challenge
from challenges.rules import rules_of
from challenges.silence import reminders
from challenges.workflow import ChallengeState
from crowd.db import db


@dataclass(frozen=True, slots=True)
class Reminder:
    """The decision about a challenge is due `at`; `centre`: it is the service centre's turn. `before` names it among
    the reminders of this date.
    """

    challenge: Challenge
    at: datetime
    centre: bool
    before: int


def silent(now: datetime, limit: int) -> list[int]:
    """The challenges for which the contract's consequence of silence is due, the most overdue first."""
    query = sa.select(Challenge.id).where(Challenge.state == ChallengeState.JUDGING, Challenge.silence_at <= now)
    return list(db.session.scalars(query.order_by(Challenge.silence_at).limit(limit)))


def reminders_due(now: datetime) -> Iterator[Reminder]:
    """The reminders whose time has come, for dates that have not."""
    query = sa.select(Challenge).where(
        Challenge.state == ChallengeState.JUDGING,
        Challenge.panel_formed_at.is_not(None),
        sa.func.coalesce(Challenge.silence_at, Challenge.decision_due_at) > now,
    )
    for challenge in db.session.scalars(query.order_by(Challenge.id)):
        due, last = challenge.decision_due_at, challenge.silence_at
        centre = challenge.silence == Silence.CENTRE and due is not None and due <= now
        at = last if centre else due
        passed = [
            before
            for before in reminders(rules_of(challenge).decision_reminder_days)
            if at is not None and at - before <= now < at
        ]
        if passed and at is not None:
            yield Reminder(challenge, at, centre, int(min(passed).total_seconds()))
