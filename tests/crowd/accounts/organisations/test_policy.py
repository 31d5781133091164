"""Who closes an organisation and opens it again, by what it is: open, closed, or imported from elsewhere."""

import pytest

from crowd.accounts.models import Organisation
from crowd.accounts.organisations import policy
from crowd.clock import now
from crowd.db import commit
from tests.cast import Cast

CLOSES, OPENS = {"ada", "adm"}, {"adm"}


def may(cast: Cast, organisation: Organisation) -> tuple[set[str], set[str]]:
    """Who may close it, and who may open it again."""
    people = {name: getattr(cast, name) for name in ("ada", "abe", "adm", "eve", "fen", "dee")}
    return (
        {name for name, person in people.items() if policy.can_close(person, organisation)},
        {name for name, person in people.items() if policy.can_reopen(person, organisation)},
    )


def test_an_open_one_is_closed_by_its_owner_or_the_administrator(cast: Cast) -> None:
    assert may(cast, cast.luoyang) == (CLOSES, set())
    assert not policy.can_close(None, cast.luoyang)


def test_a_closed_one_is_opened_by_the_administrator_alone(cast: Cast) -> None:
    cast.luoyang.closed_at = now()
    commit()
    assert may(cast, cast.luoyang) == (set(), OPENS)


def test_another_platforms_agency_is_neither_closed_nor_opened(cast: Cast) -> None:
    agency = Organisation(name="An agency", kind=cast.northlight.kind, country="US", origin="elsewhere")
    assert may(cast, agency) == (set(), set())


@pytest.mark.parametrize("name", ["ada", "adm"])
def test_a_closed_account_closes_nothing(cast: Cast, name: str) -> None:
    person = getattr(cast, name)
    person.active = False
    assert not policy.can_close(person, cast.luoyang)
    assert not policy.can_close_or_reopen(person, cast.luoyang)
