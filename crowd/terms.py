"""Fields of work with their names in each language: one field, however its name is written.

`terms.csv` is the list: a column of names for each language, in place of which the English one stands where it is
missing, and one of others under which a field is known. A field that is not in it is still a field, under the name that
people gave it. Fields are stored by their English names, and shown in the reader's language.
"""

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from crowd.chinese import simplified
from crowd.languages import ENGLISH
from crowd.text import key

Names = dict[str, str]  # by language; others, between bars, under "also"


def term_key(field: str) -> str:
    """What all names of a field have in common; fields are compared by it."""
    plain = simplified(key(field))
    names = _by_key().get(plain)
    return key(names[ENGLISH.locale]) if names else plain


def term_name(field: str, locale: str) -> str:
    """The name of a field in a language; as it is written where no other is known."""
    names = _by_key().get(simplified(key(field)))
    return names.get(locale) or names[ENGLISH.locale] if names else field


def term_names(fields: Iterable[str], locale: str) -> list[str]:
    """The names of fields in a language, each field once."""
    return list({term_key(field): term_name(field, locale) for field in reversed(list(fields))}.values())[::-1]


def spellings(field: str) -> tuple[str, ...]:
    """All known names of a field, or the one that is written."""
    names = _by_key().get(simplified(key(field)))
    return _all(names) if names else (field,)


def is_known(field: str) -> bool:
    """Whether the field is in the list."""
    return simplified(key(field)) in _by_key()


def kept(fields: Iterable[str]) -> list[str]:
    """Fields as they are stored: those of the list by their English names."""
    return term_names(fields, ENGLISH.locale)


@cache
def _by_key() -> dict[str, Names]:
    text = (files("crowd") / "terms.csv").read_text(encoding="utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        found.update({simplified(key(name)): row for name in _all(row)})
    return found


def _all(names: Names) -> tuple[str, ...]:
    return tuple(name for spelled in names.values() for name in spelled.split("|") if name)
