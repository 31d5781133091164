"""The names of the filters that are on: on the list, and in the suggested name of a saved search."""

from collections.abc import Callable, Iterable

from flask_babel import gettext as _

from challenges.filtering import Chosen
from challenges.types import TYPES, Type
from crowd.feature import declared
from crowd.languages import language_of
from crowd.taxonomy.labels import term_name, terms
from crowd.taxonomy.schemes import INDUSTRY, REGION, STAGE
from crowd.taxonomy.vocabulary import current
from crowd.web.labels import state_label


def name_of(one: Chosen) -> str:
    """The name of a filter that is on, in the reader's language; a currency and what was typed stay as they are."""
    named = _NAMES.get(one.name)
    return named(one.value) if named else one.value


def chip(one: Chosen) -> str:
    """The name on the list, where what was typed stands in quotation marks."""
    return f"“{one.value}”" if one.name == "q" else name_of(one)


def suggested_name(chosen: Iterable[Chosen], limit: int) -> str:
    """A name for a search with these filters, of at most so many characters: what was typed comes first."""
    names = [name_of(one) for one in sorted(chosen, key=lambda one: one.name != "q")]
    return " · ".join(names)[:limit].strip(" ·") or _("All challenges")


def _organisation(number: str) -> str:
    """As everybody sees it."""
    found = declared().followed["organisation"].find(None, [int(number)])
    return found[int(number)].name if int(number) in found else _("One organisation")


def _state(state: str) -> str:
    elsewhere = {"listed": _("Listed elsewhere"), "archived": _("Archived elsewhere")}
    return elsewhere.get(state) or state_label(state, "challenge")


def _term(scheme: str) -> Callable[[str], str]:
    return lambda code: term_name(current().get(scheme, code)) or code


_NAMES: dict[str, Callable[[str], str]] = {
    "state": _state,
    "type": lambda code: str(TYPES[Type(code)].name),
    "stage": _term(STAGE),
    "tag": lambda tag: terms([tag])[0],
    "language": lambda locale: language_of(locale).name,
    "here": lambda _value: _("On this platform"),
    "industry": _term(INDUSTRY),
    "region": _term(REGION),
    "organisation": _organisation,
}
