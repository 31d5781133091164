"""docs/settings.md, made from the code: `make docs` writes it, and a test compares it."""

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any, get_type_hints

from challenges.rule_set import RULES
from crowd.config import Settings
from crowd.limits import BY_MODE, Limits, SettingHelp

LIMIT = "CROWD_LIMIT_"
HEAD = """\
# Settings

`make docs` writes this page from `crowd/config.py` and `crowd/limits.py`.

All settings are environment variables. A `CROWD_*` variable that is not listed here is rejected at start. What
production needs is in [operations](operations.md).

| variable | default | meaning |
|---|---|---|
"""
LIMITS = """
## Limits

Each is a whole number. Rates are counted by account or by IP address, as their meaning says. Where a meaning ends with
"(rule)", version 1 of the clocks of challenges (`/rules/challenges`) begins with the value; once it is founded, the
version in force decides and the setting changes nothing.

| variable | default | unit | meaning |
|---|---|---|---|
"""


def page() -> str:
    """The page, as Markdown."""
    settings = (
        f"| `{name}` | {default} | {about.meaning} |\n" for name, default, about in described(Settings, "CROWD_")
    )
    limits = (
        f"| `{name}` | {default} | {about.unit} | {about.meaning}{' (rule)' if _is_rule(name) else ''} |\n"
        for name, default, about in described(Limits, LIMIT)
    )
    return "".join([HEAD, *settings, LIMITS, *limits])


def _is_rule(variable: str) -> bool:
    return variable.removeprefix(LIMIT).lower() in RULES.rules


def described(owner: type, prefix: str) -> Iterator[tuple[str, str, SettingHelp]]:
    """(variable, default, what it means) of each field of the settings or the limits."""
    hints = get_type_hints(owner, include_extras=True)
    for spec in fields(owner):
        if spec.type is not Limits:
            about = next(one for one in hints[spec.name].__metadata__ if isinstance(one, SettingHelp))
            yield prefix + spec.name.upper(), _default(spec, about), about


def _default(spec: Field[Any], about: SettingHelp) -> str:
    if about.default:
        return about.default
    if spec.name in BY_MODE:
        demo, production = BY_MODE[spec.name]
        return f"`{production}`; `{demo}` in demo mode"
    if spec.default in (MISSING, None, "", (), -1):
        raise ValueError(f"{spec.name} has no value by default, and no words for it")
    return f"`{spec.default}`"
