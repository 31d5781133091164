"""Jobs about proposals."""

from crowd import background
from crowd.audit import SYSTEM
from submissions import services


@background.job("registrations.notify_closed", lease=300)
def notify_closed(challenge_id: int) -> dict[str, object]:
    """Notify all participants of a challenge that has closed."""
    return services.notify_participants(SYSTEM, challenge_id, kind="closed")


@background.job("registrations.notify_cancelled", lease=300)
def notify_cancelled(challenge_id: int) -> dict[str, object]:
    """Notify all participants of a challenge that was cancelled."""
    return services.notify_participants(SYSTEM, challenge_id, kind="cancelled")


@background.job("proposals.remind_drafts", lease=300)
def remind_drafts(challenge_id: int) -> dict[str, object]:
    """A day before the close, notify authors whose proposal is still a draft."""
    return services.remind(SYSTEM, challenge_id)
