"""Invitations over HTTP: the sponsor's page, the page behind the link, and who may do what with both."""

import pytest
import sqlalchemy as sa

from challenges.invitations import answers, queries, services
from challenges.invitations.models import ChallengeInvitation
from challenges.invitations.tokens import token_of
from challenges.invitations.workflow import InvitationState
from challenges.models import Challenge
from crowd.db import db
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.counting import statements
from tests.submissions.test_pages import words

PEOPLE = ("nobody", "bo", "nils", "cy", "dee", "eve", "fen", "gu", "pia", "aud", "adm", "ada", "abe")


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return factories.opened(cast, visibility="invited")


def as_(browser: Browser, cast: Cast, name: str) -> Browser:
    return browser.sign_out() if name == "nobody" else browser.sign_in(getattr(cast, name))


def test_the_sponsor_pastes_a_list(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    here = f"/challenges/{challenge.id}/invitations"
    browser.sign_in(cast.ada)
    wrong = browser.post(here, {"people": "李薇\tli@people.example\nnobody\n", "message": "Dear all"})
    assert wrong.status_code == 422
    assert "Line 2: “nobody” is not an email address." in words(wrong.text)
    assert "Dear all" in wrong.text
    assert "nobody" in wrong.text
    sent = browser.post(here, {"people": f"李薇\tli@people.example\n{cast.abe.email}；li@people.example"})
    assert sent.status_code == 303
    page = words(browser.get(here).text)
    assert "1 invitation more." in page
    assert "1 address stood there twice." in page
    assert f"Your own people and organisations cannot take part: {cast.abe.email}" in page
    assert "李薇" in page
    assert "Not sent yet" in page
    services.send_next(challenge.id)
    assert "Sent, not opened" in words(browser.get(here).text)


def test_the_table_is_filtered_by_state_and_pages(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    one, two = factories.invite(challenge, "li@people.example", "mo@people.example")
    answers.decline(None, token_of(two), reason="We are full.")
    here = f"/challenges/{challenge.id}/invitations"
    page = browser.sign_in(cast.ada).get(f"{here}?state=declined").text
    assert "mo@people.example" in page
    assert "We are full." in page
    assert "li@people.example" not in page
    assert "Declined 1" in words(page)
    assert "All 2" in words(page)
    assert browser.get(f"{here}?state=unknown").status_code == 200
    assert one.state == InvitationState.SENT


def test_a_page_costs_the_same_however_many_are_invited(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    here = f"/challenges/{challenge.id}/invitations"
    factories.invite(challenge, cast.bo)
    browser.sign_in(cast.ada).get(here)
    with statements() as few:
        browser.get(here)
    factories.invite(challenge, cast.bea, cast.cy, cast.dee, "li@people.example", organisations=cast.northlight.name)
    with statements() as many:
        browser.get(here)
    assert len(many) <= len(few) + 1  # the organisation


def test_remind_and_withdraw(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    (row,) = factories.invite(challenge, "li@people.example")
    here = f"/challenges/{challenge.id}/invitations"
    browser.sign_in(cast.abe)
    assert browser.post(f"{here}/{row.public_id}/remind").status_code == 409
    db.session.execute(sa.text("UPDATE challenge_invitation SET last_mail_at = last_mail_at - interval '3 days'"))
    assert browser.post(f"{here}/{row.public_id}/remind").status_code == 303
    assert browser.post(f"{here}/{row.public_id}/withdraw", {"confirmed": None}).status_code == 422
    assert browser.post(f"{here}/{row.public_id}/withdraw").status_code == 303
    db.session.refresh(row)
    assert (row.state, row.mails) == (InvitationState.WITHDRAWN, 2)
    assert browser.sign_out().get(f"/invited/{token_of(row)}").status_code == 404


@pytest.mark.parametrize("what", ["", "/remind", "/withdraw"])
def test_who_is_let_to_the_sponsors_page(cast: Cast, challenge: Challenge, browser: Browser, what: str) -> None:
    (row,) = factories.invite(challenge, cast.bo)
    stranger = {"nils", "cy", "dee", "pia"}
    for name in PEOPLE:
        path = f"/challenges/{challenge.id}/invitations"
        as_(browser, cast, name)
        answer = browser.post(f"{path}/{row.public_id}{what}") if what else browser.get(path)
        if name == "nobody":
            assert answer.status_code in (302, 400)
        elif name in ("ada", "abe"):
            assert answer.status_code in (200, 303, 409)
        else:
            assert answer.status_code == (404 if name in stranger else 403), name
    other = factories.opened(cast)
    browser.sign_in(cast.ada)
    assert browser.post(f"/challenges/{other.id}/invitations/{row.public_id}/withdraw").status_code == 404


def test_who_may_invite(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    factories.invite(challenge, cast.bo)
    for name in PEOPLE:
        as_(browser, cast, name)
        path = f"/challenges/{challenge.id}/invitations"
        status = browser.post(path, {"people": f"{name}@people.example"}).status_code
        assert (status == 303) is (name in ("ada", "abe")), name
    assert queries.count_of(challenge) == 3


def test_from_the_link_signed_in(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    (row,) = factories.invite(challenge, "li@people.example", message="Dear Li")
    here = f"/invited/{token_of(row)}"
    page = browser.sign_out().get(here).text
    assert challenge.title in page
    assert "Dear Li" in page
    assert "Create an account" in words(page)
    assert f'/account/register?next=/invited/{token_of(row)}"' in page.replace("%2F", "/")
    page = words(browser.sign_in(cast.dee).get(here).text)
    assert f"You are signed in as {cast.dee.email}." in page
    assert browser.post(f"{here}/accept").headers["Location"].endswith(f"/challenges/{challenge.id}")
    assert browser.get(f"/challenges/{challenge.id}").status_code == 200
    assert challenge.title in browser.get("/account/invitations").text
    assert challenge.title in browser.get("/dashboard").text
    assert browser.post(f"/challenges/{challenge.id}/register", {"accepted": "y", "contract": "1"}).status_code == 303
    db.session.refresh(row)
    assert row.state == InvitationState.REGISTERED
    sponsor = words(browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}/invitations").text)
    assert f"accepted by {cast.dee.name}, under another address" in sponsor
    assert browser.sign_in(cast.bea).post(f"{here}/accept").status_code == 403


def test_decline_over_http(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    (row,) = factories.invite(challenge, cast.bo)
    here = f"/invited/{token_of(row)}"
    browser.sign_in(cast.dee)
    assert challenge.title not in browser.get(here).text
    assert browser.post(f"{here}/decline", {"reason": "Not mine."}).status_code == 403
    browser.sign_in(cast.bo)
    assert browser.post(f"{here}/decline", {"reason": "No time."}).status_code == 303
    page = words(browser.get(here).text)
    assert "You can still accept it." in page
    assert browser.post(f"{here}/decline", {"reason": "Again."}).status_code == 409
    assert browser.post(f"{here}/accept").status_code == 303
    db.session.refresh(row)
    assert row.state == InvitationState.SEEN


def test_stop_without_a_form_token(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    """As a mail program does it (RFC 8058)."""
    (row,) = factories.invite(challenge, "li@people.example")
    here = f"/invited/{token_of(row)}/stop"
    assert "No more invitations to this address?" in browser.sign_out().get(here).text
    assert queries.refused_among(["li@people.example"]) == set()
    assert browser.client.post(here, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert queries.refused_among(["li@people.example"]) == {"li@people.example"}


def test_the_invitation_of_an_organisation(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    assert cast.nils
    (row,) = factories.invite(challenge, organisations=cast.northlight.name)
    here = f"/invited/{token_of(row)}"
    for name, status in (("dee", 404), ("nils", 200)):
        assert as_(browser, cast, name).get(here).status_code == status
    assert browser.get("/inbox").status_code == 200
    assert challenge.title in browser.get("/inbox").text
    assert challenge.title not in browser.sign_out().get(here).text
    assert browser.sign_in(cast.nils).post(f"{here}/accept").status_code == 403


def test_an_invitation_opens_from_the_inbox(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    factories.invite(challenge, cast.bo)
    inbox = browser.sign_in(cast.bo).get("/inbox").text
    number = db.session.scalar(sa.text("SELECT id FROM notification WHERE kind = 'challenges.invited'"))
    assert f"/inbox/{number}" in inbox
    opened = browser.get(f"/inbox/{number}")
    assert "/invited/" in opened.headers["Location"]
    row = db.session.scalar(sa.select(ChallengeInvitation))
    assert row is not None
    services.withdraw(cast.ada, challenge.id, row.public_id)
    assert browser.get(f"/inbox/{number}").status_code == 200, "closed: the notification itself"


def test_a_public_challenge_is_announced(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    (row,) = factories.invite(challenge, "li@people.example")
    assert row.state == InvitationState.SENT
    page = words(browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}/invitations").text)
    assert "an invitation only tells somebody of it" in page
    browser.sign_in(cast.dee).post(f"/challenges/{challenge.id}/register", {"accepted": "y", "contract": "1"})
    assert db.session.scalar(sa.text("SELECT count(*) FROM registration")) == 1
