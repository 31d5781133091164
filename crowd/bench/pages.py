"""`crowd bench pages`: the platform's pages and its two busiest write operations, each against the baseline of the
stack.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any
from urllib.parse import urlencode

import redis
import sqlalchemy as sa
from flask import Flask

from challenges import queries as challenges
from challenges.importing.services import import_feed
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge, Origin
from challenges.workflow import ChallengeState
from crowd import background, clock, schema, supervisor
from crowd.accounts.models import User
from crowd.app import create_app
from crowd.audit import SYSTEM
from crowd.bench import baseline, crew, machine
from crowd.bench.clients import Turn, Visitors, request
from crowd.config import Settings
from crowd.db import commit, db
from crowd.demo import personas, scenario
from scoring.models import Assignment
from scoring.workflow import AssignmentState
from submissions import services as submissions

PAGES = ("front", "list", "challenge", "dashboard", "submit", "review", "statement")
WRITES = ("submit", "review")
EXTERNAL = 1_000  # challenges of another platform, beside the demonstration's own
OPEN = 16  # challenges over which the submitted proposals are spread; `crowd bench surge` has them all on one
DRAFTS = 800
JUDGED, JUDGED_PROPOSALS = 2, 30
EXPERTS = 24
CONNECTIONS = 16
TURN = 1.0  # seconds: page and baseline alternate
REVIEW = "bench: to be judged"


@dataclass
class Measured:
    """A page and its baseline, over all turns; and processor seconds: of the web and of PostgreSQL for the page, of
    the baseline's web for its own.
    """

    page: Turn
    base: Turn
    web: float = 0.0
    database: float = 0.0
    baseline: float = 0.0


def run(settings: Settings, seconds: float, only: Sequence[str], say: Callable[[str], None]) -> dict[str, object]:
    """Measure; `seconds` is how long each page is requested, `only` are names of PAGES (empty: all)."""
    names = [name for name in PAGES if name in only or not only]
    with machine.platform(settings, "bench") as own, ExitStack() as stack:
        app = create_app(own)
        requests = set_up(app, names, say)
        other = replace(own, port=machine.free_port())
        visitors = stack.enter_context(Visitors())
        for name, messages in requests.items():
            visitors.learn(name, messages, once=name == "submit")
        visitors.learn("read", [request("GET", "/", host=host(other))])
        visitors.learn("write", [request("POST", "/", host=host(other))])
        master = stack.enter_context(machine.web(own))
        least = stack.enter_context(machine.web(other, "crowd.bench.baseline:create_app()"))
        pids = {"web": master, "database": machine.database_pid(own), "baseline": least}
        found = {name: figures(_measure(visitors, name, own, other, pids, seconds), say, name) for name in names}
        return {
            "pages": found,
            "setting": {"connections": CONNECTIONS, "seconds": seconds, "challenges": _count(app)},
            "memory_mib": _memory(own, master, say),
        }


def host(settings: Settings) -> str:
    """The host and port of these settings, as in a URL."""
    return f"{settings.host}:{settings.port}"


def _count(app: Flask) -> int:
    with app.app_context():
        return int(db.session.scalar(sa.select(sa.func.count(Challenge.id))) or 0)


# ---- preparation


def set_up(app: Flask, names: Sequence[str], say: Callable[[str], None]) -> dict[str, list[str]]:
    """Fill the platform as far as these pages need it; the requests of each page."""
    settings: Settings = app.config["CROWD"]
    owner = sa.create_engine(str(settings.owner_database_url), poolclass=sa.NullPool)
    baseline.prepare(owner, schema.role_of(str(settings.database_url)))
    with app.app_context():
        scenario.load(say)
        say(f"importing {EXTERNAL} challenges of another platform, where they are not there ...")
        import_others(EXTERNAL)
        say("setting the stage ...")
        makers = {"submit": _submitting, "review": _reviewing}
        reading = _reading(host(settings), [name for name in names if name not in WRITES])
        found = reading | {name: makers[name](host(settings)) for name in names if name in WRITES}
        db.session.remove()
        db.engine.dispose()
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("ANALYZE"))
    return found


def import_others(number: int) -> None:
    """So many challenges of another platform, generated, the same each time."""
    known = sa.select(sa.func.count(Challenge.id)).where(Challenge.origin == Origin.EXTERNAL)
    if (db.session.scalar(known) or 0) >= number:
        return
    rows = [_row(place) for place in range(number)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "feed.json"
        path.write_text(json.dumps({"origin": "bench", "challenges": rows}))
        import_feed(SYSTEM, path)


def _row(place: int) -> dict[str, str]:
    fields = ("Clean water", "Quiet flight", "Safe bridges", "Soil carbon", "Rare earths", "Cold chains", "Sea ice")
    return {
        "challenge-id": f"bench-{place}",
        "challenge-title": f"{fields[place % len(fields)]}, question {place}",
        "permalink": f"https://www.challenge.gov/challenge/bench-{place}/",
        "tagline": f"An answer to question {place} is wanted",
        "type-of-challenge": ("Ideas", "Software and apps", "Scientific", "Technology demonstration")[place % 4],
        "total-prize-offered-cash": f"${(place % 50 + 1) * 10_000:,}",
        "challenge_status": "open" if place % 3 else "closed",
        "agency": f"Bureau {place % 20}",
        "submission-start": f"0{place % 9 + 1}/18/2024 12:00 AM",
        "submission-end": f"0{place % 9 + 1}/22/{2098 if place % 3 else 2025} 11:59 PM",
        "description": f"<p>{crew.TEXT}</p><p>Question {place}.</p>",
        "judging": "<ul><li>Merit</li><li>Cost</li></ul>",
    }


def _reading(where: str, names: Sequence[str]) -> dict[str, list[str]]:
    """Sixteen personas view their pages; the home page has visitors without an account."""
    readers = [personas.account(one.key).id for one in personas.PEOPLE[:CONNECTIONS]]
    shown = [row.id for row in challenges.open_challenges(CONNECTIONS)]
    paths: dict[str, list[tuple[str, int | None]]] = {
        "front": [("/", None)],
        "list": [("/challenges", reader) for reader in readers],
        "challenge": [(f"/challenges/{shown[n % len(shown)]}", reader) for n, reader in enumerate(readers)],
        "dashboard": [("/dashboard", reader) for reader in readers],
        "statement": [_statement(key) for key in ("ada", "bo")],
    }
    known = crew.cookies([*readers, *(who for _path, who in paths["statement"] if who)])
    return {
        name: [request("GET", path, host=where, cookie=known[who][0] if who else "") for path, who in paths[name]]
        for name in names
    }


def _statement(key: str) -> tuple[str, int]:
    """The account statement of a persona's organisation."""
    person = personas.account(key)
    return f"/organisations/{person.organisation_ids[0]}/balance", person.id


def _submitting(where: str) -> list[str]:
    """A complete draft for each request, because a submitted one cannot be used again."""
    authors = crew.people("solver", DRAFTS)
    targets = [crew.opened(f"bench: to be answered {n}", proposals_limit=DRAFTS // OPEN + 1) for n in range(OPEN)]
    written, signed_in = crew.drafts(authors, targets), crew.cookies(authors)
    return [_post(where, f"/proposals/{proposal}/submit", *signed_in[author]) for author, proposal in written]


def _post(where: str, path: str, cookie: str, token: str, **fields: Any) -> str:
    return request("POST", path, host=where, cookie=cookie, form=urlencode({"csrf_token": token, **fields}))


def _reviewing(where: str) -> list[str]:
    """Autosaves of all open reviews of the bench's experts, each with other points than the one before."""
    rows = _owed() or _ask_for_reviews()
    signed_in = crew.cookies(sorted({row.reviewer_id for row in rows}))
    return [
        _post(where, f"/reviews/{row.id}/autosave", *signed_in[row.reviewer_id], **_points(row.challenge_id, points))
        for points in (4, 7, 9)
        for row in rows
    ]


def _points(challenge_id: int, points: int) -> dict[str, Any]:
    criteria = challenges.access(SYSTEM, challenge_id).criteria
    given = {f"points_{line.id}": points for line in criteria}
    return given | {f"comment_{line.id}": f"{points} of 10" for line in criteria} | {"comment": crew.TEXT[:600]}


def _owed() -> Sequence[sa.Row[int, int, int]]:
    """Rows (id, reviewer_id, challenge_id)."""
    columns = (Assignment.id, Assignment.reviewer_id, Assignment.challenge_id)
    query = sa.select(*columns).join(User, User.id == Assignment.reviewer_id)
    query = query.join(Challenge, Challenge.id == Assignment.challenge_id)
    return db.session.execute(
        query.where(
            User.email.endswith(f"@{crew.MARK}"),
            Assignment.state == AssignmentState.PENDING,
            Challenge.state == ChallengeState.JUDGING,
            Challenge.title == REVIEW,
        )
    ).all()


def _ask_for_reviews() -> Sequence[sa.Row[int, int, int]]:
    """Closed challenges with proposals, with panels formed by the jobs themselves."""
    crew.people("expert", EXPERTS)
    for _ in range(JUDGED):
        challenge_id = crew.opened(REVIEW)
        for author, proposal in crew.drafts(crew.people("solver", JUDGED_PROPOSALS), [challenge_id]):
            submissions.submit(db.session.get_one(User, author), proposal)
        close(challenge_id)
    return _owed()


def close(challenge_id: int) -> None:
    """Set closing date and grace to the past, close, and run the following jobs."""
    now = clock.db_now()
    row = db.session.get_one(Challenge, challenge_id)
    row.opens_at, row.closes_at = now - timedelta(days=1), now - row.grace
    commit()
    lifecycle.close(SYSTEM, challenge_id)
    query = sa.select(background.Job.id).where(background.Job.challenge_id == challenge_id)
    for job_id in db.session.scalars(query.where(background.Job.kind == "panels.form")).all():
        background.run(job_id)


# ---- measuring


def _measure(
    visitors: Visitors, name: str, own: Settings, other: Settings, pids: dict[str, int], seconds: float
) -> Measured:
    """Page and baseline alternate, after a short warm-up that is not counted."""
    base = "write" if name in WRITES else "read"
    found = Measured(Turn(), Turn())
    for server, messages in ((own, name), (other, base)):
        visitors.visit(messages, server.port, seconds=min(1.0, seconds / 2), connections=CONNECTIONS)
    for length in _turns(seconds):
        before = {part: machine.cpu_seconds(pid) for part, pid in pids.items()}
        found.page.add(visitors.visit(name, own.port, seconds=length, connections=CONNECTIONS))
        found.web += machine.cpu_seconds(pids["web"]) - before["web"]
        found.database += machine.cpu_seconds(pids["database"]) - before["database"]
        begun = machine.cpu_seconds(pids["baseline"])
        found.base.add(visitors.visit(base, other.port, seconds=length, connections=CONNECTIONS))
        found.baseline += machine.cpu_seconds(pids["baseline"]) - begun
    return found


def _turns(seconds: float) -> Iterator[float]:
    number = max(1, round(seconds / TURN))
    yield from [seconds / number] * number


def figures(found: Measured, say: Callable[[str], None], name: str) -> dict[str, object]:
    """The output for a page; `ratio` is its rate to the baseline's."""
    page, base = found.page, found.base
    number = max(1, len(page.latencies))
    per_s, base_per_s = number / page.seconds, len(base.latencies) / base.seconds
    shown = {
        "per_s": round(per_s, 1),
        "p50_ms": percentile(page.latencies, 50),
        "p99_ms": percentile(page.latencies, 99),
        "ratio": round(per_s / base_per_s, 3),
        "baseline_per_s": round(base_per_s, 1),
        "cpu_ms": {
            "web": round(found.web * 1000 / number, 2),
            "database": round(found.database * 1000 / number, 2),
            "baseline": round(found.baseline * 1000 / max(1, len(base.latencies)), 2),
        },
        "requests": len(page.latencies),
        "failed": page.failed,
    }
    say(f"{name}: {shown}")
    if page.first_failure:
        say(page.first_failure)
    return shown


def percentile(values: Sequence[float], part: int) -> float:
    """The value below which `part` percent are; 0 where there are none."""
    if len(values) < 2:
        return round(sum(values), 2)
    return round(quantiles(values, n=100, method="inclusive")[part - 1], 2)


def _memory(own: Settings, master: int, say: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """The memory of each process after the requests; a worker and the scheduler are started for that."""
    say("looking at memory ...")
    env = machine.environment(own)
    with (
        machine.process(supervisor.crowd_command("worker"), env) as worker,
        machine.process(supervisor.crowd_command("scheduler"), env) as ticking,
    ):
        sleep(8)
        first, *children = machine.family(master)
        wanted = {"web_master": first, "worker": worker.pid, "clock": ticking.pid}
        wanted |= {f"web_{number}": pid for number, pid in enumerate(children, start=1)}
        wanted["redis"] = redis.Redis.from_url(str(own.redis_url)).info("server")["process_id"]
        found = {name: vars_of(machine.memory(pid)) for name, pid in wanted.items()}
        backends = [machine.memory(pid) for pid in machine.family(machine.database_pid(own))]
    found["postgres"] = {
        "pss": round(sum(one.pss for one in backends), 1),
        "peak_rss": max(one.peak_rss for one in backends),
        "processes": len(backends),
    }
    return found


def vars_of(found: machine.Memory) -> dict[str, float]:
    """As printed."""
    return {"pss": found.pss, "peak_rss": found.peak_rss}
