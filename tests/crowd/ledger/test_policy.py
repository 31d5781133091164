"""Who sees which lines of which transfer, person by person, and who learns a name."""

from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from crowd.audit import SYSTEM
from crowd.db import db
from crowd.ledger import policy
from crowd.ledger.deposits import services as deposits
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType, Transfer
from crowd.ledger.policy import Behind, can_view_person, can_view_transfer, visible_lines
from crowd.ledger.queries import behind, transfers_about
from tests import factories
from tests.cast import Cast
from tests.crowd.ledger.test_payouts import a_batch_at_the_bank, answer

PEOPLE = ("nobody", "ada", "abe", "bo", "bea", "nils", "cy", "dee", "eve", "fen", "finn", "gu", "pia", "aud", "adm")
FINANCE = {"fen", "finn", "aud"}
SPONSOR = {"ada", "abe"}


def somebody(cast: Cast, name: str) -> Any:
    return None if name == "nobody" else getattr(cast, name)


@dataclass
class Books:
    """One of each kind of transfer of a challenge that Bo has won, alone: its first prize and nothing else."""

    fund: Transfer
    award: Transfer
    refund: Transfer
    deposit: Transfer
    request: Transfer
    paid: Transfer


def all_kinds(cast: Cast) -> Books:
    challenge = factories.settled(cast)
    payout = a_batch_at_the_bank(cast)
    answer(payout, "paid")
    deposit = deposits.record(
        cast.fen,
        bank_reference="X1",
        value_date=challenge.created_at.date(),
        payer="Luoyang",
        amount=500,
        currency="CNY",
        organisation_id=cast.luoyang.id,
    )
    fund, refund = transfers_about("challenge", challenge.id)
    request, paid = transfers_about("payout", payout.id)
    query = sa.select(Transfer).where(Transfer.challenge_id == challenge.id, Transfer.kind == "award")
    award = db.session.scalars(query).one()
    return Books(fund, award, refund, transfers_about("deposit", deposit.id)[0], request, paid)


# Who sees how many of a transfer's lines, except finance and auditors, who see all. An award has a line to its winner
# and one to the platform; the money of a payout passes through an account without an owner.
LINES = {
    "fund": dict.fromkeys(SPONSOR, 1),
    "award": dict.fromkeys(SPONSOR, 2) | {"bo": 1},
    "refund": dict.fromkeys(SPONSOR, 1),
    "deposit": dict.fromkeys(SPONSOR, 1),
    "request": {"bo": 1},
    "paid": {"bo": 1},
}


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
    books = all_kinds(cast)
    for kind, others in LINES.items():
        transfer = getattr(books, kind)
        whose = behind(transfer)
        whole = len(transfer.postings)
        expected = others | dict.fromkeys(FINANCE, whole)
        seen = {name: len(visible_lines(somebody(cast, name), transfer, whose)) for name in PEOPLE}
        assert {name: number for name, number in seen.items() if number} == expected, kind
        assert {name for name in PEOPLE if can_view_transfer(somebody(cast, name), transfer, whose)} == set(expected)
        assert len(visible_lines(SYSTEM, transfer, whose)) == whole


def test_without_the_challenge_only_ones_own_lines_are_seen(cast: Cast) -> None:
    books = all_kinds(cast)
    assert visible_lines(cast.ada, books.award, Behind()) == []
    assert visible_lines(cast.bo, books.paid, Behind()) == []
    assert len(visible_lines(cast.ada, books.fund, Behind())) == 1


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
