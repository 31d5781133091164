"""Jobs of sanctions: what follows from the council's decisions, and their clocks."""

from crowd import background
from crowd.accounts.sanctions import rules, services
from crowd.accounts.sanctions.workflow import WARNING
from crowd.values import term


@background.job("sanctions.decide_person")
def decide_person(case_id: int, user_id: int, answers: dict[str, str]) -> dict[str, object]:
    """What was proposed for a person is decided."""
    return _kept(services.decide(case_id, answers["measure"], _days(answers), user_id=user_id).state)


@background.job("sanctions.decide_person_warned")
def decide_person_warned(case_id: int, user_id: int, answers: dict[str, str]) -> dict[str, object]:
    """A warning instead of what was proposed."""
    return _kept(services.decide(case_id, WARNING, _days(answers), user_id=user_id).state)


@background.job("sanctions.decide_organisation")
def decide_organisation(case_id: int, organisation_id: int, answers: dict[str, str]) -> dict[str, object]:
    """What was proposed for an organisation is decided."""
    return _kept(services.decide(case_id, answers["measure"], _days(answers), organisation_id=organisation_id).state)


@background.job("sanctions.decide_organisation_warned")
def decide_organisation_warned(case_id: int, organisation_id: int, answers: dict[str, str]) -> dict[str, object]:
    """A warning instead of what was proposed."""
    return _kept(services.decide(case_id, WARNING, _days(answers), organisation_id=organisation_id).state)


@background.job("sanctions.begin")
def begin(sanction_id: int, turn: int = 0) -> dict[str, object]:
    """The time for an appeal is over."""
    return _kept(services.begin(sanction_id, turn=turn))


@background.job("sanctions.end")
def end(sanction_id: int) -> dict[str, object]:
    """The time of a suspension is over."""
    return _kept(services.end(sanction_id))


@background.job("sanctions.lift")
def lift(case_id: int, sanction_id: int, answers: dict[str, str]) -> dict[str, object]:
    """An appeal was granted."""
    del case_id, answers
    return _kept(services.lift(sanction_id))


def _days(answers: dict[str, str]) -> int:
    """The days to appeal that the case has; cases from before they were rules had those with which the rules began."""
    return int(answers.get(rules.APPEAL, rules.FIRST[rules.APPEAL]))


def _kept(state: str) -> dict[str, object]:
    return {"state": term(state, "sanction")}
