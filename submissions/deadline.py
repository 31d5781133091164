"""The sentence that says why a challenge accepts nothing at a time, and how late a request was."""

from datetime import datetime

from flask_babel import lazy_gettext as _

from challenges.models import Challenge
from challenges.workflow import CLOSED, ChallengeState
from crowd.errors import Sentence


def refusal(challenge: Challenge, now: datetime) -> Sentence:
    """The sentence for a person whose request arrived at `now` and was rejected."""
    over = challenge.state in CLOSED or challenge.state == ChallengeState.OPEN
    if over and challenge.closes_at is not None and now >= challenge.closes_at:
        return _(
            "The challenge closed on %(instant)s; this came %(late)s later. Your draft was kept as it was last "
            "saved, and what had been submitted by then stays submitted.",
            instant=challenge.closes_at,
            late=now - challenge.closes_at,
        )
    if challenge.state in CLOSED:
        return _(
            "The challenge was closed %(grace)s after its closing date. This came before that date, but could not be"
            " dealt with in time. Your draft was kept as it was last saved.",
            grace=challenge.grace,
        )
    if challenge.state == ChallengeState.CANCELLED:
        return _("The challenge was cancelled. What you wrote was kept and stays hidden from others.")
    return _("This challenge does not take proposals at present. What you wrote before was kept.")
