"""Language, catalogue and time zone of the reader, determined once per request instead of once for each word.

Flask-Babel looks up the request's context several times for every word, number and date of a page; a list of twenty
rows has hundreds of them.
"""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from babel import Locale
from flask import Flask, g
from flask_babel import Domain, get_babel, get_locale, get_timezone
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class RequestLocale:
    """`name` is the language as in the settings, `zh_Hans_CN` or `en`."""

    name: str
    zone: tzinfo
    catalogue: Any
    locale: Locale | None


class Catalogues(Domain):
    """Flask-Babel's catalogues, from which a request uses its reader's without looking it up again."""

    def get_translations(self) -> Any:
        """The reader's catalogue."""
        return reader().catalogue


def reader() -> RequestLocale:
    """The reader of this request, or of the email that is being written."""
    space = g._get_current_object()
    context = getattr(space, "_flask_babel", None)
    known: RequestLocale | None = getattr(context, "reader", None)
    if (
        known is not None
        and known.locale is getattr(context, "babel_locale", UNKNOWN)  # another one, or none, in a forced locale
        and known.zone is getattr(context, "babel_tzinfo", UNKNOWN)
    ):
        return known
    locale = get_locale()
    catalogue = Domain.get_translations(get_babel().instance.domain_instance)
    found = RequestLocale(str(locale or "en"), get_timezone(), catalogue, locale)
    space._flask_babel.reader = found
    return found


@pass_context
def _translated(context: Context, text: str, /, **values: Any) -> str:
    """A template's text in the reader's language; in HTML, inserted values are escaped."""
    words = reader().catalogue.ugettext(text)
    if not values and "%" not in words:
        return Markup(words) if context.eval_ctx.autoescape else words  # noqa: S704 - a catalogue's own words
    return _filled(context, words, values)


@pass_context
def _counted(context: Context, one: str, many: str, number: int, /, **values: Any) -> str:
    """A template's text with a plural."""
    return _filled(context, reader().catalogue.ungettext(one, many, number), {"num": number, **values})


@pass_context
def _translated_in(context: Context, sense: str, text: str, /, **values: Any) -> str:
    """A template's text with a context, where the same text means something else elsewhere."""
    return _filled(context, reader().catalogue.upgettext(sense, text), values)


def _filled(context: Context, words: str, values: dict[str, Any]) -> str:
    return (Markup(words) if context.eval_ctx.autoescape else words) % values  # noqa: S704 - as above


def register(app: Flask) -> None:
    """Make Python and templates translate with the reader's catalogue."""
    babel = app.extensions["babel"].instance
    babel.domain_instance = Catalogues(domain=app.extensions["babel"].default_domain)
    app.jinja_env.globals.update(
        {"_": _translated, "gettext": _translated, "ngettext": _counted, "pgettext": _translated_in}
    )
