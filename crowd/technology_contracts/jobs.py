"""Jobs of technology contracts."""

from crowd import background
from crowd.technology_contracts import services


@background.job("technology_contracts.register")
def register(case_id: int, seller_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Enter the contract of an application that was granted."""
    return {"number": services.register(case_id, seller_id, answers).number}
