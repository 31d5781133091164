"""Payouts: the owner's request, the batch of two people, the file, and every bank response."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import current_app

from crowd import background, clock
from crowd.accounts.models import MemberRole, User
from crowd.audit import SYSTEM
from crowd.background import Job
from crowd.db import commit, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.ledger import jobs, transfers
from crowd.ledger.approvals import services as approvals
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType
from crowd.ledger.payouts import bank_file, bank_responses, gateway, queries, services
from crowd.ledger.payouts.models import Payout, PayoutBatch
from crowd.ledger.posting import get_account
from crowd.ledger.queries import balance, free_balance
from crowd.ledger.workflow import BankResponseOutcome, BatchState, PayoutState
from crowd.notifications.models import Notification
from tests import factories
from tests.cast import Cast, join
from tests.crowd.ledger.conftest import deposited

_awards = iter(range(1_000, 10_000))


def earned(cast: Cast, who: User, amount: int) -> LedgerAccount:
    """The ledger account of a person who has won `amount`, from a challenge funded for it."""
    award = next(_awards)
    deposited(amount, organisation_id=cast.luoyang.id, recorded_by=cast.fen.id)
    transfers.fund(SYSTEM, award, organisation_id=cast.luoyang.id, currency="CNY", amount=amount)
    shares = [(OwnerType.USER, who.id, amount)]
    transfers.award(SYSTEM, award, challenge_id=award, currency="CNY", shares=shares, fee=0)
    commit()
    return get_account(LedgerAccountKind.PAYABLE, OwnerType.USER, who.id, "CNY")


def with_account(who: User, number: str = "6222 0000 1111 2223") -> None:
    services.set_account(
        who, OwnerType.USER, who.id, currency="CNY", holder=who.name, bank="Bank of Luoyang", number=number
    )


def a_batch_at_the_bank(cast: Cast, amount: int = 1_000) -> Payout:
    """Bo's payout, sent to the bank by the job; without a bank response."""
    ledger_account = earned(cast, cast.bo, amount)
    with_account(cast.bo)
    payout = services.request(cast.bo, ledger_account.id, amount=amount)
    batch = services.make_batch(cast.fen, currency="CNY")
    services.approve(cast.finn, batch.id)
    store = jobs.send_batch(batch.id)
    assert store is not None
    store()
    commit()
    return payout


def answer(
    payout: Payout, status: str, *, amount: str = "10.00", reason: str = "", name: str = "a.csv"
) -> dict[str, int]:
    """A bank response about a payout, read as the job reads it."""
    text = "payment,status,amount,currency,reason\n" + f"PAYOUT-{payout.id},{status},{amount},CNY,{reason}\n"
    counts = bank_responses.ingest(SYSTEM, name, (text + "\n" * len(name)).encode())
    commit()
    db.session.refresh(payout)
    return counts


def came_back(cast: Cast, payout: Payout) -> None:
    """The bank reports a paid payout as returned, and two people of finance record it."""
    assert answer(payout, "returned", name="late.csv") == {"flagged": 1}
    approvals.approve(cast.finn, bank_responses.request_resolution(cast.fen, queries.flagged(1)[0].id, book=True).id)
    commit()
    db.session.refresh(payout)


def bo_has(cast: Cast) -> int:
    return balance(LedgerAccountKind.PAYABLE, OwnerType.USER, cast.bo.id, "CNY")


def test_a_wish_sets_the_money_aside_and_can_be_taken_back(cast: Cast) -> None:
    ledger_account = earned(cast, cast.bo, 1_000)
    with_account(cast.bo)
    payout = services.request(cast.bo, ledger_account.id, amount=400)
    assert bo_has(cast) == 600
    assert balance(LedgerAccountKind.HELD, OwnerType.PAYOUT, payout.id, "CNY") == 400
    with pytest.raises(Conflict):
        services.request(cast.bo, ledger_account.id, amount=601)
    services.cancel(cast.bo, payout.id)
    assert bo_has(cast) == 1_000
    with pytest.raises(Conflict):
        services.cancel(cast.bo, payout.id)


def test_nobody_takes_out_what_is_not_theirs(cast: Cast) -> None:
    ledger_account = earned(cast, cast.bo, 1_000)
    with_account(cast.bo)
    for stranger in (cast.bea, cast.ada, cast.dee):
        with pytest.raises(NotFound):
            services.request(stranger, ledger_account.id, amount=1)
    with pytest.raises(Forbidden):
        services.request(cast.fen, ledger_account.id, amount=1)
    with pytest.raises(NotFound):
        services.set_account(
            cast.bea, OwnerType.USER, cast.bo.id, currency="CNY", holder="Bea", bank="B", number="66668888"
        )
    payout = services.request(cast.bo, ledger_account.id, amount=1)
    with pytest.raises(NotFound):
        services.cancel(cast.bea, payout.id)


def test_a_sponsors_free_balance_leaves_by_the_same_queue_and_only_by_an_owner(cast: Cast) -> None:
    deposited(5_000, organisation_id=cast.luoyang.id, recorded_by=cast.fen.id)
    ledger_account = get_account(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, cast.luoyang.id, "CNY")
    with pytest.raises(Forbidden):
        services.request(cast.abe, ledger_account.id, amount=5_000)
    services.set_account(
        cast.ada, OwnerType.ORGANISATION, cast.luoyang.id, currency="CNY", holder="Luoyang", bank="B", number="66668888"
    )
    payout = services.request(cast.ada, ledger_account.id, amount=5_000)
    assert free_balance(cast.luoyang.id, "CNY") == 0
    assert services.make_batch(cast.fen, currency="CNY").payouts == [payout]


@pytest.mark.parametrize(
    "change",
    [
        {"number": "12"}, {"number": "６２２２００００１１１１２２２２"}, {"holder": "=SUM(A1)"}, {"holder": " "},
        {"bank": "+x"}, {"currency": "XYZ"},
    ],
)  # fmt: skip
def test_an_account_that_no_bank_would_know_is_refused(cast: Cast, change: dict[str, str]) -> None:
    fields = {"currency": "CNY", "holder": "Bo", "bank": "Bank", "number": "66668888"} | change
    with pytest.raises(Invalid):
        services.set_account(cast.bo, OwnerType.USER, cast.bo.id, **fields)


@pytest.mark.parametrize("amount", [0, -1, 0.5, "1e3", float("nan"), 10**18])
def test_an_amount_that_is_none_is_refused(cast: Cast, amount: Any) -> None:
    ledger_account = earned(cast, cast.bo, 1_000)
    with_account(cast.bo)
    with pytest.raises((Invalid, Conflict)):
        services.request(cast.bo, ledger_account.id, amount=amount)
    assert bo_has(cast) == 1_000


def test_without_an_account_nothing_is_asked_for(cast: Cast) -> None:
    ledger_account = earned(cast, cast.bo, 1_000)
    with pytest.raises(Invalid):
        services.request(cast.bo, ledger_account.id, amount=1)


def test_a_batch_takes_two_people_and_nobody_who_is_paid_by_it(cast: Cast) -> None:
    ledger_account = earned(cast, cast.finn, 1_000)
    with_account(cast.finn)
    services.request(cast.finn, ledger_account.id, amount=1_000)
    with pytest.raises(Conflict):
        services.make_batch(cast.finn, currency="CNY")  # the maker's own money is left out
    batch = services.make_batch(cast.fen, currency="CNY")
    for person in (cast.fen, cast.finn):
        with pytest.raises(Forbidden):
            services.approve(person, batch.id)
    with pytest.raises(NotFound):
        services.approve(cast.ada, batch.id)
    flo = factories.user("Flo")
    with pytest.raises(NotFound):
        services.approve(flo, batch.id)
    with pytest.raises(Forbidden):
        services.make_batch(cast.adm, currency="CNY")


def test_who_lost_the_role_midway_approves_nothing(cast: Cast) -> None:
    ledger_account = earned(cast, cast.bo, 1_000)
    with_account(cast.bo)
    services.request(cast.bo, ledger_account.id, amount=1_000)
    batch = services.make_batch(cast.fen, currency="CNY")
    cast.finn.roles = []
    commit()
    with pytest.raises(NotFound):
        services.approve(cast.finn, batch.id)


def test_a_changed_account_cools_off(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger_account = earned(cast, cast.bo, 1_000)
    with_account(cast.bo)
    services.request(cast.bo, ledger_account.id, amount=1_000)
    settings = current_app.config["CROWD"]
    limits = settings.limits.__class__(payout_hold_hours=24)
    monkeypatch.setitem(current_app.config, "CROWD", settings.__class__(data_dir=settings.data_dir, limits=limits))
    with pytest.raises(Conflict):
        services.make_batch(cast.fen, currency="CNY")
    account = queries.account(OwnerType.USER, cast.bo.id, "CNY")
    assert account is not None
    account.created_at -= timedelta(hours=25)
    commit()
    assert len(services.make_batch(cast.fen, currency="CNY").payouts) == 1


def test_a_dropped_batch_lets_its_payouts_wait_for_the_next(cast: Cast) -> None:
    ledger_account = earned(cast, cast.bo, 1_000)
    with_account(cast.bo)
    payout = services.request(cast.bo, ledger_account.id, amount=1_000)
    batch = services.make_batch(cast.fen, currency="CNY")
    services.cancel_batch(cast.fen, batch.id)
    assert (payout.state, payout.batch_id) == (PayoutState.REQUESTED, None)
    with pytest.raises(Conflict):
        services.approve(cast.finn, batch.id)


def test_an_approved_batch_waits_for_the_job_and_is_sent_once(cast: Cast) -> None:
    payout = a_batch_at_the_bank(cast)
    batch = db.session.get_one(PayoutBatch, payout.batch_id)
    asked = db.session.scalars(sa.select(Job).where(Job.dedup_key == f"batch:{batch.id}")).one()
    assert asked.kind == "payout_batches.send"
    assert (payout.state, batch.state) == (PayoutState.SENT, BatchState.SENT)
    path = Path(current_app.config["CROWD"].data_dir) / "bank" / "out" / bank_file.name_of(batch)
    lines = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert [(line["payment"], line["account"], line["amount"]) for line in lines] == [
        (f"PAYOUT-{payout.id}", "6222000011112223", "10.00")
    ]
    assert jobs.send_batch(batch.id) is None
    with pytest.raises(Conflict):
        gateway.current().send(path.name, b"other")


def test_a_job_that_died_after_the_bank_had_the_file_sends_no_second_one(cast: Cast) -> None:
    ledger_account = earned(cast, cast.bo, 1_000)
    with_account(cast.bo)
    payout = services.request(cast.bo, ledger_account.id, amount=1_000)
    batch = services.make_batch(cast.fen, currency="CNY")
    services.approve(cast.finn, batch.id)
    jobs.send_batch(batch.id)  # the call went out; what should have stored it never ran
    assert batch.state == BatchState.APPROVED
    counts = answer(payout, "paid")
    assert counts == {"early": 1}, "the bank was faster than our own note"
    store = jobs.send_batch(batch.id)
    assert store is not None
    store()
    commit()
    assert bank_responses.retry_early(SYSTEM) == 1
    db.session.refresh(payout)
    assert payout.state == PayoutState.PAID


def test_paid_is_paid_once_however_often_the_bank_says_so(cast: Cast) -> None:
    payout = a_batch_at_the_bank(cast)
    assert answer(payout, "paid") == {"applied": 1}
    assert answer(payout, "paid") == {}, "the same file again"
    assert answer(payout, "paid", name="another.csv") == {"repeated": 1}
    assert payout.state == PayoutState.PAID
    assert bo_has(cast) == 0
    batch = db.session.get_one(PayoutBatch, payout.batch_id)
    assert batch.state == BatchState.SETTLED
    kinds = db.session.scalars(sa.select(Notification.kind).where(Notification.user_id == cast.bo.id))
    assert list(kinds).count("ledger.payout_paid") == 1


def test_rejected_comes_back_and_can_be_asked_for_again(cast: Cast) -> None:
    payout = a_batch_at_the_bank(cast)
    assert answer(payout, "rejected", reason="Account closed") == {"applied": 1}
    assert (payout.state, bo_has(cast)) == (PayoutState.RETURNED, 1_000)
    assert payout.bank_response is not None
    assert payout.bank_response["reason"] == "Account closed"
    again = services.request(cast.bo, payout.source_account_id, amount=1_000)
    assert again.id != payout.id


def test_paid_and_returned_days_later(cast: Cast) -> None:
    payout = a_batch_at_the_bank(cast)
    assert answer(payout, "paid") == {"applied": 1}
    came_back(cast, payout)
    assert (payout.state, bo_has(cast)) == (PayoutState.RETURNED, 1_000)
    assert answer(payout, "returned", name="again.csv") == {"repeated": 1}
    assert bo_has(cast) == 1_000


def test_returned_may_overtake_paid(cast: Cast) -> None:
    payout = a_batch_at_the_bank(cast)
    assert answer(payout, "returned") == {"applied": 1}
    assert answer(payout, "paid", name="b.csv") == {"repeated": 1}
    assert (payout.state, bo_has(cast)) == (PayoutState.RETURNED, 1_000)


@pytest.mark.parametrize("amount", ["9.99", "10.01", "1e1", "１０.01", "10.000", "-10.00", "NaN", ""])
def test_a_wrong_amount_moves_nothing_and_is_flagged(cast: Cast, amount: str) -> None:
    payout = a_batch_at_the_bank(cast)
    assert answer(payout, "paid", amount=amount) == {"flagged": 1}
    assert payout.state == PayoutState.SENT
    flagged = queries.flagged(9)
    assert [row.payout_id for row in flagged] == [payout.id]
    with pytest.raises(Conflict):
        bank_responses.resolve(cast.fen, flagged[0].id)
    with pytest.raises(Conflict):
        bank_responses.request_resolution(cast.fen, flagged[0].id, book=True)
    approvals.approve(cast.finn, bank_responses.request_resolution(cast.fen, flagged[0].id, book=False).id)
    assert (flagged[0].outcome, flagged[0].resolved_by) == (BankResponseOutcome.RESOLVED, cast.finn.id)
    assert queries.flagged(9) == []


def test_contradictions_and_strangers_are_flagged(cast: Cast) -> None:
    payout = a_batch_at_the_bank(cast)
    answer(payout, "rejected")
    assert answer(payout, "paid", name="b.csv") == {"flagged": 1}, "a rejected payment was never paid"
    lines = "payment,status,amount,currency,reason\nPAYOUT-999999,paid,1.00,CNY,\nxx,paid,1.00,CNY,\n"
    assert bank_responses.ingest(SYSTEM, "c.csv", lines.encode()) == {"flagged": 2}
    strangers = [row for row in queries.flagged(9) if row.payout_id is None]
    assert {bank_responses.resolve(cast.fen, row.id).outcome for row in strangers} == {BankResponseOutcome.RESOLVED}
    assert bo_has(cast) == 1_000


@pytest.mark.parametrize("data", [b"", b"nothing", b"\xff\xfe\x00", b"payment,status\nx,y\n", b'"' + b"x" * 200_000])
def test_a_file_that_is_none_is_kept_with_its_problem(cast: Cast, data: bytes) -> None:
    assert bank_responses.ingest(SYSTEM, "x.csv", data) == {"unreadable": 1}
    assert queries.files()[0].error
    assert bank_responses.ingest(SYSTEM, "x.csv", data) == {}


def test_the_demonstration_bank_pays_and_rejects(cast: Cast) -> None:
    pay, reject = earned(cast, cast.bo, 1_000), earned(cast, cast.bea, 2_000)
    with_account(cast.bo)
    with_account(cast.bea, "6222 0000 1114 0000")
    good = services.request(cast.bo, pay.id, amount=1_000)
    bad = services.request(cast.bea, reject.id, amount=2_000)
    batch = services.make_batch(cast.fen, currency="CNY")
    services.approve(cast.finn, batch.id)
    for row in db.session.scalars(sa.select(Job.id).where(Job.dedup_key == f"batch:{batch.id}")).all():
        assert background.run(row)
    jobs.fetch_responses()()
    commit()
    assert (good.state, bad.state) == (PayoutState.PAID, PayoutState.RETURNED)
    assert len(queries.answers_about(good.id)) == 1
    jobs.fetch_responses()()
    assert list(gateway.current().answers()) == [], "what was read is put away"


def test_answers_brought_by_hand_are_read_by_a_job(cast: Cast) -> None:
    payout = a_batch_at_the_bank(cast)
    text = f"payment,status,amount,currency,reason\nPAYOUT-{payout.id},paid,10.00,CNY,\n".encode()
    row = bank_responses.upload(cast.fen, io.BytesIO(text), "answers.csv")
    assert payout.state == PayoutState.SENT, "no request does this work"
    assert jobs.read_upload(row.id) == {"applied": 1}
    assert jobs.read_upload(row.id) == {}
    with pytest.raises(Conflict):
        bank_responses.upload(cast.fen, io.BytesIO(text), "again.csv")
    with pytest.raises(Forbidden):
        bank_responses.upload(cast.aud, io.BytesIO(text), "x.csv")


def test_an_agencys_earnings_leave_by_its_owner(cast: Cast) -> None:
    join(cast.dee, cast.northlight, MemberRole.MEMBER)
    award = next(_awards)
    deposited(1_000, organisation_id=cast.luoyang.id, recorded_by=cast.fen.id)
    transfers.fund(SYSTEM, award, organisation_id=cast.luoyang.id, currency="CNY", amount=1_000)
    shares = [(OwnerType.ORGANISATION, cast.northlight.id, 1_000)]
    transfers.award(SYSTEM, award, challenge_id=award, currency="CNY", shares=shares, fee=0)
    ledger_account = get_account(LedgerAccountKind.PAYABLE, OwnerType.ORGANISATION, cast.northlight.id, "CNY")
    services.set_account(
        cast.nils, OwnerType.ORGANISATION, cast.northlight.id, currency="CNY", holder="N", bank="B", number="66668888"
    )
    with pytest.raises(Forbidden):
        services.request(cast.dee, ledger_account.id, amount=1)
    assert services.request(cast.nils, ledger_account.id, amount=1_000).created_at <= clock.now()
