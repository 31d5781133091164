"""The demonstration's endpoints: one click switches the person; in production they do not exist."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from crowd.app import create_app
from crowd.config import Settings
from crowd.db import commit
from crowd.demo import personas, views
from crowd.notifications.emails import RenderedEmail
from crowd.notifications.jobs import send_mail
from crowd.notifications.mail import file_name
from crowd.notifications.services import post_mail
from tests import factories
from tests.cast import Cast
from tests.client import Browser

ADDRESSES = ("/demo", "/demo/mail", "/demo/mail/any")


@pytest.fixture
def production(isolated: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings: Settings = isolated.config["CROWD"]
    monkeypatch.setitem(isolated.config, "CROWD", replace(settings, mode="production"))


def ada_of_the_demonstration() -> None:
    row = factories.user("Ada")
    row.email, row.demonstration = personas.person("ada").email, True
    commit()


def test_one_click_makes_one_somebody(cast: Cast, browser: Browser) -> None:
    ada_of_the_demonstration()
    answer = browser.post("/demo/as/ada")
    assert answer.status_code == 303
    assert "Your dashboard" in browser.get("/dashboard").get_data(as_text=True)


def test_everybody_is_found_by_part_and_by_words(cast: Cast, browser: Browser) -> None:
    page = browser.get("/demo").text
    assert all(f"/demo/as/{person.key}" in page for person in personas.PEOPLE)
    found = browser.get("/demo?role=expert&q=acoustics+pipeline").text
    assert "/demo/as/rosalind" in found
    assert "/demo/as/declan" not in found
    assert page.count('<details class="fold">') == len(personas.ROLES)
    assert '<details class="fold" open>' in found
    assert "No people found" in browser.get("/demo?q=nobody+at+all").text


def test_who_judges_a_challenge_is_one_click_away(cast: Cast, browser: Browser) -> None:
    """Only people of the demonstration are offered; the panel's page links there."""
    cast.cy.email, cast.cy.demonstration = personas.person("cy").email, True
    commit()
    challenge = factories.judging(cast, "bo")
    assert f"/demo?challenge={challenge.id}" in browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}/panel").text
    page = browser.get(f"/demo?challenge={challenge.id}").text
    panel = page.partition('id="panel"')[2].partition("</section>")[0]
    assert re.findall(r"/demo/as/(\w+)", panel) == ["cy"]
    assert "1 review pending" in panel
    assert "formed within seconds" in browser.get("/demo?challenge=999999").text


def test_nobody_of_the_cast_is_found_where_the_story_was_not_told(cast: Cast, browser: Browser) -> None:
    assert browser.post("/demo/as/ada").status_code == 404
    assert browser.post("/demo/as/nobody").status_code == 404


def test_an_account_that_only_has_the_address_is_not_the_cast(cast: Cast, browser: Browser) -> None:
    row = factories.user("Ada")
    row.email = personas.person("ada").email
    commit()
    assert browser.post("/demo/as/ada").status_code == 404


@pytest.fixture
def send(isolated: Flask, cast: Cast) -> Iterator[Callable[[str, str], Path]]:
    """Send an email by the platform's own code; returns its file. All tests of this process share the folder."""
    files: list[Path] = []

    def leave(recipient: str, subject: str) -> Path:
        mail = RenderedEmail(subject, "The bank has paid <b>you</b>.", None)
        letter = post_mail(mail, kind="test", recipient=recipient, locale="en")
        commit()
        send_mail(letter.id)()
        files.append(isolated.config["CROWD"].data_dir / "mail" / f"{file_name(letter.message_id)}.eml")
        return files[-1]

    yield leave
    for path in files:
        path.unlink(missing_ok=True)


def test_sent_mail_can_be_read(send: Callable[[str, str], Path], browser: Browser) -> None:
    name = send("bo@northlight.example", "Paid out").stem
    waiting = RenderedEmail("On its way", "", None)
    post_mail(waiting, kind="test", recipient="bo@northlight.example", locale="en")
    assert "Paid out" in browser.get("/demo/mail?to=BO").text
    assert "On its way" not in browser.get("/demo/mail").text, "only what has left"
    assert "Paid out" not in browser.get("/demo/mail?to=ada").text
    assert "&lt;b&gt;you&lt;/b&gt;" in browser.get(f"/demo/mail/{name}").text
    assert browser.get("/demo/mail/no-such-letter").status_code == 404
    assert browser.get("/demo/mail/..%2Fsecret").status_code == 404


def test_mail_is_shown_a_page_at_a_time_and_no_file_is_opened_for_it(
    send: Callable[[str, str], Path], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MAX_EMAILS", 2)
    for number in range(5):
        send("dee@people.example", f"Letter {number}").unlink()
    shown, address = [], "/demo/mail?to=dee"
    while address:
        page = browser.get(address).text
        shown.append(re.findall(r"Letter (\d)", page))
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = html.unescape(following.group(1)) if following else ""
    assert shown == [["4", "3"], ["2", "1"], ["0"]]
    assert browser.get("/demo/mail?after=nonsense").status_code == 422


@pytest.mark.parametrize("address", ADDRESSES)
def test_in_production_none_of_it_exists(production: None, browser: Browser, address: str) -> None:
    assert browser.get(address).status_code == 404


def test_in_production_nobody_is_somebody_by_a_click(production: None, cast: Cast, browser: Browser) -> None:
    ada_of_the_demonstration()
    assert browser.post("/demo/as/ada").status_code == 404


def test_production_shows_no_strip_and_no_cast(shared_app: Flask) -> None:
    found = {}
    for mode in ("demo", "production"):
        app = create_app(replace(shared_app.config["CROWD"], mode=mode, base_url="https://crowd.example"))
        pages = [
            app.test_client().get(path, base_url="https://crowd.example").text for path in ("/account/login", "/terms")
        ]
        found[mode] = [("/demo" in page, 'class="strip"' in page) for page in pages]
    assert found == {"demo": [(True, True)] * 2, "production": [(False, False)] * 2}
