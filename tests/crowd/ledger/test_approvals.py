"""One person's requests about money: above a limit per day and payer two people are needed, for every direction."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.lifecycle import services as lifecycle
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.audit import AuditEvent
from crowd.background import Job
from crowd.db import commit, db
from crowd.errors import Conflict, Forbidden
from crowd.feature import declared
from crowd.ledger import check, jobs, services
from crowd.ledger.approvals import details, policy
from crowd.ledger.approvals import services as approvals
from crowd.ledger.deposits import bank_statement_import
from crowd.ledger.deposits import services as deposits
from crowd.ledger.models import Approval, ApprovalKind, Deposit, LedgerAccountKind, OwnerType
from crowd.ledger.payouts import bank_responses
from crowd.ledger.payouts import queries as payouts
from crowd.ledger.payouts import services as payout_services
from crowd.ledger.queries import balance, free_balance, transfers_about
from crowd.ledger.workflow import ApprovalState, DepositState, PayoutState
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.crowd.ledger.test_payouts import answer, bo_has, earned, with_account

JUST_BELOW = 4_999_999  # 49,999.99
LARGE = 90_000_000  # 900,000.00
CREDITED, RECORDED, SUSPENSE = DepositState.CREDITED, DepositState.RECORDED, DepositState.SUSPENSE
_numbers = iter(range(1, 10_000))


def come(actor: Any, amount: int, **changes: Any) -> Deposit:
    """Somebody of finance records money for Luoyang Water."""
    fields: dict[str, Any] = {
        "bank_reference": f"REF-{next(_numbers)}", "value_date": date(2026, 11, 19), "payer": "Luoyang Water",
        "amount": amount, "currency": "CNY",
    }  # fmt: skip
    return deposits.record(actor, **(fields | changes))


def asked(kind: ApprovalKind) -> Approval:
    """The one approval of a kind that waits."""
    return db.session.scalars(
        sa.select(Approval).where(Approval.kind == kind, Approval.state == ApprovalState.WAITING)
    ).one()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the database's clock to a time."""
    return lambda instant: monkeypatch.setattr(clock, "db_now", lambda: instant)


# ---- deposits


def test_three_deposits_just_below_the_limit_are_not_booked_by_one_person(cast: Cast) -> None:
    rows = [come(cast.fen, JUST_BELOW, organisation_id=cast.luoyang.id) for _each in range(3)]
    assert [row.state for row in rows] == [CREDITED, RECORDED, RECORDED]
    assert free_balance(cast.luoyang.id, "CNY") == JUST_BELOW
    deposits.confirm(cast.finn, rows[1].id)
    assert free_balance(cast.luoyang.id, "CNY") == 2 * JUST_BELOW


@pytest.mark.parametrize("payer", ["LUOYANG  WATER", "Ｌｕｏｙａｎｇ Water", "luoyang-water.", "Luoyang Water"])
def test_a_payer_is_the_same_however_the_name_is_typed(cast: Cast, payer: str) -> None:
    come(cast.fen, JUST_BELOW)
    assert come(cast.fen, 1, payer=payer).state == RECORDED


@pytest.mark.parametrize(
    "payer",
    [
        "Luоyang Water",  # a Cyrillic o
        "LUΟYANG WATER",  # a Greek capital omicron
        "ⅼuoyang water",  # a Roman numeral fifty
        "Luoyang Wаtеr",  # two Cyrillic letters
        "Luoyang W\u0430ter\u200b",  # and an invisible space
    ],
)
def test_a_payer_is_the_same_by_letters_that_look_alike(cast: Cast, payer: str) -> None:
    come(cast.fen, JUST_BELOW)
    row = come(cast.fen, 100, payer=payer)
    assert row.state == RECORDED
    assert [str(money.amount) for money in details.sums(asked(ApprovalKind.DEPOSIT))] == ["100"]


@pytest.mark.parametrize(
    ("first", "second"), [("Рayer X", "Payer X"), ("洛陽水務", "洛阳水务"), ("PAYER 1", "PAYER l")]
)
def test_nor_does_it_matter_which_of_the_two_came_first(cast: Cast, first: str, second: str) -> None:
    come(cast.fen, JUST_BELOW, payer=first)
    assert come(cast.fen, 1, payer=second).state == RECORDED


def test_money_of_unknown_owner_is_allocated_by_the_looks_of_its_payer_too(cast: Cast) -> None:
    rows = [come(cast.fen, JUST_BELOW, payer=payer) for payer in ("Luoyang Water", "Luоyang Water")]
    deposits.confirm(cast.finn, rows[1].id)
    for row, house in zip(rows, (cast.luoyang, cast.northlight), strict=True):
        deposits.allocate(cast.finn, row.id, organisation_id=house.id)
    assert [row.state for row in rows] == [CREDITED, SUSPENSE]


def test_two_clerks_do_not_share_a_payers_day(cast: Cast) -> None:
    come(cast.fen, JUST_BELOW, organisation_id=cast.luoyang.id)
    assert come(cast.finn, 1, organisation_id=cast.luoyang.id).state == RECORDED


def test_payers_of_other_names_do_not_fill_one_organisations_balance(cast: Cast) -> None:
    states = [come(cast.fen, JUST_BELOW, payer=name, organisation_id=cast.luoyang.id).state for name in "ABC"]
    assert states == [CREDITED, RECORDED, RECORDED]


def test_lines_of_one_statement_add_up_too(cast: Cast) -> None:
    lines = "".join(f"S{number},2026-11-19,Luoyang Water,49999.9{number},CNY\n" for number in range(3))
    bank_statement_import.book(cast.fen, f"reference,date,payer,amount,currency\n{lines}".encode())
    states = db.session.scalars(sa.select(Deposit.state).order_by(Deposit.id))
    assert list(states) == [SUSPENSE, RECORDED, RECORDED]


def test_each_day_counts_by_itself_in_the_zone_of_the_platform(cast: Cast, at: Callable[[datetime], None]) -> None:
    midnight = datetime(2026, 11, 20, 16, tzinfo=UTC)  # in Shanghai
    at(midnight - timedelta(seconds=1))
    assert come(cast.fen, JUST_BELOW).state == SUSPENSE
    assert come(cast.fen, 1).state == RECORDED
    at(midnight)
    assert come(cast.fen, JUST_BELOW).state == SUSPENSE
    at(midnight + timedelta(hours=23))
    assert come(cast.fen, 1).state == RECORDED


def test_what_was_dropped_does_not_count(cast: Cast) -> None:
    deposits.discard(cast.fen, come(cast.fen, LARGE).id, reason="typed wrongly")
    assert come(cast.fen, JUST_BELOW).state == SUSPENSE


@pytest.mark.parametrize(
    ("currency", "alone", "two"),
    [("CNY", 4_999_999, 5_000_000), ("EUR", 699_999, 700_000), ("JPY", 999_999, 1_000_000)],
)
def test_each_currency_has_a_limit_of_its_own(cast: Cast, currency: str, alone: int, two: int) -> None:
    assert come(cast.fen, alone, currency=currency, payer="A").state == SUSPENSE
    assert come(cast.fen, two, currency=currency, payer="B").state == RECORDED


def test_nobody_credits_an_organisation_of_their_own_alone(cast: Cast) -> None:
    join(cast.fen, cast.northlight)
    row = come(cast.fen, 100, organisation_id=cast.northlight.id, payer="X")
    assert row.state == RECORDED
    deposits.confirm(cast.finn, row.id)
    assert row.state == CREDITED
    later = come(cast.finn, JUST_BELOW, organisation_id=cast.northlight.id, payer="Y")
    with pytest.raises(Forbidden):
        deposits.confirm(cast.fen, later.id)


# ---- unallocated money


def test_who_recorded_unknown_money_does_not_allocate_it_alone(cast: Cast) -> None:
    row = come(cast.fen, LARGE)
    deposits.confirm(cast.finn, row.id)
    deposits.allocate(cast.fen, row.id, organisation_id=cast.luoyang.id)
    assert (row.state, free_balance(cast.luoyang.id, "CNY")) == (SUSPENSE, 0)
    waits = asked(ApprovalKind.ALLOCATION)
    with pytest.raises(Forbidden):
        approvals.approve(cast.fen, waits.id)
    approvals.approve(cast.finn, waits.id)
    assert (row.state, free_balance(cast.luoyang.id, "CNY")) == (CREDITED, LARGE)
    assert check.errors(check.findings()) == []


def test_small_unknown_money_is_not_its_recorders_either_but_anothers(cast: Cast) -> None:
    first, second = come(cast.fen, 500), come(cast.fen, 600)
    deposits.allocate(cast.fen, first.id, organisation_id=cast.luoyang.id)
    deposits.allocate(cast.finn, second.id, organisation_id=cast.luoyang.id)
    assert (first.state, second.state) == (SUSPENSE, CREDITED)


def test_large_unknown_money_is_nobodys_to_allocate_alone(cast: Cast) -> None:
    row = come(cast.fen, LARGE)
    deposits.confirm(cast.finn, row.id)
    deposits.allocate(cast.finn, row.id, organisation_id=cast.luoyang.id)
    assert row.state == SUSPENSE
    with pytest.raises(Conflict):
        deposits.allocate(cast.finn, row.id, organisation_id=cast.northlight.id)
    approvals.decline(cast.fen, asked(ApprovalKind.ALLOCATION).id)
    assert row.state == SUSPENSE
    deposits.allocate(cast.finn, row.id, organisation_id=cast.northlight.id)
    approvals.approve(cast.fen, asked(ApprovalKind.ALLOCATION).id)
    assert free_balance(cast.northlight.id, "CNY") == LARGE


def test_small_allocations_to_one_organisation_add_up(cast: Cast) -> None:
    rows = [come(cast.fen, 3_000_000, payer=name) for name in "AB"]
    for row in rows:
        deposits.allocate(cast.finn, row.id, organisation_id=cast.luoyang.id)
    assert [row.state for row in rows] == [CREDITED, SUSPENSE]


def test_an_approved_allocation_funds_the_challenge_that_it_names(cast: Cast) -> None:
    challenge = factories.approved(cast, opens_at=None)
    row = come(cast.fen, challenge.cost)
    deposits.confirm(cast.finn, row.id)
    deposits.allocate(cast.finn, row.id, payment_reference=challenge.payment_reference or "")
    assert challenge.state == ChallengeState.APPROVED
    approvals.approve(cast.fen, asked(ApprovalKind.ALLOCATION).id)
    factories.run_jobs("challenges.fund")
    assert (row.state, challenge.state) == (CREDITED, ChallengeState.OPEN)


def test_nobody_who_gains_is_the_second_person(cast: Cast) -> None:
    join(cast.fen, cast.luoyang)
    row = come(cast.finn, 500)
    deposits.allocate(cast.finn, row.id, organisation_id=cast.luoyang.id)
    with pytest.raises(Forbidden):
        approvals.approve(cast.fen, asked(ApprovalKind.ALLOCATION).id)
    for stranger in (cast.aud, cast.adm):
        assert not policy.can_approve(stranger, asked(ApprovalKind.ALLOCATION))


# ---- money that goes back, and reversals


def test_a_large_sum_is_not_noted_as_sent_back_by_one_person(cast: Cast) -> None:
    row = come(cast.fen, LARGE, organisation_id=cast.luoyang.id)
    deposits.confirm(cast.finn, row.id)
    deposits.return_to_payer(cast.finn, row.id, reason="the payer asked")
    assert (row.state, free_balance(cast.luoyang.id, "CNY")) == (CREDITED, LARGE)
    approvals.approve(cast.fen, asked(ApprovalKind.RETURN).id)
    assert (row.state, free_balance(cast.luoyang.id, "CNY"), row.note) == (DepositState.RETURNED, 0, "the payer asked")


def test_what_went_back_is_not_asked_for_again(cast: Cast) -> None:
    """At once, not only when the second person approves."""
    row = come(cast.fen, LARGE, organisation_id=cast.luoyang.id)
    deposits.confirm(cast.finn, row.id)
    deposits.return_to_payer(cast.finn, row.id, reason="the payer asked")
    approvals.approve(cast.fen, asked(ApprovalKind.RETURN).id)
    with pytest.raises(Conflict):
        deposits.return_to_payer(cast.finn, row.id, reason="again")
    waiting = sa.select(sa.func.count()).where(Approval.state == ApprovalState.WAITING)
    assert db.session.scalar(waiting) == 0


def test_small_sums_that_are_sent_back_add_up_with_reversals(cast: Cast, at: Callable[[datetime], None]) -> None:
    at(datetime(2026, 11, 20, 3, tzinfo=UTC))
    first = come(cast.fen, 3_000_000, organisation_id=cast.luoyang.id)
    at(datetime(2026, 11, 21, 3, tzinfo=UTC))
    second = come(cast.fen, 3_000_000, organisation_id=cast.luoyang.id)
    deposits.return_to_payer(cast.finn, first.id, reason="wrong")
    assert first.state == DepositState.RETURNED
    (booked,) = transfers_about("deposit", second.id)
    assert services.reverse(cast.finn, booked.id, reason="wrong") is None
    assert second.state == CREDITED
    approvals.approve(cast.fen, asked(ApprovalKind.REVERSAL).id)
    assert second.state == DepositState.DISCARDED
    assert check.errors(check.findings()) == []


def test_an_approval_that_came_too_late_moves_nothing(cast: Cast) -> None:
    challenge = factories.approved(cast, opens_at=None)
    row = come(cast.fen, challenge.cost, organisation_id=cast.luoyang.id)
    deposits.confirm(cast.finn, row.id)
    deposits.return_to_payer(cast.finn, row.id, reason="wrong")
    lifecycle.fund(cast.ada, challenge.id)
    with pytest.raises(Conflict):
        approvals.approve(cast.fen, asked(ApprovalKind.RETURN).id)
    assert asked(ApprovalKind.RETURN).state == ApprovalState.WAITING
    assert row.state == CREDITED


# ---- what the bank is said to have done


def at_the_bank(cast: Cast, amount: int) -> Any:
    """Bo's payout, sent to the bank by the job."""
    ledger_account = earned(cast, cast.bo, amount)
    if payouts.account(OwnerType.USER, cast.bo.id, "CNY") is None:
        with_account(cast.bo)
    payout = payout_services.request(cast.bo, ledger_account.id, amount=amount)
    batch = payout_services.make_batch(cast.fen, currency="CNY")
    payout_services.approve(cast.finn, batch.id)
    store = jobs.send_batch(batch.id)
    assert store is not None
    store()
    commit()
    return payout


def brought(actor: Any, payout: Any, status: str, amount: str, note: str = "") -> Any:
    """A person of finance uploads a file of responses, and its job reads it."""
    text = f"payment,status,amount,currency,reason\nPAYOUT-{payout.id},{status},{amount},CNY,{note}\n"
    row = bank_responses.upload(actor, io.BytesIO(text.encode()), "answers.csv")
    commit()
    if db.session.scalar(sa.select(Job.id).where(Job.dedup_key == f"bank_file:{row.id}")):
        jobs.read_upload(row.id)
        commit()
    db.session.refresh(payout)
    return row


def test_a_forged_return_does_not_credit_a_paid_sum_again(cast: Cast) -> None:
    payout = at_the_bank(cast, 3_825_000)
    assert answer(payout, "paid", amount="38250.00") == {"applied": 1}
    brought(cast.fen, payout, "returned", "38250.00")
    assert (payout.state, bo_has(cast)) == (PayoutState.PAID, 0)
    (flagged,) = payouts.flagged(9)
    waits = bank_responses.request_resolution(cast.fen, flagged.id, book=True)
    with pytest.raises(Forbidden):
        approvals.approve(cast.fen, waits.id)
    assert bo_has(cast) == 0
    approvals.approve(cast.finn, waits.id)
    db.session.refresh(payout)
    assert (payout.state, bo_has(cast)) == (PayoutState.RETURNED, 3_825_000)
    brought(cast.fen, payout, "returned", "38250.00", "once more")
    assert bo_has(cast) == 3_825_000
    assert check.errors(check.findings()) == []


def test_a_rejection_after_the_payment_is_no_different_from_a_return(cast: Cast) -> None:
    payout = at_the_bank(cast, 1_000)
    answer(payout, "paid")
    brought(cast.fen, payout, "rejected", "10.00")
    assert (payout.state, bo_has(cast)) == (PayoutState.PAID, 0)
    assert len(payouts.flagged(9)) == 1


def test_a_rejection_of_a_large_payout_that_somebody_brings_waits(cast: Cast) -> None:
    payout = at_the_bank(cast, LARGE)
    brought(cast.fen, payout, "rejected", "900000.00")
    assert (payout.state, bo_has(cast)) == (PayoutState.SENT, 0)
    waits = asked(ApprovalKind.BANK_FILE)
    with pytest.raises(Forbidden):
        approvals.approve(cast.fen, waits.id)
    approvals.approve(cast.finn, waits.id)
    commit()
    assert jobs.read_upload(waits.subject_id) == {"applied": 1}
    db.session.refresh(payout)
    assert (payout.state, bo_has(cast)) == (PayoutState.RETURNED, LARGE)


def test_files_for_one_payee_add_up_over_the_day(cast: Cast) -> None:
    first, second = at_the_bank(cast, 3_000_000), at_the_bank(cast, 3_000_000)
    brought(cast.fen, first, "paid", "30000.00")
    brought(cast.finn, second, "paid", "30000.00")
    assert (first.state, second.state) == (PayoutState.PAID, PayoutState.SENT)


def test_a_file_for_a_payout_that_is_not_at_the_bank_yet_counts_as_well(cast: Cast) -> None:
    ledger_account = earned(cast, cast.bo, LARGE)
    with_account(cast.bo)
    payout = payout_services.request(cast.bo, ledger_account.id, amount=LARGE)
    brought(cast.fen, payout, "rejected", "900000.00")
    assert asked(ApprovalKind.BANK_FILE).sums == {f"CNY user {cast.bo.id}": LARGE}


def test_a_declined_file_is_not_read_and_may_be_brought_again(cast: Cast) -> None:
    payout = at_the_bank(cast, LARGE)
    brought(cast.fen, payout, "paid", "900000.00")
    with pytest.raises(Conflict):
        brought(cast.fen, payout, "paid", "900000.00")
    approvals.decline(cast.finn, asked(ApprovalKind.BANK_FILE).id)
    brought(cast.finn, payout, "paid", "900000.00")
    approvals.approve(cast.fen, asked(ApprovalKind.BANK_FILE).id)
    assert payout.state == PayoutState.SENT


def test_what_the_bank_itself_answers_first_needs_nobody(cast: Cast) -> None:
    payout = at_the_bank(cast, LARGE)
    assert answer(payout, "paid", amount="900000.00") == {"applied": 1}
    assert payouts.flagged(9) == []


def test_two_contradictions_about_one_payout_return_it_once(cast: Cast) -> None:
    payout = at_the_bank(cast, 1_000)
    answer(payout, "paid")
    for name in ("b.csv", "cc.csv"):
        assert answer(payout, "returned", name=name) == {"flagged": 1}
    first, second = payouts.flagged(9)
    waits = [bank_responses.request_resolution(cast.fen, row.id, book=True) for row in (first, second)]
    approvals.approve(cast.finn, waits[0].id)
    with pytest.raises(Conflict):
        approvals.approve(cast.finn, waits[1].id)
    assert bo_has(cast) == 1_000


# ---- who sees it


def test_the_second_person_finds_it_on_the_dashboard_and_the_first_does_not(cast: Cast, browser: Browser) -> None:
    row = come(cast.fen, 500)
    deposits.allocate(cast.fen, row.id, organisation_id=cast.luoyang.id)
    task = "Pending approvals"
    assert task in browser.sign_in(cast.finn).get("/dashboard").get_data(as_text=True)
    assert task not in browser.sign_in(cast.fen).get("/dashboard").get_data(as_text=True)


def test_both_are_in_the_audit_trail(cast: Cast) -> None:
    row = come(cast.fen, 500)
    deposits.allocate(cast.fen, row.id, organisation_id=cast.luoyang.id)
    approvals.approve(cast.finn, asked(ApprovalKind.ALLOCATION).id)
    events = db.session.execute(
        sa.select(AuditEvent.action, AuditEvent.actor_name)
        .where(AuditEvent.subject_type == "deposit", AuditEvent.subject_id == row.id)
        .order_by(AuditEvent.id)
    ).all()
    assert ("deposit.allocation_requested", "Fen") in events
    assert ("deposit.allocated", "Finn") in events


def test_it_is_decided_by_page(cast: Cast, browser: Browser) -> None:
    row = come(cast.fen, 500, payment_reference="thank you")
    browser.sign_in(cast.fen)
    told = browser.post(f"/finance/deposits/{row.id}/allocate", {"organisation_id": cast.luoyang.id})
    assert told.status_code == 303
    waits = asked(ApprovalKind.ALLOCATION).id
    page = browser.get(f"/finance/approvals/{waits}").get_data(as_text=True)
    assert f"/finance/approvals/{waits}/approve" not in page
    assert browser.post(f"/finance/approvals/{waits}/approve").status_code == 403
    browser.sign_in(cast.finn)
    assert f"/finance/approvals/{waits}" in browser.get("/finance/approvals").get_data(as_text=True)
    page = browser.get(f"/finance/approvals/{waits}").get_data(as_text=True)
    for meaning in ("¥5.00", "thank you", "Luoyang", "Fen", f"/finance/approvals/{waits}/approve"):
        assert meaning in page
    assert browser.post(f"/finance/approvals/{waits}/approve").status_code == 303
    assert balance(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, cast.luoyang.id, "CNY") == 500
    assert browser.post(f"/finance/approvals/{waits}/decline").status_code == 409


def test_its_page_says_what_is_asked_for(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.finn)

    def page(kind: ApprovalKind) -> str:
        return browser.get(f"/finance/approvals/{asked(kind).id}").get_data(as_text=True)

    row = come(cast.fen, LARGE, organisation_id=cast.luoyang.id)
    assert all(fact in page(ApprovalKind.DEPOSIT) for fact in (row.bank_reference, "Luoyang Water", "¥900,000.00"))
    deposits.confirm(cast.finn, row.id)
    deposits.return_to_payer(cast.finn, row.id, reason="the payer asked")
    assert "the payer asked" in page(ApprovalKind.RETURN)
    (booked,) = transfers_about("deposit", row.id)
    assert services.reverse(cast.fen, booked.id, reason="booked twice") is None
    assert all(fact in page(ApprovalKind.REVERSAL) for fact in ("booked twice", f"/transfers/{booked.id}"))
    payout = at_the_bank(cast, LARGE)
    brought(cast.fen, payout, "rejected", "900000.00", "account closed")
    assert all(
        fact in page(ApprovalKind.BANK_FILE) for fact in ("answers.csv", f"PAYOUT-{payout.id}", "account closed")
    )


def test_the_page_of_a_contradiction_says_what_would_be_booked(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.finn)
    payout = at_the_bank(cast, 1_000)
    answer(payout, "paid")
    for book in (True, False):
        assert answer(payout, "returned", name=f"{book}.csv") == {"flagged": 1}
        waits = bank_responses.request_resolution(cast.fen, payouts.flagged(9)[0].id, book=book)
        page = browser.get(f"/finance/approvals/{waits.id}").get_data(as_text=True)
        assert f"PAYOUT-{payout.id}" in page
        assert ("returned to the payee" in page) is book
        approvals.decline(cast.finn, waits.id)


@pytest.mark.parametrize("kind", list(ApprovalKind))
def test_every_kind_has_an_effect_and_a_page(kind: ApprovalKind, shared_app: Flask) -> None:
    assert kind in kind.together()
    assert declared().labels["approval_kind"][kind].text == kind.label
    assert kind in approvals._effects, f"a service has a function marked @approvals.effect(ApprovalKind.{kind.name})"
    assert kind in details._TELL, "_TELL of approvals/details.py says what the second person reads"
