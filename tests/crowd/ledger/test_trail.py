"""Every act of finance is in the audit trail, in its order, with who did it and the amount that it is about."""

from typing import Any

import sqlalchemy as sa

from crowd.audit import SYSTEM, AuditEvent
from crowd.db import db
from crowd.ledger import services
from crowd.ledger.approvals import services as approvals
from crowd.ledger.deposits import services as deposits
from crowd.ledger.models import ApprovalKind
from crowd.ledger.payouts import queries
from crowd.ledger.payouts import services as payouts
from crowd.ledger.queries import transfers_about
from tests.cast import Cast
from tests.crowd.ledger.test_approvals import LARGE, asked, come
from tests.crowd.ledger.test_payouts import answer, earned, with_account


def acts(*, since: int = 0) -> list[tuple[str, str]]:
    """(action, who did it) of the whole trail, the first first."""
    query = sa.select(AuditEvent.action, AuditEvent.actor_name).where(AuditEvent.id > since)
    return [(action, name) for action, name in db.session.execute(query.order_by(AuditEvent.id))]


def last() -> int:
    return db.session.scalar(sa.select(sa.func.max(AuditEvent.id))) or 0


def data(action: str) -> Any:
    """What the newest event of an action says."""
    query = sa.select(AuditEvent.data).where(AuditEvent.action == action).order_by(AuditEvent.id.desc())
    return db.session.scalars(query).first()


def test_what_becomes_of_a_deposit(cast: Cast) -> None:
    people = (cast.fen, cast.finn, cast.luoyang, cast.ada)
    began = last()
    assert all(people)
    row = come(cast.fen, LARGE)
    deposits.confirm(cast.finn, row.id)
    deposits.reconcile(cast.fen, row.id)
    deposits.reconcile(cast.fen, row.id)  # changes nothing, and is not recorded
    deposits.allocate(cast.fen, row.id, organisation_id=cast.luoyang.id)
    approvals.decline(cast.finn, asked(ApprovalKind.ALLOCATION).id)
    deposits.allocate(cast.fen, row.id, organisation_id=cast.luoyang.id)
    approvals.approve(cast.finn, asked(ApprovalKind.ALLOCATION).id)
    deposits.return_to_payer(cast.finn, row.id, reason="the payer asked")
    approvals.approve(cast.fen, asked(ApprovalKind.RETURN).id)
    assert acts(since=began) == [
        ("deposit.recorded", "Fen"),
        ("deposit.confirmed", "Finn"), ("deposit.suspended", "Finn"),
        ("deposit.reconciled", "Fen"),
        ("deposit.allocation_requested", "Fen"), ("approval.declined", "Finn"),
        ("deposit.allocation_requested", "Fen"), ("deposit.allocated", "Finn"),
        ("deposit.return_requested", "Finn"), ("deposit.returned", "Fen"),
    ]  # fmt: skip
    for action in ("recorded", "suspended", "allocation_requested", "allocated", "return_requested", "returned"):
        assert str(LARGE) in str(data(f"deposit.{action}")["amount"]), action
    assert data("deposit.returned")["reason"] == "the payer asked"


def test_what_was_booked_wrongly(cast: Cast) -> None:
    people = (cast.fen, cast.finn, cast.luoyang, cast.ada)
    began = last()
    assert all(people)
    row, large = come(cast.fen, 500), come(cast.fen, LARGE, payer="Another")
    deposits.discard(cast.finn, large.id, reason="typed twice")
    deposits.allocate(cast.finn, row.id, organisation_id=cast.luoyang.id)
    first, second = transfers_about("deposit", row.id)
    services.reverse(cast.fen, second.id, reason="not theirs")
    services.reverse(cast.finn, first.id, reason="nobody's")
    assert acts(since=began) == [
        ("deposit.recorded", "Fen"), ("deposit.suspended", "Fen"), ("deposit.recorded", "Fen"),
        ("approval.declined", "Finn"), ("deposit.discarded", "Finn"),
        ("deposit.allocated", "Finn"),
        ("deposit.reversed", "Fen"), ("transfer.reversed", "Fen"),
        ("deposit.reversed", "Finn"), ("transfer.reversed", "Finn"),
    ]  # fmt: skip
    assert data("deposit.discarded")["reason"] == "typed twice"
    assert data("transfer.reversed")["reason"] == "nobody's"


def test_what_becomes_of_a_payout(cast: Cast) -> None:
    ledger_account = earned(cast, cast.bo, 1_000)
    people = (cast.fen, cast.finn)
    began = last()
    assert all(people)
    with_account(cast.bo)
    payouts.cancel(cast.bo, payouts.request(cast.bo, ledger_account.id, amount=400).id)
    payout = payouts.request(cast.bo, ledger_account.id, amount=1_000)
    payouts.cancel_batch(cast.fen, payouts.make_batch(cast.fen, currency="CNY").id)
    batch = payouts.make_batch(cast.fen, currency="CNY")
    payouts.approve(cast.finn, batch.id)
    for _each in range(2):
        assert payouts.mark_sent(SYSTEM, batch.id, digest="0" * 64) is batch, "a second time changes nothing"
    answer(payout, "paid")
    made = [act for act in acts(since=began) if not act[0].startswith("bank_file")]
    assert made == [
        ("payout_account.set", "Bo"),
        ("payout.requested", "Bo"), ("payout.cancelled", "Bo"), ("payout.requested", "Bo"),
        ("batch.created", "Fen"), ("batch.cancelled", "Fen"), ("batch.created", "Fen"),
        ("batch.approved", "Finn"), ("batch.sent", SYSTEM.name),
        ("payout.paid", SYSTEM.name), ("batch.settled", SYSTEM.name),
    ]  # fmt: skip
    assert data("batch.cancelled")["payouts"] == data("batch.created")["payouts"] == [payout.id]
    assert data("batch.sent")["digest"] == "0" * 64
    assert batch.file_digest == "0" * 64
    assert queries.access_batch(cast.aud, batch.id).approved_by == cast.finn.id
