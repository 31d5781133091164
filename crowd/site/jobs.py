"""Jobs of the platform itself, which belong to no package."""

from datetime import timedelta

from crowd import background, scheduler
from crowd.web import once


@background.job("platform.prune")
def prune() -> dict[str, int]:
    """Delete old slots and finished runs of schedules, and the tokens of forms that nobody sends again."""
    return {"runs": scheduler.prune(timedelta(days=7)), "forms": once.prune()}
