"""The pages of support and vouchers, over HTTP."""

import pytest

from challenges.support import services
from submissions import services as submissions
from tests import factories
from tests.cast import Cast
from tests.challenges.support.test_services import park, supported, vouchers
from tests.client import Browser
from tests.scoring.test_pages import words

FORM = {
    "title": "Rheometer", "quantity": "20", "unit": "hours", "granted_to": "registered", "valid_days": "90",
    "conditions": "", "grantor": "",
}  # fmt: skip


def test_from_the_draft_to_the_used_voucher(cast: Cast, browser: Browser) -> None:
    whose, pan = park()
    draft = factories.challenge(cast.ada, cast.luoyang)
    here = f"/challenges/{draft.id}/support"
    browser.sign_in(cast.ada)
    assert browser.post(here, FORM | {"grantor": "Nobody at all"}).status_code == 422
    assert browser.post(here, FORM | {"grantor": whose.name}).status_code == 303
    (line,) = services.queries.lines_of(draft.id)
    assert "Waits for the grantor" in words(browser.get(here).text)
    browser.sign_in(pan)
    assert "Answer whether you grant support" in words(browser.get("/dashboard").text)
    assert browser.get(f"/challenges/{draft.id}").status_code == 404  # the draft itself stays the sponsor's
    assert browser.post(f"{here}/{line.id}/agree").status_code == 303
    assert "Agreed" in words(browser.get(here).text)
    assert browser.sign_in(cast.bo).get(here).status_code == 404


def test_a_party_redeems_and_the_grantor_answers(cast: Cast, browser: Browser) -> None:
    challenge, _line, pan = supported(cast)
    submissions.register(cast.bo, challenge.id, accepted=True)
    (voucher,) = vouchers(challenge)
    assert "20 hours, granted by Dahe Science Park" in words(browser.get(f"/challenges/{challenge.id}/contract").text)
    assert "Rheometer" in words(browser.get(f"/challenges/{challenge.id}/prizes").text)
    browser.sign_in(cast.bo)
    assert "Rheometer" in words(browser.get("/vouchers").text)
    here = f"/vouchers/{voucher.public_id}"
    assert browser.post(f"{here}/redeem", {"wish": ""}).status_code == 422
    assert browser.post(f"{here}/redeem", {"wish": "Two days."}).status_code == 303
    browser.sign_in(pan)
    page = words(browser.get("/vouchers").text)
    assert "Two days." in page
    assert cast.bo.name in page
    assert "Confirm a redeemed voucher" in words(browser.get("/dashboard").text)
    assert browser.post(f"{here}/hand-back", {"reason": "  "}).status_code == 422
    assert browser.post(f"{here}/hand-back", {"reason": "Not that week."}).status_code == 303
    assert "Not that week." in words(browser.sign_in(cast.bo).get("/vouchers").text)
    browser.post(f"{here}/redeem", {"wish": "The week after."})
    browser.sign_in(pan)
    assert browser.post(f"{here}/confirm", {"confirmed": "yes"}).status_code == 303
    assert voucher.confirmed_by == pan.id


@pytest.mark.parametrize("act", ["redeem", "confirm", "hand-back"])
def test_a_stranger_finds_no_voucher(cast: Cast, browser: Browser, act: str) -> None:
    challenge, _line, _pan = supported(cast)
    submissions.register(cast.bo, challenge.id, accepted=True)
    (voucher,) = vouchers(challenge)
    browser.sign_in(cast.bea)
    data = {"wish": "x", "reason": "x", "confirmed": "yes"}
    assert browser.post(f"/vouchers/{voucher.public_id}/{act}", data).status_code == 404
    assert browser.post(f"/vouchers/absent/{act}", data).status_code == 404
