"""The scenario of a platform eighteen months old, played through the services and the same jobs, the same each time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from crowd.audit import SYSTEM, AuditEvent, record
from crowd.config import Misconfigured, Settings
from crowd.db import atomic, db
from crowd.demo import figures, office, personas, state
from crowd.demo.scenarios import (
    admissions,
    amendments,
    appeals,
    called_off,
    centres,
    duties,
    entered,
    first_year,
    founding,
    half_written,
    ideas,
    inboxes,
    integrity,
    invited,
    joint_cases,
    listening,
    loose_ends,
    parks,
    payday,
    present,
    reports,
    rules,
    sanctions,
    small_firms,
    technology_contracts,
    ties,
    vocabulary,
    vouchers,
)
from crowd.demo.simulator import alone, opened, set_right
from crowd.demo.state import DemoState
from crowd.registers import queries as registers

SCENARIOS = (
    founding, duties, entered, ties, first_year, called_off, present, payday, half_written, loose_ends, parks, inboxes,
    listening, vocabulary, centres, invited, ideas, vouchers, amendments, reports, admissions,
    technology_contracts, small_firms, appeals, integrity, sanctions, rules,
    joint_cases,
)  # fmt: skip
ENDS_AT = 2  # o'clock in UTC, 10 in the morning in China: the hour of the day at which the scenario ends
PAGES = ("/", "/challenges", "/results", "/people", "/statistics", "/account/login", "/demo", "/demo/mail")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Demo:
    """The subject of the event that ends the run; it has no row."""

    id: None = None


def load(say: Say, *, anew: bool = False) -> dict[str, Any]:
    """Play the scenario on an empty platform, with one line per month; returns accounts, URLs and counts by state.

    A partial scenario, after an interruption, is played again where `anew` says that this database is the
    demonstration's own and nobody has used it since. Raises Misconfigured where it is not, or where the owner's URL is
    missing; Conflict while another process plays it.
    """
    found = state.find()
    if found == DemoState.OTHER_DATA:
        say(
            "There are people here already, and the demonstration data is loaded on an empty platform only. "
            "Nothing was changed."
        )
    elif found != DemoState.COMPLETE:
        _prepare_and_load(current_app.config["CROWD"], say, anew)
    return summary()


def _prepare_and_load(settings: Settings, say: Say, anew: bool) -> None:
    if not settings.owner_database_url:
        raise Misconfigured(
            "The demonstration data is loaded as the owner of the database, who alone can set its clock back. "
            "Name the owner's URL in CROWD_OWNER_DATABASE_URL and run the same command again."
        )
    with alone(settings.owner_database_url) as owner:
        if state.find() == DemoState.PARTIAL:
            _clear(settings, owner, say, anew)
        state.prune(settings.data_dir)
        end = ending(datetime.now(UTC))
        say("Loading the demonstration data; this takes about a minute ...")
        with opened(owner, office.working(end - founding.AGE) - timedelta(hours=1)) as simulator:
            for each in SCENARIOS:
                for script in each.scripts(simulator, end):
                    simulator.add(script)
            simulator.play(end, _monthly(say))
        _note()


def _clear(settings: Settings, owner: sa.Engine, say: Say, anew: bool) -> None:
    """Remove a partial scenario where no data of others is lost; otherwise it stays and is not served as a complete
    one.
    """
    if anew and state.untouched():
        say("An earlier load was interrupted. What it left is removed, and the data is loaded again.")
        state.clear(settings, owner)
        return
    set_right(str(settings.owner_database_url))
    raise Misconfigured(_explain_partial(settings, anew))


def _explain_partial(settings: Settings, own: bool) -> str:
    if own:
        return (
            "The load of the demonstration data was interrupted here, and somebody has used the platform since, so "
            "the data is neither removed nor served as complete. To load it completely, begin with an empty folder: "
            f"rm -r {settings.data_dir}  To look at what is there: crowd up, without --demo."
        )
    url, owner = sa.make_url(str(settings.database_url)), sa.make_url(str(settings.owner_database_url))
    return (
        "The load of the demonstration data was interrupted in this database, and partial data is not served as "
        "complete. An outside database is not emptied by itself. Empty it and run the same command again: "
        f"dropdb {url.database} && createdb --owner {owner.username} {url.database}"
    )


@atomic
def _note() -> None:
    """End the scenario with an event that has its totals, so that two runs can be compared afterwards."""
    record(SYSTEM, state.LOADED, Demo(), **figures.load())


def ending(now: datetime) -> datetime:
    """The last time it was ENDS_AT o'clock. Because every time is counted back from it, the scenario is the same
    whenever it runs: nothing depends on the hour of the run.
    """
    today = now.replace(hour=ENDS_AT, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def _monthly(say: Say) -> Callable[[datetime], None]:
    seen: set[str] = set()

    def follow(instant: datetime) -> None:
        month = f"{instant:%Y-%m}"
        if month not in seen:
            seen.add(month)
            say(f"  {month}")

    return follow


def summary() -> dict[str, Any]:
    """Accounts, URLs of pages, how many challenges are in each state, cases of each kind and entries of each register,
    and the totals.
    """
    address = current_app.config["CROWD"].address
    return {
        "password": founding.PASSWORD,
        "accounts": {personas.person(key).email: str(part) for key, part in personas.MAIN.items()},
        "pages": [f"{address}{path}" for path in PAGES],
        "challenges": figures.challenges(),
        "cases": figures.cases(),
        "registers": registers.totals(),
        "totals": _totals(),
    }


def _totals() -> dict[str, Any]:
    """The totals at the end of the run, whatever has happened since; empty where there was none."""
    query = sa.select(AuditEvent.data).where(AuditEvent.action == state.LOADED).order_by(AuditEvent.id.desc()).limit(1)
    return db.session.scalar(query) or {}


def greeting() -> str:
    """The message on a terminal about the demonstration: its accounts, or that its scenario is incomplete; else
    nothing.
    """
    found = state.find()
    if found == DemoState.PARTIAL:
        return "The load of the demonstration data was interrupted. To load it again: crowd up --demo"
    return _accounts() if found == DemoState.COMPLETE else ""


def _accounts() -> str:
    lines = [f"  {personas.person(key).email:36} {part}" for key, part in personas.MAIN.items()]
    return "\n".join(
        ["Accounts of the demonstration:", *lines, f'  The password of all of them: "{founding.PASSWORD}"']
    )
