"""Rates: by address, by account, for all that writes and for the API; also while Redis is away."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from crowd.app import create_app
from crowd.config import Settings
from crowd.limits import Limits
from tests.client import Browser
from tests.processes import hash_quickly

TIGHT = Limits(
    sign_in_per_minute=6, sign_in_per_account_hour=3, sign_up_per_hour=2, writes_per_minute=9, api_per_minute=4
)


def limited(committed: Flask, **changes: object) -> Flask:
    settings: Settings = replace(committed.config["CROWD"], limits=TIGHT, **changes)
    app = hash_quickly(create_app(settings))
    app.config.update(TESTING=True)
    return app


@pytest.fixture(params=["Redis", "Redis away"])
def app(request: pytest.FixtureRequest, committed: Flask) -> Iterator[Flask]:
    """The platform with tight limits; once with Redis, once without."""
    if request.param == "Redis":
        import redis

        redis.Redis.from_url(committed.config["CROWD"].redis_url).flushdb()
        yield limited(committed)
    else:
        yield limited(committed, redis_url="unix:///nowhere/redis.sock?db=0")


def try_to_sign_in(app: Flask, email: str, address: str = "10.0.0.1") -> int:
    client = app.test_client()
    page = client.get("/account/login").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    data = {"csrf_token": token.group(1), "email": email, "password": "not the password"}
    return client.post("/account/login", data=data, environ_overrides={"REMOTE_ADDR": address}).status_code


def test_an_account_is_tried_so_often_whatever_the_address(app: Flask) -> None:
    tries = [try_to_sign_in(app, "ada@crowd.example", f"10.0.0.{number}") for number in range(5)]
    assert tries == [422, 422, 422, 429, 429]
    assert try_to_sign_in(app, " ADA@crowd.example", "10.0.1.1") == 429, "the same account, spelt otherwise"
    assert try_to_sign_in(app, "bo@crowd.example", "10.0.1.2") == 422


def test_an_address_tries_so_often_whatever_the_account(app: Flask) -> None:
    tries = [try_to_sign_in(app, f"nobody{number}@crowd.example") for number in range(8)]
    assert tries == [422] * 6 + [429] * 2
    assert try_to_sign_in(app, "nobody@crowd.example", "10.0.0.2") == 422


def test_the_page_says_how_long_to_wait(app: Flask) -> None:
    browser = Browser(app)
    for _try in range(2):
        browser.post("/account/reset", {"email": "nobody@crowd.example"})
    answer = browser.post("/account/reset", {"email": "nobody@crowd.example"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3601
    assert "Please wait" in answer.get_data(as_text=True)


def test_everything_that_writes_and_the_api_have_their_rates(app: Flask) -> None:
    client = app.test_client()
    assert [client.get("/api/v1/challenges").status_code == 429 for _ in range(6)] == [False] * 4 + [True] * 2
    assert client.get("/api/v1/challenges").json["error"]["code"] == "too_many"
    browser = Browser(app)
    assert [browser.post("/inbox/read").status_code == 429 for _ in range(11)] == [False] * 9 + [True] * 2
    assert client.get("/account/login").status_code == 200, "reading is not limited"
