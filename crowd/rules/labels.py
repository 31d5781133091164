"""How values of rules are shown."""

from flask_babel import gettext as _
from flask_babel import ngettext

from crowd.errors import Sentence
from crowd.rule_sets import Rule, RuleUnit
from crowd.rules import queries
from crowd.web.templating import duration, number, percent


def value(rule: Rule, amount: int) -> str:
    """A value as a person reads it."""
    match rule.unit:
        case RuleUnit.BASIS_POINTS:
            return percent(amount / 10_000)
        case RuleUnit.DAYS:
            return ngettext("%(num)d day", "%(num)d days", amount)
        case RuleUnit.SECONDS:
            return duration(amount) if amount else number(0)
        case RuleUnit.NUMBER:
            return number(amount)


def version_title(subject_id: int, version: int) -> Sentence:
    """What a version is called."""
    return _("%(rules)s, version %(number)s", rules=queries.set_of(subject_id).label, number=version)
