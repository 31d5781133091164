"""The entries of challenges' feeds."""

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from challenges.history import HistoryEntry
from challenges.models import Challenge, Origin
from challenges.workflow import ChallengeState
from crowd.feeds.atom import FeedEntry
from crowd.feeds.calendars import Deadline
from crowd.values import money
from crowd.web.values import show


def listed(challenge: Challenge) -> FeedEntry:
    """A challenge in the feed of the list: new when it was published here, updated with each transition."""
    shown_at = challenge.created_at if challenge.origin == Origin.EXTERNAL else challenge.published_at
    prize = show(money(challenge.prize_total, challenge.currency)) if challenge.prize_total else ""
    return FeedEntry(
        title=challenge.title,
        path=url_for("challenges.show", challenge_id=challenge.id),
        updated_at=max(challenge.changed_at, shown_at or challenge.changed_at),
        published_at=shown_at,
        summary=" · ".join(filter(None, [prize, challenge.summary])),
        author=challenge.organisation.name,
        language=challenge.language,
    )


def happened(challenge: Challenge, one: HistoryEntry) -> FeedEntry:
    """An entry of a challenge's history, as everybody sees it."""
    parts = [str(show(part)) for part in (one.result, one.reason) if part]
    return FeedEntry(
        title=one.label,
        path=url_for("challenges.history", challenge_id=challenge.id),
        updated_at=one.at,
        summary=" · ".join(parts),
        author=one.organ,
        key=f"{one.action}-{int(one.at.timestamp())}",
    )


def dates(challenge: Challenge) -> Iterator[Deadline]:
    """The dates of a challenge: those that are past or fixed, and the planned ones."""
    judged = challenge.decided_at is not None
    cancelled = challenge.state == ChallengeState.CANCELLED
    for what, at, words, planned in (
        ("opens", challenge.opens_at, _("Opens"), False),
        ("closes", challenge.closes_at, _("Closes"), False),
        ("decision", None if judged else challenge.decision_due_at, _("Decision due"), True),
        ("decided", challenge.decided_at, _("Decided"), False),
        ("appeals", challenge.appeals_until, _("Appeal period until"), False),
    ):
        if at is not None:
            yield _date(challenge, what, at, words, planned=planned, cancelled=cancelled)


def _date(
    challenge: Challenge, what: str, at: datetime, words: str, *, planned: bool = False, cancelled: bool = False
) -> Deadline:
    return Deadline(
        key=f"challenge-{challenge.id}-{what}",
        at=at,
        summary=_("%(what)s: %(challenge)s", what=words, challenge=challenge.title),
        path=url_for("challenges.show", challenge_id=challenge.id),
        changed_at=challenge.changed_at,
        description=challenge.summary,
        planned=planned,
        cancelled=cancelled,
    )
