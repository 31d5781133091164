"""Language, catalogue and time zone of the reader, determined once per request instead of once for each word.

Flask-Babel looks up the request's context several times for every word, number and date of a page; a list of twenty
rows has hundreds of them.
"""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from babel import Locale
from flask import current_app, g
from flask_babel import Domain, get_babel, get_locale, get_timezone

from crowd.languages import ENGLISH, Language, language_of

UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class RequestLocale:
    """`name` is the language as in the settings, `zh_Hans_CN` or `en`."""

    name: str
    language: Language
    zone: tzinfo
    catalogue: Any
    locale: Locale | None


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
    name = str(locale or ENGLISH.locale)
    found = RequestLocale(name, language_of(name), get_timezone(), catalogue, locale)
    space._flask_babel.reader = found
    return found


def platform_name() -> str:
    """The platform's name in the language of the reader."""
    return str(current_app.config["CROWD"].name_in(reader().language))
