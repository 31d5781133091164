"""The pages of a contract: clauses, bytes, changes; who sees them; the sponsor's editor."""

import base64
import hashlib
import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from challenges.contract import clauses, queries
from challenges.models import Challenge
from crowd.notifications.emails import in_locale
from crowd.web.templating import instant
from submissions import services as submissions
from tests import factories
from tests.cast import Cast
from tests.challenges.test_views import fields as raw_fields
from tests.client import Browser
from tests.submissions.test_pages import words


def fields(page: str) -> dict[str, str]:
    """The form of the editor as the browser would send it back."""
    return {name: html.unescape(value) for name, value in raw_fields(page).items()}


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return factories.opened(cast)


def test_everybody_reads_the_clauses_of_the_version_in_force(challenge: Challenge, browser: Browser) -> None:
    said = words(browser.get(f"/challenges/{challenge.id}/contract").text)
    assert queries.in_force(challenge).digest in said
    for clause in ("¥200,000", "Detection on hidden sites", "A licence, not a transfer.", "Appeal period"):
        assert clause in said


def test_the_bytes_are_the_same_for_everybody_and_carry_their_digest(
    cast: Cast, challenge: Challenge, browser: Browser
) -> None:
    url = f"/challenges/{challenge.id}/contract.json"
    stranger = browser.get(url, headers={"Accept-Encoding": "gzip"})
    version = queries.in_force(challenge)
    assert stranger.data == version.document
    assert browser.sign_in(cast.ada).get(url).data == version.document
    digest = base64.b64encode(hashlib.sha256(stranger.data).digest()).decode()
    assert stranger.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    assert "no-transform" in stranger.headers["Cache-Control"]
    assert "Content-Encoding" not in stranger.headers


@pytest.mark.parametrize(
    "page", ["contract", "contract.json", "contract/changes", "contract?version=9", "contract?version=x"]
)
def test_what_is_not_there_is_not_found(cast: Cast, browser: Browser, page: str) -> None:
    draft = factories.funded(cast) if "=" not in page and "changes" not in page else factories.opened(cast)
    assert browser.get(f"/challenges/{draft.id}/{page}").status_code == 404


def change(browser: Browser, challenge: Challenge, **typed: str) -> dict[str, str]:
    """The form of the editor, with these fields changed."""
    page = browser.get(f"/challenges/{challenge.id}/contract/amend")
    assert page.status_code == 200
    form = page.text.partition('name="shown"')[0].rpartition("<form")[2]
    assert 'name="csrf_token"' in form
    return fields(page.text) | {"reason": "Asked for by several."} | typed


def test_the_sponsor_sees_a_change_first_and_publishes_it_then(
    cast: Cast, challenge: Challenge, browser: Browser
) -> None:
    submissions.register(cast.bo, challenge.id, accepted=True)
    here = f"/challenges/{challenge.id}/contract/amend"
    browser.sign_in(cast.ada)
    checked = browser.post(here, change(browser, challenge, rights="A transfer."))
    assert checked.status_code == 200
    assert queries.in_force(challenge).number == 1
    said = words(checked.text)
    assert "Material change" in said
    assert "must accept again" in said
    assert re.search(r"<del>[^<]*licence", checked.text)
    assert "<ins>" in checked.text
    published = browser.post(here, fields(checked.text) | {"publish": "1"})
    assert published.status_code == 303
    assert queries.in_force(challenge).number == 2
    shown = words(browser.get(f"/challenges/{challenge.id}/contract/changes").text)
    assert "Asked for by several." in shown
    assert "Rights" in shown
    assert "Contract changed" in words(browser.get(f"/challenges/{challenge.id}/history").text)


def test_the_reason_is_needed_for_the_publication_and_not_for_the_check(
    cast: Cast, challenge: Challenge, browser: Browser
) -> None:
    here = f"/challenges/{challenge.id}/contract/amend"
    browser.sign_in(cast.ada)
    checked = browser.post(here, change(browser, challenge, rights="A transfer.", reason=""))
    assert checked.status_code == 200
    assert "Material change" in words(checked.text)
    refused = browser.post(here, fields(checked.text) | {"publish": "1"})
    assert refused.status_code == 422
    assert "Give a reason." in words(refused.text)
    assert "Material change" in words(refused.text), "the check stays on the page"
    assert browser.post(here, fields(refused.text) | {"publish": "1", "reason": "Law."}).status_code == 303


def test_nothing_is_published_that_was_not_shown(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    here = f"/challenges/{challenge.id}/contract/amend"
    browser.sign_in(cast.ada)
    checked = browser.post(here, change(browser, challenge, tags="acoustics"))
    other = browser.post(here, fields(checked.text) | {"publish": "1", "tags": "water"})
    assert other.status_code == 409
    assert queries.in_force(challenge).number == 1


def test_a_wrong_change_says_so_at_its_field(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    browser.sign_in(cast.ada)
    refused = browser.post(
        f"/challenges/{challenge.id}/contract/amend", change(browser, challenge, **{"criteria-0-weight": "60"})
    )
    assert refused.status_code == 422
    assert "add up to 110" in words(refused.text)


def test_only_the_sponsor_has_the_editor(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    assert browser.sign_in(cast.bo).get(f"/challenges/{challenge.id}/contract/amend").status_code == 403
    assert "Change the contract" not in browser.get(f"/challenges/{challenge.id}/contract").text


def test_who_is_registered_accepts_a_material_change_on_its_page(
    cast: Cast, challenge: Challenge, browser: Browser
) -> None:
    submissions.register(cast.bo, challenge.id, accepted=True)
    browser.sign_in(cast.ada)
    checked = browser.post(
        f"/challenges/{challenge.id}/contract/amend", change(browser, challenge, rights="A transfer.")
    )
    browser.post(f"/challenges/{challenge.id}/contract/amend", fields(checked.text) | {"publish": "1"})
    here = f"/challenges/{challenge.id}/contract"
    assert "Accept this contract" in browser.sign_in(cast.bo).get(here).text
    assert "Accept the changed contract" in words(browser.get("/dashboard").text)
    assert browser.post(f"{here}/accept", {"contract": "1"}).status_code == 409
    assert browser.post(f"{here}/accept", {"contract": "2"}).status_code == 303
    page = browser.get(here).text
    assert "Accept this contract" not in page
    assert "Accepted by 1 of 1 registered" in words(page)
    assert "Accept the changed contract" not in words(browser.get("/dashboard").text)


def test_a_sum_that_changed_is_marked_as_a_whole() -> None:
    line = "2 × %s, weight %s, closes at %s"
    found = list(clauses.marked_words(line % ("¥30,000", "70%", "11:30"), line % ("¥40,000", "60%", "12:00")))
    assert [words for kind, words in found if kind == "out"] == ["¥30,000", "70%", "11:30"]
    assert [words for kind, words in found if kind == "in"] == ["¥40,000", "60%", "12:00"]


MONTHS = range(1, 13)


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_a_date_that_changed_is_marked_as_a_whole(isolated: Flask, locale: str) -> None:
    with isolated.test_request_context(), in_locale(locale):
        for month in MONTHS:
            for at in (datetime(2026, month, 4, 10, tzinfo=UTC), datetime(2026, month, 4, 15, 59, 59, tzinfo=UTC)):
                was, now = instant(at), instant(at + timedelta(days=9, minutes=30, seconds=1))
                found = list(clauses.marked_words(was, now))
                zone = was.removeprefix(instant(at, zone=False))
                assert zone.strip()
                assert [kind for kind, _words in found] == ["out", "in", "same"], found
                assert [words for _kind, words in found][-1] == zone


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("2026-12-14", "2026-12-15"),
        ("2026-12-14T18:00", "2027-01-14T18:00"),
        ("December 14, 2026", "January 4, 2027"),
        ("14 Dec 2026", "15 Dec 2026"),
        ("2026年12月14日", "2026年12月15日"),
        ("2026年12月14日 星期一 18:00", "2026年12月15日 星期二 18:00"),
    ],
)
def test_a_date_within_a_text_is_marked_as_a_whole(was: str, now: str) -> None:
    text = "Until %s, in 3 parts."
    assert list(clauses.marked_words(text % was, text % now)) == [
        ("same", "Until "),
        ("out", was),
        ("in", now),
        ("same", ", in 3 parts."),
    ]
