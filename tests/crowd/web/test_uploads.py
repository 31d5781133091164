"""Uploads over HTTP: what may be sent is told, what is refused keeps the page, and what is tried again is not lost."""

import ast
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.datastructures import FileStorage

from crowd.accounts.verification import services as verification
from crowd.accounts.verification.models import OrganisationDocument
from crowd.config import ROOT
from crowd.db import db
from submissions import queries, services
from submissions.models import Proposal, ProposalFile
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.submissions.test_pages import opened

MB = 2**20
TEXT = {"title": "Two geophones", "abstract": "Short.", "body": "Long.", "language": "en"}


@pytest.fixture
def small(isolated: Flask) -> Iterator[Flask]:
    """A platform whose limits a test can reach: 1 MB a file, 2 MB a proposal, 6 MB a request."""
    kept = isolated.config["CROWD"]
    limits = replace(kept.limits, upload_bytes=MB, proposal_bytes=2 * MB, request_bytes=6 * MB)
    isolated.config["CROWD"] = replace(kept, limits=limits)
    yield isolated
    isolated.config["CROWD"] = kept


@pytest.fixture
def draft(cast: Cast) -> Proposal:
    return factories.proposal(cast.bo, factories.opened(cast), submitted=False)


def sent(name: str, size: int) -> FileStorage:
    return FileStorage(io.BytesIO(b"a" * size), name)


def named(draft: Proposal) -> list[str]:
    db.session.expire_all()
    version = queries.working_version(db.session.get_one(Proposal, draft.id))
    return [part.file.name for part in version.files]


def test_the_limits_of_the_files_follow_that_of_one(isolated: Flask) -> None:
    limits = isolated.config["CROWD"].limits
    assert (limits.upload_bytes, limits.proposal_bytes) == (100 * MB, 500 * MB)
    assert limits.request_bytes > limits.proposal_bytes


def test_the_field_tells_what_may_be_sent(small: Flask, cast: Cast, draft: Proposal, browser: Browser) -> None:
    page = browser.sign_in(cast.bo).get(f"/proposals/{draft.id}/edit").text
    field = re.search(r'<input[^>]*type="file"[^>]*>', page)
    assert field
    assert f'data-most="{MB}"' in field[0]
    assert f'data-most-together="{2 * MB}"' in field[0]
    assert ".step" in field[0]
    hint = re.search(r'id="files-hint">([^<]*)<', page)
    assert hint
    assert all(told in hint[1] for told in ("1 MB", "2 MB", "10", "pdf", "mp4"))


def test_a_refused_file_keeps_the_text_and_the_other_files(
    small: Flask, cast: Cast, draft: Proposal, browser: Browser
) -> None:
    browser.sign_in(cast.bo)
    chosen = [sent("数据 一.csv", 100), sent("数据 二.csv", 3 * MB // 2), sent("plan.exe", 10)]
    typed = TEXT | {"body": "Typed just now."} | opened(browser, draft)
    answer = browser.post(f"/proposals/{draft.id}/edit", typed | {"files": chosen})
    assert answer.status_code == 422
    assert "Typed just now." in answer.text
    problem = re.search(r'id="files-problem">(.*?)</p>', answer.text, re.S)
    assert problem
    assert all(told in problem[1] for told in ("数据 二.csv", "1.5 MB", "1 MB", "plan.exe"))
    assert named(draft) == ["数据 一.csv"]


def test_files_that_are_too_large_together_say_so(small: Flask, cast: Cast, draft: Proposal, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    chosen = [sent(f"{number}.csv", MB) for number in range(3)]
    answer = browser.post(f"/proposals/{draft.id}/edit", TEXT | opened(browser, draft) | {"files": chosen})
    assert answer.status_code == 422
    assert "3 MB" in answer.text
    assert named(draft) == ["0.csv", "1.csv"]


def test_a_document_that_is_too_large_is_refused_at_its_field(small: Flask, cast: Cast, browser: Browser) -> None:
    here = f"/organisations/{cast.luoyang.id}/documents"
    answer = browser.sign_in(cast.ada).post(here, {"document": sent("licence.pdf", 2 * MB)})
    assert answer.status_code == 422
    problem = re.search(r'id="document-problem">(.*?)</p>', answer.text, re.S)
    assert problem
    assert all(told in problem[1] for told in ("licence.pdf", "2 MB", "1 MB"))


def test_a_payment_proof_is_a_picture_or_a_pdf(cast: Cast, browser: Browser) -> None:
    challenge = factories.approved(cast)
    here = f"/challenges/{challenge.id}/funding/payment-proofs"
    answer = browser.sign_in(cast.ada).post(here, {"payment_proof": FileStorage(io.BytesIO(b"a,b\n"), "proof.csv")})
    assert answer.status_code == 422
    assert "pdf, png, jpg" in answer.text


def test_a_request_that_is_too_large_names_both_sizes(
    small: Flask, cast: Cast, draft: Proposal, browser: Browser
) -> None:
    browser.sign_in(cast.bo)
    answer = browser.post(f"/proposals/{draft.id}/edit", TEXT | {"files": [sent("film.mp4", 7 * MB)]})
    assert answer.status_code == 413
    told = re.search(r"data-message>([^<]*)<", answer.text)
    assert told
    assert "7.01 MB" in told[1]
    assert "6 MB" in told[1]


FORMS = [
    ({**TEXT, "abstract": "Zwei Geophone,\nstill."}, ["Two geophones", "Zwei Geophone"]),
    ({"title": "静音泵", "body": "第一段\n\n第二段"}, ["静音泵", "第二段"]),
    ({"title": "<b>bold</b>", "body": "a" * 100_000 + "Ω"}, ["&lt;b&gt;bold", "aΩ"]),
    ({"title": "x" * 70_000, "abstract": "é́🙂"}, ["x" * 70_000, "🙂"]),
]


@pytest.mark.parametrize(("form", "told"), FORMS)
def test_what_was_typed_beside_files_that_are_too_large_is_on_the_page_that_refuses_them(
    small: Flask, cast: Cast, draft: Proposal, browser: Browser, form: dict[str, Any], told: list[str]
) -> None:
    """Without scripts, too; the way back leads to the form, and nothing of it was stored."""
    here = f"/proposals/{draft.id}/edit"
    browser.sign_in(cast.bo)
    ours = {"Origin": "http://localhost", "Referer": f"http://localhost{here}"}
    answer = browser.post(here, form | {"files": [sent("film.mp4", 7 * MB)]}, headers=ours)
    assert answer.status_code == 413
    assert all(text in answer.text for text in told)
    assert f'href="{here}"' in answer.text
    assert "csrf_token" not in answer.text.split("</main>")[0].split("<main")[1]
    assert named(draft) == []
    foreign = browser.post(here, form | {"files": [sent("f.mp4", 7 * MB)]}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 413
    assert not any(text in foreign.text for text in told), "another site's form is not shown"


@pytest.mark.parametrize(("size", "left"), [(7, 0), (11, 0), (13, 1), (40, 28)])
def test_a_refused_request_is_read_to_its_end_within_twice_its_limit(
    small: Flask, cast: Cast, draft: Proposal, browser: Browser, size: int, left: int
) -> None:
    """A browser shows the answer only after it has sent all; what is much larger is cut off."""
    body = io.BytesIO(b"--b\r\n" + b"a" * (size * MB - 5))
    browser.sign_in(cast.bo)
    answer = browser.client.post(
        f"/proposals/{draft.id}/edit",
        input_stream=body,
        content_length=size * MB,
        content_type="multipart/form-data; boundary=b",
    )
    assert answer.status_code == 413
    assert len(body.read()) == left * MB


@pytest.mark.parametrize("path", ["/account/login", "/account/profile", "/inbox/preferences"])
def test_only_pages_that_take_files_take_as_much(cast: Cast, browser: Browser, path: str) -> None:
    browser.sign_in(cast.bo)
    assert browser.post(path, {"file": sent("film.mp4", 5 * MB)}).status_code == 413


def test_a_stranger_cannot_send_a_large_file(cast: Cast, draft: Proposal, browser: Browser) -> None:
    answer = browser.post(f"/proposals/{draft.id}/edit", {"files": [sent("film.mp4", 5 * MB)]})
    assert answer.status_code == 413


# ---- tried again


@pytest.fixture
def once_deadlocked() -> Iterator[Any]:
    """The first row of a table that is written is refused by the database as the victim of a deadlock."""
    left: list[type] = []

    def refuse(_mapper: object, connection: sa.Connection, target: object) -> None:
        if type(target) in left:
            left.remove(type(target))
            connection.execute(sa.text("DO $$ BEGIN RAISE EXCEPTION 'victim' USING ERRCODE = '40P01'; END $$"))

    def arm(model: type) -> None:
        left.append(model)
        sa.event.listen(model, "before_insert", refuse)
        armed.append(model)

    armed: list[type] = []
    yield arm
    assert not left
    for model in armed:
        sa.event.remove(model, "before_insert", refuse)


def test_a_transaction_that_is_tried_again_keeps_the_file(cast: Cast, draft: Proposal, once_deadlocked: Any) -> None:
    once_deadlocked(ProposalFile)
    services.attach(cast.bo, draft.id, stream=io.BytesIO(b"%PDF-1.7 plan"), filename="plan.pdf")
    assert named(draft) == ["plan.pdf"]


def test_a_document_survives_a_deadlock(cast: Cast, once_deadlocked: Any) -> None:
    once_deadlocked(OrganisationDocument)
    row = verification.add_document(cast.ada, cast.luoyang.id, io.BytesIO(b"%PDF-1.7 licence"), "licence.pdf")
    assert row.file.size == len(b"%PDF-1.7 licence")


def streams_that_can_be_tried_again(source: str) -> list[str]:
    """Functions under `@atomic` that take a stream, which is at its end when they are tried again."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "atomic" for mark in node.decorator_list)
        and "IO[" in ast.unparse(node.args)
    ]


def test_whatever_can_be_tried_again_takes_no_stream() -> None:
    assert streams_that_can_be_tried_again("@atomic\ndef keep(stream: IO[bytes]): pass") == ["keep"]
    for package in ("crowd", "challenges", "submissions", "scoring"):
        for path in (ROOT / package).rglob("*.py"):
            assert streams_that_can_be_tried_again(path.read_text()) == [], path
