"""Jobs of cases: the clocks of steps."""

from crowd import background
from crowd.cases import proceedings


@background.job("cases.remind_step", lease=300)
def remind_step(step_id: int) -> dict[str, object]:
    """Remind those who are to act."""
    return proceedings.remind_step(step_id)


@background.job("cases.end_step", lease=300)
def end_step(step_id: int) -> dict[str, object]:
    """The time of a step is over."""
    return proceedings.end_step(step_id)
