"""Who reads: language, catalogue and zone, found once a request instead of once for each word.

Flask-Babel asks for the request's context several times for every word, number and date of a page; a list of twenty
rows has hundreds of them.
"""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from babel import Locale
from flask import Flask, g
from flask_babel import get_locale, get_timezone, get_translations

UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class Reader:
    """`name` is the language as in the settings, `zh_Hans_CN` or `en`."""

    name: str
    zone: tzinfo
    catalogue: Any
    locale: Locale | None


def reader() -> Reader:
    """The reader of this request, or of the letter that is being written."""
    context = getattr(g._get_current_object(), "_flask_babel", None) if g else None
    known: Reader | None = getattr(context, "reader", None)
    if (
        known is not None
        and known.locale is getattr(context, "babel_locale", UNKNOWN)  # another one, or none, where it was forced
        and known.zone is getattr(context, "babel_tzinfo", UNKNOWN)
    ):
        return known
    locale = get_locale()
    found = Reader(str(locale or "en"), get_timezone(), get_translations(), locale)
    if g:
        g._flask_babel.reader = found
    return found


def register(app: Flask) -> None:
    """Let templates translate by the reader's catalogue."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda s: reader().catalogue.ugettext(s),
        ngettext=lambda s, p, n: reader().catalogue.ungettext(s, p, n),
        newstyle=True,
        pgettext=lambda c, s: reader().catalogue.upgettext(c, s),
        npgettext=lambda c, s, p, n: reader().catalogue.unpgettext(c, s, p, n),
    )
