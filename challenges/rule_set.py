"""The set of rules of challenges: clocks and numbers that the council decides, by the names of the settings (`Limits`)
with which version 1 begins.

A challenge keeps the version that was in force when it was submitted for screening.
"""

from dataclasses import replace

from flask_babel import lazy_gettext as _l

from crowd.canonical import Document
from crowd.config import limits
from crowd.contracts import queries as contracts
from crowd.ledger.fees import queries as fees
from crowd.limits import Limits
from crowd.rule_sets import Rule, RuleSet, RuleUnit, Values
from crowd.rules import queries as rules
from crowd.rules.document import KIND
from crowd.rules.kinds import change_of
from crowd.rules.queries import RulesInForce

DAYS, SECONDS, YEAR = RuleUnit.DAYS, RuleUnit.SECONDS, 366
MAX_SECONDS, MAX_NUMBER = YEAR * 24 * 3600, 1_000_000


def _goes_together(values: Values) -> str:
    if not values["min_appeal_seconds"] <= values["appeal_seconds"] <= values["max_appeal_seconds"]:
        return "appeal_seconds"
    late = values["decision_reminder_days"] >= min(values["decision_days"], values["centre_decision_days"])
    return "decision_reminder_days" if late else ""


RULES: RuleSet = RuleSet(
    name="challenges",
    number=2,
    label=_l("Clocks of challenges"),
    text=_l(
        "How long judging, deciding and appealing take. A challenge keeps the version that was in force when it was"
        " submitted for screening."
    ),
    rules={
        "reviews_per_proposal": Rule(
            label=_l("Reviews of each proposal, where the tier of the need changes nothing"), unit=RuleUnit.NUMBER,
            least=1, most=20,
        ),
        "registrations_per_challenge": Rule(
            label=_l("Registrations for a challenge at most"), unit=RuleUnit.NUMBER, least=1, most=MAX_NUMBER,
        ),
        "review_days": Rule(label=_l("Time to review"), unit=DAYS, least=1, most=YEAR),
        "decision_days": Rule(label=_l("Time to decide after the reviews"), unit=DAYS, least=1, most=YEAR),
        "centre_decision_days": Rule(
            label=_l("Time for the service centre, where the sponsor has not decided"), unit=DAYS, least=1, most=YEAR,
        ),
        "decision_reminder_days": Rule(
            label=_l("Reminder before a decision is due"), unit=DAYS, most=YEAR,
        ),
        "appeal_seconds": Rule(
            label=_l("Appeal period, where the sponsor chooses no other"), unit=SECONDS, most=MAX_SECONDS,
        ),
        "min_appeal_seconds": Rule(label=_l("Appeal period at least"), unit=SECONDS, most=MAX_SECONDS),
        "max_appeal_seconds": Rule(label=_l("Appeal period at most"), unit=SECONDS, most=MAX_SECONDS),
        "amendment_seconds": Rule(
            label=_l("By which a material change moves the close"), unit=SECONDS, most=MAX_SECONDS,
        ),
        "question_seconds": Rule(
            label=_l("Before the close, from when on no questions are taken"), unit=SECONDS, most=MAX_SECONDS,
        ),
    },
    first=lambda: {name: getattr(limits(), name) for name in RULES.rules},
    fits=_goes_together,
)  # fmt: skip
CHANGE = change_of(RULES, _l("Change of the clocks of challenges"))


def of_version(number: int | None) -> RulesInForce:
    """The rules of a version, of the one in force without a number."""
    if number is None:
        return rules.in_force(RULES.name)
    return rules.rules_of(contracts.get_version(KIND, RULES.number, number))


def rule_limits(number: int | None = None) -> Limits:
    """The limits of the platform, with the rules of a version in the place of the settings with which they began."""
    return replace(limits(), **of_version(number).values)


def named(fee_version: int, number: int | None) -> list[Document]:
    """The versions from which a challenge takes its fee and its clocks, as its contract names them."""
    return [fees.named(fee_version), of_version(number).named()]
