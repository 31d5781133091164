"""The rules of sanctions: how long whom it is about can reply and appeal, and the council can vote."""

from collections.abc import Callable

from flask_babel import lazy_gettext as _l

from crowd.rule_sets import Rule, RuleSet, RuleUnit
from crowd.rules import queries
from crowd.rules.kinds import change_of

REPLY, VOTE, APPEAL, OPINION = "reply_days", "vote_days", "appeal_days", "opinion_days"
FIRST = {REPLY: 10, VOTE: 10, APPEAL: 10, OPINION: 5}
YEAR = 366

SANCTIONS = RuleSet(
    name="sanctions",
    number=3,
    label=_l("Clocks of sanctions"),
    text=_l(
        "How long replying, voting and appealing take. A case keeps the version that was in force when it was filed."
    ),
    rules={
        REPLY: Rule(label=_l("To reply, in working days"), unit=RuleUnit.DAYS, least=1, most=YEAR),
        VOTE: Rule(label=_l("To vote, in working days"), unit=RuleUnit.DAYS, least=1, most=YEAR),
        APPEAL: Rule(label=_l("To appeal, before a sanction begins"), unit=RuleUnit.DAYS, least=1, most=YEAR),
        OPINION: Rule(
            label=_l("For the service centre's opinion of an appeal, in working days"), unit=RuleUnit.DAYS, least=1,
            most=YEAR,
        ),
    },
    first=lambda: FIRST,
)  # fmt: skip
CHANGE = change_of(SANCTIONS, _l("Change of the clocks of sanctions"))


def in_force(name: str) -> Callable[[], int]:
    """The days of a rule, for cases that are filed now."""
    return lambda: queries.in_force(SANCTIONS.name).values[name]
