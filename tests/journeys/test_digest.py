"""A person follows a challenge, a sponsor and a search, chooses one email a day, and gets it from a real SMTP server:
its links open to them and to nobody else. In both languages.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import clock
from crowd.accounts.models import User
from crowd.background import Job, JobState, enqueue, run
from crowd.db import commit, db
from crowd.notifications import kinds, queries
from crowd.notifications.models import Notification
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.post_office import PostOffice, post_office

AUDIENCE = ("challenges.notify_followers", "searches.notify_hits", "notifications.email")
MAILS = ("digests.write", "digests.send", "emails.send", "notifications.email")
WORDS = {
    "en": ("New challenge: Leaks in heating pipes", ", and 1 more", "Stop these emails", "en"),
    "zh_Hans_CN": ("Leaks in heating pipes", "，另有1条", "停发此类邮件", "zh-CN"),
}


@pytest.fixture
def office(isolated: Flask) -> Iterator[PostOffice]:
    """The platform sends through a real server."""
    settings = isolated.config["CROWD"]
    with post_office("no") as running:
        isolated.config["CROWD"] = replace(settings, mail_url=f"smtp://127.0.0.1:{running.port}?tls=0")
        yield running
    isolated.config["CROWD"] = settings


def work(*names: str) -> None:
    """Do these jobs until none is left, as workers would."""
    waiting = sa.select(Job.id).where(Job.kind.in_(names), Job.state == JobState.READY)
    while found := list(db.session.scalars(waiting.order_by(Job.id))):
        assert all(run(job_id) for job_id in found)


def part(letter: EmailMessage, kind: str) -> str:
    found = letter.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def paths(letter: EmailMessage) -> list[str]:
    """The paths of the platform to which the email links, the same in text and HTML."""
    address = re.compile(r"http://127\.0\.0\.1:\d+(/[^\s<>\"]*)")
    assert set(address.findall(part(letter, "html"))) == set(address.findall(part(letter, "plain")))
    return list(dict.fromkeys(address.findall(part(letter, "plain"))))


def prepared(cast: Cast, browser: Browser, person: User) -> None:
    """Through pages: follow a challenge and a sponsor, keep a search, and choose one email a day."""
    row = factories.opened(cast)
    factories.proposal(cast.bo, row, title="CANARY title", abstract="CANARY abstract", body="CANARY: nobody reads it.")
    work(*AUDIENCE)
    browser.sign_in(person)
    for path in (f"/follow/challenge/{row.id}", f"/follow/organisation/{cast.luoyang.id}"):
        assert browser.post(path).status_code == 303
    assert browser.post("/account/searches/new?q=leaks&state=open&filtered=1", {"name": "Leaks"}).status_code == 303
    choice = {f"every_{group}": "at_once" for group in kinds.groups()} | {"every_following": "daily"}
    assert browser.post("/inbox/preferences", choice).status_code == 303
    factories.closed(cast, row)
    factories.funded(cast, title="Leaks in heating pipes", opens_at=None)
    work(*AUDIENCE)


@pytest.mark.parametrize("locale", WORDS)
def test_a_digest_is_read_by_its_reader_and_by_nobody_else(
    cast: Cast, browser: Browser, office: PostOffice, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    cast.dee.locale = locale
    commit()
    prepared(cast, browser, cast.dee)
    to_dee = [letter for letter in office.letters if letter["To"] == cast.dee.email]
    assert to_dee == [], "it waits for the morning"
    morning = db.session.scalar(sa.select(sa.func.max(Notification.due_at)))
    monkeypatch.setattr(clock, "now", lambda: morning)
    for _run in range(2):
        enqueue("digests.write")
        work(*MAILS)
    (letter,) = [letter for letter in office.letters if letter["To"] == cast.dee.email]

    _first, more, stop, tag = WORDS[locale]
    assert str(letter["Subject"]).endswith(more), "it names the first and says how many more"
    assert letter["Content-Language"] == tag
    assert letter.get_content_type() == "multipart/alternative"
    assert [one.get_content_type() for one in letter.iter_parts()] == ["text/plain", "text/html"]
    assert letter["List-Id"] == "<digest.127.0.0.1>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop in part(letter, "plain")
    assert "CANARY" not in str(letter)
    assert "CANARY" not in part(letter, "plain") + part(letter, "html")

    found = paths(letter)
    entries = [path for path in found if re.fullmatch(r"/inbox/\d+", path)]
    assert len(entries) == 2
    stranger, visitor = Browser(browser.app).sign_in(cast.bea), Browser(browser.app)
    for path in entries:
        opened = browser.get(path)
        assert opened.status_code == 303
        assert browser.get(opened.headers["Location"]).status_code == 200
        assert stranger.get(path).status_code == 404
        assert "/account/login" in visitor.get(path).headers["Location"]
    assert queries.unread_count(cast.dee.id) == 0

    one_click = urlsplit(str(letter["List-Unsubscribe"]).strip("<>")).path
    assert visitor.client.post(one_click, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert queries.frequencies([cast.dee.id])[cast.dee.id]["following"] == "never"


def test_emails_about_one_challenge_are_one_conversation_of_each_person(cast: Cast, office: PostOffice) -> None:
    first = factories.opened(cast)
    factories.closed(cast, first)
    other = factories.funded(cast, title="Another one", opens_at=None)
    work(*AUDIENCE)
    threads = {(str(one["To"]), str(one["References"])) for one in office.letters if one["References"]}
    of_first = {(person.email, f"<challenge-{first.id}.person-{person.id}@crowd>") for person in (cast.ada, cast.eve)}
    assert of_first <= threads
    assert (cast.ada.email, f"<challenge-{other.id}.person-{cast.ada.id}@crowd>") in threads
    for letter in office.letters:
        assert letter["References"] == letter["In-Reply-To"]
        assert letter["Message-ID"] != letter["References"]
        assert str(letter["List-Id"]) == "<challenges.127.0.0.1>"
    assert len([one for one in office.letters if str(one["References"]).startswith(f"<challenge-{first.id}.")]) > 2
