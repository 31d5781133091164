"""Terms, privacy and contact: in versions, in both languages, with the operator's particulars or texts of its own."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from crowd.config import Misconfigured, Operator
from crowd.site import legal_texts
from tests.client import Browser

LANGUAGES = {"en": "en", "zh_Hans_CN": "zh-CN"}


def write(folder: Path, name: str, day: str, text: str, languages: Iterable[str] = LANGUAGES) -> None:
    (folder / name).mkdir(exist_ok=True)
    for language in languages:
        (folder / name / f"{day}.{language}.md").write_text(f"{text} ({language})", encoding="utf-8")


@pytest.fixture
def own(isolated: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the operator's own texts, which `load` reads."""
    settings = replace(isolated.config["CROWD"], legal_dir=tmp_path)
    monkeypatch.setitem(isolated.config, "CROWD", settings)
    monkeypatch.setitem(isolated.extensions, "crowd.legal", {})
    return tmp_path


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", legal_texts.NAMES)
def test_the_drafts_name_the_operator_and_leave_nothing_open(browser: Browser, name: str, language: str) -> None:
    page = browser.get(f"/{name}", headers={"Accept-Language": LANGUAGES[language]}).text
    operator: Operator = browser.app.config["CROWD"].operator
    assert page.count(operator.name) >= 2, "in the text and in the foot"
    body = page.split('class="prose')[1].split("</main>")[0]
    assert operator.address in body
    assert "$" not in body
    assert "..." not in body


def test_a_version_applies_from_its_date_on(browser: Browser, own: Path) -> None:
    for day, text in (("2020-01-01", "old"), ("2021-01-01", "in force"), ("2999-01-01", "coming")):
        write(own, "terms", day, text)
    legal_texts.register(browser.app)
    page = browser.get("/terms").text
    assert "in force (en)" in page
    for other in ("2020-01-01", "2999-01-01"):
        assert f"/terms?version={other}" in page
        assert 'href="/terms"' in browser.get(f"/terms?version={other}").text.split("<main")[1]
    assert "coming (zh_Hans_CN)" in browser.get("/terms?version=2999-01-01", headers={"Accept-Language": "zh"}).text
    assert "<table" in browser.get("/privacy").text, "what the operator does not replace stays ours"


@pytest.mark.parametrize("version", ["2022-01-01", "x", "2021-13-01", "2021-01-01x", "9" * 400])
def test_a_version_that_never_was_is_an_absent_page(browser: Browser, version: str) -> None:
    assert browser.get(f"/terms?version={version}").status_code == 404


def test_a_text_that_cannot_be_shown_refuses_to_start(isolated: Flask, own: Path) -> None:
    write(own, "terms", "2021-01-01", "only English", ("en",))
    with pytest.raises(Misconfigured, match="zh_Hans_CN"):
        legal_texts.register(isolated)
    write(own, "terms", "2021-01-01", "of $nobody")
    with pytest.raises(Misconfigured, match="nobody"):
        legal_texts.register(isolated)
    write(own, "terms", "2021-01-01", "fine")
    write(own, "terms", "tomorrow", "no date")
    with pytest.raises(Misconfigured, match="tomorrow"):
        legal_texts.register(isolated)


def test_the_foot_names_the_filing_number(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(
        browser.app.config["CROWD"], operator_name="河南揭榜台运营有限公司", operator_filing="豫ICP备00000000号"
    )
    monkeypatch.setitem(browser.app.config, "CROWD", settings)
    foot = browser.get("/").text.split("<footer")[1]
    assert "河南揭榜台运营有限公司" in foot
    assert "豫ICP备00000000号" in foot
