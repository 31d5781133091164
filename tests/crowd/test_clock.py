"""The one clock: only the owner of the database sets it back, and nothing serves in production while it is."""

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import clock
from crowd.app import create_web
from crowd.cli import ensure_migrated
from crowd.config import Misconfigured, Settings
from crowd.db import db
from crowd.demo.simulator import set_right
from tests.client import Browser

SET = "UPDATE platform_clock SET behind = :behind"


@pytest.fixture
def behind(committed: Flask) -> Iterator[Settings]:
    """A platform whose clock is ten days behind."""
    settings: Settings = committed.config["CROWD"]
    owner = sa.create_engine(str(settings.owner_database_url), poolclass=sa.NullPool)
    with owner.begin() as connection:
        connection.execute(sa.text(SET), {"behind": timedelta(days=-10)})
    yield settings
    set_right(str(settings.owner_database_url))


def test_the_applications_role_cannot_set_the_clock(committed: Flask) -> None:
    with committed.app_context():
        for statement in (SET, "DELETE FROM platform_clock", "INSERT INTO platform_clock (behind) VALUES (:behind)"):
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                db.session.execute(sa.text(statement), {"behind": timedelta(days=-1)})
            db.session.rollback()


def test_nobody_sets_the_clock_forward(committed: Flask) -> None:
    owner = sa.create_engine(str(committed.config["CROWD"].owner_database_url), poolclass=sa.NullPool)
    with pytest.raises(sa.exc.IntegrityError), owner.begin() as connection:
        connection.execute(sa.text(SET), {"behind": timedelta(seconds=1)})
    with pytest.raises(ValueError, match="never forward"):
        clock.set_offset(timedelta(seconds=1))


def test_production_does_not_start_on_a_clock_that_was_set_back(behind: Settings) -> None:
    ensure_migrated(behind)  # a demonstration may
    production = replace(behind, mode="production")
    with pytest.raises(Misconfigured, match="10 days"):
        ensure_migrated(production)
    assert set_right(str(behind.owner_database_url))
    assert not set_right(str(behind.owner_database_url))
    ensure_migrated(production)


def test_a_server_of_its_own_does_not_start_in_production_either(
    behind: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when somebody lets another server load `crowd.app:create_web()` or `create_app()`."""
    monkeypatch.setattr("crowd.environment.from_env", lambda: replace(behind, mode="production"))
    with pytest.raises(Misconfigured, match="10 days"):
        create_web()


def test_a_platform_whose_clock_is_behind_is_not_ready(committed: Flask, behind: Settings) -> None:
    answer = Browser(committed).get("/readyz")
    assert answer.status_code == 503
    assert (answer.json or {})["parts"]["clock"] == {"ok": False, "behind_seconds": 864000.0}


# ---- the database's clock beside this process's


@pytest.fixture
def untaught() -> Iterator[None]:
    """A process that has learnt nothing of the database's clock yet; what this one had learnt comes back afterwards."""
    before, clock._beginning = clock._beginning, None
    yield
    clock._beginning = before


@pytest.mark.parametrize("seed", range(20))
def test_what_is_learnt_is_never_before_the_truth_and_as_near_as_the_quickest_answer(
    untaught: None, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice, true = random.Random(seed), datetime(2026, 1, 1, tzinfo=UTC)
    mine, quickest = 1000.0, 1.0
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: mine))
    for _ in range(60):
        there, back = dice.expovariate(50), dice.expovariate(50)  # a loaded machine: 20 ms each way, at times 100
        before, quickest = mine, min(quickest, there + back)
        shown = true + timedelta(seconds=before + there)
        mine = before + there + back
        clock.learn(before, shown)
        assert clock._beginning is not None
        behind = (clock._beginning.latest - true).total_seconds()
        assert -1e-5 <= behind <= quickest + 60 * clock.DRIFT
        mine += dice.uniform(0, 1)


def test_a_clock_that_was_set_is_believed_at_once(untaught: None) -> None:
    known = datetime(2026, 1, 1, tzinfo=UTC)
    for jump in (timedelta(0), timedelta(hours=-3), timedelta(hours=5)):
        clock.learn(time.monotonic() - 0.001, known + jump)
        assert clock._beginning is not None
        assert abs(clock._beginning.latest + timedelta(seconds=time.monotonic()) - known - jump) < timedelta(seconds=1)


def test_a_request_counts_from_its_arrival_and_always_from_the_same_instant(isolated: Flask) -> None:
    waited = 2.5
    stamp = time.monotonic() - waited
    with isolated.test_request_context(environ_overrides={clock.ARRIVED: lambda: stamp}):
        first = clock.arrived_at()
        assert abs((clock.db_now() - first).total_seconds() - waited) < 1
        time.sleep(0.05)
        assert clock.arrived_at() == first


def test_without_a_stamp_or_a_request_it_is_the_present_instant(isolated: Flask) -> None:
    with isolated.app_context():
        assert abs(clock.arrived_at() - clock.db_now()) < timedelta(seconds=1)
    with isolated.test_request_context():
        first = clock.arrived_at()
        time.sleep(0.05)
        assert clock.arrived_at() > first
