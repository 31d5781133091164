"""The bounty loop as people do it in a browser, one function per step; it is the same without scripts."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.browser.running import Platform
from tests.contract_dates import follow
from tests.drafting import by_step

NEED = """## What we have

Two valve chambers on one pipe of **400 mm**, and a recorder in each.

| year | bursts |
|---|---|
| 2024 | 118 |

## What we need

- the place of a leak to within three metres
"""
PROPOSAL = """## How it works

The noise of a leak reaches both ends at different times. We correlate the two recordings over a *short* window, leave
out what pumps do, and give the place with an interval.

| distance | error |
|---|---|
| 120 m | 1.4 m |
"""
VERDICT = "The method is sound and the interval is honest; the test on a noisy street is still missing."
ANSWERED_WITHIN = 120  # seconds for what a worker or the scheduler does, on a busy machine


def button(page: Page, name: str) -> Locator:
    """The button with exactly these words in the page's own part."""
    return page.locator("main").get_by_role("button", name=name, exact=True).first


def agree(page: Page, name: str) -> None:
    """Press the button of an irreversible operation, and confirm below the question that repeats the amount or the
    name.
    """
    page.locator("main details.confirm summary").filter(has_text=re.compile(f"^{name}$")).first.click()
    button(page, name).click()


def link(page: Page, name: str | re.Pattern[str]) -> Locator:
    """The first link with these words in the page's own part."""
    return page.locator("main").get_by_role("link", name=name, exact=isinstance(name, str)).first


def fill(page: Page, **fields: str) -> None:
    """Type into fields by their names; a `__` means a dash."""
    for name, text in fields.items():
        page.fill(f"main [name='{name.replace('__', '-')}']", text)


def number_in(page: Page, address: str) -> int:
    """The number in the page's address, once the browser has arrived at one like `address`."""
    page.wait_for_url(re.compile(address))
    return int(re.search(address, page.url).group(1))


def record(page: Page) -> None:
    """Record a deposit; where the same payer has paid as much today, say that it is another payment."""
    button(page, "Record").click()
    another = page.get_by_label("This is a separate payment from one of the same payer, day and amount")
    page.wait_for_load_state()
    if another.count():
        another.check()
        button(page, "Record").click()


def wait_saved(page: Page) -> None:
    """Until the page says that what was typed is saved."""
    expect(page.locator("[data-saved]").first).to_contain_text("Saved at", timeout=15_000)


def draft(ada: Page, title: str, *, scripts: bool) -> int:
    """Ada begins a challenge, describes it and looks at its cost; the challenge's number."""
    ada.goto("/challenges/new")
    fill(ada, title=title)
    ada.select_option("[name=language]", "en")
    button(ada, "Create the draft").click()
    number = number_in(ada, r"/challenges/(\d+)/edit")
    closes = datetime.now() + timedelta(days=30)
    write(
        ada,
        number,
        scripts=scripts,
        summary="Find the place of a leak from two recordings.",
        problem_statement=NEED,
        tags="acoustics, leak detection, signal processing",
        prizes__0__title="First prize",
        prizes__0__amount="60,000",
        criteria__0__title="Accuracy",
        criteria__0__weight="70",
        criteria__1__title="Use in the field",
        criteria__1__weight="30",
        closes_at=f"{closes:%Y-%m-%dT18:00}",
    )
    return number


def write(page: Page, number: int, *, scripts: bool = False, **fields: str) -> None:
    """Write a draft step by step, and look at its cost; with `scripts` wait until each step has saved itself."""
    for step, typed in by_step({name.replace("__", "-"): text for name, text in fields.items()}).items():
        page.goto(f"/challenges/{number}/edit/{step}")
        fill(page, **typed)
        if scripts:
            wait_saved(page)
        button(page, "Save and continue").click()
        expect(page.locator("main")).to_contain_text("The draft is saved.")
    page.goto(f"/challenges/{number}/edit/check")
    expect(page.get_by_role("heading", name="Cost", exact=True)).to_be_visible()


def send_to_screening(ada: Page) -> None:
    """Ada agrees to the cost that the page shows."""
    button(ada, "Agree and submit for screening").click()
    expect(ada.locator("main")).to_contain_text("with the service centre")


def approve(eve: Page, title: str) -> None:
    """Eve finds it in the queue, reads it, answers the checklist and approves."""
    eve.goto("/screening")
    link(eve, title).click()
    answer_checklist(eve)
    agree(eve, "Approve")
    expect(eve.locator("main")).to_contain_text("approved")


def answer_checklist(eve: Page) -> None:
    """Eve says yes to every item."""
    answers = eve.locator("#checklist input[value=yes]")
    expect(answers.first).to_be_visible()
    for answer_yes in answers.all():
        answer_yes.check()
    button(eve, "Save the answers").click()
    expect(eve.locator("main")).to_contain_text("The answers are saved.")


def pay(platform: Platform, number: int, ada: Page, fen: Page, finn: Page) -> None:
    """Ada reads what is to be paid, Fen records the money, Finn confirms it; the challenge is funded and opens."""
    ada.goto(f"/challenges/{number}/funding")
    reference, amount = platform.rows(
        "SELECT payment_reference, prize_total + prize_total * fee_basis_points / 10000 FROM challenge WHERE id = :id",
        id=number,
    )[0]
    expect(ada.locator("main")).to_contain_text(reference)
    bank_reference = f"T{uuid4().hex[:12].upper()}"
    fen.goto("/finance/deposits/new")
    fill(
        fen,
        bank_reference=bank_reference,
        value_date=date.today().isoformat(),
        payer="Luojian Water Group",
        amount=f"{amount // 100}.{amount % 100:02d}",
        payment_reference=f"Bounty {reference}",
    )
    fen.select_option("[name=currency]", "CNY")
    record(fen)
    expect(fen.locator("main")).to_contain_text(bank_reference)
    deposit = platform.value("SELECT id FROM deposit WHERE bank_reference = :reference", reference=bank_reference)
    finn.goto(f"/finance/deposits/{deposit}")
    agree(finn, "Confirm")
    wait_for_state(platform, number, "open")
    ada.goto(f"/challenges/{number}/funding")
    expect(ada.locator(".escrow").first).to_contain_text("in escrow")


def answer(bo: Page, number: int, title: str, attachment: Path, *, scripts: bool) -> int:
    """Bo registers for an agency, writes, attaches a file, checks and submits; the proposal's number."""
    bo.goto(f"/challenges/{number}")
    link(bo, "Register to take part").click()
    bo.get_by_label(re.compile("Northlight")).check()
    bo.locator("[name=accepted]").check()
    button(bo, "Take part").click()
    button(bo, "Start your proposal").click()
    fill(bo, title=title, abstract="Correlation over a short window, with an interval.", body=PROPOSAL)
    bo.select_option("[name=language]", "en")
    if scripts:
        wait_saved(bo)
    bo.set_input_files("[name=files]", attachment)
    button(bo, "Save and check").click()
    expect(bo.get_by_role("heading", name="Review and submit")).to_be_visible()
    expect(bo.locator("main")).to_contain_text(attachment.name)
    proposal = number_in(bo, r"/proposals/(\d+)")
    button(bo, "Submit version 1").click()
    expect(bo.locator("#receipt")).to_contain_text("SHA-256")
    return proposal


def close(platform: Platform, number: int) -> None:
    """The deadline and its grace pass: the owner of the database changes the date; jobs close and form the panel."""
    passed = "crowd_now() - make_interval(secs => grace_seconds)"
    times = f"closes_at = {passed}, opens_at = least(opens_at, {passed} - interval '1 minute')"
    platform.rows(f"UPDATE challenge SET {times} WHERE id = :id", id=number)
    follow(platform.rows)
    _bring_forward(platform, "challenges.close", number)
    wait_for_state(platform, number, "judging")
    asked = "SELECT count(*) FROM assignment WHERE challenge_id = :id AND state = 'pending'"
    platform.until(lambda: platform.value(asked, id=number), "the panel is formed", ANSWERED_WITHIN)


def reviewers(platform: Platform, number: int) -> list[str]:
    """The email addresses of the reviewers whom the panel's job chose."""
    sql = (
        'SELECT u.email FROM assignment a JOIN "user" u ON u.id = a.reviewer_id '
        "WHERE a.challenge_id = :id ORDER BY a.id"
    )
    return [row.email for row in platform.rows(sql, id=number)]


def review(page: Page, title: str, points: int) -> None:
    """A reviewer opens the proposal from the inbox, scores it and submits the review."""
    page.goto("/reviews")
    link(page, title).click()
    fields = page.locator("main [name^=points_]")
    expect(fields.first).to_be_visible()  # the fields are counted next, which waits for nothing
    for field in fields.all():
        field.fill(str(points))
    fill(page, comment=VERDICT)
    button(page, "Submit review").click()
    expect(page.locator("main")).to_contain_text("Your review is submitted")


def review_by_keyboard(page: Page, title: str, points: int) -> None:
    """The same with the keyboard alone, and what is typed is saved on the way."""
    page.goto("/reviews")
    tab_to(page, f"a >> {title}", lambda: link(page, title))
    page.keyboard.press("Enter")
    fields = page.locator("main [name^=points_]")
    expect(fields.first).to_be_visible()
    for number in range(fields.count()):
        tab_to(page, f"points {number}", partial(fields.nth, number))
        page.keyboard.type(str(points))
    tab_to(page, "the verdict", lambda: page.locator("main form [name=comment]"))
    page.keyboard.type(VERDICT)
    wait_saved(page)
    tab_to(page, "the button", lambda: button(page, "Submit review"))
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Your review is submitted")


def tab_to(page: Page, what: str, target: Callable[[], Locator], most: int = 80) -> None:
    """Press Tab until the target has the focus. Raises AssertionError where it is never reached."""
    wanted = target()
    for _ in range(most):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{what} is not reached by Tab")


def award(ada: Page, number: int, proposal_title: str) -> None:
    """Ada sees the ranking, chooses the award with a reason and publishes the decision."""
    ada.goto(f"/challenges/{number}/ranking")
    expect(ada.locator("main")).to_contain_text(proposal_title)
    ada.goto(f"/challenges/{number}/awards")
    ada.locator("main [name$=prize_id]").first.check()
    ada.locator("main .pick").filter(has_text=proposal_title).get_by_role("radio").check()
    ada.locator("main form").filter(has=ada.locator("[name$=prize_id]")).locator("[name$=reason]").fill(
        "The only method that says how sure it is, shown on our own recordings."
    )
    button(ada, "Choose this award").click()
    expect(ada.get_by_role("table", name="Awards chosen so far")).to_contain_text(proposal_title)
    ada.locator("main details.confirm summary").filter(has_text="Publish the decision").click()
    button(ada, "Yes, publish it").click()
    expect(ada.locator("main")).to_contain_text("The decision is published")
    ada.goto(f"/challenges/{number}/results")
    expect(ada.locator("main")).to_contain_text(proposal_title)


def let_appeals_pass(platform: Platform, number: int) -> None:
    """The appeal window ends now; the settlement's job pays out of escrow."""
    wait_for_state(platform, number, "decided")
    platform.rows("UPDATE challenge SET appeals_until = crowd_now() WHERE id = :id", id=number)
    _bring_forward(platform, "settlement.settle", number)
    wait_for_state(platform, number, "settled")


def take_out(platform: Platform, bo: Page) -> int:
    """Bo requests the agency's money, and adds its bank account if there is none; the payout's number."""
    organisation = platform.value(
        "SELECT organisation_id FROM membership WHERE user_id = :me AND role = 'owner'", me=platform.id_of("bo")
    )
    bo.goto(f"/organisations/{organisation}/balance")
    account = bo.locator("main tr").filter(has_text="CNY")
    with bo.expect_navigation():  # the address is read below, so the page must be there
        account.get_by_role("link", name=re.compile("Withdraw")).first.click()
    withdrawal = bo.url
    if link(bo, "Add an account").count():
        link(bo, "Add an account").click()
        bo.select_option("[name=currency]", "CNY")
        fill(
            bo,
            holder="Northlight Sensing",
            bank="Bank of Bergen",
            number="6222021234567890128",
            password="crowd demonstration",
        )
        with bo.expect_navigation():  # leaving earlier would cancel the account
            button(bo, "Save the account").click()
        bo.goto(withdrawal)
    fill(bo, amount="60000")
    button(bo, "Request payout").click()
    expect(bo.locator("main")).not_to_contain_text("Request payout")
    return int(platform.value("SELECT max(id) FROM payout WHERE requested_by = :me", me=platform.id_of("bo")))


def pay_out(platform: Platform, payout: int, fen: Page, finn: Page, bo: Page) -> None:
    """Fen makes a batch, Finn approves it, the bank responds; Bo sees that it is paid."""
    fen.goto("/finance/payouts")
    button(fen, "Create a batch in CNY").click()
    batch = number_in(fen, r"/finance/batches/(\d+)")
    finn.goto(f"/finance/batches/{batch}")
    agree(finn, "Approve")
    state = "SELECT state FROM payout WHERE id = :id"
    platform.until(lambda: platform.value(state, id=payout) == "paid", "the payout is paid", ANSWERED_WITHIN)
    bo.goto(f"/balance/payouts/{payout}")
    expect(bo.locator("main")).to_contain_text("Paid")


def check_the_books(platform: Platform, fen: Page) -> None:
    """The page of the ledger check, and the command: nothing is wrong."""
    fen.goto("/finance/ledger-check")
    button(fen, "Check now").click()
    said = json.loads(platform.command("ledger", "check", "--json").splitlines()[-1])
    assert said["errors"] == 0, said


def wait_for_state(platform: Platform, number: int, state: str) -> None:
    """Wait until workers and scheduler have brought the challenge into a state."""
    sql = "SELECT state FROM challenge WHERE id = :id"
    platform.until(lambda: platform.value(sql, id=number) == state, f"challenge {number} is {state}", ANSWERED_WITHIN)


def _bring_forward(platform: Platform, kind: str, number: int) -> None:
    """Make a waiting job due; the scheduler wakes a worker within seconds."""
    platform.rows(
        "UPDATE job SET run_at = crowd_now() WHERE kind = :kind AND challenge_id = :id AND state = 'ready'",
        kind=kind,
        id=number,
    )
