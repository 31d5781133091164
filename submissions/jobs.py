"""Jobs about proposals."""

from crowd import background
from crowd.audit import SYSTEM
from submissions.acceptance import services as acceptance
from submissions.participation import services as participants


@background.job("registrations.notify_closed", lease=300)
def notify_closed(challenge_id: int, round_id: int | None = None) -> dict[str, object]:
    """Notify all participants of a challenge that a round has closed; jobs of before 0.3.0 name none."""
    return participants.notify_participants(SYSTEM, challenge_id, kind="closed", round_id=round_id)


@background.job("registrations.notify_cancelled", lease=300)
def notify_cancelled(challenge_id: int) -> dict[str, object]:
    """Notify all participants of a challenge that was cancelled."""
    return participants.notify_participants(SYSTEM, challenge_id, kind="cancelled")


@background.job("proposals.remind_drafts", lease=300)
def remind_drafts(challenge_id: int) -> dict[str, object]:
    """A day before the close, notify authors whose proposal is still a draft."""
    return participants.remind(SYSTEM, challenge_id)


@background.job("registrations.notify_amended", lease=300)
def notify_amended(challenge_id: int, number: int) -> dict[str, object]:
    """Notify all registered people of a version of the contract that is in force."""
    return acceptance.notify_amended(SYSTEM, challenge_id, number)


@background.job("proposals.remind_acceptance", lease=300)
def remind_acceptance(challenge_id: int, turn: int) -> dict[str, object]:
    """Remind the people of proposals for which nobody has accepted the contract in force."""
    return acceptance.remind(SYSTEM, challenge_id, turn)


@background.job("registrations.notify_news", lease=300)
def notify_news(challenge_id: int, what: str, number: int) -> dict[str, object]:
    """Notify all registered people of an answer or an update."""
    return participants.notify_news(SYSTEM, challenge_id, what, number)
