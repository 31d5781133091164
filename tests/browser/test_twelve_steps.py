"""The tour's twelve steps in a real browser, with the deadlines brought forward; the script plays them in full.

The last step lets a page check the ledger.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page

from crowd.config import ROOT
from tests.browser.running import Platform
from tests.browser.twelve_steps import GRACE, STEPS, Game, play
from tests.contract_dates import follow

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
INSTANTS = {  # the date that moves, how long its job waits behind it, and the job
    "close": ("closes_at", GRACE, "challenges.close"),
    "appeals": ("appeals_until", timedelta(0), "settlement.settle"),
}
BUSY = 90  # seconds that a machine which runs other tests may take for what a quiet one does in fifteen


def test_one_person_plays_the_whole_loop(platform: Platform, person: Callable[..., Page]) -> None:
    def hurry(what: str, number: int) -> None:
        """Bring a date forward, and the job that waits for it: to shortly after the page was opened."""
        column, wait, kind = INSTANTS[what]
        instant = datetime.now(UTC) + timedelta(seconds=8)
        values = {"id": number, "at": instant, "kind": kind}
        platform.rows(f"UPDATE challenge SET {column} = :at WHERE id = :id", id=number, at=instant - wait)
        follow(platform.rows)
        platform.rows(
            "UPDATE job SET run_at = :at WHERE kind = :kind AND challenge_id = :id AND state = 'ready'", **values
        )
        if what == "close":
            game.closes_at = instant - wait

    game = Game(person(), closes_at=datetime.now(UTC) + timedelta(days=2), hurry=hurry, prompt=BUSY)
    done = [(number, what) for number, what, _seconds in play(game)]
    assert [number for number, _ in done] == list(range(1, 13))


def test_the_tour_tells_the_steps_that_are_played() -> None:
    text = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
    section = text.partition("## The loop in twelve steps\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| (\d+) \|", section, re.MULTILINE) == [str(n) for n in range(1, len(STEPS) + 1)]
