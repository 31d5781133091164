"""What is not tidy: money without a name, a payment that is short, one that no statement has shown yet."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from challenges.funding import services as funding
from challenges.models import Challenge
from challenges.workflow import State
from crowd.db import db
from crowd.demo import company
from crowd.demo.stage import Script, Stage


def scripts(theatre: Stage, end: datetime) -> Iterator[Script]:
    """Three payments of the last days."""
    yield _nameless(end - timedelta(days=2))
    yield _short(end - timedelta(days=1))
    yield _waiting_for_a_second_person(end - timedelta(hours=5))


def _nameless(at: datetime) -> Script:
    yield at
    funding.record_deposit(
        company.person("fen"),
        bank_reference=f"{at:%Y%m%d}44718206",
        value_date=at.date(),
        payer="H. Mustermann",
        amount=1_250_00,
        currency="EUR",
        payment_reference="prize money",
    )


def _approved(language: str) -> Challenge:
    query = sa.select(Challenge).where(Challenge.state == State.APPROVED, Challenge.language == language)
    return db.session.scalars(query.order_by(Challenge.id)).first()  # type: ignore[return-value]


def _short(at: datetime) -> Script:
    """The sponsor left the fee out, so that the challenge cannot open yet."""
    yield at
    challenge = _approved("en")
    funding.record_deposit(
        company.person("fen"),
        bank_reference=f"{at:%Y%m%d}51930077",
        value_date=at.date(),
        payer=challenge.organisation.name,
        amount=challenge.prize_total,
        currency=challenge.currency,
        payment_reference=challenge.payment_reference or "",
    )


def _waiting_for_a_second_person(at: datetime) -> Script:
    yield at
    challenge = _approved("zh_Hans_CN")
    funding.record_deposit(
        company.person("fen"),
        bank_reference=f"{at:%Y%m%d}60015523",
        value_date=at.date(),
        payer=challenge.organisation.name,
        amount=challenge.cost,
        currency=challenge.currency,
        payment_reference=challenge.payment_reference or "",
    )
