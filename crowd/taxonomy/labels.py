"""The names of terms in the reader's language, as filters of templates, and those of their states."""

from collections.abc import Iterable

from flask import Flask
from flask_babel import lazy_gettext as _l

from crowd.errors import Sentence
from crowd.feature import Label
from crowd.taxonomy import uses
from crowd.taxonomy.models import TermState
from crowd.taxonomy.schemes import REGION, SCHEMES
from crowd.taxonomy.vocabulary import Entry, current
from crowd.web.request_locale import reader
from crowd.web.templating import locale_aware

STATES = {
    TermState.ACTIVE: Label(_l("Offered"), "safe"),
    TermState.RETIRED: Label(_l("No longer offered"), "warn"),
    TermState.MERGED: Label(_l("Merged"), "plain"),
}


def register(app: Flask) -> None:
    """Give the functions below to every template."""
    app.jinja_env.filters.update(
        terms=locale_aware(terms),
        term_name=locale_aware(term_name),
        path_name=locale_aware(path_name),
        term_code=term_code,
        tier_name=tier_name,
        uses_line=locale_aware(uses.sentence),
    )


def terms(fields: Iterable[str]) -> list[str]:
    """Fields of work by their names in the reader's language, each once."""
    return current().field_names(fields, reader().name)


def term_code(term_id: int | None) -> str:
    """The code of the term with an id, or for which it stands; empty where there is none."""
    entry = current().by_id(term_id)
    return entry.code if entry else ""


def tier_name(term: Entry) -> Sentence:
    """The tier of a region; empty where it has none."""
    return SCHEMES[REGION].attributes["tier"].values.get(term.attributes.get("tier", ""), "")


def path_name(term: Entry | int | None) -> str:
    """The name of a term after those above it, without the first one (a country): `Shandong, Qingdao`, in Chinese
    without a comma.
    """
    entry = term if isinstance(term, Entry) else current().by_id(term)
    if entry is None:
        return ""
    names = [one.name(reader().name) for one in current().above(entry)][::-1]
    shown = names[1:] or names
    return "".join(shown) if reader().name.startswith("zh") else ", ".join(shown)


def term_name(term: Entry | int | None) -> str:
    """The name of a term, or of the term with an id; empty where there is none."""
    entry = term if isinstance(term, Entry) else current().by_id(term)
    return entry.name(reader().name) if entry else ""
