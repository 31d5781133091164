"""Jobs of service platforms."""

from crowd import background
from crowd.service_platforms import services


@background.job("service_platforms.enter")
def enter(case_id: int, organisation_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Enter an organisation whose application was granted."""
    entry = services.enter(case_id, organisation_id, answers)
    return {"number": entry.number} if entry else {"entered": 0}
