"""Typed values of recorded data (`crowd.values`) as text, in the reader's language, zone and format."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from crowd.feature import declared
from crowd.languages import ENGLISH
from crowd.web.labels import state_label
from crowd.web.request_locale import reader
from crowd.web.templating import format_money, instant, number, percent


def show(value: Any, *, exact: bool = False) -> str:
    """The value as text; `exact` shows the minor units of an amount also where they are zero."""
    if isinstance(value, dict) and "money" in value:
        amount, currency = value["money"]
        return format_money(amount, currency, exact=exact)
    if is_typed(value):
        ((kind, content),) = value.items()
        return SHOWN[kind](content)
    return str(value)


def is_typed(value: object) -> bool:
    """Whether the value says how it is shown."""
    return isinstance(value, dict) and len(value) == 1 and (value.keys() <= SHOWN.keys() or "money" in value)


def _term(content: list[str]) -> str:
    """By its label; as it was recorded where no package declares its kind any more."""
    word, kind = content
    return state_label(word, kind) if kind in declared().labels else word


SHOWN: dict[str, Callable[[Any], str]] = {
    "instant": lambda content: instant(datetime.fromisoformat(content)),
    "term": _term,
    "person": lambda content: content[1],
    "names": lambda content: content.get(reader().name) or content[ENGLISH.locale],
    "basis_points": lambda content: percent(content / 10_000),
    "job": lambda content: str(declared().job_labels.get(content, content)),
    "count": number,
}
