"""What a set of rules is, as data: the values that the council decides, within which bounds, and what they begin with.

A package declares the sets that it follows (`Feature.rule_sets`); `crowd.rules` keeps their versions and names none.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.errors import Sentence

Values = Mapping[str, int]


class RuleUnit(StrEnum):
    """What a value counts."""

    BASIS_POINTS = "basis_points"  # hundredths of a percent
    DAYS = "days"
    SECONDS = "seconds"
    NUMBER = "number"


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

    def errors(self, values: Values) -> Iterator[tuple[str, Sentence]]:
        """(rule, message) of each value that cannot be adopted."""
        for name, rule in self.rules.items():
            if not rule.least <= values[name] <= rule.most:
                yield name, _l("Between %(least)s and %(most)s.", least=rule.least, most=rule.most)
        if wrong := self.fits(values):
            yield wrong, _l("This does not go together with the other values.")
