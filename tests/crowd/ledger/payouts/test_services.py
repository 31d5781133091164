"""Payouts: who is told that the account was changed, and what each act gives."""

import sqlalchemy as sa

from crowd.audit import SYSTEM
from crowd.db import db
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.ledger.payouts import queries, services
from crowd.ledger.queries import balance
from crowd.notifications.models import Notification
from tests.cast import Cast
from tests.crowd.ledger.test_payouts import bo_has, earned, with_account


def told() -> list[int]:
    """Who was told of a changed account."""
    query = sa.select(Notification.user_id).where(Notification.kind == "ledger.account_changed")
    return list(db.session.scalars(query.order_by(Notification.id)))


def test_the_owner_is_told_of_each_change_of_the_account(cast: Cast) -> None:
    with_account(cast.bo)
    assert told() == [cast.bo.id]
    with_account(cast.bo, "6222 0000 1111 3338")
    assert told() == [cast.bo.id] * 2
    row = services.set_account(
        cast.ada, OwnerType.ORGANISATION, cast.luoyang.id, currency="CNY", holder="L", bank="B", number="66668888"
    )
    assert told()[2:] == [cast.ada.id]
    assert queries.account(OwnerType.ORGANISATION, cast.luoyang.id, "CNY") is row
    assert (row.ending, row.created_by) == ("8888", cast.ada.id)


def test_each_act_gives_what_it_has_changed(cast: Cast) -> None:
    ledger_account = earned(cast, cast.bo, 1_000)
    with_account(cast.bo)
    first = services.request(cast.bo, ledger_account.id, amount=1_000)
    assert services.cancel(cast.bo, first.id) is first
    assert bo_has(cast) == 1_000
    payout = services.request(cast.bo, ledger_account.id, amount=1_000)
    batch = services.make_batch(cast.fen, currency="CNY")
    assert services.cancel_batch(cast.fen, batch.id) is batch
    batch = services.make_batch(cast.fen, currency="CNY")
    assert not services.ready_to_send(batch.id)
    assert services.approve(cast.finn, batch.id) is batch
    assert services.ready_to_send(batch.id)
    assert services.mark_sent(SYSTEM, batch.id, digest="0" * 64) is batch
    assert not services.ready_to_send(batch.id)
    assert not services.ready_to_send(batch.id + 1)
    assert balance(LedgerAccountKind.HELD, OwnerType.PAYOUT, payout.id, "CNY") == 1_000
