"""A language is an entry of LANGUAGES and a catalogue: one that these tests add is everywhere a language can be."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import ngettext, pgettext

from challenges import services as challenges
from crowd import languages
from crowd.accounts import services as accounts
from crowd.audit import SYSTEM
from crowd.languages import LANGUAGES, Language
from crowd.notifications import mail
from crowd.notifications.emails import in_locale
from crowd.notifications.models import OutgoingEmail
from crowd.taxonomy.vocabulary import shipped
from crowd.web.templating import day, instant
from tests import factories
from tests.cast import Cast
from tests.client import Browser

FRENCH = Language("fr", "fr", "Français", instant="EEE d MMM y 'à' HH:mm", day="d MMM y", platform_name="Foule")
READS = {"Accept-Language": "fr-CA, zh;q=0.5"}
PAGES = {  # the persons of the cast who open them; "" without an account
    "": ("/", "/challenges", "/results", "/people", "/statistics", "/how-it-works", "/fees", "/api", "/terms",
         "/privacy", "/contact", "/account/login", "/account/register", "/demo", "/no/such/page"),
    "ada": ("/dashboard", "/inbox", "/inbox/preferences", "/account/profile", "/challenges/new", "/challenges/{id}",
            "/challenges/{id}/edit/problem", "/challenges/{id}/funding"),
    "dee": ("/dashboard", "/challenges/{id}/register"),
    "fen": ("/finance", "/finance/deposits/new", "/finance/payouts"),
    "eve": ("/admin", "/admin/organisations"),
    "adm": ("/admin/people", "/admin/audit"),
}  # fmt: skip


@pytest.fixture
def french(isolated: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Language:
    """One more entry, and a catalogue with two texts: all others are still missing in it."""
    catalogue = Catalog("fr")
    catalogue.add("Challenges", "Défis")
    catalogue.add(("%(num)d new notification", "%(num)d new notifications"), ("%(num)d avis", "%(num)d avis neufs"))
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    babel = isolated.extensions["babel"]
    monkeypatch.setattr(babel, "translation_directories", [*babel.translation_directories, str(tmp_path)])
    monkeypatch.setattr(babel.instance.domain_instance, "cache", {})
    monkeypatch.setitem(LANGUAGES, "fr", FRENCH)
    return FRENCH


@pytest.mark.parametrize(
    ("tag", "locale"),
    [("fr", "fr"), ("fr-CA", "fr"), ("FR-be", "fr"), ("zh", "zh_Hans_CN"), ("zh-CN", "zh_Hans_CN"), ("en-GB", "en"),
     ("zh-Hant-TW", "zh_Hans_CN"), ("zh-SG", "zh_Hans_CN"), ("de", None), ("*", None), ("fro", None), ("", None)],
)  # fmt: skip
@pytest.mark.usefixtures("french")
def test_a_browser_is_answered_in_the_same_language_or_one_of_its_family(tag: str, locale: str | None) -> None:
    found = languages.accepted(tag)
    assert (found and found.locale) == locale


@pytest.mark.parametrize("who", PAGES)
@pytest.mark.usefixtures("french")
def test_every_page_opens_in_it(cast: Cast, browser: Browser, who: str) -> None:
    row = factories.opened(cast, language="fr")
    if who:
        getattr(cast, who).locale = "fr"
        browser.sign_in(getattr(cast, who))
    for path in PAGES[who]:
        answer = browser.get(path.format(id=row.id), headers=READS)
        assert answer.status_code == (404 if "such" in path else 200), path
        assert '<html lang="fr"' in answer.text, path
        assert "· Foule</title>" in answer.text, path
        for switch in ('lang="zh-CN">中文</', 'lang="en">English</'):
            assert switch in answer.text, "the switch shows the others"


@pytest.mark.usefixtures("french")
def test_the_switch_shows_it_and_what_its_catalogue_lacks_is_english(cast: Cast, browser: Browser) -> None:
    assert 'hreflang="fr">Français</a>' in browser.get("/").text
    assert browser.get("/language/fr?next=/challenges").status_code == 303
    page = browser.get("/challenges").text
    assert "<h1>Défis</h1>" in page
    assert "Search the challenges" in page
    assert "Français" in page.split("</header>")[1], "challenges can be filtered by it"
    assert browser.get("/language/de").status_code == 404


@pytest.mark.usefixtures("french")
def test_accounts_challenges_and_emails_have_it(cast: Cast, browser: Browser, isolated: Flask) -> None:
    person = accounts.create_user(SYSTEM, email="lea@crowd.example", name="Léa", password_hash=None, locale="fr")
    assert ">Français</option>" in browser.sign_in(cast.dee).get("/account/profile").text
    draft = challenges.create(cast.ada, cast.luoyang.id, brief=factories.brief(language="fr"))
    assert f'<h1 lang="fr">{draft.title}' in browser.sign_in(cast.ada).get(f"/challenges/{draft.id}").text
    settings = isolated.config["CROWD"]
    letter = OutgoingEmail(
        message_id="<1@crowd>", kind="test", recipient=person.email, locale=person.locale, subject="Bonjour", text="",
        html=None, created_at=datetime(2026, 12, 14, tzinfo=UTC),
    )  # fmt: skip
    made = mail.message(letter, settings)
    assert made["Content-Language"] == "fr"
    assert made["From"].startswith('"Foule" <')
    with in_locale("fr", "Europe/Berlin"):
        assert ngettext("%(num)d new notification", "%(num)d new notifications", 2) == "2 avis neufs"
        assert instant(datetime(2026, 12, 14, 10, tzinfo=UTC), zone=False) == "lun. 14 déc. 2026 à 11:00"
        assert day(datetime(2026, 12, 14, tzinfo=UTC)) == "14 déc. 2026"


@pytest.mark.usefixtures("french")
def test_texts_that_it_does_not_have_are_english_and_say_so(browser: Browser) -> None:
    page = browser.get("/terms", headers=READS).text
    assert '<div class="prose measure" lang="en">' in page
    assert shipped().field_names(["acoustics", "声学", "basket weaving"], "fr") == ["acoustics", "basket weaving"]


@pytest.mark.parametrize(("number", "text"), [(0, "0 new notifications"), (1, "1 new notification"), (2, "2 new")])
def test_english_needs_no_catalogue(isolated: Flask, number: int, text: str) -> None:
    with isolated.test_request_context(headers={"Accept-Language": "en"}):
        assert ngettext("%(num)d new notification", "%(num)d new notifications", number).startswith(text)
        assert pgettext("money", "Withdraw") == "Withdraw"
