"""The one clock: only the owner of the database sets it back, and nothing serves in production while it is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import clock
from crowd.app import create_web
from crowd.cli import bring_up
from crowd.config import Misconfigured, Settings
from crowd.db import db
from crowd.demo.theatre import set_right
from tests.client import Browser

SET = "UPDATE platform_clock SET behind = :behind"


@pytest.fixture
def behind(committed: Flask) -> Iterator[Settings]:
    """A platform whose clock is ten days behind."""
    settings: Settings = committed.config["CROWD"]
    owner = sa.create_engine(str(settings.owner_database_url), poolclass=sa.NullPool)
    with owner.begin() as connection:
        connection.execute(sa.text(SET), {"behind": timedelta(days=-10)})
    yield settings
    set_right(str(settings.owner_database_url))


def test_the_applications_role_cannot_set_the_clock(committed: Flask) -> None:
    with committed.app_context():
        for statement in (SET, "DELETE FROM platform_clock", "INSERT INTO platform_clock (behind) VALUES (:behind)"):
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                db.session.execute(sa.text(statement), {"behind": timedelta(days=-1)})
            db.session.rollback()


def test_nobody_sets_the_clock_forward(committed: Flask) -> None:
    owner = sa.create_engine(str(committed.config["CROWD"].owner_database_url), poolclass=sa.NullPool)
    with pytest.raises(sa.exc.IntegrityError), owner.begin() as connection:
        connection.execute(sa.text(SET), {"behind": timedelta(seconds=1)})
    with pytest.raises(ValueError, match="never forward"):
        clock.set_offset(timedelta(seconds=1))


def test_production_does_not_start_on_a_clock_that_was_set_back(behind: Settings) -> None:
    bring_up(behind)  # a demonstration may
    production = replace(behind, mode="production")
    with pytest.raises(Misconfigured, match="10 days"):
        bring_up(production)
    assert set_right(str(behind.owner_database_url))
    assert not set_right(str(behind.owner_database_url))
    bring_up(production)


def test_a_server_of_its_own_does_not_start_in_production_either(
    behind: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when somebody lets another server load `crowd.app:create_web()` or `create_app()`."""
    monkeypatch.setattr("crowd.config.from_env", lambda: replace(behind, mode="production"))
    with pytest.raises(Misconfigured, match="10 days"):
        create_web()


def test_a_platform_whose_clock_is_behind_is_not_ready(committed: Flask, behind: Settings) -> None:
    answer = Browser(committed).get("/readyz")
    assert answer.status_code == 503
    assert (answer.json or {})["parts"]["clock"] == {"ok": False, "behind_seconds": 864000.0}
