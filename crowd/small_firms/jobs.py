"""Jobs of science and technology SMEs."""

from crowd import background
from crowd.small_firms import services


@background.job("small_firms.enter")
def enter(case_id: int, organisation_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Enter a firm whose application was granted."""
    entry = services.enter(case_id, organisation_id, answers)
    return {"number": entry.number} if entry else {"entered": 0}


@background.job("small_firms.uphold")
def uphold(objection_id: int, application_id: int, _answers: dict[str, str]) -> dict[str, object]:
    """Refuse an application after an objection, or revoke its entry."""
    return {"revoked": int(services.uphold(objection_id, application_id))}
