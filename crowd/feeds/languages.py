"""The language of a feed: its URL names it, because a program that reads it has no cookie."""

from collections.abc import Iterator
from contextlib import contextmanager

from crowd.languages import LANGUAGES
from crowd.notifications.emails import in_locale
from crowd.web.arguments import arguments
from crowd.web.request_locale import reader


@contextmanager
def asked() -> Iterator[None]:
    """Inside this block, texts are in the language that the URL names (`locale`), else in the reader's."""
    with in_locale(arguments().text("locale", among=LANGUAGES) or reader().name):
        yield
