"""The fee is a set of rules in versions: challenges that were submitted before a change keep theirs."""

import sqlalchemy as sa

from challenges.lifecycle import services as lifecycle
from crowd.db import db
from crowd.ledger.check import run_checks
from crowd.ledger.fees import charts
from crowd.ledger.fees.rules import FEES
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, Posting, Transfer
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.rules.adopting import adopted


def test_a_challenge_keeps_the_version_with_which_it_was_submitted(cast: Cast) -> None:
    before, draft = factories.screened(cast), factories.challenge(cast.ada, cast.luoyang)
    adopted(FEES, award=300)
    after = lifecycle.submit(cast.ada, draft.id)
    assert (before.fee_version, before.fee_basis_points) == (1, 500)
    assert (after.fee_version, after.fee_basis_points) == (2, 300)
    assert (before.cost, after.cost) == (31_500_000, 30_900_000)


def test_our_own_words_are_told_in_the_reader_s_language(cast: Cast, browser: Browser) -> None:
    pages = {code: browser.get("/fees", headers={"Accept-Language": code}).text for code in ("en", "zh-CN")}
    assert "The first schedule" in pages["en"]
    assert "首版收费标准" in pages["zh-CN"]


def test_the_page_shows_the_version_in_force_and_the_one_that_waits(cast: Cast, browser: Browser) -> None:
    adopted(FEES, award=300)
    adopted(FEES, award=450, begins=False)
    page = browser.get("/fees").text
    assert "3% of what is awarded" in page
    assert "4.5%" in page
    assert page.count('href="/rules/fees?version=') == 3


def test_the_money_of_a_challenge_follows_its_version(cast: Cast) -> None:
    adopted(FEES, award=300)
    challenge = factories.settled(cast)
    (fee,) = db.session.scalars(
        sa.select(sa.func.sum(Posting.amount))
        .join(Transfer, Transfer.id == Posting.transfer_id)
        .join(Posting.target)
        .where(Transfer.challenge_id == challenge.id, LedgerAccount.kind == LedgerAccountKind.FEE)
    )
    assert fee == 20_000_000 * 300 // 10_000
    assert [one for one in run_checks() if one.name != "never"] == []


def test_what_the_settlement_writes_into_the_books_is_told_in_the_reader_s_language(
    cast: Cast, browser: Browser
) -> None:
    challenge = factories.settled(cast)
    browser.sign_in(cast.fen)
    cast.fen.locale = "zh_Hans_CN"
    db.session.flush()
    (number,) = db.session.scalars(
        sa.select(Transfer.id).where(Transfer.kind == "refund", Transfer.challenge_id == challenge.id)
    )
    for path in (f"/challenges/{challenge.id}/transfers", f"/balance/transfers/{number}"):
        page = browser.get(path)
        assert page.status_code == 200, path
        assert "What was not awarded" not in page.text
        assert "未授出" in page.text, path


def test_the_example_of_the_fee_is_what_a_challenge_would_do(cast: Cast, browser: Browser) -> None:
    """The same prizes, of which the same part is awarded, at the fee in force."""
    challenge = factories.settled(cast)
    assert challenge.prize_total == charts.PRIZES
    page = browser.get("/fees").text
    for shown in ("¥300,000", "¥315,000", "¥200,000", "¥10,000", "¥105,000"):
        assert shown in page
    assert "5% of what is awarded" in page
    postings = browser.get(f"/challenges/{challenge.id}/transfers").text
    for shown in ("315,000", "200,000", "10,000", "105,000"):
        assert shown in postings
