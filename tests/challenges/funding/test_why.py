"""Every amount can be traced: the pages link from a balance to its lines, to the transfer, and to the decision."""

import re
from dataclasses import replace

import pytest
from flask import current_app

from challenges.funding import queries
from crowd.accounts.models import MemberRole
from crowd.db import commit
from crowd.ledger import check
from crowd.ledger.models import LedgerAccountKind
from crowd.ledger.payouts import services as payouts
from crowd.ledger.queries import transfers_about
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.crowd.ledger.deposits.test_views import FORM, small, text_of
from tests.crowd.ledger.test_payouts import a_batch_at_the_bank, answer, earned, with_account


def links(page: str, pattern: str) -> list[str]:
    """The URLs in the page's main part that match, in order, each once."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return list(dict.fromkeys(re.findall(rf'href="({pattern})"', main)))


def words(page: str) -> str:
    """What is read in the page's own part, tags and doubled spaces left out."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).replace("&#39;", "'").split())


# ---- where the money of a challenge went, for everybody


def test_everybody_follows_each_line_to_its_transfer(cast: Cast, browser: Browser) -> None:
    challenge = factories.settled(cast, "bo", "bea", awards=2)
    page = text_of(browser, f"/challenges/{challenge.id}/transfers")
    said = words(page)
    assert "¥315,000.00 paid in by the sponsor" in said
    assert "¥270,000.00 paid to winners" in said
    assert "¥13,500.00 platform fee" in said
    assert "¥31,500.00 returned to the sponsor" in said
    assert "¥0.00 in escrow now" in said
    assert said.count("Fee on the award") == 2
    for title in ("First", "Second"):
        assert said.count(title) == 2, "the award and its fee"
    for winner in (cast.bo, cast.bea):
        assert f"/people/{winner.id}" in links(page, r"/people/\d+")
    assert links(page, r"/organisations/\d+") == [f"/organisations/{cast.luoyang.id}"]
    fund, refund = transfers_about("challenge", challenge.id)
    for transfer in (fund, refund):
        assert f"Transfer {transfer.id}" in said
        assert transfer.body_digest in said
    assert "Decided by" in said
    assert "Ada" not in said.replace("Ada's", ""), "the organ, not the person"
    assert links(page, r"/balance/transfers/\d+") == []


def test_the_transfers_behind_it_are_open_to_who_may_see_them(cast: Cast, browser: Browser) -> None:
    challenge = factories.settled(cast)
    path = f"/challenges/{challenge.id}/transfers"
    open_to = {"ada": 3, "abe": 3, "fen": 3, "aud": 3, "bo": 1, "bea": 0, "dee": 0, "eve": 0}
    for name, number in open_to.items():
        browser.sign_in(getattr(cast, name))
        found = links(text_of(browser, path), r"/balance/transfers/\d+")
        assert len(found) == number, name
        for transfer in found:
            text_of(browser, transfer)


def test_before_anything_moved_the_page_says_so_and_omits_what_is_nothing(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    said = words(text_of(browser, f"/challenges/{challenge.id}/transfers"))
    assert "¥315,000.00 in escrow now" in said
    assert "returned to" not in said
    assert "to winners" not in said


# ---- a transfer


def test_a_transfer_says_why_and_leads_both_ways(cast: Cast, browser: Browser) -> None:
    challenge = factories.settled(cast)
    award = next(row for row in queries.trail(challenge).transfers.values() if row.kind == "award")
    browser.sign_in(cast.aud)
    page = text_of(browser, f"/balance/transfers/{award.id}")
    said = words(page)
    assert "¥210,000.00" in said, "the amount of it all"
    assert "Reason First" in said
    assert f"/challenges/{challenge.id}/results" in links(page, r"/challenges/\d+/results")
    assert f"Decided by Ada · {cast.luoyang.name}" in said
    assert links(page, r"/admin/audit/\d+")
    assert len(links(page, r"/finance/accounts/\d+")) == 2, "the winner's earnings and the fee"
    assert "Note" not in said
    assert "Crowd (automatic)" in said
    browser.sign_in(cast.bo)
    page = text_of(browser, f"/balance/transfers/{award.id}")
    assert "Ada" not in words(page).replace(challenge.title, "")
    assert f"Decided by {cast.luoyang.name}" in words(page)
    assert links(page, r"/admin/.*") == []
    assert links(page, r"/balance\?account=\d+")


def test_whoever_is_behind_a_payout_sees_its_transfers(cast: Cast, browser: Browser) -> None:
    payout = a_batch_at_the_bank(cast)
    answer(payout, "paid")
    browser.sign_in(cast.bo)
    page = text_of(browser, f"/balance/payouts/{payout.id}")
    found = links(page, r"/balance/transfers/\d+")
    assert len(found) == 2
    for transfer in found:
        text_of(browser, transfer)
    assert "Paid out by the bank" in words(page)
    assert "¥10.00" in words(page)
    for name in ("bea", "ada", "dee", "eve", "gu"):
        browser.sign_in(getattr(cast, name))
        for transfer in found:
            assert browser.get(transfer).status_code == 404, name


# ---- statements


def test_a_statement_leads_to_challenge_and_payout(cast: Cast, browser: Browser) -> None:
    challenge = factories.settled(cast)
    browser.sign_in(cast.ada)
    page = text_of(browser, f"/organisations/{cast.luoyang.id}/balance")
    assert links(page, r"/challenges/\d+/transfers") == [f"/challenges/{challenge.id}/transfers"]
    said = words(page)
    assert "Where the money of each challenge went" in said
    assert f"{challenge.title} ¥315,000.00 ¥200,000.00 ¥10,000.00 ¥0.00 ¥105,000.00 ¥0.00" in said
    assert "Moved into escrow" in said
    listed = text_of(browser, f"/organisations/{cast.luoyang.id}/balance/challenges")
    assert challenge.title in listed
    browser.sign_in(cast.dee)
    assert browser.get(f"/organisations/{cast.luoyang.id}/balance/challenges").status_code == 404
    browser.sign_in(cast.bo)
    page = text_of(browser, "/balance")
    assert "Total earned (CNY) ¥200,000.00" in words(page)
    assert f"/challenges/{challenge.id}/transfers" in links(page, r"/challenges/\d+/transfers")


def test_a_payout_that_was_paid_reads_paid_on_the_statement(cast: Cast, browser: Browser) -> None:
    payout = a_batch_at_the_bank(cast)
    browser.sign_in(cast.bo)
    before = words(text_of(browser, "/balance"))
    assert f"Payout {payout.id} Sent to the bank" in before
    assert "On its way to the bank −¥10.00" in before
    answer(payout, "paid")
    page = text_of(browser, "/balance")
    said = words(page)
    assert "Total earned (CNY) ¥10.00 Total paid out −¥10.00 Available to pay out (CNY) ¥0.00" in said
    assert f"Payout {payout.id} Paid" in said
    assert "Payout under way" not in said
    assert links(page, r"/balance/payouts/\d+") == [f"/balance/payouts/{payout.id}"]


def test_an_empty_statement_is_plain_but_for_a_new_account(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    factories.proposal(cast.bea, challenge, submitted=False)
    plain = {
        "ada": "is on their own statements",
        "fen": "Nothing has been paid to you in person.",
        "bea": "No proposal of yours has been paid yet",
    }
    for name, text in plain.items():
        browser.sign_in(getattr(cast, name))
        page = text_of(browser, "/balance")
        assert text in words(page), name
        assert 'class="empty"' not in page, name
    browser.sign_in(cast.ada)
    assert links(text_of(browser, "/balance"), r"/organisations/\d+/balance")
    browser.sign_in(cast.dee)
    assert 'class="empty"' in text_of(browser, "/balance")
    browser.sign_in(cast.nils)
    assert 'class="empty"' not in text_of(browser, f"/organisations/{cast.northlight.id}/balance")


def test_a_cursor_of_another_statement_is_refused(cast: Cast, browser: Browser) -> None:
    factories.opened(cast)
    browser.sign_in(cast.ada)
    assert browser.get(f"/organisations/{cast.luoyang.id}/balance?after=xyz").status_code == 422
    assert browser.get("/organisations/999999/balance").status_code == 404
    browser.sign_in(cast.fen)
    assert browser.get("/organisations/999999/balance").status_code == 404


# ---- all money


def test_from_the_sheet_to_the_holder_to_the_line(cast: Cast, browser: Browser) -> None:
    challenge = factories.settled(cast)
    browser.sign_in(cast.aud)
    page = text_of(browser, "/finance/accounts")
    assert "Together ¥0.00" in words(page)
    assert "Each currency adds up to zero" in words(page)
    kinds = links(page, r"/finance/accounts/\w+/\w+")
    assert "/finance/accounts/payable/CNY" in kinds
    holders = text_of(browser, "/finance/accounts/payable/CNY")
    assert cast.bo.name in words(holders)
    (account,) = links(holders, r"/finance/accounts/\d+")
    statement = text_of(browser, account)
    assert challenge.title in words(statement)
    assert links(statement, r"/balance/transfers/\d+")
    assert links(statement, rf"/people/{cast.bo.id}")
    for own in links(page, r"/finance/accounts/\d+"):
        text_of(browser, own)
    for kind in LedgerAccountKind:
        text_of(browser, f"/finance/accounts/{kind}/CNY")
    assert browser.get("/finance/accounts/payable/XXX").status_code == 404
    assert browser.get("/finance/accounts/nothing/CNY").status_code == 404
    assert browser.get("/finance/accounts/999999").status_code == 404
    for name in ("ada", "bo", "eve", "adm"):
        browser.sign_in(getattr(cast, name))
        for path in ("/finance/accounts", "/finance/accounts/payable/CNY", account):
            assert browser.get(path).status_code == 403, name


# ---- what is asked of whom


def test_what_is_still_to_pay_follows_from_what_has_come(cast: Cast, browser: Browser) -> None:
    challenge = small(cast)
    form = FORM | {"amount": "1,000.00", "payment_reference": challenge.payment_reference}
    browser.sign_in(cast.fen)
    browser.post("/finance/deposits/new", form)
    page = text_of(browser, f"/challenges/{challenge.id}/funding")
    said = words(page)
    assert "The sponsor still owes ¥50.00." in said
    assert "Please pay" not in said
    assert links(page, r"/finance/deposits/\d+")
    assert "Total ¥1,050.00 Received Free balance −¥1,000.00 Still to pay ¥50.00" in said
    desk = words(text_of(browser, "/finance"))
    assert "¥1,050.00 ¥1,000.00 ¥50.00" in desk
    browser.sign_in(cast.ada)
    said = words(text_of(browser, f"/challenges/{challenge.id}/funding"))
    assert "Please pay the rest" in said
    assert "not reconciled" not in said
    request = words(text_of(browser, f"/challenges/{challenge.id}/funding/invoice"))
    assert "Total ¥1,050.00 Received −¥1,000.00 To pay ¥50.00" in request


def test_finance_sees_what_waits_for_whom(cast: Cast, browser: Browser) -> None:
    challenge = factories.approved(cast)
    browser.sign_in(cast.fen)
    form = FORM | {"amount": "90000", "payment_reference": challenge.payment_reference}
    browser.post("/finance/deposits/new", form)
    account = earned(cast, cast.bo, 1_000)
    with_account(cast.bo)
    payouts.request(cast.bo, account.id, amount=1_000)
    batch = payouts.make_batch(cast.fen, currency="CNY")
    page = text_of(browser, "/finance")
    said = words(page)
    assert "1 deposit to confirm" in said
    assert "1 batch to approve" in said
    assert "0 payouts requested" in said
    assert "a deposit awaits confirmation" in said
    listed = words(text_of(browser, "/finance/payouts"))
    assert listed.index("Batches to approve") < listed.index("Requested")
    assert listed.count(f"Batch {batch.id}") == 1
    browser.sign_in(cast.aud)
    page = text_of(browser, "/finance")
    assert '<div class="actions"></div>' not in page
    for path in (
        "/finance",
        "/finance/deposits",
        "/finance/accounts",
        "/finance/payouts",
        f"/finance/batches/{batch.id}",
    ):
        assert 'aria-current="true">Administration' in text_of(browser, path), path


def test_of_many_payouts_the_oldest_are_listed_and_all_are_counted(
    cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = current_app.config["CROWD"]
    few = replace(settings, limits=replace(settings.limits, page_rows=2))
    monkeypatch.setitem(current_app.config, "CROWD", few)
    account = earned(cast, cast.bo, 6_000)
    with_account(cast.bo)
    for amount in (1_000, 2_000, 3_000):
        payouts.request(cast.bo, account.id, amount=amount)
    browser.sign_in(cast.fen)
    listed = words(text_of(browser, "/finance/payouts"))
    assert "3 payouts, ¥60.00" in listed
    assert "The oldest 2 of 3 are shown" in listed
    assert ("¥20.00" in listed, "¥30.00" in listed) == (True, False)
    assert "3 payouts requested" in words(text_of(browser, "/finance"))


def test_a_deposit_is_confirmed_first_and_discarded_with_care(cast: Cast, browser: Browser) -> None:
    challenge = factories.approved(cast)
    browser.sign_in(cast.fen)
    form = FORM | {"amount": "90000", "payment_reference": challenge.payment_reference}
    path = browser.post("/finance/deposits/new", form).headers["Location"]
    browser.sign_in(cast.finn)
    page = text_of(browser, path)
    main = page.partition("<main")[2]
    assert main.index("Confirm</button>") < main.index("Mark as reconciled") < main.index("Discard")
    assert main.index('<details class="confirm">') < main.index('name="reason"')
    assert f"/organisations/{cast.luoyang.id}/balance" in links(page, r"/organisations/\d+/balance")
    assert f"Challenge {challenge.title}" in words(page)
    assert browser.post(f"{path}/discard", {"reason": "twice"}).status_code == 303


@pytest.mark.parametrize("named", [True, False])
def test_who_withdraws_reads_what_happens(cast: Cast, browser: Browser, named: bool) -> None:
    account = earned(cast, cast.bo, 1_000)
    if named:
        with_account(cast.bo)
    browser.sign_in(cast.bo)
    said = words(text_of(browser, f"/balance/accounts/{account.id}/withdraw"))
    assert "Available to pay out ¥10.00" in said
    assert "Another finance officer approves the batch" in said
    assert "The last one in" not in said
    assert ("Add an account" in said) is not named


def test_a_colleague_may_read_but_not_take_out(cast: Cast, browser: Browser) -> None:
    join(cast.dee, cast.northlight, MemberRole.MEMBER)
    factories.pay_in(cast, cast.northlight, 1_000)
    commit()
    browser.sign_in(cast.dee)
    page = text_of(browser, f"/organisations/{cast.northlight.id}/balance")
    assert "Free balance (CNY)" in words(page)
    assert links(page, r"/balance/accounts/\d+/withdraw") == []
    assert "Payout accounts" not in words(page)


def test_the_books_balance_rule_by_rule(cast: Cast, browser: Browser) -> None:
    check.keep(cast.fen, check.findings(), milliseconds=3)
    browser.sign_in(cast.fen)
    page = text_of(browser, "/finance/ledger-check")
    assert "The ledger balances." in words(page)
    assert "note-success" in page
    assert "Money appeared or disappeared none" in words(page)
