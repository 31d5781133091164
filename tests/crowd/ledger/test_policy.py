"""Who sees which lines of which transfer, person by person, and who learns a name."""

from typing import Any

import pytest

from crowd.audit import SYSTEM
from crowd.ledger import policy
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType, Transfer
from crowd.ledger.policy import Behind, can_view_person, can_view_transfer, visible_lines
from crowd.ledger.queries import behind
from crowd.ledger.transfers import KINDS
from tests.cast import Cast
from tests.crowd.ledger.every_kind import one_of_each

PEOPLE = ("nobody", "ada", "abe", "bo", "bea", "nils", "cy", "dee", "eve", "fen", "finn", "gu", "pia", "aud", "adm")
FINANCE = {"fen", "finn", "aud"}
SPONSOR = {"ada", "abe"}


def somebody(cast: Cast, name: str) -> Any:
    return None if name == "nobody" else getattr(cast, name)


# Who sees how many of a transfer's lines, except finance and auditors, who see all. An award has a line to its winner
# and one to the platform; the money of a payout passes through an account without an owner.
LINES = {
    "fund": dict.fromkeys(SPONSOR, 1),
    "top_up": dict.fromkeys(SPONSOR, 1),
    "award": dict.fromkeys(SPONSOR, 2) | {"bo": 1},
    "honorarium": dict.fromkeys(SPONSOR, 1) | {"cy": 1},
    "refund": dict.fromkeys(SPONSOR, 1),
    "deposit": dict.fromkeys(SPONSOR, 1),
    "allocate": dict.fromkeys(SPONSOR, 1),
    "return_deposit": dict.fromkeys(SPONSOR, 1),
    "reverse": dict.fromkeys(SPONSOR, 1),
    "payout_request": {"bo": 1},
    "payout_cancel": {"bo": 1},
    "paid": {"bo": 1},
    "returned": {"bo": 1},
}


@pytest.mark.parametrize("kind", KINDS)
def test_somebody_has_thought_of_who_sees_a_transfer(kind: str) -> None:
    assert kind in LINES, f"one_of_each (tests/crowd/ledger/every_kind.py) makes no {kind}, or LINES lacks who sees it"


@pytest.mark.parametrize(
    ("owner", "sees", "spends"),
    [
        (OwnerType.USER, {"bo"}, {"bo"}),
        (OwnerType.ORGANISATION, {"ada", "abe"}, {"ada"}),
        (OwnerType.PLATFORM, set(), set()),
        (OwnerType.CHALLENGE, set(), set()),
    ],
)
def test_an_owners_money_is_seen_by_its_people_and_spent_by_its_owners(
    cast: Cast, owner: OwnerType, sees: set[str], spends: set[str]
) -> None:
    number = cast.luoyang.id if owner == OwnerType.ORGANISATION else cast.bo.id
    people = {name: somebody(cast, name) for name in PEOPLE}
    assert {name for name, one in people.items() if policy.can_view_owner(one, owner, number)} == sees | FINANCE
    assert {name for name, one in people.items() if policy.can_spend(one, owner, number)} == spends
    for kind in LedgerAccountKind:
        account = LedgerAccount(kind=kind, owner_type=owner, owner_id=number)
        own = sees if kind in policy.OWN_KINDS else set()
        assert {name for name, one in people.items() if policy.can_view_account(one, account)} == own | FINANCE


def test_nobody_reverses_what_they_booked(cast: Cast) -> None:
    people = {name: somebody(cast, name) for name in PEOPLE}
    booked = Transfer(actor_id=cast.fen.id)
    assert {name for name, one in people.items() if policy.can_reverse(one, booked)} == {"finn"}


def test_the_lines_of_transfers(cast: Cast) -> None:
    books = one_of_each(cast)
    for kind, others in LINES.items():
        transfer = books[kind]
        whose = behind(transfer)
        whole = len(transfer.postings)
        expected = others | dict.fromkeys(FINANCE, whole)
        seen = {name: len(visible_lines(somebody(cast, name), transfer, whose)) for name in PEOPLE}
        assert {name: number for name, number in seen.items() if number} == expected, kind
        assert {name for name in PEOPLE if can_view_transfer(somebody(cast, name), transfer, whose)} == set(expected)
        assert len(visible_lines(SYSTEM, transfer, whose)) == whole


def test_without_the_challenge_only_ones_own_lines_are_seen(cast: Cast) -> None:
    books = one_of_each(cast)
    assert visible_lines(cast.ada, books["award"], Behind()) == []
    assert visible_lines(cast.bo, books["paid"], Behind()) == []
    assert len(visible_lines(cast.ada, books["fund"], Behind())) == 1


@pytest.mark.parametrize(
    ("person", "organisation", "told"),
    [
        ("ada", "luoyang", FINANCE | SPONSOR),  # what the sponsor's people did, their organisation knows
        ("fen", None, FINANCE),  # what finance did, finance knows
        ("bo", None, FINANCE | {"bo"}),
        ("eve", None, FINANCE | {"eve"}),
        ("nils", "northlight", FINANCE | {"nils"}),
    ],
)
def test_who_learns_the_name(cast: Cast, person: str, organisation: str | None, told: set[str]) -> None:
    house = getattr(cast, organisation).id if organisation else None
    number = getattr(cast, person).id
    assert {name for name in PEOPLE if can_view_person(somebody(cast, name), number, house)} == told | {person}
    assert can_view_person(SYSTEM, number, house)
