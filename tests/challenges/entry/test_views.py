"""The pages of attachments, the full text and the NDA, and their downloads."""

import html
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import current_app

from challenges.brief import from_challenge
from challenges.contract import queries as contracts
from challenges.entry.document import attachments_of
from challenges.models import Challenge
from crowd.canonical import read
from crowd.db import db
from tests import factories
from tests.browser.addresses import PICTURE
from tests.cast import Cast
from tests.challenges.contract.test_views import change, fields
from tests.challenges.entry import gated
from tests.challenges.entry.gated import PUBLIC, REGISTERED, SECRET, SIGNED
from tests.client import Browser
from tests.counting import statements
from tests.submissions.test_pages import words

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return gated.opened(cast)


@pytest.fixture
def limited() -> Iterator[Any]:
    """Sets limits for a while."""
    before = current_app.config["CROWD"]

    def set_(**values: int) -> None:
        current_app.config["CROWD"] = replace(before, limits=replace(before.limits, **values))

    yield set_
    current_app.config["CROWD"] = before


def upload(browser: Browser, draft: Challenge, *sent: tuple[str, bytes], audience: str = PUBLIC, **more: str) -> Any:
    """The step of the draft, sent with files."""
    here = f"/challenges/{draft.id}/edit/attachments"
    form: dict[str, Any] = fields(browser.get(here).text) | {"upload_for": audience, "again": "files"} | more
    form["uploads"] = [(io.BytesIO(data), name) for name, data in sent]
    form = {name: value for name, value in form.items() if value != "-"}
    return browser.post(here, form, content_type="multipart/form-data")


def kept(draft: Challenge) -> dict[str, str]:
    """The names of a draft's attachments with their audiences."""
    db.session.expire_all()
    rows = attachments_of(draft.id)
    brief = from_challenge(db.session.get_one(Challenge, draft.id))
    return {rows[line.id].name: line.audience for line in brief.attachments}


def test_files_are_added_to_a_draft_and_left_out(cast: Cast, browser: Browser) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    browser.sign_in(cast.ada)
    page = upload(browser, draft, ("管网图.png", PICTURE), ("data.csv", b"a,b\n"), audience=REGISTERED)
    assert page.status_code == 200
    assert "管网图.png" in page.text
    assert kept(draft) == {}, "they belong to the draft once it is saved"
    here = f"/challenges/{draft.id}/edit/attachments"
    assert browser.post(here, fields(page.text)).status_code == 303
    assert kept(draft) == {"管网图.png": REGISTERED, "data.csv": REGISTERED}
    form = fields(browser.get(here).text) | {"attachments-0-audience": PUBLIC, "attachments-1-remove": "y"}
    assert browser.post(here, form).status_code == 303
    assert kept(draft) == {"管网图.png": PUBLIC}


@pytest.mark.parametrize(
    ("name", "data", "limit", "told"),
    [
        ("evil.svg", SVG, {}, "not accepted"),
        ("evil.html", b"<html>", {}, "not accepted"),
        ("evil.png", SVG, {}, "contents are not what its name says"),
        ("evil.gif", b"GIF89a<script>alert(1)</script>", {}, "contents are not what its name says"),
        ("empty.txt", b"", {}, "empty"),
        ("long.txt", b"x" * 2000, {"attachment_bytes": 1000}, "the limit is"),
    ],
)
def test_what_is_refused_is_said_at_the_field(
    cast: Cast, browser: Browser, limited: Any, name: str, data: bytes, limit: dict[str, int], told: str
) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    limited(**limit)
    page = upload(browser.sign_in(cast.ada), draft, (name, data), ("good.txt", b"good"))
    assert page.status_code == 422
    assert told in html.unescape(page.text)
    assert "good.txt" in page.text, "the others are kept"


def test_number_and_size_together_are_limited(cast: Cast, browser: Browser, limited: Any) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    browser.sign_in(cast.ada)
    limited(attachments=2, attachments_bytes=10)
    here = f"/challenges/{draft.id}/edit/attachments"
    page = upload(browser, draft, ("a.txt", b"12345"), ("b.txt", b"12345"), ("c.txt", b"1"))
    assert browser.post(here, fields(page.text)).status_code == 422, "three files"
    page = upload(browser, draft, ("a.txt", b"12345"), ("b.txt", b"123456"))
    refused = browser.post(here, fields(page.text))
    assert refused.status_code == 422
    assert "Together the files have" in refused.text
    page = upload(browser, draft, ("a.txt", b"12345"), ("b.txt", b"12345"))
    assert browser.post(here, fields(page.text)).status_code == 303


def test_a_draft_of_another_sponsor_takes_no_file(cast: Cast, browser: Browser) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    for person in (cast.bo, cast.eve):
        sent = {"uploads": [(io.BytesIO(b"x"), "x.txt")]}
        answer = browser.sign_in(person).post(
            f"/challenges/{draft.id}/edit/attachments", sent, content_type="multipart/form-data"
        )
        assert answer.status_code in (403, 404)
    assert kept(draft) == {}


# ---- reading


def test_a_picture_is_shown_and_everything_else_is_a_download(
    cast: Cast, challenge: Challenge, browser: Browser
) -> None:
    here = f"/challenges/{challenge.id}/attachments"
    public = gated.file_for(challenge, PUBLIC)
    page = browser.get(f"/challenges/{challenge.id}").text
    assert f'src="{here}/{public}/picture"' in page
    picture = browser.get(f"{here}/{public}/picture")
    assert (picture.mimetype, picture.data) == ("image/png", PICTURE)
    assert "Content-Disposition" not in picture.headers
    saved = browser.get(f"{here}/{public}")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    for answer in (picture, saved):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    browser.sign_in(cast.ada)
    text = gated.file_for(challenge, REGISTERED)
    assert browser.get(f"{here}/{text}/picture").status_code == 404
    assert "filename*=UTF-8''%E7%AE%A1%E7%BD%91.csv" in browser.get(f"{here}/{text}").headers["Content-Disposition"]


def test_a_file_that_one_may_not_read_answers_like_an_absent_one(
    cast: Cast, challenge: Challenge, browser: Browser
) -> None:
    absent = browser.get(f"/challenges/{challenge.id}/attachments/{'A' * 12}")
    for audience in (REGISTERED, SIGNED):
        hidden = browser.get(f"/challenges/{challenge.id}/attachments/{gated.file_for(challenge, audience)}")
        assert hidden.status_code == absent.status_code == 404
        assert len(hidden.data) == len(absent.data)
    assert browser.get(f"/challenges/{challenge.id}/full-text.md").status_code == 404
    assert browser.sign_in(cast.dee).get(f"/challenges/{challenge.id}/full-text.md").status_code == 404


def zipped(browser: Browser, challenge: Challenge, query: str = "") -> dict[str, bytes]:
    answer = browser.get(f"/challenges/{challenge.id}/attachments.zip{query}")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as found:
        return {name: found.read(name) for name in found.namelist()}


def test_one_zip_has_all_that_the_reader_may_read(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    gated.register(cast.bo, challenge)
    assert zipped(browser, challenge).keys() == {"digests.txt", "plan.png"}
    browser.sign_in(cast.bo)
    assert zipped(browser, challenge).keys() == {"digests.txt", "plan.png", "管网.csv"}
    gated.sign(cast.bo, challenge)
    found = zipped(browser, challenge)
    assert found.keys() == {"digests.txt", "full-text.md", "plan.png", "管网.csv", "canary.txt"}
    assert found["full-text.md"] == SECRET.encode()
    document = contracts.in_force(challenge).document.decode()
    for line in found["digests.txt"].decode().splitlines()[2:]:
        assert line.split(" ")[0] in document
    assert browser.get(f"/challenges/{factories.opened(cast).id}/attachments.zip").status_code == 404, "of nothing"


def test_before_the_registration_the_page_says_what_is_needed(
    cast: Cast, challenge: Challenge, browser: Browser
) -> None:
    said = words(browser.get(f"/challenges/{challenge.id}/attachments").text)
    assert "There is more than you may read now." in said
    assert SECRET not in said
    for page in ("", "/attachments", "/contract", "/history", "/prizes", "/questions"):
        text = browser.get(f"/challenges/{challenge.id}{page}").text
        for gone in (SECRET, "canary", "管网"):
            assert gone not in text
    api = browser.get(f"/api/challenges/{challenge.id}").text
    assert "canary" not in api


# ---- the NDA


def test_the_nda_is_signed_with_a_name_and_the_copy_stays(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    here = f"/challenges/{challenge.id}/nda"
    assert browser.get(here).status_code == 302, "to the sign-in"
    browser.sign_in(cast.bo)
    assert "register first" in words(browser.get(here).text)
    gated.register(cast.bo, challenge)
    page = browser.get(here).text
    assert gated.NDA in words(page)
    form = fields(page) | {"signature": "Bo Lind"}
    assert browser.post(here, form).status_code == 422
    assert browser.post(here, form | {"agreed": "y"}).status_code == 303
    said = words(browser.get(here).text)
    for told in ("Bo Lind", contracts.in_force(challenge).digest, gated.NDA, "You have signed this NDA."):
        assert told in said
    assert SECRET in words(browser.get(f"/challenges/{challenge.id}/attachments").text)
    assert browser.get(f"/challenges/{factories.opened(cast).id}/nda").status_code == 404


# ---- a change


def test_a_file_is_added_and_another_left_out_by_a_change(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    here = f"/challenges/{challenge.id}/contract/amend"
    browser.sign_in(cast.ada)
    form: dict[str, Any] = change(browser, challenge, upload_for=PUBLIC) | {"attachments-0-remove": "y"}
    form["uploads"] = [(io.BytesIO(b"new"), "新增.txt")]
    checked = browser.post(here, form, content_type="multipart/form-data")
    assert checked.status_code == 200
    assert "Material change" in words(checked.text)
    again = fields(checked.text) | {"publish": "1", "attachments-0-remove": "y"}
    assert browser.post(here, again).status_code == 303
    assert contracts.in_force(challenge).number == 2
    names = {row["name"] for row in _attachments(challenge) if "name" in row}
    assert names == {"新增.txt"}


def _attachments(challenge: Challenge) -> list[dict[str, Any]]:
    return list(read(contracts.in_force(challenge).document)["attachments"])


# ---- what it costs


def test_a_challenge_without_files_asks_nothing_more(cast: Cast, browser: Browser) -> None:
    plain, full = factories.opened(cast), gated.opened(cast)
    pages = {}
    for row in (plain, full):
        browser.get(f"/challenges/{row.id}")  # what a process keeps
        with statements() as asked:
            assert browser.get(f"/challenges/{row.id}").status_code == 200
        pages[row.id] = asked
    assert not any("attachment" in one.lower().split("from")[-1] for one in pages[plain.id])
    assert len(pages[full.id]) <= len(pages[plain.id]) + 1, "the attachments, in one statement"


def test_the_preview_shows_files_entering_and_deciding(cast: Cast, browser: Browser) -> None:
    draft = gated.draft(cast, entrants="organisations")
    said = words(browser.sign_in(cast.ada).get(f"/challenges/{draft.id}/preview").text)
    for told in ("plan.png", "Only organisations", gated.NDA, "Equal means", "Reviewers’ fee"):
        assert told in said, told
    assert gated.SECRET not in said
    assert "The rubric is not written yet." not in said
    bare = factories.challenge(cast.ada, cast.luoyang, criteria=[])
    assert "The rubric is not written yet." in words(browser.get(f"/challenges/{bare.id}/preview").text)
