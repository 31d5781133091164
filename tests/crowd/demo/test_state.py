"""A partial scenario is never served as a complete one: it is played again where no data is lost, else rejected."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import clock, schema
from crowd.accounts import services as accounts
from crowd.accounts.models import User
from crowd.audit import SYSTEM, record
from crowd.config import Misconfigured, Settings
from crowd.db import atomic, db
from crowd.demo import scenario, state
from crowd.demo.simulator import RUNNING, alone, set_back
from crowd.demo.state import DemoState
from crowd.errors import Conflict


@pytest.fixture
def settings(committed: Flask) -> Iterator[Settings]:
    """An empty platform of its own, with the application's context pushed."""
    with committed.app_context():
        yield committed.config["CROWD"]


def person(name: str, *, demonstration: bool) -> User:
    email = f"{name}@people.example"
    return accounts.create_user(SYSTEM, email=email, name=name, demonstration=demonstration)


@pytest.fixture
def half(settings: Settings) -> Iterator[None]:
    """What a killed run leaves: a persona, an email, a clock in the past."""
    person("dee", demonstration=True)
    owner = sa.create_engine(str(settings.owner_database_url), poolclass=sa.NullPool)
    set_back(owner, timedelta(days=-100))
    for folder in ("mail", "bank"):
        (settings.data_dir / folder).mkdir(parents=True)
        (settings.data_dir / folder / "old").touch()
    yield
    clock.set_offset(timedelta(0))


def told(*, anew: bool) -> list[str]:
    said: list[str] = []
    scenario.load(said.append, anew=anew)
    return said


def behind(settings: Settings) -> timedelta:
    owner = sa.create_engine(str(settings.owner_database_url), poolclass=sa.NullPool)
    with owner.connect() as connection:
        return schema.behind(connection)


def test_what_is_here_is_known(settings: Settings) -> None:
    assert state.find() == DemoState.EMPTY
    person("li", demonstration=False)
    assert state.find() == DemoState.OTHER_DATA
    person("dee", demonstration=True)
    assert state.find() == DemoState.PARTIAL
    atomic(record)(SYSTEM, state.LOADED, scenario.Demo())
    assert state.find() == DemoState.COMPLETE


def test_somebody_else_s_platform_is_left_alone(settings: Settings) -> None:
    person("li", demonstration=False)
    assert "Nothing was changed" in " ".join(told(anew=True))
    assert scenario.greeting() == ""


def test_the_half_of_one_is_cleared_away_before_it_is_loaded_again(
    settings: Settings, half: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser tests play the scenario itself; here it is replaced by an empty one."""
    monkeypatch.setattr(scenario, "SCENARIOS", ())
    assert scenario.greeting().endswith("crowd up --demo")
    assert "loaded again" in " ".join(told(anew=True))
    assert db.session.scalar(sa.select(sa.func.count(User.id))) == 0
    assert schema.current(db.session.connection()) == schema.head()
    assert behind(settings) == timedelta(0)
    assert not any((settings.data_dir / folder).exists() for folder in ("mail", "bank"))
    assert state.find() == DemoState.COMPLETE


def test_an_outside_database_is_not_emptied_but_the_command_is_named(settings: Settings, half: None) -> None:
    with pytest.raises(Misconfigured, match=r"dropdb committed_\w+ && createdb --owner crowd_owner committed_"):
        told(anew=False)
    assert state.find() == DemoState.PARTIAL
    assert behind(settings) == timedelta(0), "the clock at least is right"


def test_what_somebody_has_used_is_not_removed(settings: Settings, half: None) -> None:
    dee = db.session.scalars(sa.select(User)).one()
    accounts.open_session(dee, days=1, ip_address="", user_agent="")
    with pytest.raises(Misconfigured, match=f"rm -r {settings.data_dir} "):
        told(anew=True)
    assert db.session.scalar(sa.select(sa.func.count(User.id))) == 1


def test_without_the_owner_s_address_it_says_so(
    committed: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(committed.config, "CROWD", replace(settings, owner_database_url=None))
    with pytest.raises(Misconfigured, match="CROWD_OWNER_DATABASE_URL"):
        told(anew=False)


def test_a_whole_one_needs_no_owner(committed: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    atomic(record)(SYSTEM, state.LOADED, scenario.Demo())
    monkeypatch.setitem(committed.config, "CROWD", replace(settings, owner_database_url=None))
    assert told(anew=False) == []


def test_two_do_not_tell_it_at_once(settings: Settings, half: None) -> None:
    """The second would take the first one's partial data for an interrupted scenario."""
    owner: Any = sa.create_engine(str(settings.owner_database_url), poolclass=sa.NullPool)
    with owner.connect() as other:
        other.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": RUNNING})
        with pytest.raises(Conflict, match="Another process"):
            told(anew=True)
    assert state.find() == DemoState.PARTIAL
    with alone(str(settings.owner_database_url)):
        pass
