"""`crowd bench growth`: what pages cost when every table has ten and a hundred times as many rows.

The pages are those of the original people, whose own rows stay the same: what grows is the platform
around them. Nothing is cached between requests here (`page_seconds` is 0), so that each page does all of its work. The
sizes are minutes apart, so each page alternates with one that reads nothing, and its cost is a multiple of that one's.
"""

import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from flask import Flask

from challenges import queries as challenges
from crowd.app import create_app
from crowd.bench import crew, machine, multiply
from crowd.bench.clients import Turn, Visitors, request
from crowd.bench.pages import host, percentile
from crowd.config import Settings
from crowd.db import db
from crowd.demo import personas, scenario

HOME = "bench-growth"
CONNECTIONS = 2
TURNS = 3
YARDSTICK = "terms"
PAGES: dict[str, tuple[str | None, str]] = {  # name: (persona, URL)
    YARDSTICK: (None, "/terms"),
    "front": (None, "/"),
    "list": ("bo", "/challenges"),
    "list_by_prize": ("bo", "/challenges?sort=prize&filtered=1"),
    "search": ("bo", "/challenges?q=steel&filtered=1"),
    "challenge": ("bo", "/challenges/{open}"),
    "history": ("bo", "/challenges/{open}/history"),
    "results": (None, "/results"),
    "people": (None, "/people"),
    "statistics": (None, "/statistics"),
    "dashboard_of_a_sponsor": ("ada", "/dashboard"),
    "dashboard_of_a_solver": ("bo", "/dashboard"),
    "inbox": ("ada", "/inbox"),
    "proposals": ("bo", "/proposals"),
    "reviews": ("cy", "/reviews"),
    "statement": ("bo", "/organisations/{house}/balance"),
    "dashboard_of_the_centre": ("eve", "/dashboard"),
    "screening": ("eve", "/screening"),
    "deposits": ("fen", "/finance/deposits"),
    "payouts": ("fen", "/finance/payouts"),
    "jobs": ("eve", "/admin/jobs"),
    "audit": ("aud", "/admin/audit"),
}


def run(settings: Settings, seconds: float, sizes: Sequence[int], say: Callable[[str], None]) -> dict[str, object]:
    """Create the demonstration data, multiply it, and request each page for so many seconds at each size."""
    shutil.rmtree(settings.data_dir / HOME, ignore_errors=True)
    with machine.platform(replace(settings, fragment_seconds=0), HOME) as own, ExitStack() as stack:
        app = create_app(own)
        requests = _requests(app, say)
        visitors = stack.enter_context(Visitors())
        for name, message in requests.items():
            visitors.learn(name, [message])
        found: dict[str, dict[str, Any]] = {name: {} for name in PAGES}
        rows: dict[str, dict[str, int]] = {}
        present = 1
        for size in sizes:
            say(f"{size} times the demonstration data ...")
            rows[str(size)] = multiply.multiply(str(own.owner_database_url), present, size)
            present = size
            with machine.web(own) as master:
                for name in PAGES:
                    found[name][str(size)] = _measure(visitors, name, own, master, seconds)
    return {"growth": {name: by_size | _ratios(by_size) for name, by_size in found.items()}, "rows": rows}


def _requests(app: Flask, say: Callable[[str], None]) -> dict[str, str]:
    with app.app_context():
        scenario.load(say)
        people = {who: personas.account(who) for who, _path in PAGES.values() if who}
        facts = {"open": challenges.open_challenges(1)[0].id, "house": people["bo"].organisation_ids[0]}
        known = crew.cookies([person.id for person in people.values()])
        cookies: dict[str | None, str] = {key: known[person.id][0] for key, person in people.items()} | {None: ""}
        where = host(app.config["CROWD"])
        db.session.remove()
        db.engine.dispose()
    return {
        name: request("GET", path.format(**facts), host=where, cookie=cookies[who])
        for name, (who, path) in PAGES.items()
    }


def _measure(visitors: Visitors, name: str, own: Settings, master: int, seconds: float) -> dict[str, float]:
    """`cpu_ms`: of processors per response, web and database together; `cost`: the same in responses of the yardstick;
    `p50_ms`: the median of all responses.
    """
    pids = (master, machine.database_pid(own))
    spent, turns = {name: 0.0, YARDSTICK: 0.0}, {name: Turn(), YARDSTICK: Turn()}
    visitors.visit(name, own.port, seconds=min(0.5, seconds), connections=CONNECTIONS)
    for asked in (*spent,) * TURNS:
        before = sum(map(machine.cpu_seconds, pids))
        turns[asked].add(visitors.visit(asked, own.port, seconds=seconds / TURNS, connections=CONNECTIONS))
        spent[asked] += sum(map(machine.cpu_seconds, pids)) - before
    page, yard = (spent[asked] * 1000 / max(1, len(turns[asked].latencies)) for asked in (name, YARDSTICK))
    latencies, failed = turns[name].latencies, turns[name].failed
    found = {"p50_ms": percentile(latencies, 50), "cpu_ms": round(page, 2), "cost": round(page / (yard or 1.0), 2)}
    return found | ({"failed": failed} if failed else {})


def _ratios(by_size: dict[str, dict[str, float]]) -> dict[str, float]:
    """A page's cost at each size relative to the first."""
    first, *more = by_size
    base = by_size[first]["cost"] or 1.0
    return {f"ratio_{size}": round(by_size[size]["cost"] / base, 2) for size in more}
