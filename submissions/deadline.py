"""Sentences: why a challenge accepts nothing at a time, and how late a request was."""

from datetime import datetime, timedelta

from flask_babel import format_decimal, format_timedelta
from flask_babel import gettext as _

from challenges.models import Challenge
from challenges.workflow import CLOSED, ChallengeState
from crowd.web.templating import instant


def refusal(challenge: Challenge, now: datetime) -> str:
    """The sentence for a person whose request arrived at `now` and was rejected."""
    over = challenge.state in CLOSED or challenge.state == ChallengeState.OPEN
    if over and challenge.closes_at is not None and now >= challenge.closes_at:
        return _(
            "The challenge closed at %(instant)s; this came %(late)s later. Your draft was kept as it was last "
            "saved, and what had been submitted by then stays submitted.",
            instant=str(instant(challenge.closes_at)),
            late=how_long(now - challenge.closes_at),
        )
    if challenge.state in CLOSED:
        return _(
            "The challenge was closed %(grace)s after its closing date. This came before that date, but could not be"
            " dealt with in time. Your draft was kept as it was last saved.",
            grace=how_long(challenge.grace),
        )
    if challenge.state == ChallengeState.CANCELLED:
        return _("The challenge was cancelled. What you wrote was kept and stays hidden from others.")
    return _("This challenge does not take proposals at present. What you wrote before was kept.")


def how_long(late: timedelta) -> str:
    """A length of time, to the thousandth below a minute: `0.412 seconds`, `3 hours`."""
    seconds = late.total_seconds()
    if seconds >= 60:
        return format_timedelta(late, threshold=1.5)
    return _("%(number)s seconds", number=format_decimal(max(seconds, 0.001), "0.###"))
