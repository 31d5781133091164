"""`crowd bench surge`: the last minute of one challenge, in which thousands submit, a third of them at its very end.

Each client determines whether its submission was in time, from the time at which its last byte was written to the
socket, never from the server's response. Clients, web, workers and servers share the processors.
"""

import random
import secrets
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from statistics import median
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.workflow import ChallengeState as ChallengeState
from crowd import clock, supervisor
from crowd.app import create_app
from crowd.background import Job
from crowd.bench import crew, machine
from crowd.bench.clients import request
from crowd.bench.copies import Prepared, prepared
from crowd.bench.pages import host, percentile
from crowd.bench.presses import Press, press
from crowd.config import Settings
from crowd.db import commit, db
from submissions import services as submissions
from submissions.models import Proposal
from submissions.workflow import ProposalState

LATE = 100  # additional people who submit in the seconds after the close
LATE_SECONDS = 6.0
END_SECONDS, END_PART = 6.0, 0.3  # in so many seconds before the close, this part of all people submit
ALONE = 30  # submissions one after another, without load
NEITHER = 0.05  # seconds around the deadline that count as neither in time nor late
LEAD = 3.0  # seconds from the last preparation to the first request
JOB_WORKERS = 2
FILE = b"height,arrival,confidence\n" + b"12.25,0.004118,0.93\n" * 460  # 9 kB
ACCEPTED, REFUSED = 303, 409
READINGS = 40


def run(settings: Settings, people: int, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Make `people` submit within so many seconds before the close, and a hundred more after it."""
    limits = replace(machine.FREE, proposals_per_challenge=2 * people + LATE + ALONE)
    with machine.platform(settings, "bench-surge", limits) as own, ExitStack() as stack:
        app = create_app(own)
        say(f"preparing {people + LATE + ALONE} people, each with a session, a draft and a file ...")
        with app.app_context():
            challenge_id = crew.opened("bench: surge", proposals_limit=limits.proposals_per_challenge)
            messages = _messages(host(own), challenge_id, people + LATE + ALONE)
        pids = _served(own, stack)
        alone = _alone(own, [messages.pop() for _ in range(ALONE)])
        say(f"a submission without load: {alone} ms; now {people} in {seconds:.0f} s ...")
        with app.app_context():
            zero = clock_zero()
            closes_at = _let_close(challenge_id, seconds)
            before = {name: sum(map(machine.cpu_seconds, family)) for name, family in pids.items()}
            presses = press(own.port, _planned(messages, (closes_at - zero).total_seconds(), people, seconds))
            cpu = {name: sum(map(machine.cpu_seconds, family)) - before[name] for name, family in pids.items()}
            error = max(clock_zero(), zero) - min(clock_zero(), zero)
            found = _counted(presses, (closes_at - zero).total_seconds(), people)
            found |= _stored(challenge_id, found["accepted"] + found["accepted_late"] + ALONE)
            db.session.remove()
            db.engine.dispose()
    for one in [one for one in presses if one.failure][:3]:
        say(one.failure)
    return found | {
        "alone_ms": alone,
        "cpu_ms": {name: round(value * 1000 / len(presses), 2) for name, value in cpu.items()},
        "clock_error_ms": round(error.total_seconds() * 1000, 2),
    }


# ---- preparing


def _served(own: Settings, stack: ExitStack) -> dict[str, list[int]]:
    """The platform's processes for the length of the stack, by purpose."""
    env = machine.environment(own)
    words = [*["worker"] * JOB_WORKERS, "scheduler"]
    jobs = [stack.enter_context(machine.process(supervisor.crowd_command(word), env)).pid for word in words]
    return {"web": [stack.enter_context(machine.web(own))], "database": [machine.database_pid(own)], "jobs": jobs}


def _messages(where: str, challenge_id: int, number: int) -> list[str]:
    """The requests with which so many people submit their drafts."""
    author = crew.person("solver", secrets.randbelow(10**9))  # a new person each time
    proposal_id = crew.draft(author, challenge_id)
    submissions.attach(author, proposal_id, stream=BytesIO(FILE), filename="measurements.csv")
    return [_message(where, one) for one in prepared(author.id, proposal_id, number)]


def _message(where: str, one: Prepared) -> str:
    form = urlencode({"csrf_token": one.token})
    return request("POST", f"/proposals/{one.proposal_id}/submit", host=where, cookie=one.cookie, form=form)


def clock_zero() -> datetime:
    """The start of this machine's monotonic clock, by the database's: the midpoint of the fastest of some readings."""
    readings = []
    for _ in range(READINGS):
        before = monotonic()
        instant = clock.db_now()
        after = monotonic()
        readings.append((after - before, instant - timedelta(seconds=(before + after) / 2)))
    return min(readings)[1]


def _let_close(challenge_id: int, seconds: float) -> datetime:
    """Set the challenge to close that long after the lead, with its closing job; returns the closing time."""
    closes_at = clock.db_now() + timedelta(seconds=LEAD + seconds)
    row = db.session.get_one(Challenge, challenge_id)
    row.closes_at = closes_at
    due = sa.update(Job).where(Job.challenge_id == challenge_id, Job.kind == "challenges.close")
    db.session.execute(due.values(run_at=closes_at + row.grace))
    commit()
    return closes_at


def _planned(messages: Sequence[str], closes: float, people: int, seconds: float) -> list[Press]:
    """When each submits: most at any time, a part of them in the last seconds, and the late ones after the close."""
    dice = random.Random(people)
    last = round(people * END_PART)
    dues = [closes - dice.uniform(END_SECONDS, seconds) for _ in range(people - last)]
    dues += [closes - dice.uniform(0, END_SECONDS) for _ in range(last)]
    dues += [closes + dice.uniform(0, LATE_SECONDS) for _ in range(LATE)]
    return [Press(due, message) for due, message in zip(dues, messages, strict=True)]


# ---- measuring


def _alone(own: Settings, messages: Sequence[str]) -> float:
    """The median of submissions one after another, in milliseconds."""
    taken = []
    for message in messages:
        (one,) = press(own.port, [Press(monotonic(), message)])
        if one.status != ACCEPTED:
            raise RuntimeError(f"a submission without load was answered {one.status} {one.failure}")
        taken.append((one.answered - one.sent) * 1000)
    return round(median(taken), 1)


def _counted(presses: Sequence[Press], closes: float, people: int) -> dict[str, Any]:
    """The clients' results: each was in time, late, or too near to the deadline for either."""
    in_time = [one for one in presses if one.sent <= closes - NEITHER]
    late = [one for one in presses if one.sent >= closes + NEITHER]
    taken = [(one.answered - one.sent) * 1000 for one in presses if one.status == ACCEPTED]
    return {
        "sent": sum(bool(one.sent) for one in presses[:people]),
        "sent_late": len(late),
        "near": len(presses) - len(in_time) - len(late),
        "accepted": sum(one.status == ACCEPTED for one in presses if one not in late),
        "refused_in_time": sum(one.status == REFUSED for one in in_time),
        "accepted_late": sum(one.status == ACCEPTED for one in late),
        "refused_late": sum(one.status == REFUSED for one in late),
        "lost": sum(one.status not in (ACCEPTED, REFUSED) for one in presses),
        "p50_ms": percentile(taken, 50),
        "p99_ms": percentile(taken, 99),
        "max_ms": round(max(taken, default=0.0), 1),
    }


def _stored(challenge_id: int, accepted: int) -> dict[str, Any]:
    """The database's state once the challenge has closed; accepted submissions that are missing are lost."""
    row = db.session.get_one(Challenge, challenge_id)
    until = monotonic() + 120
    while row.state == ChallengeState.OPEN and monotonic() < until:
        sleep(0.5)
        db.session.refresh(row)
    there = sa.select(sa.func.count()).where(
        Proposal.challenge_id == challenge_id, Proposal.state == ProposalState.SUBMITTED
    )
    stored = int(db.session.scalar(there) or 0)
    closed = (row.closed_at - row.closes_at).total_seconds() if row.closed_at and row.closes_at else None
    return {"stored": stored - ALONE, "unstored": accepted - stored, "counted": row.proposals_count - ALONE,
            "closed_after_s": closed}  # fmt: skip
