"""Challenges run the loop while processes and servers are killed, emptied and restarted.

At the end every effect exists exactly once and the money is right. The short form has eight challenges and ten faults,
of each kind at least one; the long form has twenty of both. More:
`CROWD_FAULT_ROUNDS=1000 CROWD_FAULT_SEED=7 pytest tests/faults`.
"""

import email
import email.policy
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from challenges.models import Challenge
from crowd import schema
from crowd.audit import AuditEvent
from crowd.background import Job, JobState
from crowd.config import Settings
from crowd.db import db
from crowd.embedded import servers as crowd_servers
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.models import LedgerAccountKind, OwnerType, Transfer
from crowd.ledger.payouts import bank_file
from crowd.ledger.payouts.models import Payout
from crowd.limits import Limits
from crowd.notifications.models import Notification, OutgoingEmail
from scoring.models import Award, Panel, ReputationEvent
from tests.conftest import ROLE
from tests.faults.actors import SOLVERS, Crew, lateness
from tests.faults.injection import Weather, plan
from tests.processes import Platform
from tests.turns import long_ones

ROUNDS = int(os.environ.get("CROWD_FAULT_ROUNDS", "10"))
SIZES = [(8, ROUNDS), *long_ones((20, max(ROUNDS, 20)))]  # challenges and faults
SEED = int(os.environ.get("CROWD_FAULT_SEED", "20261120"))
LATE = 40  # seconds: a close may lose its worker several times, and PostgreSQL or Redis once
OWN_LOAD = 2  # processes to a processor that this test itself keeps ready to run
PATIENCE = 360 + 3 * ROUNDS  # a ceiling for a machine that is busy with other things

pytestmark = [pytest.mark.faults, pytest.mark.timeout(2 * PATIENCE + 60)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder with servers of its own, which no other test needs."""
    return tmp_path / "home"


@pytest.fixture
def platform(home: Path, tmp_path: Path) -> Iterator[Platform]:
    """A platform on those servers; what is committed there survives an immediate shutdown."""
    with crowd_servers.servers(home) as servers:
        schema.upgrade(str(servers.owner_url), ROLE)
        settings = Settings(
            data_dir=home,
            database_url=servers.app_url,
            owner_database_url=servers.owner_url,
            redis_url=servers.redis_url,
            secret_key="a secret that only the tests know, long enough",
            limits=Limits(reviews_per_proposal=1, max_open_reviews=200, max_reviews_per_panel=50),
        )
        running = Platform(settings, tmp_path)
        try:
            yield running
        finally:
            running.close()


@pytest.mark.parametrize(("challenges", "rounds"), SIZES)
def test_whatever_dies_every_effect_stands_exactly_once(
    platform: Platform, home: Path, challenges: int, rounds: int
) -> None:
    crew, weather = Crew(platform, challenges), Weather(platform, home, SEED)
    crew.set_up()
    platform.start_workers(2)
    platform.start_clock()
    platform.wait_until(lambda: platform.jobs("challenges.open_and_close_due"), "the clock has ticked", PATIENCE)
    platform.wait_for_quiet(PATIENCE)
    crew.let_close(min(12.0, rounds / 2))
    busy = max(others(), live_through(crew, weather, rounds))
    platform.wait_for_quiet(PATIENCE)
    with platform.app.app_context():
        check_effects(crew, LATE * busy)
        check_letters(home, challenges)
        check_money(crew, home)
        tried = again()
        late = max(lateness(row) for row in db.session.scalars(sa.select(Challenge)))
    blows = {"seed": SEED, "blows": Counter(weather.dealt), "restarts": weather.restarts}
    print(json.dumps({**blows, "tried_again": tried, "refused": crew.refused, "busy": busy, "latest_close": late}))
    assert sum(tried.values()) > 0, "no job was ever tried again, so nothing was proved"


def others() -> float:
    """How much slower this machine is for what else runs on it: 1 where this test is alone."""
    return max(1.0, os.getloadavg()[0] / (OWN_LOAD * (os.cpu_count() or 1)))


def live_through(crew: Crew, weather: Weather, rounds: int) -> float:
    """Faults in one thread, the people in this one, until all is settled and paid; returns how busy the machine was."""
    busy = 1.0
    until = time.monotonic() + PATIENCE
    with ThreadPoolExecutor(1) as sky:
        storm = sky.submit(weather.storm, plan(SEED, rounds))
        while not crew.turn() or not storm.done():
            if storm.done():
                storm.result()
                weather.keep_up()
            assert time.monotonic() < until, f"not settled after {PATIENCE} s\n{crew.platform.report()}"
            busy = max(busy, others())
            time.sleep(0.4)
        storm.result()
    return busy


def again() -> dict[str, int]:
    """How many jobs of a kind needed more than one attempt."""
    query = sa.select(Job.kind, sa.func.count()).where(Job.attempts > 1).group_by(Job.kind)
    return {str(kind): int(number) for kind, number in db.session.execute(query)}


def times(action: str) -> Counter[int]:
    """How often a thing happened to each challenge."""
    query = sa.select(AuditEvent.challenge_id).where(AuditEvent.action == action)
    return Counter(number for number in db.session.scalars(query) if number is not None)


def check_effects(crew: Crew, late: float) -> None:
    """Each challenge closed on time, judged, settled and rewarded once; no job given up."""
    once = dict.fromkeys(crew.challenges, 1)
    assert set(db.session.scalars(sa.select(Job.state).distinct())) <= {JobState.DONE, JobState.READY}
    for action in ("closed", "decided", "settled"):
        assert times(f"challenge.{action}") == once
    for action in ("panel.formed", "award.selected", "award.announced", "awards.paid"):
        assert times(action) == once, action
    assert Counter(db.session.scalars(sa.select(Panel.challenge_id))) == once
    assert Counter(db.session.scalars(sa.select(Award.challenge_id))) == once
    rows = list(db.session.scalars(sa.select(Challenge)))
    assert all(0 <= lateness(row) <= late for row in rows), f"{late:.0f} s: {[round(lateness(row)) for row in rows]}"
    assert all(row.proposals_count == 2 for row in rows)
    events = Counter(db.session.execute(sa.select(ReputationEvent.challenge_id, ReputationEvent.user_id)).all())
    assert {challenge_id for challenge_id, _user in events} == set(crew.challenges)


def check_letters(home: Path, challenges: int) -> None:
    """Every notification was mailed, and every email is in the mailbox once, complete, under its Message-ID."""
    found = []
    for path in (home / "mail").glob("*.eml"):
        letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        found.append((letter["Message-ID"], letter["To"]))
        assert letter.get_body(("plain",)) is not None
    written = db.session.execute(sa.select(OutgoingEmail.message_id, OutgoingEmail.recipient)).all()
    assert sorted(found) == sorted((row[0], row[1]) for row in written)
    assert not db.session.scalar(sa.select(sa.func.count()).where(OutgoingEmail.sent_at.is_(None)))
    assert not db.session.scalar(sa.select(sa.func.count()).where(Notification.mailed_at.is_(None)))
    told = sa.select(sa.func.count()).where(Notification.kind == "scoring.won")
    assert db.session.scalar(told) == challenges


def check_money(crew: Crew, home: Path) -> None:
    """The ledger is right, each award was paid once, and each payout was sent to the bank once."""
    assert check.run_checks() == []
    kinds = Counter(db.session.scalars(sa.select(Transfer.kind)))
    assert (kinds["fund"], kinds["award"]) == (crew.number, crew.number)
    earned = crew.earned()
    assert earned == sum(1_000_000 + 70_001 * n for n in range(crew.number))
    paid = list(db.session.scalars(sa.select(Payout)))
    assert sum(payout.amount for payout in paid) == earned
    assert len(paid) == SOLVERS
    lines = [line for path in (home / "bank" / "out").glob("*.csv") for line in path.read_text().splitlines()[1:]]
    assert sorted(line.split(",")[0].strip('"') for line in lines) == sorted(bank_file.payment_of(p) for p in paid)
    for solver_id in crew.solvers:
        assert ledger.balance(LedgerAccountKind.PAYABLE, OwnerType.USER, solver_id, "CNY") == 0
