"""How values of rules are shown."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from crowd.errors import Sentence
from crowd.rule_sets import Rule, RuleUnit
from crowd.rules import queries
from crowd.web.templating import duration, number, percent

NO_YES: Mapping[int, Sentence] = {0: _l("No"), 1: _l("Yes")}


def difference(amount: int) -> Sentence:
    """So many more or fewer than there are without it."""
    if not amount:
        return _l("as many as usual")
    return _l("%(number)s more", number=amount) if amount > 0 else _l("%(number)s fewer", number=-amount)


def choices(rule: Rule) -> dict[str, Sentence]:
    """The values of a rule that has only a few, by what the form keeps; empty for others."""
    named = {RuleUnit.YES_NO: NO_YES.__getitem__, RuleUnit.DIFFERENCE: difference}.get(rule.unit)
    return {str(one): named(one) for one in range(rule.least, rule.most + 1)} if named else {}


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
        case RuleUnit.DIFFERENCE:
            return str(difference(amount))
        case RuleUnit.YES_NO:
            return str(NO_YES[amount])


def version_title(subject_id: int, version: int) -> Sentence:
    """What a version is called."""
    return _("%(rules)s, version %(number)s", rules=queries.set_of(subject_id).label, number=version)
