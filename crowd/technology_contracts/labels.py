"""How values of the register of technology contracts are shown."""

from collections.abc import Mapping
from datetime import date

from crowd.taxonomy.labels import term_name
from crowd.taxonomy.schemes import FIELD
from crowd.taxonomy.vocabulary import current
from crowd.web.templating import day, format_money


def amount(value: Mapping[str, object]) -> str:
    """An amount with its currency."""
    return format_money(int(str(value["amount"])), str(value["currency"]), exact=True)


def field_of_work(code: str) -> str:
    """A field of work by its code."""
    return term_name(current().get(FIELD, code))


def signed_on(text: str) -> str:
    """The date of signature."""
    return day(date.fromisoformat(text))
