"""Translated sentences, whose values are shown by their type when a person reads the sentence.

A rule passes Money, a time, a date or a length of time: `_("The balance is short by %(amount)s.", amount=missing)`.
It knows neither the reader's language nor their time zone; pages, JSON, emails and commands are made here.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import singledispatch
from typing import Any

from flask import Flask
from flask_babel import Domain, LazyString
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from crowd.dates import DayOf
from crowd.money import Money
from crowd.web import values
from crowd.web.request_locale import reader
from crowd.web.templating import day, format_money, instant, length_of_time, locale_aware


@singledispatch
def shown(value: object) -> Any:
    """A value as the reader writes it; what has no format of its own stays as it is."""
    return value


shown.register(Money, format_money)
shown.register(datetime, instant)
shown.register(date, day)
shown.register(timedelta, length_of_time)


shown.register(dict, values.show)  # recorded values that say how they are shown


@shown.register
def _day_of(value: DayOf) -> str:
    return day(value.at)


# Flask-Babel declares a lazy text safe HTML, with whatever values it has; here it is escaped like any other text.
LazyString.__html__ = lambda sentence: escape(str(sentence))


def fill(text: str, values: Mapping[str, object]) -> str:
    """A text in the reader's language with its values."""
    return text % {name: shown(value) for name, value in values.items()}


class Catalogues(Domain):
    """Flask-Babel's catalogues, from which a request uses its reader's without looking it up again."""

    def get_translations(self) -> Any:
        """The reader's catalogue."""
        return reader().catalogue

    def gettext(self, string: str, **values: object) -> str:
        """A text in the reader's language."""
        words = reader().catalogue.ugettext(string)
        return fill(words, values) if values else words

    def ngettext(self, singular: str, plural: str, num: int, **values: object) -> str:
        """A text with a plural."""
        return fill(reader().catalogue.ungettext(singular, plural, num), {"num": num, **values})

    def pgettext(self, context: str, string: str, **values: object) -> str:
        """A text with a context, where the same text means something else elsewhere."""
        words = reader().catalogue.upgettext(context, string)
        return fill(words, values) if values else words


@pass_context
def _translated(context: Context, text: str, /, **values: object) -> str:
    """A template's text in the reader's language; in HTML, inserted values are escaped."""
    words = reader().catalogue.ugettext(text)
    if not values and "%" not in words:
        return Markup(words) if context.eval_ctx.autoescape else words  # noqa: S704 - a catalogue's own words
    return _filled(context, words, values)


@pass_context
def _counted(context: Context, one: str, many: str, number: int, /, **values: object) -> str:
    """A template's text with a plural."""
    return _filled(context, reader().catalogue.ungettext(one, many, number), {"num": number, **values})


@pass_context
def _translated_in(context: Context, sense: str, text: str, /, **values: object) -> str:
    """A template's text with a context, where the same text means something else elsewhere."""
    return _filled(context, reader().catalogue.upgettext(sense, text), values)


def _filled(context: Context, words: str, values: dict[str, Any]) -> str:
    return fill(Markup(words) if context.eval_ctx.autoescape else words, values)  # noqa: S704 - as above


def register(app: Flask) -> None:
    """Make Python and templates translate with the reader's catalogue."""
    babel = app.extensions["babel"].instance
    babel.domain_instance = Catalogues(domain=app.extensions["babel"].default_domain)
    app.jinja_env.filters["shown"] = locale_aware(shown)
    app.jinja_env.globals.update(
        {"_": _translated, "gettext": _translated, "ngettext": _counted, "pgettext": _translated_in}
    )
