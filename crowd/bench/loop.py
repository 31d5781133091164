"""`crowd bench loop`: whole loops from the draft to the settlement, by services and real workers."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any, TypeVar

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd import clock, supervisor
from crowd.accounts.models import User
from crowd.app import create_app
from crowd.background import Job, JobState
from crowd.bench import crew, machine
from crowd.config import Settings
from crowd.db import db
from crowd.limits import Limits
from scoring.awards import services as award_services
from scoring.models import Assignment
from scoring.reviews import services as review_services
from submissions import services as submissions

T = TypeVar("T")
SHORT = Limits(min_open_seconds=1, min_appeal_seconds=1, grace_seconds=0)
WORKERS = 2
SPONSORS, EXPERTS, SOLVERS = 4, 40, 2
OPEN_FOR = 12.0  # seconds: proposals are written meanwhile, also on a busy machine
LOOK_EVERY = 0.2
PATIENCE = 300.0

Life = Iterator[Callable[[], bool]]  # yields what it waits for


class Times:
    """How long each operation took, in milliseconds."""

    def __init__(self) -> None:
        self.taken: defaultdict[str, list[float]] = defaultdict(list)

    def of(self, name: str, act: Callable[[], T]) -> T:
        """Run it, and record how long it took."""
        started = time.perf_counter()
        result = act()
        self.taken[name].append((time.perf_counter() - started) * 1000)
        return result


def run(settings: Settings, loops: int, parallel: int, say: Callable[[str], None]) -> dict[str, object]:
    """Play `loops` challenges to their settlement, `parallel` at a time."""
    with machine.platform(settings, "bench-loop", SHORT) as own, ExitStack() as stack:
        app = create_app(own)
        with app.app_context():
            _set_up()
            env = machine.environment(own)
            for word in [*["worker"] * WORKERS, "scheduler"]:
                stack.enter_context(machine.process(supervisor.crowd_command(word), env))
            _until(_quiet)
            before, times = _jobs_done(), Times()
            started = time.perf_counter()
            settled = _play([_life(number, times) for number in range(loops)], parallel, say)
            took = time.perf_counter() - started
            _until(_quiet)
            drained = time.perf_counter() - started
            jobs = _jobs_done() - before
            db.session.remove()
            db.engine.dispose()
    return {
        "loops": settled,
        "failed": loops - settled,
        "parallel": parallel,
        "seconds": round(took, 1),
        "loops_per_minute": round(settled * 60 / took, 1),
        "jobs": jobs,
        "jobs_per_s": round(jobs / drained, 1),
        "seconds_with_all_mail": round(drained, 1),
        "steps_ms": {name: round(median(taken), 1) for name, taken in times.taken.items()},
    }


def _set_up() -> None:
    for number in range(SPONSORS):
        crew.sponsor(number)
    for role, number in (("expert", EXPERTS), ("solver", SOLVERS * 8), ("finance", 1)):
        crew.people(role, number)


def _play(lives: list[Life], parallel: int, say: Callable[[str], None]) -> int:
    """Resume scripts as soon as their condition is met; returns how many finished."""
    waiting: list[tuple[Life, Callable[[], bool], float]] = []
    ended = 0
    while lives or waiting:
        while lives and len(waiting) < parallel:
            waiting.append((lives.pop(0), lambda: True, time.monotonic() + PATIENCE))
        still = []
        for life, ready, until in waiting:
            try:
                if ready():
                    still.append((life, next(life), time.monotonic() + PATIENCE))
                elif time.monotonic() < until:
                    still.append((life, ready, until))
                else:
                    say("a loop waited in vain")
            except StopIteration:
                ended += 1
            finally:
                db.session.remove()
        waiting = still
        time.sleep(LOOK_EVERY if waiting else 0)
    return ended


def _life(number: int, times: Times) -> Life:
    """A challenge with two proposals: people act through services, jobs do the rest."""
    closes_at = clock.now() + timedelta(seconds=OPEN_FOR)
    challenge_id = 0
    for name, act in crew.opening(f"bench: loop {number}", closes_at, number % SPONSORS, appeal_seconds=1):
        found = times.of(name, act)
        challenge_id = challenge_id or found.id
    for place in range(SOLVERS):
        author = crew.person("solver", (number * SOLVERS + place) % (SOLVERS * 8))
        proposal = times.of("draft", partial(crew.draft, author, challenge_id))
        times.of("submit", partial(submissions.submit, author, proposal))
    yield lambda: _panel_stands(challenge_id)
    times.taken["close_and_panel"].append(_late(challenge_id, Challenge.panel_formed_at, Challenge.closes_at))
    best = _review(challenge_id, times)
    sponsor, _organisation = crew.sponsor(number % SPONSORS)
    prize = db.session.get_one(Challenge, challenge_id).prizes[0].id
    reason = "The best on hidden sites."
    times.of(
        "award",
        lambda: award_services.select_award(sponsor, challenge_id, prize_id=prize, proposal_id=best, reason=reason),
    )
    times.of("decide", lambda: award_services.decide(sponsor, challenge_id))
    yield lambda: _state(challenge_id) == ChallengeState.SETTLED
    times.taken["settle"].append(_late(challenge_id, Challenge.settled_at, Challenge.appeals_until))


def _review(challenge_id: int, times: Times) -> int:
    """Every reviewer submits their review; returns the id of the proposal that was reviewed first."""
    rows = db.session.scalars(
        sa.select(Assignment).where(Assignment.challenge_id == challenge_id).order_by(Assignment.proposal_id)
    ).all()
    tasks = [(row.id, row.reviewer_id, row.proposal_id) for row in rows]
    criteria = [(line.id, line.scale) for line in db.session.get_one(Challenge, challenge_id).criteria]
    for assignment, reviewer, proposal in tasks:
        points = {line: scale * (9 if proposal == tasks[0][2] else 6) // 10 for line, scale in criteria}
        who = db.session.get_one(User, reviewer)
        content: dict[str, Any] = {"points": points, "comments": {}, "comment": crew.TEXT[:400]}
        times.of("review", partial(review_services.submit, who, assignment, **content))
    return tasks[0][2]


def _state(challenge_id: int) -> ChallengeState | None:
    return db.session.scalar(sa.select(Challenge.state).where(Challenge.id == challenge_id))


def _panel_stands(challenge_id: int) -> bool:
    query = sa.select(Challenge.panel_formed_at).where(Challenge.id == challenge_id)
    return db.session.scalar(query) is not None


def _late(challenge_id: int, done: Any, due: Any) -> float:
    """Milliseconds between the time at which something was due and the time at which it was done."""
    row = db.session.execute(sa.select(done, due).where(Challenge.id == challenge_id)).one()
    return float((row[0] - row[1]).total_seconds() * 1000)


def _jobs_done() -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(Job.state == JobState.DONE)) or 0


def _quiet() -> bool:
    """Whether no job is due or running."""
    due = sa.select(sa.func.count()).where(
        Job.state.in_([JobState.READY, JobState.RUNNING]), Job.run_at <= sa.func.crowd_now()
    )
    return not db.session.scalar(due)


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = true()
        db.session.remove()
        if found:
            return
        time.sleep(LOOK_EVERY)
