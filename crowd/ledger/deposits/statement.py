"""A bank's statement as CSV: reference, date, payer, amount, currency, and the payment's text where there is one."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from flask_babel import gettext as _

from crowd import money, text
from crowd.dates import NoDate, read_day
from crowd.errors import Invalid
from crowd.numbers import Unreadable
from crowd.web import readings

COLUMNS = ("reference", "date", "payer", "amount", "currency")
MOST_ROWS = 5_000
MOST_COLUMNS = 100
MAX_BYTES = 10 * 2**20  # of a file: far more than its lines can fill
LONGEST_CELL = 300  # characters


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a statement: `amount` in minor units, `number` as a person counts lines."""

    number: int
    reference: str
    date: date
    payer: str
    amount: int
    currency: str
    text: str


def read(data: bytes) -> tuple[list[Row], list[str]]:
    """The lines that can be read, and a sentence for each that cannot. Raises Invalid where it is no such file."""
    rows: list[Row] = []
    problems: list[str] = []
    for number, raw in enumerate(table(data, COLUMNS, MOST_ROWS + 1), start=2):
        if number > MOST_ROWS + 1:
            problems.append(_("Only the first %(number)s lines were read.", number=MOST_ROWS))
            break
        read_line = _row(number, raw)
        if isinstance(read_line, Row):
            rows.append(read_line)
        else:
            problems.append(_("Line %(line)s cannot be read: %(problem)s", line=number, problem=read_line))
    return rows, problems


def table(data: bytes, columns: Sequence[str], most: int) -> list[dict[str, str]]:
    """At most `most` lines of a CSV file, each a text of one line by its column's name; what follows is not read.

    Raises Invalid where the file is too large or no table, lacks one of `columns` or names more than a bank would.
    """
    if len(data) > MAX_BYTES:
        raise Invalid(_("The file is larger than %(size)s MB.", size=MAX_BYTES // 2**20))
    reader = csv.DictReader(io.StringIO(decode(data), newline=""))
    try:
        header = [text.line(name, LONGEST_CELL).lower() for name in (reader.fieldnames or [])[:MOST_COLUMNS]]
        if not set(columns) <= set(header) or len(reader.fieldnames or []) > MOST_COLUMNS:
            raise Invalid(_("The first line must name the columns: %(columns)s.", columns=", ".join(columns)))
        reader.fieldnames = header
        return [_cells(raw, header) for raw in islice(reader, most)]
    except csv.Error as error:
        raise Invalid(_("The file is not a table with a line for each payment.")) from error


def _cells(raw: Mapping[str | Any, Any], names: Iterable[str]) -> dict[str, str]:
    return {name: text.line(raw.get(name) or "", LONGEST_CELL) for name in names}


def decode(data: bytes) -> str:
    """The text of a CSV file, in either of the encodings that banks use. Raises Invalid."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise Invalid(_("The file is not text."))


def _row(number: int, raw: Mapping[str, str]) -> Row | str:
    """The line, or in words what is wrong with it."""
    cells = {name: raw.get(name, "").removeprefix("'") for name in (*COLUMNS, "text")}
    missing = [name for name in COLUMNS if not cells[name]]
    if missing:
        return _("empty: %(columns)s", columns=", ".join(missing))
    if cells["currency"] not in money.CURRENCIES:
        return _("this currency is not used here")
    try:
        sum_ = money.parse(cells["amount"], cells["currency"], signed=True)
    except Unreadable as error:
        return readings.refusal(error, cells["currency"])
    if sum_.amount <= 0:
        return _("the amount is not above zero")
    try:
        day = read_day(cells["date"])
    except NoDate as error:
        return readings.no_date(error, _("the date is not like 2026-12-14"))
    return Row(number, cells["reference"], day, cells["payer"], sum_.amount, sum_.currency, cells["text"])
