"""What templates get: the names of terms in the reader's language."""

from collections.abc import Iterable

from flask import Flask

from crowd.taxonomy.vocabulary import Entry, current
from crowd.web.request_locale import reader
from crowd.web.templating import locale_aware


def register(app: Flask) -> None:
    """Give the functions below to every template."""
    app.jinja_env.filters.update(terms=locale_aware(terms), term_name=locale_aware(term_name))


def terms(fields: Iterable[str]) -> list[str]:
    """Fields of work by their names in the reader's language, each once."""
    return current().field_names(fields, reader().name)


def term_name(term: Entry | int | None) -> str:
    """The name of a term, or of the term with an id; empty where there is none."""
    entry = term if isinstance(term, Entry) else current().by_id(term)
    return entry.name(reader().name) if entry else ""
