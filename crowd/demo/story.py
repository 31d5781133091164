"""The story of a platform eighteen months old, told through the services and the same jobs, the same each time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from crowd.accounts.models import User
from crowd.audit import SYSTEM, AuditEvent, record
from crowd.db import atomic, db
from crowd.demo import cast, figures
from crowd.demo.chapters import called_off, first_year, founding, half_written, loose_ends, payday, present
from crowd.demo.parts import PARTS
from crowd.demo.stage import on_stage, set_right

CHAPTERS = (founding, first_year, called_off, present, payday, half_written, loose_ends)
ENDS_AT = 2  # o'clock in UTC, 10 in the morning in China: the hour of the day at which the story ends


def told() -> bool:
    """Whether anybody has an account here; then nothing is told."""
    return db.session.scalar(sa.select(User.id).limit(1)) is not None


def tell(say: Callable[[str], None]) -> dict[str, Any]:
    """Tell the story on an empty platform, with a line a month; returns accounts, addresses and counts by state."""
    owner_url = current_app.config["CROWD"].owner_database_url
    if told():
        if set_right(owner_url):
            say("The story was interrupted before. Remove the data folder to hear it whole; the clock is right again.")
    else:
        end = ending(datetime.now(UTC))
        say("Telling the story of the demonstration; this takes about a minute ...")
        with on_stage(owner_url, end - founding.AGE - timedelta(days=1)) as theatre:
            for chapter in CHAPTERS:
                for script in chapter.scripts(theatre, end):
                    theatre.add(script)
            theatre.play(end, _monthly(say))
        _note()
    return summary()


@atomic
def _note() -> None:
    """End the story with an event that says what it came to, so that two tellings can be compared afterwards."""
    record(SYSTEM, "story.told", figures.Story(), **figures.gather())


def ending(now: datetime) -> datetime:
    """The last time it was ENDS_AT o'clock. As every instant is counted back from it, the story is the same whenever
    it is told: nothing depends on the hour at which somebody happens to tell it."""
    today = now.replace(hour=ENDS_AT, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def _monthly(say: Callable[[str], None]) -> Callable[[datetime], None]:
    seen: set[str] = set()

    def told(instant: datetime) -> None:
        month = f"{instant:%Y-%m}"
        if month not in seen:
            seen.add(month)
            say(f"  {month}")

    return told


def summary() -> dict[str, Any]:
    """Accounts, addresses of pages, how many challenges stand in each state, and what the story came to."""
    address = current_app.config["CROWD"].address
    return {
        "password": founding.PASSWORD,
        "accounts": {cast.person(key).email: str(part) for key, part in PARTS.items()},
        "pages": [
            f"{address}{path}"
            for path in ("/", "/challenges", "/results", "/people", "/account/login", "/demo", "/demo/mail")
        ],
        "challenges": figures.challenges(),
        "told": _told(),
    }


def _told() -> dict[str, Any]:
    """What the story came to when it was told, whatever has happened since."""
    query = sa.select(AuditEvent.facts).where(AuditEvent.verb == "story.told").order_by(AuditEvent.id.desc()).limit(1)
    return db.session.scalar(query) or {}


def accounts_text() -> str:
    """The accounts of the main cast, for a terminal."""
    lines = [f"  {cast.person(key).email:36} {part}" for key, part in PARTS.items()]
    return "\n".join(
        ["Accounts of the demonstration:", *lines, f'  The password of all of them: "{founding.PASSWORD}"']
    )
