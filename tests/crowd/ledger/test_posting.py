"""Writing transfers: accounts that are made once, and a digest that must never come out differently."""

import pytest
import sqlalchemy as sa

from crowd.audit import SYSTEM
from crowd.clock import today
from crowd.db import db
from crowd.errors import Conflict, Invalid
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType, Posting
from crowd.ledger.posting import Posted, Subject, digest, get_account, post
from crowd.money import MAX_AMOUNT
from tests.cast import Cast

PLATFORM = (OwnerType.PLATFORM, 0)
ABOUT = Subject("deposit", 1)


def bank_and_suspense(currency: str = "CNY") -> tuple[LedgerAccount, LedgerAccount]:
    """Two accounts without a floor: only the rules of a transfer itself hold its amount."""
    bank, suspense = LedgerAccountKind.BANK, LedgerAccountKind.SUSPENSE
    return get_account(bank, *PLATFORM, currency), get_account(suspense, *PLATFORM, currency)


def test_the_digest_of_a_stored_transfer_is_what_it_was_when_it_was_stored() -> None:
    """Rows of former years are checked with the function of today: these values never change."""
    lines = [(1, 2, 100, "CNY"), (1, 3, 5, "CNY")]
    plain = digest("award:3", "award", Subject("award", 3, 7), None, lines)
    assert plain == "b2720602194aa65811266009df15ca09a2bd81e2f5882b2d748e06a0c7dbb481"
    reversal = digest("付款:1", "award", Subject("award", 3), 9, lines[:1])
    assert reversal == "729a4f2ad327a3e15acd74979b894d76bc2bf4b1cb17a4ec7bb57aaa119ba218"


def test_an_account_is_made_once_and_belongs_to_one_owner_and_currency(cast: Cast) -> None:
    first = get_account(LedgerAccountKind.PAYABLE, OwnerType.USER, cast.bo.id, "CNY")
    assert get_account(LedgerAccountKind.PAYABLE, OwnerType.USER, cast.bo.id, "CNY") is first
    assert (first.balance, first.has_floor) == (0, True)
    others = [
        get_account(LedgerAccountKind.PAYABLE, OwnerType.USER, cast.bo.id, "EUR"),
        get_account(LedgerAccountKind.PAYABLE, OwnerType.USER, cast.bea.id, "CNY"),
        get_account(LedgerAccountKind.BANK, *PLATFORM, "CNY"),
    ]
    assert len({first.id, *(account.id for account in others)}) == 4
    assert not others[-1].has_floor
    with pytest.raises(Invalid):
        get_account(LedgerAccountKind.PAYABLE, OwnerType.USER, cast.bo.id, "XYZ")


@pytest.mark.parametrize(("amount", "fits"), [(0, False), (1, True), (MAX_AMOUNT, True), (MAX_AMOUNT + 1, False)])
def test_an_amount_lies_above_zero_and_within_the_limit(cast: Cast, amount: int, fits: bool) -> None:
    bank, suspense = bank_and_suspense()
    lines = [Posted(bank, suspense, amount)]
    if fits:
        assert post(SYSTEM, key="k", kind="deposit", subject=ABOUT, lines=lines).postings[0].amount == amount
        return
    with pytest.raises(Invalid):
        post(SYSTEM, key="k", kind="deposit", subject=ABOUT, lines=lines)
    assert db.session.scalars(sa.select(Posting)).all() == []


def test_a_transfer_without_lines_is_none(cast: Cast) -> None:
    with pytest.raises(Invalid, match="nothing to transfer"):
        post(SYSTEM, key="k", kind="deposit", subject=ABOUT, lines=[])


def test_every_line_has_the_currency_of_the_first(cast: Cast) -> None:
    for whole in (True, False):
        yuan, euros = bank_and_suspense(), bank_and_suspense("EUR")
        lines = [Posted(*yuan, 5), Posted(*euros, 5)] if whole else [Posted(yuan[0], euros[1], 5)]
        with pytest.raises(Invalid, match="not mixed"):
            post(SYSTEM, key="k", kind="deposit", subject=ABOUT, lines=lines)


def test_the_same_key_gives_the_same_transfer_and_another_body_a_refusal(cast: Cast) -> None:
    line = Posted(*bank_and_suspense(), 5)
    first = post(cast.fen, key="k", kind="deposit", subject=ABOUT, lines=[line], note="a note")
    assert (first.effective_on, first.note, first.actor_id) == (today(), "a note", cast.fen.id)
    assert post(SYSTEM, key="k", kind="deposit", subject=ABOUT, lines=[line]) is first
    with pytest.raises(Conflict, match="booked before with other figures"):
        post(SYSTEM, key="k", kind="deposit", subject=ABOUT, lines=[line, line])
