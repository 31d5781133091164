"""The closing instant over HTTP, on the real web with all of its threads held: what was sent in time is in, what was
sent a tenth of a second late is not, and nobody opens a proposal before the grace has ended.
"""

import socket
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import User
from crowd.bench import crew
from crowd.bench.clients import request
from crowd.bench.presses import Press, press
from crowd.bench.surge import clock_zero
from crowd.db import db
from crowd.errors import NotFound
from submissions import queries
from tests import factories
from tests.cast import Cast
from tests.contract_dates import follow
from tests.processes import Platform, platform_like
from tests.turns import long_ones

pytestmark = pytest.mark.timeout(400)
EACH = [5, *long_ones(20)]  # people in time, and as many too late
HELD = 24  # slow requests: more than the web has threads, and all have begun
LEAD = timedelta(seconds=6)  # from here to the closing instant
LATE = 0.1
RELEASED = 1.5  # seconds after the close, until which every thread waits for a slow request
SUBMIT = "/proposals/{}/submit"


def posts(host: str, path: str, signed_in: Sequence[tuple[str, str]], numbers: Sequence[int]) -> list[str]:
    """The request of each person about their own proposal."""
    return [
        request("POST", path.format(number), host=host, cookie=cookie, form=f"csrf_token={token}")
        for number, (cookie, token) in zip(numbers, signed_in, strict=True)
    ]


@pytest.mark.parametrize("each", EACH)
def test_all_threads_held_over_the_closing_instant(committed: Flask, tmp_path: Path, each: int) -> None:
    with platform_like(committed, tmp_path) as platform:
        host, port = platform.start_web()
        platform.start_workers(1)
        platform.start_clock()
        with platform.app.app_context():
            challenge_id = factories.opened(Cast()).id
            people = [factories.user(f"Solver{n}") for n in range(2 * each)]
            challenge = db.session.get_one(Challenge, challenge_id)
            numbers = [factories.proposal(person, challenge, submitted=False).id for person in people]
            known = crew.cookies([person.id for person in people])
            messages = posts(f"{host}:{port}", SUBMIT, [known[person.id] for person in people], numbers)
            closes_at = clock.db_now() + LEAD
            platform.as_owner(
                "UPDATE challenge SET opens_at = now() - interval '9 days', closes_at = :closes_at", closes_at=closes_at
            )
            follow(platform.as_owner)
            platform.as_owner(
                "UPDATE job SET run_at = closes_at + make_interval(secs => grace_seconds) FROM challenge c "
                "WHERE c.id = job.challenge_id AND kind = 'challenges.close'"
            )
            closes = (closes_at - clock_zero()).total_seconds()
        pressed = _pressed(port, f"{host}:{port}", messages, closes)
        _check(platform, pressed[:each], pressed[each:], challenge_id, numbers[0])


def _pressed(port: int, host: str, messages: Sequence[str], closes: float) -> list[Press]:
    """Slow requests first; then those in time, then those who are late; they are answered once threads are free."""
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(HELD)]
    for one in slow:
        one.sendall(request("POST", "/account/login", host=host, form="x" * 40).encode()[:-1])
    letting_go = threading.Timer(closes + RELEASED - time.monotonic(), lambda: [one.sendall(b"x") for one in slow])
    letting_go.start()
    each = len(messages) // 2
    in_time = [Press(closes - 0.6 + 0.3 * n / each, message) for n, message in enumerate(messages[:each])]
    late = [Press(closes + LATE + 0.3 * n / each, message) for n, message in enumerate(messages[each:])]
    try:
        return press(port, [*in_time, *late])
    finally:
        letting_go.join()
        for one in slow:
            one.close()


def _check(platform: Platform, in_time: Sequence[Press], late: Sequence[Press], challenge_id: int, number: int) -> None:
    each = len(in_time)
    assert all(one.answered - one.sent > RELEASED for one in in_time), "they did wait for a thread, past the close"
    assert [one.status for one in in_time] == [303] * each
    assert [one.status for one in late] == [409] * each
    with platform.app.app_context():
        row = db.session.get_one(Challenge, challenge_id)
        assert row.proposals_count == each
        sponsor = db.session.scalars(sa.select(User).where(User.name == "Ada")).one()
        while True:  # as long as it is open, there is nothing to see, though the closing date has passed
            at = clock.db_now()
            try:
                queries.access(sponsor, number)
                break
            except NotFound:
                time.sleep(0.2)
                db.session.expire_all()
        assert at >= row.to_close_at
        assert (row.state, row.proposals_count) == (ChallengeState.JUDGING, each)
        assert row.closed_at >= row.to_close_at
