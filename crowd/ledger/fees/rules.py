"""The rules of the fee."""

from flask_babel import lazy_gettext as _l

from crowd.rule_sets import Rule, RuleSet, RuleUnit
from crowd.rules.kinds import change_of

AWARD = "award"
FIRST = 500  # hundredths of a percent, with which every platform began

FEES = RuleSet(
    name="fees",
    number=1,
    label=_l("Fees"),
    text=_l(
        "What the platform takes. A challenge keeps the version that was in force when it was submitted for screening."
    ),
    rules={AWARD: Rule(label=_l("Fee on what is awarded"), unit=RuleUnit.BASIS_POINTS, most=10_000)},
    first=lambda: {AWARD: FIRST},
)  # fmt: skip
CHANGE = change_of(FEES, _l("Change of the fees"))
