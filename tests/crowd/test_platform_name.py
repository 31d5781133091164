"""The platform's name: that of the reader's language, or the operator's own, wherever the platform names itself."""

from dataclasses import replace

import pytest
from flask import Flask

from challenges.funding import queries
from crowd.accounts.models import SignUp
from crowd.accounts.sign_up import notifications as sign_up
from crowd.config import Misconfigured
from crowd.db import db
from crowd.environment import from_env
from crowd.notifications import headers, mail
from crowd.notifications.models import OutgoingEmail
from crowd.site import legal_texts
from crowd.web import error_pages
from tests import factories
from tests.cast import Cast
from tests.client import Browser

NAMES = {"en": "Crowd", "zh_Hans_CN": "揭榜台 Crowd"}
TAGS = {"en": "en", "zh_Hans_CN": "zh-CN"}
OWN = "Bell & Yu 创新"  # what an operator sets, with a character that HTML writes otherwise
SHOWN = "Bell &amp; Yu 创新"


@pytest.fixture(params=["", OWN], ids=["by default", "set"])
def named(request: pytest.FixtureRequest, isolated: Flask, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name that an operator has set, if any; legal texts are read with it as at the start."""
    monkeypatch.setitem(isolated.config, "CROWD", replace(isolated.config["CROWD"], name=request.param))
    monkeypatch.setitem(isolated.extensions, "crowd.legal", {})
    legal_texts.register(isolated)
    return str(request.param)


@pytest.mark.parametrize("locale", NAMES)
@pytest.mark.parametrize("path", ["/", "/challenges", "/no/such/page", "/terms", "/account/login", "/statistics"])
def test_pages_and_error_pages_are_titled_by_it(browser: Browser, named: str, path: str, locale: str) -> None:
    page = browser.get(path, headers={"Accept-Language": TAGS[locale]}).text
    name = SHOWN if named else NAMES[locale]
    assert f" · {name}</title>" in page
    assert f"<span>{name}</span></a>" in page.split("</header>")[0]


@pytest.mark.parametrize("locale", NAMES)
def test_the_terms_say_which_platform_they_are_of(browser: Browser, named: str, locale: str) -> None:
    page = browser.get("/terms", headers={"Accept-Language": TAGS[locale]}).text
    assert (SHOWN if named else NAMES[locale]) in page.split('class="prose')[1].split("</main>")[0]


def test_the_page_that_needs_nothing_else_has_it(isolated: Flask, named: str) -> None:
    with isolated.test_request_context():
        page = error_pages._last_words(error_pages.Failure(500, "error"))
    assert page.count(SHOWN if named else "Crowd") == 2
    assert "出错了 · Something went wrong here" in page


@pytest.mark.parametrize("locale", NAMES)
def test_emails_come_from_it_and_name_it(cast: Cast, isolated: Flask, named: str, locale: str) -> None:
    name = named or NAMES[locale]
    row = SignUp(email="lin@crowd.example", locale=locale, time_zone="UTC")
    with isolated.test_request_context():
        sign_up.begun(row, "token", "")
    letter = db.session.query(OutgoingEmail).order_by(OutgoingEmail.id.desc()).first()
    assert letter is not None
    assert letter.text is not None
    assert letter.text.count(name) == 2, "in the sentence and in the foot"
    assert mail.message(letter, isolated.config["CROWD"])["From"] == headers.sender("no-reply@crowd.example", name)


def test_a_sender_with_a_name_of_its_own_keeps_it() -> None:
    assert headers.sender("Prizes <no-reply@crowd.example>", OWN) == '"Prizes" <no-reply@crowd.example>'


def test_what_it_does_itself_is_in_its_name(cast: Cast, browser: Browser, named: str) -> None:
    challenge = factories.settled(cast)
    award = next(row for row in queries.trail(challenge).transfers.values() if row.kind == "award")
    for locale, name in NAMES.items():
        cast.aud.locale = locale
        page = browser.sign_in(cast.aud).get(f"/balance/transfers/{award.id}").text
        assert f"{SHOWN if named else name}{'（自动）' if locale != 'en' else ' (automatic)'}" in page


@pytest.mark.parametrize("name", ["x" * 61, "two\nlines", "a\u202eb"])
def test_a_name_that_no_page_could_show_is_refused(name: str) -> None:
    with pytest.raises(Misconfigured, match="CROWD_NAME"):
        from_env({"CROWD_NAME": name})
    assert from_env({"CROWD_NAME": OWN}).name == OWN


@pytest.mark.usefixtures("cast")
def test_no_page_says_another_name(browser: Browser, isolated: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(isolated.config["CROWD"], name="Bellyu", operator_name="Bellyu AS")
    monkeypatch.setitem(isolated.config, "CROWD", settings)
    monkeypatch.setitem(isolated.extensions, "crowd.legal", {})
    legal_texts.register(isolated)
    for path in ("/", "/terms", "/privacy", "/contact", "/how-it-works", "/fees", "/api", "/no/such/page"):
        for tag in TAGS.values():
            page = browser.get(path, headers={"Accept-Language": tag}).text
            assert "Crowd" not in page, path
