"""The pages of a challenge's money, as people click through them."""

import io
from typing import Any

from challenges.workflow import ChallengeState
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.ledger.deposits.test_views import FORM, small, text_of


def test_from_the_funding_page_to_escrow(cast: Cast, browser: Browser) -> None:
    challenge = small(cast)
    reference = challenge.payment_reference or ""
    browser.sign_in(cast.ada)
    page = text_of(browser, f"/challenges/{challenge.id}/funding")
    assert reference in page
    assert "¥1,050.00" in page
    assert reference in text_of(browser, f"/challenges/{challenge.id}/funding/invoice")
    proof = {"payment_proof": (io.BytesIO(b"%PDF-1.4"), "proof.pdf")}
    sent = browser.post(f"/challenges/{challenge.id}/funding/payment-proofs", proof, content_type="multipart/form-data")
    assert sent.status_code == 303
    page = text_of(browser, f"/challenges/{challenge.id}/funding")
    assert "proof.pdf" in page
    download = browser.get(
        page.split('href="/funding/payment-proofs/')[0] and f"/funding/payment-proofs/{_proof(page)}"
    )
    assert download.headers["Content-Disposition"].startswith("attachment")

    browser.sign_in(cast.fen)
    assert challenge.title in text_of(browser, "/finance")
    form: dict[str, Any] = FORM | {"amount": "1,000.00", "payment_reference": f"for {reference}"}
    assert browser.post("/finance/deposits/new", form).status_code == 303
    factories.run_jobs("challenges.fund")
    browser.sign_in(cast.ada)
    assert "¥50.00 is still missing" in text_of(browser, f"/challenges/{challenge.id}/funding")
    browser.sign_in(cast.fen)
    form |= {"bank_reference": "ICBC-2", "amount": "60", "payment_reference": "", "organisation_id": cast.luoyang.id}
    assert browser.post("/finance/deposits/new", form).status_code == 303
    browser.sign_in(cast.ada)
    assert "Move into escrow" in text_of(browser, f"/challenges/{challenge.id}/funding")
    assert browser.post(f"/challenges/{challenge.id}/funding").status_code == 303
    assert challenge.state == ChallengeState.OPEN
    browser.sign_out()
    page = text_of(browser, f"/challenges/{challenge.id}/transfers")
    assert "¥1,050.00" in page
    assert "The sponsor" in page


def _proof(page: str) -> str:
    return page.split("/funding/payment-proofs/")[1].split('"')[0]


def test_only_who_may_open_the_sponsors_statement_is_led_there(cast: Cast, browser: Browser) -> None:
    challenge = small(cast)
    statement = f"/organisations/{cast.luoyang.id}/balance"
    for person, opens in ((cast.ada, True), (cast.abe, True), (cast.fen, True), (cast.aud, True), (cast.eve, False)):
        browser.sign_in(person)
        assert (statement in text_of(browser, f"/challenges/{challenge.id}/funding")) is opens, person.name
        assert (browser.get(statement).status_code == 200) is opens, person.name


def test_the_page_says_that_the_money_is_being_moved_and_offers_no_button(cast: Cast, browser: Browser) -> None:
    challenge = small(cast)
    browser.sign_in(cast.fen)
    form = FORM | {"amount": "1,050.00", "payment_reference": challenge.payment_reference}
    assert browser.post("/finance/deposits/new", form).status_code == 303
    page = text_of(browser, "/finance")
    assert challenge.title in page, "it waits until the job has run"
    browser.sign_in(cast.ada)
    page = text_of(browser, f"/challenges/{challenge.id}/funding")
    assert "is being moved into escrow" in page
    assert f'action="/challenges/{challenge.id}/funding"' not in page
    assert "How to pay" not in page
    factories.run_jobs("challenges.fund")
    assert "is held in escrow" in text_of(browser, f"/challenges/{challenge.id}/funding")
