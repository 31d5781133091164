"""What is counted of a challenge, day by day."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from challenges import followers
from challenges.discussion.models import ChallengeQuestion
from challenges.discussion.workflow import PUBLIC
from challenges.invitations.models import ChallengeInvitation
from challenges.models import Challenge
from crowd.audit import AuditEvent
from crowd.db import db
from crowd.errors import Sentence
from crowd.following.models import Follow
from submissions.models import Proposal, Registration

MAX_DAYS = 62  # a longer time is counted by the week
WEEK = 7
Times = Callable[[int], sa.Select[datetime] | sa.Select[datetime | None]]  # the instants of a challenge


@dataclass(frozen=True, slots=True)
class Series:
    """One thing that is counted. What is `sealed` is counted once the challenge has closed."""

    name: str
    label: Sentence
    times: Times
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """A series by period: how many in each, in order."""

    series: Series
    numbers: Sequence[int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.numbers)


@dataclass(frozen=True, slots=True)
class CountsByDay:
    """Everything that is counted, from the opening on; `step` is the length of a period in days."""

    days: Sequence[date]
    step: int
    counts: Sequence[Count]


def _registered(challenge_id: int) -> sa.Select[datetime]:
    """Of those who are registered, when they did: an acceptance of a changed contract is no registration."""
    began = sa.and_(
        AuditEvent.subject_type == Registration.__tablename__,
        AuditEvent.subject_id == Registration.id,
        AuditEvent.action == "registration.created",
    )
    found = sa.select(AuditEvent.at).join(Registration, began)
    return found.where(Registration.challenge_id == challenge_id, AuditEvent.challenge_id == challenge_id)


def _asked(challenge_id: int) -> sa.Select[datetime | None]:
    shown = ChallengeQuestion.state.in_(PUBLIC)
    return sa.select(ChallengeQuestion.moderated_at).where(ChallengeQuestion.challenge_id == challenge_id, shown)


def _followed(challenge_id: int) -> sa.Select[datetime]:
    subject = sa.and_(Follow.subject_type == followers.CHALLENGE, Follow.subject_id == challenge_id)
    return sa.select(Follow.created_at).where(subject)


def _invited(challenge_id: int) -> sa.Select[datetime | None]:
    sent = ChallengeInvitation.sent_at.is_not(None)
    return sa.select(ChallengeInvitation.sent_at).where(ChallengeInvitation.challenge_id == challenge_id, sent)


def _begun(challenge_id: int) -> sa.Select[datetime]:
    return sa.select(Proposal.created_at).where(Proposal.challenge_id == challenge_id)


SERIES = (
    Series("registrations", _l("Registrations"), _registered),
    Series("questions", _l("Questions published"), _asked),
    Series("followers", _l("Followers"), _followed),
    Series("invitations", _l("Invitations sent"), _invited),
    Series("drafts", _l("Proposals begun"), _begun, sealed=True),
)


def numbers_of(challenge: Challenge, now: datetime) -> CountsByDay:
    """The counts of a published challenge, in days of its time zone, until now or until it was decided."""
    assert challenge.published_at is not None
    zone = ZoneInfo(challenge.time_zone)
    first = challenge.published_at.astimezone(zone).date()
    last = max((challenge.decided_at or challenge.cancelled_at or now).astimezone(zone).date(), first)
    step = 1 if (last - first).days < MAX_DAYS else WEEK
    days = [first + timedelta(days=day) for day in range(0, (last - first).days + 1, step)]
    shown = [series for series in SERIES if challenge.closed_at is not None or not series.sealed]
    counts = []
    for series in shown:
        dates = (at.astimezone(zone).date() for at in db.session.scalars(series.times(challenge.id)) if at)
        found = Counter(min(max((day - first).days, 0) // step, len(days) - 1) for day in dates)
        counts.append(Count(series, [found[place] for place in range(len(days))]))
    return CountsByDay(days, step, counts)
