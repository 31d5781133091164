"""Jobs of rule sets."""

from crowd import background
from crowd.rules import services
from crowd.values import moment, term


@background.job("rules.found")
def found() -> dict[str, object]:
    """Found version 1 of the sets that have none."""
    return {"founded": services.found_all()}


@background.job("rules.adopt")
def adopt(case_id: int, number: int, answers: dict[str, str]) -> dict[str, object]:
    """What the council decided becomes a version."""
    row = services.adopt(case_id, number, answers)
    return {"version": row.version.number, "applies": moment(row.applies_at)}


@background.job("rules.begin")
def begin(adoption_id: int) -> dict[str, object]:
    """A version comes into force."""
    return {"state": term(services.begin(adoption_id), "contract_version")}
