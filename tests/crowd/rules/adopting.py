"""A version of rules that the council adopted, as tests need one."""

from datetime import timedelta

from crowd import clock
from crowd.rule_sets import RuleSet
from crowd.rules import queries, services
from crowd.rules.models import RuleAdoption


def adopted(of: RuleSet, *, begins: bool = True, **changes: int) -> RuleAdoption:
    """The next version of a set, with these values changed; in force, or waiting for its day."""
    values = {**queries.in_force(of.name).values, **changes}
    at = clock.db_now() + timedelta(days=0 if begins else 30)
    row = services.adopt_values(of, values, "So it was decided.", at, None)
    if begins:
        services.begin(row.id)
    return row
