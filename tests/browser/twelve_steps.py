"""The loop in twelve steps, as in docs/tour.md: one person plays every role on a running demonstration.

    python -m tests.browser.twelve_steps ADDRESS [--stop-workers PID ...]

It uses only pages: it switches the person with one click on /demo, and waits for jobs on the page that
shows it. With `--stop-workers` those processes are paused for a minute while the challenge closes; what they would
have done happens once they continue.
"""

import argparse
import os
import re
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import ARGUMENTS, SHELL, WINDOWS
from tests.browser.loop import (
    NEED,
    PROPOSAL,
    agree,
    answer_checklist,
    button,
    fill,
    link,
    number_in,
    record,
    review,
    write,
)

STANDS_STILL = 60  # seconds
GRACE = timedelta(seconds=10)  # between the closing instant and the close
PROMPT = 15  # seconds from an instant to what the page says of it
SOON = 60_000  # milliseconds that a page may take to show what a job does in half a minute
TO_CLOSE = timedelta(minutes=3, seconds=45)  # from the draft to the close: two minutes open, the rest for steps 1 to 5


def _nothing(what: str, number: int) -> None:
    """Let the time pass as it does."""


@dataclass
class Game:
    """One challenge, played. `hurry(what, number)` may bring "close" or "appeals" forward; `still` are processes."""

    page: Page
    closes_at: datetime = field(default_factory=lambda: _minute(datetime.now(UTC) + TO_CLOSE))
    hurry: Callable[[str, int], None] = _nothing
    prompt: float = PROMPT
    still: tuple[int, ...] = ()
    mark: str = field(default_factory=lambda: uuid4().hex[:6])
    number: int = 0

    @property
    def title(self) -> str:
        return f"Place a leak from two recordings ({self.mark})"

    def answers(self, who: str) -> str:
        """The title of somebody's proposal."""
        return f"{who.capitalize()}: say how sure you are ({self.mark})"


def be(page: Page, key: str, query: str = "") -> None:
    """Switch the person with one click."""
    page.goto(f"/demo?{query}")
    page.locator(f"main button[formaction='/demo/as/{key}']").first.click()
    page.wait_for_url("**/dashboard")


# ---- the steps


def posts(game: Game) -> None:
    """Ada describes a challenge and sees its cost"""
    page = game.page
    be(page, "ada")
    link_to = page.locator("main").get_by_role("link", name="Post a challenge")
    link_to.first.click()
    fill(page, title=game.title)
    page.select_option("[name=language]", "en")
    button(page, "Create the draft").click()
    game.number = number_in(page, r"/challenges/(\d+)/edit")
    page.goto(f"/challenges/{game.number}/edit/dates")
    page.select_option("[name=time_zone]", "UTC")
    page.select_option("[name=appeal_seconds]", "60")
    button(page, "Save the draft").click()
    expect(page.locator("main")).to_contain_text("The draft is saved.")
    write(
        page,
        game.number,
        summary="Find the place of a leak from two recordings.",
        problem_statement=NEED,
        tags="acoustics, leak detection, signal processing",
        prizes__0__title="First prize",
        prizes__0__amount="60,000",
        criteria__0__title="Accuracy",
        criteria__0__weight="70",
        criteria__1__title="Use in the field",
        criteria__1__weight="30",
        closes_at=f"{game.closes_at:%Y-%m-%dT%H:%M}",
    )
    expect(page.locator("main")).to_contain_text("60,000")


def screens(game: Game) -> None:
    """Ada sends it to screening, Eve approves it"""
    button(game.page, "Agree and submit for screening").click()
    expect(game.page.locator("main")).to_contain_text("with the service centre")
    be(game.page, "eve")
    game.page.goto("/screening")
    link(game.page, game.title).click()
    answer_checklist(game.page)
    agree(game.page, "Approve")
    expect(game.page.locator("main")).to_contain_text("approved")


def reads_the_bill(game: Game) -> None:
    """Ada reads amount, account and payment reference"""
    be(game.page, "ada")
    game.page.goto(f"/challenges/{game.number}/funding")
    assert _said(game.page, "Payment reference")
    assert _minor(_said(game.page, "Still to pay")) > 60_000_00


def records(game: Game) -> None:
    """Fen records the payment, which is large enough to need a second person"""
    reference, amount = _said(game.page, "Payment reference"), _minor(_said(game.page, "Still to pay"))
    be(game.page, "fen")
    game.page.goto("/finance/deposits/new")
    fill(
        game.page,
        bank_reference=f"TW{game.mark.upper()}",
        value_date=date.today().isoformat(),
        payer="Luojian Water Group",
        amount=f"{amount // 100}.{amount % 100:02d}",
        payment_reference=f"Bounty {reference}",
    )
    game.page.select_option("[name=currency]", "CNY")
    record(game.page)
    expect(game.page.locator("main")).to_contain_text("A second person must confirm it")


def confirms(game: Game) -> None:
    """Finn confirms it: the escrow is filled and the challenge opens"""
    deposit = game.page.url
    be(game.page, "finn")
    game.page.goto(deposit)
    agree(game.page, "Confirm")
    expect(game.page.locator("main")).to_contain_text("Confirmed")
    _until(game.page, f"/challenges/{game.number}/funding", "in escrow")
    _until(game.page, f"/challenges/{game.number}", "Register to take part")


def bo_answers(game: Game) -> None:
    """Bo registers for an agency, writes, attaches a file and submits"""
    _answer(game, "bo", agency=True)


def dee_answers(game: Game) -> None:
    """Dee submits, too; Bo's proposal does not exist for Dee"""
    bos = game.page.url
    _answer(game, "dee")
    assert game.page.goto(bos).status == 404


def closes(game: Game) -> None:
    """The challenge closes by itself; an open page says so, and the panel is there with its reasons"""
    be(game.page, "ada")
    game.hurry("close", game.number)
    with _standing_still(game.still, game.closes_at):
        game.page.goto(f"/challenges/{game.number}")
        late = STANDS_STILL if game.still else 0
        patience = max((game.closes_at + GRACE - datetime.now(UTC)).total_seconds(), 0) + late + 2 * game.prompt
        expect(game.page.locator("main")).to_contain_text("has changed state: Judging", timeout=patience * 1000)
        expect(game.page.locator("[data-live=aside]")).not_to_contain_text("Closes")  # renewed with it
        _check_prompt(game, game.closes_at + GRACE, late)
    _until(game.page, f"/challenges/{game.number}/panel", "Matched on")


def review_all(game: Game) -> None:
    """The reviewers on the panel's page submit their reviews"""
    game.page.goto(f"/challenges/{game.number}/panel")
    link(game.page, "View as a reviewer").click()
    buttons = game.page.locator("#panel button")
    expect(buttons.first).to_be_visible()
    keys = [(one.get_attribute("formaction") or "").rpartition("/")[2] for one in buttons.all()]
    assert len(keys) >= 3
    for turn, key in enumerate(keys):
        be(game.page, key, f"challenge={game.number}")
        for who, points in (("bo", 9), ("dee", 6)):
            game.page.goto("/reviews")
            if game.page.locator("main").get_by_role("link", name=game.answers(who), exact=True).count():
                review(game.page, game.answers(who), points - turn % 2)


def awards(game: Game) -> None:
    """Ada reads the ranking, gives Bo the prize with a reason and publishes the decision"""
    page = game.page
    be(page, "ada")
    page.goto(f"/challenges/{game.number}/ranking")
    expect(page.locator("main")).to_contain_text(game.answers("bo"))
    page.goto(f"/challenges/{game.number}/awards")
    page.locator("main [name$=prize_id]").first.check()
    page.locator("main .pick").filter(has_text=game.answers("bo")).get_by_role("radio").check()
    chosen = page.locator("main form").filter(has=page.locator("[name$=prize_id]"))
    chosen.locator("[name$=reason]").fill("The only method that says how sure it is, shown on our own recordings.")
    button(page, "Choose this award").click()
    page.locator("main details.confirm summary").filter(has_text="Publish the decision").click()
    button(page, "Yes, publish it").click()
    expect(page.locator("main")).to_contain_text("The decision is published")
    page.goto(f"/challenges/{game.number}/results")
    expect(page.locator("main")).to_contain_text(game.answers("bo"))


def settles(game: Game) -> None:
    """A minute later the appeal window has passed; the page says that it is settled, and how the money was split"""
    decided = datetime.now(UTC)
    game.hurry("appeals", game.number)
    game.page.goto(f"/challenges/{game.number}")
    patience = (60 + 2 * game.prompt) * 1000
    expect(game.page.locator("main")).to_contain_text("has changed state: Settled", timeout=patience)
    _check_prompt(game, decided + timedelta(seconds=60), 0)
    game.page.goto(f"/challenges/{game.number}/transfers")
    expect(game.page.locator("main")).to_contain_text("60,000")


def pays_out(game: Game) -> None:
    """Bo requests the money; Fen makes a batch, Finn approves it, the bank responds; the ledger balances"""
    page = game.page
    be(page, "bo")
    page.goto("/balance")
    page.locator("main").get_by_role("link", name=re.compile("Northlight")).first.click()
    payout = _ask_for_payout(page)
    be(page, "fen")
    page.goto("/finance/payouts")
    button(page, "Create a batch in CNY").click()
    batch = number_in(page, r"/finance/batches/(\d+)")
    be(page, "finn")
    page.goto(f"/finance/batches/{batch}")
    agree(page, "Approve")
    expect(page.locator("main")).to_contain_text("The file is being sent to the bank")
    be(page, "bo")
    _until(page, payout, "Paid")
    be(page, "fen")
    page.goto("/finance/ledger-check")
    button(page, "Check now").click()
    expect(page.locator("main")).to_contain_text("The ledger balances")


STEPS: tuple[Callable[[Game], None], ...] = (
    *(posts, screens, reads_the_bill, records, confirms, bo_answers),
    *(dee_answers, closes, review_all, awards, settles, pays_out),
)


def play(game: Game) -> Iterator[tuple[int, str, float]]:
    """Run the steps one after another; yields number, description and seconds after each."""
    game.page.goto("/language/en?next=/demo")
    for number, step in enumerate(STEPS, start=1):
        begun = time.monotonic()
        step(game)
        yield number, (step.__doc__ or "").strip(), time.monotonic() - begun


# ---- what the steps share


def _answer(game: Game, who: str, *, agency: bool = False) -> None:
    page = game.page
    be(page, who)
    page.goto(f"/challenges/{game.number}")
    link(page, "Register to take part").click()
    if agency:
        page.get_by_label(re.compile("Northlight")).check()
    page.locator("[name=accepted]").check()
    button(page, "Take part").click()
    button(page, "Start your proposal").click()
    fill(page, title=game.answers(who), abstract="Correlation over a short window, with an interval.", body=PROPOSAL)
    page.select_option("[name=language]", "en")
    with tempfile.TemporaryDirectory() as folder:
        attachment = Path(folder) / "measurements.csv"
        attachment.write_text("distance,error\n120,1.4\n", encoding="utf-8")
        page.set_input_files("[name=files]", attachment)
        button(page, "Save and check").click()
        expect(page.get_by_role("heading", name="Review and submit")).to_be_visible()
    button(page, "Submit version 1").click()
    expect(page.locator("#receipt")).to_contain_text("SHA-256")


def _ask_for_payout(page: Page) -> str:
    """Add a bank account if there is none, request everything; returns the payout's URL."""
    page.locator("main tr").filter(has_text="CNY").get_by_role("link", name=re.compile("Withdraw")).first.click()
    page.wait_for_url("**/withdraw**")
    withdrawal = page.url
    if link(page, "Add an account").count():
        link(page, "Add an account").click()
        page.select_option("[name=currency]", "CNY")
        fill(
            page,
            holder="Northlight Sensing",
            bank="Bank of Bergen",
            number="6222021234567890128",
            password="crowd demonstration",
        )
        button(page, "Save the account").click()
        expect(page.locator("main")).to_contain_text("now go to this account")
        page.goto(withdrawal)
    fill(page, amount="60000")
    button(page, "Request payout").click()
    number = number_in(page, r"/balance/payouts/(\d+)$")
    return f"/balance/payouts/{number}"


def _until(page: Page, path: str, words: str) -> None:
    """Load a page again until it says what a job does."""
    deadline = time.monotonic() + SOON / 1000
    while True:
        page.goto(path)
        if words in page.locator("main").inner_text():
            return
        assert time.monotonic() < deadline, f"{path} does not say {words!r}"
        page.wait_for_timeout(1000)


def _said(page: Page, label: str) -> str:
    """What stands beside a label in a list of facts."""
    return page.locator(f"main dt:text-is('{label}') + dd").first.inner_text().strip()


def _minor(text: str) -> int:
    """Minor units of an amount as it is shown."""
    return int(re.sub(r"\D", "", text if "." in text else f"{text}.00"))


def _minute(instant: datetime) -> datetime:
    """The next whole minute."""
    return (instant + timedelta(seconds=59)).replace(second=0, microsecond=0)


def _check_prompt(game: Game, due: datetime, late: int) -> None:
    """The page showed it within seconds of the time, plus the time for which the workers were paused."""
    waited = (datetime.now(UTC) - due).total_seconds()
    assert waited <= game.prompt + late, f"the page said it {waited:.0f} s after the instant"


@contextmanager
def _standing_still(pids: tuple[int, ...], around: datetime) -> Iterator[None]:
    """Pause processes from just before a time for a minute, during what is done here; at the end they continue."""

    def send(number: signal.Signals) -> None:
        for pid in pids:
            os.kill(pid, number)

    before = max((around - datetime.now(UTC)).total_seconds() - 5, 0)
    timers = [
        threading.Timer(before, send, [signal.SIGSTOP]),
        threading.Timer(before + STANDS_STILL, send, [signal.SIGCONT]),
    ]
    for timer in timers:
        timer.start()
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        send(signal.SIGCONT)


def main() -> None:
    """Play on the instance at ADDRESS, with one line per step."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("address", help="where the demonstration is served, for example http://127.0.0.1:8000")
    parser.add_argument("--stop-workers", type=int, nargs="+", default=[], metavar="PID", dest="pids")
    parser.add_argument("--show", action="store_true", help="in a window that can be watched")
    wanted = parser.parse_args()
    begun = time.monotonic()
    with sync_playwright() as playwright:
        names = WINDOWS if wanted.show else (SHELL, *WINDOWS)
        path = next(filter(None, map(shutil.which, names)), None)
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS, headless=not wanted.show)
        page = chromium.new_page(base_url=wanted.address.rstrip("/"), locale="en-GB")
        for number, done, seconds in play(Game(page, still=tuple(wanted.pids))):
            print(f"✓ {number:2}  {seconds:6.1f} s  {done}", flush=True)
        chromium.close()
    print(f"Twelve steps in {time.monotonic() - begun:.0f} s.")


if __name__ == "__main__":
    main()
