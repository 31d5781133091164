"""`crowd bench growth`: whether pages get slower as challenges and postings grow by ten and by a hundred."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask import Flask

from crowd.app import create_app
from crowd.bench import crew, machine
from crowd.bench.clients import Visitors, request
from crowd.bench.pages import host, import_others, percentile
from crowd.config import Settings
from crowd.db import db
from crowd.local import stop_servers

BASE = 100  # challenges and postings at the beginning
FACTORS = (1, 10, 100)
AT_ONCE = 1_000  # postings in one transaction: each moves the same balance
COPIED = (
    "origin, organisation_id, type, stage, language, title, summary, need, tags, search, rights, currency, "
    "prize_total, state, opens_at, closes_at, time_zone, appeal_seconds, proposals_limit, published_at"
)
CHALLENGES = f"""
INSERT INTO challenge ({COPIED})
SELECT {COPIED} FROM (SELECT * FROM challenge WHERE origin = 'external' ORDER BY id LIMIT :base) c,
generate_series(1, :times)
"""  # noqa: S608 - names of columns
TRANSFERS = """
WITH made AS (
    INSERT INTO transfer (key, move, body_digest, actor_name, subject_type, subject_id, effective_on, note)
    SELECT 'bench:' || n, 'deposit', repeat('0', 64), 'bench', 'bench', n, current_date, ''
    FROM generate_series(:first, :last) n RETURNING id
)
INSERT INTO posting (transfer_id, source_id, target_id, amount, currency)
SELECT made.id, bank.id, pot.id, 100, 'CNY' FROM made, pot bank, pot
WHERE bank.kind = 'bank' AND bank.currency = 'CNY' AND pot.kind = 'sponsor' AND pot.owner_id = :owner
  AND pot.currency = 'CNY'
"""


def run(settings: Settings, seconds: float, factors: Sequence[int], say: Callable[[str], None]) -> dict[str, Any]:
    """Measure the pages one visitor after another, at each size of the tables. `page_seconds` is 0: nothing is kept."""
    home = settings.home / "bench-growth"
    if home.is_dir():
        stop_servers(home)
        shutil.rmtree(home)
    with machine.platform(replace(settings, page_seconds=0), "bench-growth") as own, ExitStack() as stack:
        app = create_app(own)
        visitors = stack.enter_context(Visitors())
        with app.app_context():
            organisation_id = _begin(app, own, visitors)
        stack.enter_context(machine.web(own))
        found: dict[int, dict[str, float]] = {}
        at = 1
        for factor in factors:
            say(f"tables times {factor} ...")
            _grow(own, organisation_id, at, factor)
            at = factor
            found[factor] = {name: _p50(visitors, name, own.port, seconds) for name in PAGES}
            say(str(found[factor]))
        with app.app_context():
            db.engine.dispose()
    return {
        "base": BASE,
        "p50_ms": {str(factor): times for factor, times in found.items()},
        "ratio": {
            name: {str(factor): round(found[factor][name] / found[factors[0]][name], 2) for factor in factors}
            for name in PAGES
        },
    }


PAGES = ("front", "list", "search", "challenge", "dashboard", "statement")


def _begin(app: Flask, own: Settings, visitors: Visitors) -> int:
    """A sponsor with an open challenge, others' challenges, and what the visitors ask for; the organisation's id."""
    sponsor, organisation_id = crew.sponsor()
    challenge_id = crew.opened("bench: an open challenge")
    person = sponsor.id
    db.session.remove()
    import_others(BASE)
    cookie, _token = crew.cookies([person])[person]
    paths = {
        "front": "/", "list": "/challenges", "search": "/challenges?q=soil", "challenge": f"/challenges/{challenge_id}",
        "dashboard": "/desk", "statement": f"/organisations/{organisation_id}/money",
    }  # fmt: skip
    for name, path in paths.items():
        visitors.learn(name, [request("GET", path, host=host(own), cookie=cookie)])
    db.session.remove()
    db.engine.dispose()
    return organisation_id


def _grow(own: Settings, organisation_id: int, at: int, factor: int) -> None:
    """Bring challenges and the sponsor's postings from `at` to `factor` times the base, as the application's role."""
    engine = sa.create_engine(str(own.database_url), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(CHALLENGES), {"base": BASE, "times": factor - at})
    first, last = (BASE * at if at > 1 else 0) + 1, BASE * factor
    for begin in range(first, last + 1, AT_ONCE):
        with engine.begin() as connection:
            ends = {"first": begin, "last": min(begin + AT_ONCE - 1, last), "owner": organisation_id}
            connection.execute(sa.text(TRANSFERS), ends)
    engine.dispose()
    owner = sa.create_engine(str(own.owner_database_url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    owner.dispose()


def _p50(visitors: Visitors, name: str, port: int, seconds: float) -> float:
    visitors.visit(name, port, seconds=seconds / 2, connections=1)
    return percentile(visitors.visit(name, port, seconds=seconds, connections=1).latencies, 50)
