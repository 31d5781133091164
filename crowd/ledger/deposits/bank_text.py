"""What banks write into files: the line of headings, the account, its currency, and dates. Pure."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from itertools import pairwise

from crowd import dates, money
from crowd.ledger.deposits.headings import columns_of, field_of
from crowd.text import normalise

MIN_COLUMNS = 3  # of a line that can be one of headings
MIN_KNOWN = 2  # known headings by which such a line is recognised

ACCOUNT = re.compile(
    r"(?:银行|your )?(?:账号|帐号|卡号|iban|account(?: number| no\.?)?|konto(?:nummer)?|compte)\W*"
    r"((?:\d|[A-Z]{2}\d\d)[A-Z0-9 *-]{7,44})",
    re.IGNORECASE,
)

_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")


def head_of(lines: Sequence[Sequence[str]]) -> int | None:
    """Which of a table's first lines names the columns: the one with most known headings, else the first of those with
    the most cells. None where no line has enough cells.
    """
    known = [len(columns_of(cells)) if len(cells) >= MIN_COLUMNS else 0 for cells in lines]
    if max(known, default=0) >= MIN_KNOWN:
        return known.index(max(known))
    filled = [sum(bool(cell.strip()) for cell in cells) for cells in lines]
    most = max(filled, default=0)
    return filled.index(most) if most >= MIN_COLUMNS else None


def is_payment(cells: Iterable[str]) -> bool:
    """Whether a line already has a day in it, so that it is not a line of headings."""
    return any(is_ambiguous(cell) or _is_day(cell) for cell in cells)


def account_of(lines: Iterable[Sequence[str]]) -> str:
    """The account that the lines before a table name, as digits and capital letters; empty where they name none."""
    for cells in lines:
        match = ACCOUNT.match(normalise("\t".join(cells), "NFKC").strip())
        if match:
            return re.sub(r"[^0-9A-Z]", "", match[1].upper())
    return ""


def currency_of(lines: Iterable[Sequence[str]]) -> str:
    """The currency that the lines before a table name (`币种：人民币`, `Währung;EUR`); empty where they name none."""
    for cells in lines:
        words = [word for cell in cells for word in re.split(r"[:：]", cell) if word.strip()]
        for label, word in pairwise(words):
            codes = money.currencies(word)
            if len(codes) == 1 and (field_of(label) or ("",))[0] == "currency":
                return codes.pop()
    return ""


def orders(written: Iterable[str]) -> set[bool]:
    """The orders of day and month in a file, as far as they can be detected: True for the day before the month. Both
    where they contradict each other.
    """
    found = set()
    for text in written:
        if match := _NUMERIC.match(_folded(text)):
            if match[2] == "." or int(match[1]) > 12:
                found.add(True)
            elif int(match[3]) > 12:
                found.add(False)
    return found


def read_day(text: str, order: bool | None) -> date:
    """The date in a cell; `order` is True for the day before the month. Raises dates.NoDate."""
    return dates.read_day(_folded(text), day_first=order, short_years=True)


def is_ambiguous(written: str) -> bool:
    """Whether the day of a written date cannot be distinguished from its month."""
    try:
        read_day(written, None)
    except dates.NoDate as error:
        return bool(error.readings)
    return False


def _is_day(written: str) -> bool:
    with suppress(ValueError):
        read_day(written, None)
        return True
    return False


def _folded(text: str) -> str:
    """A written date without the time of day that may follow it."""
    folded = normalise(text, "NFKC").strip().lower()
    if re.fullmatch(r"\d{14}", folded):
        folded = folded[:8]
    return re.sub(r"[t ]+\d{1,2}:\d{2}(:\d{2})?(\.\d+)?$", "", folded)


def reference_key(reference: str) -> str:
    """A bank's reference as compared: without case, width and spaces."""
    return "".join(normalise(reference, "NFKC").upper().split())
