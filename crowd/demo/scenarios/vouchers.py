"""Vouchers of those who take part: one was redeemed and used, one waits for the park that grants it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from challenges.support import services
from challenges.support.models import Voucher
from crowd.db import db
from crowd.demo import personas
from crowd.demo.granting import GRANTS
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.demo.timeline import challenge_number

KEY = "casting-binder"
WISHES = ("固化树脂的玻璃化转变温度，四个样品，各两次。", "改性木质素批次对比，六个样品，希望下周二至周四。")


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """Of the last days: everybody who takes part has registered by then."""
    yield _used(end - timedelta(days=3))
    yield _waiting(end - timedelta(hours=20))


def _used(at: datetime) -> Script:
    yield working(at)
    first = _voucher(0)
    services.redeem(first.user, first.public_id, wish=WISHES[0])
    yield working(at + timedelta(days=1))
    services.confirm(personas.account(GRANTS[KEY].agrees), _voucher(0).public_id)


def _waiting(at: datetime) -> Script:
    yield working(at)
    second = _voucher(1)
    services.redeem(second.user, second.public_id, wish=WISHES[1])


def _voucher(place: int) -> Voucher:
    query = sa.select(Voucher).where(Voucher.challenge_id == challenge_number(KEY)).order_by(Voucher.id)
    return db.session.scalars(query).all()[place]
