"""Passwords outlive the platform's secret: how they are kept, and what a change of CROWD_SECRET_KEY ends."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_security import hash_password

from crowd.accounts import services
from crowd.app import create_app
from crowd.audit import SYSTEM
from crowd.db import db
from crowd.notifications.models import OutgoingEmail
from tests.client import Browser
from tests.factories import PASSWORD

LIN = "lin@crowd.example"


def sign_in(browser: Browser, password: str = PASSWORD) -> bool:
    answer = browser.post("/account/login", {"email": LIN, "password": password})
    return answer.headers.get("Location") == "/dashboard"


def signed_in(browser: Browser) -> bool:
    return browser.get("/account/profile").status_code == 200


@pytest.fixture
def platform(committed: Flask) -> Flask:
    """A platform with Lin's account."""
    with committed.app_context():
        services.create_user(SYSTEM, email=LIN, name="Lin", password_hash=hash_password(PASSWORD), locale="en")
    return committed


@pytest.fixture
def rotated(platform: Flask) -> Iterator[Flask]:
    """The same platform, restarted with another CROWD_SECRET_KEY."""
    settings = replace(platform.config["CROWD"], secret_key="quite another secret, and long enough too")
    app = create_app(settings)
    app.config.update(TESTING=True, RATELIMIT_ENABLED=False)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_new_secret_ends_sessions_and_links_and_leaves_passwords(platform: Flask, rotated: Flask) -> None:
    lin = Browser(platform)
    assert sign_in(lin)
    assert signed_in(lin)
    Browser(platform).post("/account/reset", {"email": LIN})
    with platform.app_context():
        text = db.session.scalars(sa.select(OutgoingEmail.text).order_by(OutgoingEmail.id.desc())).first()
    link = re.search(r"http://[^/]+(/account/reset/\S+)", text or "")
    assert link
    assert Browser(platform).get(link[1]).status_code == 200

    after = Browser(rotated)
    cookie = lin.client.get_cookie("crowd")
    assert cookie
    after.client.set_cookie("crowd", cookie.value)
    assert not signed_in(after), "a session of the old secret goes on"
    assert Browser(rotated).get(link[1]).status_code == 302, "a link of the old secret still opens"
    assert sign_in(after)
    assert signed_in(after)
    assert not sign_in(Browser(rotated), "another password")


@pytest.mark.parametrize("typed", ["x" * 257, "x" * 10_000, "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 256])
def test_a_password_longer_than_any_is_wrong_and_no_fault_of_ours(typed: str, platform: Flask) -> None:
    """The last one has 256 characters, and 4,608 in the form that is compared."""
    lin = Browser(platform)
    assert lin.post("/account/login", {"email": LIN, "password": typed}).status_code == 422
    assert sign_in(lin)
    assert lin.post("/account/verify", {"password": typed}).status_code == 422
    new = {"new_password": "three unrelated words", "new_password_confirm": "three unrelated words"}
    assert lin.post("/account/change", {"password": typed, **new}).status_code == 422
    assert lin.post("/account/change", {"password": PASSWORD, "new_password": typed, "new_password_confirm": typed})
    assert sign_in(Browser(platform)), "nothing has changed"
