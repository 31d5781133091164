"""Which step of a draft each typed field is in, for tests that write one page by page."""

from collections.abc import Mapping

from challenges.drafting.steps import STEP_OF, STEPS


def by_step(typed: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Typed fields (`title`, `prizes-0-amount`) by the names of their steps, in the order of the steps."""
    found: dict[str, dict[str, str]] = {step.name: {} for step in STEPS}
    for name, text in typed.items():
        found[STEP_OF[name.partition("-")[0]]][name] = text
    return {name: fields for name, fields in found.items() if fields}
