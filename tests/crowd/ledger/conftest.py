"""Money for tests: accounts filled by deposits; and the owner's connection, which breaks things on purpose."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

import challenges.funding.models
import challenges.models  # noqa: F401
from crowd.audit import SYSTEM
from crowd.db import atomic, db
from crowd.ledger import transfers
from crowd.ledger.models import Deposit
from crowd.ledger.workflow import DepositState
from tests.cast import Cast

_numbers = itertools.count(1)


@atomic
def deposited(amount: int, *, organisation_id: int | None, recorded_by: int, currency: str = "CNY") -> Deposit:
    """A booked deposit: to the organisation, or to suspense."""
    row = Deposit(
        bank_reference=f"TEST-{next(_numbers)}",
        value_date=date(2026, 11, 20),
        payer="Somebody",
        amount=amount,
        currency=currency,
        organisation_id=organisation_id,
        recorded_by=recorded_by,
        state=DepositState.CREDITED if organisation_id else DepositState.SUSPENSE,
    )
    db.session.add(row)
    db.session.flush()
    transfers.deposit(SYSTEM, row)
    return row


@pytest.fixture
def books(committed: Flask) -> Iterator[Cast]:
    """The cast on a database of its own, where commits are real."""
    with committed.app_context():
        yield Cast()


Owner = Callable[..., Any]


@pytest.fixture
def owner(committed: Flask) -> Iterator[Owner]:
    """Run statements as the database's owner: `owner("ALTER TABLE ...")`, each call one transaction."""
    engine = sa.create_engine(committed.config["CROWD"].owner_database_url, poolclass=sa.NullPool)

    def run(*statements: str, **values: Any) -> Any:
        with engine.begin() as connection:
            results = [connection.execute(sa.text(statement), values) for statement in statements]
            return results[-1].scalar() if results[-1].returns_rows else None

    yield run
    engine.dispose()


@contextmanager
def refused(message: str) -> Iterator[None]:
    """The database refuses, and says why in words."""
    with pytest.raises(sa.exc.DBAPIError, match=message):
        yield
    db.session.rollback()
