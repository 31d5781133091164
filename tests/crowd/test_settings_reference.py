"""docs/settings.md is what the code generates, and what it says of a value is what the code reads."""

from dataclasses import fields

import pytest
from click.testing import CliRunner

from crowd.cli import crowd
from crowd.config import ROOT, Settings
from crowd.environment import RENAMED, from_env
from crowd.limits import Limits
from crowd.settings_reference import described, page

EVERY = {
    name: default
    for kind, prefix in ((Settings, "CROWD_"), (Limits, "CROWD_LIMIT_"))
    for name, default, _about in described(kind, prefix)
}


def test_the_file_is_what_the_code_generates() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == page(), "run `make docs`"


def test_the_command_prints_it() -> None:
    done = CliRunner().invoke(crowd, ["settings"])
    assert (done.exit_code, done.stdout) == (0, page())


@pytest.mark.parametrize(("kind", "prefix"), [(Settings, "CROWD_"), (Limits, "CROWD_LIMIT_")])
def test_every_field_is_described(kind: type, prefix: str) -> None:
    rows = {name: about for name, _default, about in described(kind, prefix)}
    assert rows.keys() == {prefix + spec.name.upper() for spec in fields(kind)} - {"CROWD_LIMITS"}
    assert all(about.meaning and about.meaning[-1] not in ".;," for about in rows.values())
    assert all(about.unit for about in rows.values()) or kind is Settings


def test_a_default_that_is_set_changes_nothing() -> None:
    """What the page shows as a value, the environment takes, and it means what the default means."""
    shown = {
        name: default.strip("`") for name, default in EVERY.items() if default.count("`") == 2 and " " not in default
    }
    assert len(shown) > 50
    assert from_env(shown) == from_env({})


def test_limits_that_follow_from_the_mode_are_the_ones_shown() -> None:
    limits = from_env({}).limits
    for name, default in EVERY.items():
        if "in demo mode" in default and name.startswith("CROWD_LIMIT_"):
            demo = default.split("`")[3]
            assert getattr(limits, name.removeprefix("CROWD_LIMIT_").lower()) == int(demo), name


def test_an_old_name_leads_to_one_that_exists() -> None:
    assert set(RENAMED.values()) - EVERY.keys() == set()
