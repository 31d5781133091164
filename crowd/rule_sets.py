"""What a set of rules is, as data: the values that the council decides, within which bounds, and what they begin with.

A package declares the sets that it follows (`Feature.rule_sets`); `crowd.rules` keeps their versions and names none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from crowd.errors import Sentence

Values = Mapping[str, int]


class RuleUnit(StrEnum):
    """What a value counts."""

    BASIS_POINTS = "basis_points"  # hundredths of a percent
    DAYS = "days"
    SECONDS = "seconds"
    NUMBER = "number"
    DIFFERENCE = "difference"  # from a number that another rule has; few, and below zero for fewer
    YES_NO = "yes_no"  # 0 or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A value of a set: a whole number from `least` to `most`."""

    label: Sentence
    unit: RuleUnit
    least: int = 0
    most: int


def all_fit(_values: Values) -> str:
    """Of sets whose values need not go together."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """A set of rules. `number` is that of its contract, for ever; `first` are the values with which version 1 begins.
    `text` says what they decide and whom a later version concerns. `fits` names the rule whose value does not go
    together with the others, or nothing.
    """

    name: str
    number: int
    label: Sentence
    text: Sentence
    rules: Mapping[str, Rule]
    first: Callable[[], Values]
    fits: Callable[[Values], str] = all_fit
