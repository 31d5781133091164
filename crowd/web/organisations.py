"""Names of organisations in a choice of several, so that they cannot be confused."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from babel import Locale
from flask_babel import gettext as _

from crowd.chinese import pinyin_key
from crowd.names import ACCENTS
from crowd.text import normalise
from crowd.web.request_locale import reader

NO_COUNTRY = ("EU", "EZ", "UN", "XA", "XB", "ZZ")
CHINESE = {"HK": "中国香港", "MO": "中国澳门", "TW": "中国台湾"}  # as Chinese pages name them


def labels(rows: Iterable[Any]) -> Mapping[int, str]:
    """By id, in the order given (rows of the table or of its model): the name, and that it is not verified if not.

    Those whose names are, or look, the same also get the country, the city, the registration number, and whether they
    are verified; where a number says nothing, because there is none or another claims it, their number here.
    """
    rows = list(rows)
    keys = {row.id: row.name_keys for row in rows} if len(rows) > 1 else {}
    sharing = Counter(key for own in keys.values() for key in own)
    claimed = Counter(row.registration_number for row in rows if row.registration_number)
    twins = {number for number, own in keys.items() if any(sharing[key] > 1 for key in own)}
    return {row.id: " · ".join(_parts(row, row.id in twins, claimed[row.registration_number] == 1)) for row in rows}


def _parts(row: Any, twin: bool, numbered: bool) -> Iterator[str]:
    yield row.name
    if twin:
        yield from filter(None, (country_name(row.country), row.city, row.registration_number))
        if not numbered:
            yield _("no. %(number)s here", number=row.id)
    if twin or row.verified_at is None:
        yield _("Verified") if row.verified_at else _("Not verified")


def country_name(code: str) -> str:
    """The country's name in the reader's language; empty for no country."""
    return dict(countries()).get(code, code)


def countries() -> list[tuple[str, str]]:
    """All countries and regions, (ISO 3166 code, name in the reader's language), by name."""
    return list(_countries(reader().name))


def usual_country() -> str:
    """The country with which a form begins: where most readers of the language are; empty where it says little."""
    return "CN" if reader().name.startswith("zh") else ""


@cache
def _countries(locale: str) -> tuple[tuple[str, str], ...]:
    names = Locale.parse(locale).territories
    codes = (str(code) for code in names if re.fullmatch("[A-Z]{2}", str(code)))
    overridden = CHINESE if locale.startswith("zh") else {}
    named = {code: str(names[code]) for code in codes if code not in NO_COUNTRY} | overridden
    return tuple(sorted(named.items(), key=lambda pair: name_key(pair[1])))


def name_key(name: str) -> bytes:
    """What names are sorted by: without case and accents, Chinese ones by their pronunciation, after Latin ones."""
    return pinyin_key(re.sub(f"[{ACCENTS}]", "", normalise(name, "NFKD")).casefold())
