"""Jobs about proposals."""

from typing import Any

from crowd import background
from crowd.audit import SYSTEM
from submissions import services


@background.job("registrations.notify_closed", lease=300)
def notify_closed(challenge_id: int) -> dict[str, Any]:
    """Notify all participants of a challenge that has closed."""
    return services.notify_participants(SYSTEM, challenge_id, kind="closed")


@background.job("registrations.notify_cancelled", lease=300)
def notify_cancelled(challenge_id: int) -> dict[str, Any]:
    """Notify all participants of a challenge that was cancelled."""
    return services.notify_participants(SYSTEM, challenge_id, kind="cancelled")


@background.job("proposals.remind_drafts", lease=300)
def remind_drafts(challenge_id: int) -> dict[str, Any]:
    """A day before the close, notify authors whose proposal is still a draft."""
    return services.remind(SYSTEM, challenge_id)
