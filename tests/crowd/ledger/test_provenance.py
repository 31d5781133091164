"""Provenance of a transfer: the actions that led to it, shown with the name or only with the organisation."""

import inspect
import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from crowd.audit import SYSTEM, Actor
from crowd.db import commit, db
from crowd.feature import declared
from crowd.ledger import provenance, services, transfers
from crowd.ledger.approvals import services as approvals
from crowd.ledger.deposits import services as deposits
from crowd.ledger.models import ApprovalKind, OwnerType, Transfer
from crowd.ledger.payouts import progress
from crowd.ledger.payouts import services as payouts
from crowd.ledger.payouts.models import Payout, PayoutBatch
from crowd.ledger.queries import about, reversal_of, transfers_about
from scoring.awards import services as award_services
from scoring.settlement import services as settlement
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.ledger.every_kind import one_of_each
from tests.crowd.ledger.test_payouts import a_batch_at_the_bank, answer, came_back, earned, with_account


def told(transfer: Transfer, actor: Actor | None) -> list[tuple[str, str]]:
    """(what, by whom) of each act behind a transfer, as a reader may know it."""
    return [(act.action, act.who(actor)) for act in provenance.acts_behind([transfer])[transfer.id]]


def award_of(challenge_id: int) -> Transfer:
    query = sa.select(Transfer).where(Transfer.challenge_id == challenge_id, Transfer.kind == "award")
    return db.session.scalars(query.order_by(Transfer.id)).first()


def test_an_award_follows_from_the_sponsors_decision(cast: Cast) -> None:
    challenge = factories.settled(cast)
    award = award_of(challenge.id)
    house = cast.luoyang.name
    for reader in (cast.ada, cast.abe, cast.fen, cast.aud):
        assert told(award, reader) == [("challenge.decided", f"Ada · {house}")]
    for reader in (None, cast.bo, cast.dee, cast.eve):
        assert told(award, reader) == [("challenge.decided", house)]
    assert about(award).title == challenge.title
    assert about(award).prize == "First"
    fund, refund = transfers_about("challenge", challenge.id)
    assert told(fund, cast.aud) == [("challenge.funded", f"Ada · {house}")]
    assert told(refund, cast.dee) == [("challenge.decided", house)]


def test_who_steps_in_for_a_silent_sponsor_is_named_by_the_office(cast: Cast) -> None:
    challenge = factories.judged(cast)
    factories.move_dates(challenge, decision_due_at=challenge.closed_at)
    award_services.decide(cast.eve, challenge.id, reason="Nobody answered, and nothing convinces.")
    factories.move_dates(challenge, appeals_until=challenge.closed_at)
    settlement.settle(SYSTEM, challenge.id)
    refund = transfers_about("challenge", challenge.id)[-1]
    assert told(refund, cast.bo) == [("challenge.decided", "Service centre")]
    assert told(refund, cast.ada) == [("challenge.decided", "Service centre")]
    assert told(refund, cast.aud) == [("challenge.decided", "Eve · Service centre")]


def test_a_payment_that_covers_the_cost_funds_by_itself(cast: Cast) -> None:
    challenge = factories.approved(cast, prizes=[factories.PrizeLine(title="First", amount=100_000)])
    deposit = deposits.record(
        cast.fen,
        bank_reference="Y1",
        value_date=challenge.created_at.date(),
        payer="Luoyang",
        amount=challenge.cost,
        currency="CNY",
        payment_reference=challenge.payment_reference or "",
    )
    factories.run_jobs("challenges.fund")
    (fund,) = transfers_about("challenge", challenge.id)
    assert told(fund, cast.ada) == [("challenge.funded", "Crowd (automatic)")]
    (paid_in,) = transfers_about("deposit", deposit.id)
    assert told(paid_in, cast.ada) == [("deposit.recorded", "Finance")]
    assert told(paid_in, cast.finn) == [("deposit.recorded", "Fen · Finance")]


def test_two_people_of_finance_are_behind_a_large_deposit_and_its_reversal(cast: Cast) -> None:
    deposit = deposits.record(
        cast.fen,
        bank_reference="Z1",
        value_date=cast.fen.created_at.date(),
        payer="Luoyang",
        amount=90_000_00,
        currency="CNY",
        organisation_id=cast.luoyang.id,
    )
    deposits.confirm(cast.finn, deposit.id)
    (booked,) = transfers_about("deposit", deposit.id)
    assert [who for _verb, who in told(booked, cast.aud)] == ["Fen · Finance", "Finn · Finance"]
    assert services.reverse(cast.fen, booked.id, reason="Another house's money") is None
    approvals.approve_waiting(cast.finn, ApprovalKind.REVERSAL, booked.id)
    undone = reversal_of(booked.id)
    assert undone is not None
    assert told(undone, cast.aud) == [
        ("transfer.reversal_requested", "Fen · Finance"),
        ("transfer.reversed", "Finn · Finance"),
    ]


def test_a_payout_was_asked_for_by_one_and_approved_by_another(cast: Cast) -> None:
    payout = a_batch_at_the_bank(cast)
    answer(payout, "paid")
    request, paid = transfers_about("payout", payout.id)
    assert told(request, cast.bo) == [("payout.requested", "Bo")]
    assert told(paid, cast.bo) == [
        ("payout.requested", "Bo"),
        ("batch.created", "Finance"),
        ("batch.approved", "Finance"),
    ]
    assert told(paid, cast.aud)[1:] == [("batch.created", "Fen · Finance"), ("batch.approved", "Finn · Finance")]
    assert about(paid).payout is payout


def test_many_transfers_are_explained_at_once(cast: Cast) -> None:
    challenge = factories.settled(cast, "bo", "bea", awards=2)
    rows = [*transfers_about("challenge", challenge.id), award_of(challenge.id)]
    found = provenance.acts_behind(rows)
    assert set(found) == {row.id for row in rows}
    assert provenance.acts_behind([]) == {}


# ---- the way of a payout


def steps(way: list[progress.PayoutStep]) -> list[tuple[str, str]]:
    return [(step.label, step.status) for step in way]


def people(cast: Cast) -> progress.People:
    return {(OwnerType.USER, person.id): person.name for person in (cast.bo, cast.fen, cast.finn)}


def test_the_way_of_a_payout_step_by_step(cast: Cast) -> None:
    account = earned(cast, cast.bo, 1_000)
    with_account(cast.bo)
    payout = payouts.request(cast.bo, account.id, amount=1_000)
    way = progress.payout_steps(cast.bo, payout, people(cast))
    assert steps(way)[:2] == [("Request", "done"), ("Batch", "now")]
    assert {status for _label, status in steps(way)[2:]} == {"next"}
    assert (way[0].at, way[0].detail) == (payout.created_at, "Bo")
    batch = payouts.make_batch(cast.fen, currency="CNY")
    commit()
    db.session.refresh(payout)
    assert steps(progress.payout_steps(cast.bo, payout, people(cast)))[2] == ("Approval", "now")
    payouts.approve(cast.finn, batch.id)
    payouts.mark_sent(SYSTEM, batch.id, digest="0" * 64)
    commit()
    db.session.refresh(payout)
    way = progress.payout_steps(cast.bo, payout, people(cast))
    assert steps(way)[-1] == ("Bank response", "now")
    assert [step.detail for step in way[:4]] == ["Bo", "Finance", "Finance", "automatic"]
    assert progress.payout_steps(cast.aud, payout, people(cast))[2].detail == "Finn"
    answer(payout, "paid")
    assert steps(progress.payout_steps(cast.bo, payout, people(cast)))[-1] == ("Paid", "done")
    came_back(cast, payout)
    assert steps(progress.payout_steps(cast.bo, payout, people(cast)))[-1] == ("Returned by the bank", "now")


def test_the_way_of_what_was_taken_back_or_dropped(cast: Cast) -> None:
    account = earned(cast, cast.bo, 1_000)
    with_account(cast.bo)
    payout = payouts.request(cast.bo, account.id, amount=1_000)
    batch = payouts.make_batch(cast.fen, currency="CNY")
    payouts.cancel_batch(cast.fen, batch.id)
    row = db.session.get_one(PayoutBatch, batch.id)
    assert steps(progress.batch_steps(cast.aud, row, people(cast))) == [
        ("Batch created", "done"),
        ("Cancelled", "now"),
    ]
    payouts.cancel(cast.bo, payout.id)
    assert steps(progress.payout_steps(cast.bo, payout, people(cast), payout.created_at)) == [
        ("Request", "done"),
        ("Cancelled", "now"),
    ]


def test_every_kind_of_transfer_is_an_entry_with_actions_that_are_recorded() -> None:
    made = set(re.findall(r'kind="(\w+)"', inspect.getsource(transfers))) | {
        f"payout_{step}" if step in ("request", "cancel") else step
        for step in re.findall(r'_payout\(actor, payout, "(\w+)"', inspect.getsource(transfers))
    }
    assert made ^ set(transfers.KINDS) == set(), "each kind that crowd/ledger/transfers.py posts is an entry of KINDS"
    acts = {action for kind in transfers.KINDS.values() for action in kind.acts}
    assert acts - set(declared().audit) == set(), "AUDIT of crowd/ledger/feature.py has words for each action"
    assert all(kind.label and kind.acts for kind in transfers.KINDS.values())


@pytest.fixture
def more_acts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Actions about other things than those that their transfers are known to be about; the first is recorded."""
    added = [
        ("award", "award.selected"), ("fund", "organisation.verified"), ("paid", "approval.declined"),
        ("reverse", "bank_file.read"),
    ]  # fmt: skip
    for kind, action in added:
        about = transfers.KINDS[kind]
        monkeypatch.setitem(transfers.KINDS, kind, replace(about, acts={**about.acts, action: "Done by"}))
        monkeypatch.setitem(provenance.LABELS, action, "Done by")
    return added


def test_an_action_about_anything_makes_no_page_fail(cast: Cast, more_acts: list[tuple[str, str]]) -> None:
    books = one_of_each(cast)
    found = {}
    for kind, action in more_acts:
        acts = [act.action for act in provenance.acts_behind([books[kind]])[books[kind].id]]
        assert acts, kind
        found[kind] = action in acts
    assert found == {"award": True, "fund": False, "paid": False, "reverse": False}


def test_every_kind_has_a_page_that_says_who_made_it(cast: Cast, browser: Browser) -> None:
    books = one_of_each(cast)
    assert books.keys() == transfers.KINDS.keys(), "tests/crowd/ledger/every_kind.py makes one of each kind"
    payouts_of = {row.id: row for row in db.session.scalars(sa.select(Payout))}
    acts = provenance.acts_behind(list(books.values()))
    browser.sign_in(cast.fen)
    for kind, transfer in books.items():
        words = {action.partition(".")[0] for action in transfers.KINDS[kind].acts}
        known = provenance.subjects_of(transfer, payouts_of).keys()
        assert words <= known, f"a {kind} is about {sorted(known)}: its page finds no other action"
        page = browser.get(f"/balance/transfers/{transfer.id}")
        assert page.status_code == 200, kind
        assert acts[transfer.id], kind
        assert all(act.who(cast.fen) in page.text for act in acts[transfer.id]), kind
