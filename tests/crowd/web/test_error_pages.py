"""A request that fails is answered with a page that says so, whatever else is unavailable: database, Redis, person,
URL.

Most of it runs on a platform that has nothing at all: neither database nor Redis.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, abort
from flask.testing import FlaskClient
from jinja2 import DictLoader
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.test import TestResponse

from crowd.accounts.security import LANGUAGE_KEY, SESSION_KEY
from crowd.app import create_app
from crowd.config import Settings
from crowd.db import atomic, db
from crowd.web.confirmation import FIELD
from crowd.web.error_pages import WORDS
from tests.cast import Cast
from tests.client import Browser
from tests.turns import by_turns

NOWHERE = "postgresql+psycopg://crowd_app@/crowd?host=/nowhere"
ENGLISH = {"Accept-Language": "en"}
Make = Callable[..., Flask]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Make a platform that has no servers, with these settings; it answers errors as it does in production."""

    def platform(**changes: Any) -> Flask:
        home: Path = tmp_path_factory.getbasetemp() / "no-servers"
        known = {"database_url": NOWHERE, "redis_url": "unix:///nowhere/redis.sock?db=0", "secret_key": "s" * 40}
        return create_app(Settings(data_dir=home, fragment_seconds=0, **known | changes))

    return platform


@pytest.fixture(scope="module")
def away(make: Make) -> Flask:
    return make()


@pytest.fixture
def honest(committed: Flask) -> Iterator[Flask]:
    """A platform on a database of its own, whose errors become answers instead of a test's exceptions."""
    app = create_app(committed.config["CROWD"])
    app.config["RATELIMIT_ENABLED"] = False
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def is_page(answer: TestResponse, status: int, language: str = "en") -> str:
    """The text of a complete page of ours with that status."""
    assert answer.status_code == status, answer.text[:300]
    assert f'<html lang="{language}"' in answer.text
    assert re.search(rf"(Error|错误) ?{status}|Your session has ended|会话已结束", answer.text)
    assert answer.text.rstrip().endswith("</html>")
    assert "Content-Security-Policy" in answer.headers
    assert '<link rel="icon" href="/static/favicon.' in answer.text
    return answer.text


def signed_in(app: Flask, language: str = "zh_Hans_CN") -> FlaskClient:
    """Somebody's browser, with a cookie from when the database was there."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie.update({"_user_id": "u", "_fresh": True, SESSION_KEY: "s", LANGUAGE_KEY: language, "csrf_token": "t"})
    return client


# ---- the address

HOSTS = ("evil.example", "127.0.0.1:8000", "crowd.example.evil.example", "[::1", "a b", "")


@pytest.mark.parametrize(("host", "method"), by_turns(HOSTS, ("GET", "POST", "DELETE")))
def test_a_host_that_is_not_trusted_is_refused_on_a_page(away: Flask, make: Make, method: str, host: str) -> None:
    app = make(trusted_hosts=("crowd.example",), base_url="https://crowd.example")
    cookie = signed_in(away).get_cookie("crowd")
    assert cookie is not None
    for sent in ({}, {"Cookie": f"__Host-crowd={cookie.value}"}):
        answer = app.test_client().open("/challenges", method=method, headers=ENGLISH | sent | {"Host": host})
        page = is_page(answer, 400)
        assert 'href="https://crowd.example"' in page, "the way to where the platform is"
    assert app.test_client().get("/privacy", base_url="https://crowd.example").status_code == 200


def test_a_program_is_told_about_an_untrusted_host_in_json(make: Make) -> None:
    answer = (
        make(trusted_hosts=("crowd.example",)).test_client().get("/api/v1/challenges", base_url="http://evil.example")
    )
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_request")


def test_a_proxy_cannot_bring_another_host_in(make: Make) -> None:
    app = make(trusted_hosts=("crowd.example",), trusted_proxies=1)
    headers = ENGLISH | {"Host": "crowd.example", "X-Forwarded-Host": "evil.example"}
    is_page(app.test_client().get("/", headers=headers), 400)


# ---- the database


@pytest.mark.parametrize("path", ["/dashboard", "/", "/challenges", "/account/login", "/inbox", "/no/such/page"])
def test_who_is_signed_in_reads_in_their_language_that_the_database_is_away(away: Flask, path: str) -> None:
    answer = signed_in(away).get(path, headers=ENGLISH)
    page = is_page(answer, 503, "zh-CN")
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["X-Request-ID"] in page


def test_the_language_of_an_account_is_known_without_the_database(cast: Cast, browser: Browser) -> None:
    cast.bo.locale = "zh_Hans_CN"
    browser.sign_in(cast.bo).get("/dashboard")
    with browser.client.session_transaction() as cookie:
        assert cookie[LANGUAGE_KEY] == "zh_Hans_CN"
    cast.bo.locale = "en"
    db.session.flush()
    browser.get("/dashboard")
    with browser.client.session_transaction() as cookie:
        assert cookie[LANGUAGE_KEY] == "en"


def test_without_the_database_forms_strangers_and_programs_are_answered_too(away: Flask) -> None:
    is_page(signed_in(away).post("/no/such/page"), 503, "zh-CN")
    client = away.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/contact").text)
    assert token is not None
    form = {"csrf_token": token[1], "email": "a@crowd.example", "password": "something long"}
    page = is_page(client.post("/account/login", data=form, headers=ENGLISH), 503)
    assert "Nothing of this request was carried out" in page
    is_page(client.get("/", headers=ENGLISH), 503)
    is_page(client.get("/no/such/page", headers=ENGLISH), 404)
    answer = client.get("/api/v1/challenges")
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]


def cut_off(app: Flask) -> None:
    """The database ends the line in the middle of a request."""
    pid = db.session.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    engine = sa.create_engine(app.config["CROWD"].owner_database_url.replace("crowd_owner", "postgres"))
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    engine.dispose()


def ask() -> str:
    return str(db.session.execute(sa.text("SELECT 1")).scalar())


def ends_in_the_view(app: Flask) -> int:
    def view() -> str:
        cut_off(app)
        return ask()

    app.view_functions["site.home"] = public(view)
    return 503


def ends_in_a_verb(app: Flask) -> int:
    def verb() -> str:
        ask()
        cut_off(app)
        return ask()

    app.view_functions["site.home"] = public(atomic(verb))
    return 503


def ends_before_the_view(app: Flask) -> int:
    app.before_request(lambda: (cut_off(app), ask(), None)[-1])
    return 503


def ends_after_the_view(app: Flask) -> int:
    app.after_request_funcs[None].insert(1, lambda response: (ask(), cut_off(app), ask(), response)[-1])
    return 503


def ends_while_every_line_is_taken(app: Flask) -> int:
    def view() -> str:
        ask()
        cut_off(app)
        raise PoolTimeout("every connection is taken")

    app.view_functions["site.home"] = public(view)
    return 503


def ends_behind_a_refusal(app: Flask) -> int:
    def view() -> str:
        cut_off(app)
        abort(403)

    app.view_functions["site.home"] = public(view)
    return 403


def ends_after_the_last_word(app: Flask) -> int:
    app.after_request(lambda response: (cut_off(app), response)[-1])
    return 200


def public(view: Callable[[], str]) -> Callable[[], str]:
    view.crowd_guard = "public"  # type: ignore[attr-defined]
    return view


def test_a_database_that_goes_away_meanwhile_is_said(committed: Flask) -> None:
    """The connection breaks at any point of a request; the next request works again."""
    with committed.app_context():
        browser = Browser(committed).sign_in(Cast().bo)
    for ends in (
        ends_in_the_view, ends_in_a_verb, ends_before_the_view, ends_after_the_view, ends_while_every_line_is_taken,
        ends_behind_a_refusal, ends_after_the_last_word,
    ):  # fmt: skip
        app = create_app(committed.config["CROWD"])
        status = ends(app)
        there = Browser(app)
        there.client._cookies = browser.client._cookies
        answer = there.get("/")
        assert answer.status_code == status, (ends.__name__, answer.text[:300])
        if status != 200:
            is_page(answer, status)
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


# ---- what runs around a view


def fail(*_: Any) -> Any:
    raise RuntimeError("on purpose")


@pytest.mark.parametrize("kind", ["before_request", "after_request", "context_processor"])
def test_a_hook_that_fails_is_a_page_with_the_number_of_the_request(make: Make, kind: str) -> None:
    app = make()
    hooks: dict[str, list[Any]] = {
        "before_request": app.before_request_funcs[None],
        "after_request": app.after_request_funcs[None],
        "context_processor": app.template_context_processors[None],
    }
    hooks[kind].insert(1, fail)  # among those of our parts
    answer = app.test_client().get("/privacy", headers=ENGLISH)
    assert answer.headers["X-Request-ID"] in is_page(answer, 500)
    assert "on purpose" not in answer.text


def test_the_frame_may_fail_and_the_error_is_still_told(make: Make) -> None:
    """What the navigation needs fails: an error page then stands without it, with the status that it had."""
    app = make()
    app.jinja_env.globals["navigation"] = fail
    for path, status in (("/no/such/page", 404), ("/privacy", 500)):
        is_page(app.test_client().get(path, headers=ENGLISH), status)


@pytest.mark.parametrize("broken", ["{{ 1 / 0 }}", "{% extends 'no/such.html' %}", "{% if %}", "{{ unknown.thing }}"])
def test_an_error_page_that_is_broken_itself_leaves_plain_words(make: Make, broken: str) -> None:
    app = make()
    app.jinja_env.loader = DictLoader({"errors/error.html": broken})
    answer = app.test_client().get("/no/such/page", headers=ENGLISH)
    assert answer.status_code == 404
    assert "出错了" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


def test_redis_away_takes_no_page_away(away: Flask) -> None:
    client = away.test_client()
    assert client.get("/privacy").status_code == 200
    is_page(client.post("/no/such/page", headers=ENGLISH), 404)
    is_page(client.post("/account/login", headers=ENGLISH), 400)


# ---- what a browser may send

SENT: dict[str, tuple[int, dict[str, Any]]] = {
    "no such method": (405, {"path": "/challenges", "method": "BREW"}),
    "a method of other pages": (405, {"path": "/privacy", "method": "PUT"}),
    "TRACE": (405, {"path": "/challenges", "method": "TRACE"}),
    "a length too large": (413, {"environ_overrides": {"CONTENT_LENGTH": str(10**12)}}),
    "a field too large": (413, {"data": {"email": "x" * 3 * 2**20}, "content_type": "multipart/form-data"}),
    "too many fields": (413, {"data": {f"f{n}": "x" for n in range(600)}, "content_type": "multipart/form-data"}),
    "a length below nothing": (400, {"environ_overrides": {"CONTENT_LENGTH": "-1"}}),
    "a length in words": (400, {"environ_overrides": {"CONTENT_LENGTH": "many"}}),
    "no boundary": (400, {"data": b"--x\r\n", "content_type": "multipart/form-data"}),
    "bytes that are no text": (400, {"data": b"\xff\xfe=%zz", "content_type": "application/x-www-form-urlencoded"}),
}


@pytest.mark.parametrize("sent", SENT)
def test_what_no_page_sends_is_answered_with_a_page(away: Flask, sent: str) -> None:
    status, asked = SENT[sent]
    is_page(away.test_client().open(**{"path": "/account/login", "method": "POST", "headers": ENGLISH} | asked), status)


@pytest.mark.parametrize("page", ["/screening", "/finance", "/admin/", "/dashboard"])
def test_a_visitor_is_not_sent_back_to_a_page_of_others(away: Flask, page: str) -> None:
    headers = ENGLISH | {"Referer": f"http://localhost{page}"}
    sent = {"data": {"email": "x" * 3 * 2**20}, "content_type": "multipart/form-data", "headers": headers}
    answer = away.test_client().post("/account/login", **sent)
    is_page(answer, 413)
    assert f'href="{page}"' not in answer.text


@pytest.mark.parametrize(
    "cookie",
    ["crowd=rubbish", "crowd=.eJx.abc.def", "crowd=" + "x" * 6000, "locale=../../etc/passwd", "locale=%00", "theme=<b>",
     "crowd=\xff\xfe", ";;;=;", 'crowd="unclosed', "locale=fr; locale=xx"],
)  # fmt: skip
def test_a_cookie_that_is_not_ours_hurts_nobody(away: Flask, cookie: str) -> None:
    for path, status in (("/privacy", 200), ("/no/such/page", 404), ("/dashboard", 302)):
        answer = away.test_client().get(path, headers=ENGLISH | {"Cookie": cookie})
        assert answer.status_code == status, answer.text[:200]


# ---- what is said


@pytest.mark.parametrize(
    ("path", "status"), [("/no/such/page", 404), ("/admin/jobs/1/retry", 403), ("/dashboard", 405)]
)
def test_what_was_kept_is_a_sentence(cast: Cast, browser: Browser, path: str, status: int) -> None:
    page = is_page(browser.sign_in(cast.dee).post(path), status)
    assert re.search(r"What was saved</h2>\s*<p>[A-Z][a-z ,]+\.</p>", page)
    assert 'href="/dashboard"' in page
    assert cast.dee.name in page


def test_after_a_commit_nobody_is_told_that_nothing_was_done(honest: Flask) -> None:
    """An operation that is committed stays, though the page after it fails; otherwise the person would repeat it."""

    def after() -> str:
        atomic(ask)()
        return str(fail())

    honest.add_url_rule("/before", "before", public(lambda: fail()), methods=["POST"])
    honest.add_url_rule("/after", "after", public(after), methods=["POST"])
    browser = Browser(honest)
    before, later, again = (is_page(browser.post(path), 500) for path in ("/before", "/after", "/before"))
    assert "Nothing of this request was carried out" in before
    assert "Nothing of this request was carried out" in again
    assert "Nothing of this request was carried out" not in later
    assert "was stored before this happened" in later


@pytest.mark.parametrize("code", [406, 410, 415, 416, 418, 431])
def test_a_rare_refusal_does_not_say_that_the_fault_is_ours(make: Make, code: int) -> None:
    app = make()
    app.add_url_rule("/rare", "rare", public(lambda: abort(code)))
    assert "The error is ours" not in is_page(app.test_client().get("/rare", headers=ENGLISH), code)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_status_has_words_alone_and_in_the_frame(make: Make, language: str) -> None:
    app = make(base_url="https://crowd.example")
    for code in set(WORDS) - {500, 503}:
        app.add_url_rule(f"/{code}", f"c{code}", public(lambda code=code: abort(code)))  # type: ignore[misc]
    framed = [is_page(app.test_client().get(f"/{code}", headers={"Accept-Language": language}), code, language)
              for code in set(WORDS) - {500, 503}]  # fmt: skip
    app.jinja_env.globals["navigation"] = fail
    alone = [is_page(app.test_client().get(f"/{code}", headers={"Accept-Language": language}), code, language)
             for code in set(WORDS) - {500, 503}]  # fmt: skip
    titles = [re.findall(r"<h1>(.+)</h1>", page) for page in framed]
    assert titles == [re.findall(r"<h1>(.+)</h1>", page) for page in alone]
    assert len({str(words.title) for words in WORDS.values()}) == len(WORDS)


# ---- what is said where nothing was sent


@pytest.mark.parametrize("path", ["/challenges", "/results", "/people", "/people?list=agencies"])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_an_address_that_does_not_fit_is_spoken_of_as_an_address(language: str, path: str, browser: Browser) -> None:
    """Nothing was sent, so nothing can be corrected and sent again: the way leads to the page without that part."""
    answer = browser.get(f"{path}{'&' if '?' in path else '?'}after=foreign", headers={"Accept-Language": language})
    assert answer.status_code == 422
    for said in ("Some of it is not valid", "submit it again", "重新提交", "再次提交", "What you sent"):
        assert said not in answer.text
    assert {"en": "This URL is not valid", "zh-CN": "网址有误"}[language] in answer.text
    assert f'href="{path.partition("?")[0]}"' in answer.text.partition('class="actions"')[2]


def test_a_form_that_does_not_fit_still_says_that_it_was_sent(cast: Cast, browser: Browser) -> None:
    page = browser.sign_in(cast.gu).post("/challenges/1/cancel", {FIELD: None})
    assert page.status_code == 422
    assert "none was received" in page.text
    assert "This URL is not valid" not in page.text


def test_each_4xx_of_a_get_speaks_of_no_form(away: Flask) -> None:
    for status in (400, 414, 422):
        app = create_app(away.config["CROWD"])

        def view(status: int = status) -> str:
            from werkzeug.exceptions import default_exceptions

            raise default_exceptions[status]

        app.view_functions["site.how_it_works"] = public(view)
        page = is_page(app.test_client().get("/how-it-works", headers=ENGLISH), status)
        assert "This URL is not valid" in page
        assert "you sent" not in page
        assert "your browser sent" not in page
