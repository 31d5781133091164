"""Reads of the fee."""

from crowd.contracts import queries as contracts
from crowd.ledger.fees.rules import AWARD, FEES
from crowd.rules import queries as rules
from crowd.rules.document import KIND


def current_fee() -> tuple[int, int]:
    """(version, hundredths of a percent) of the fee in force on what is awarded."""
    found = rules.in_force(FEES.name)
    return found.number, found.values[AWARD]


def named(version: int) -> dict[str, object]:
    """A version of the fees as a document that rests on it names it."""
    return rules.rules_of(contracts.get_version(KIND, FEES.number, version)).named()
