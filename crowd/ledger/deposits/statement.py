"""A bank's statement as CSV: reference, date, payer, amount, currency, and the payment's text where there is one.

Banks call the columns and write days and signs as they like; what they mean stands in `bank_text`.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from itertools import islice
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _

from crowd import money, text
from crowd.dates import NoDate
from crowd.errors import Invalid
from crowd.file_kinds import megabytes, too_large
from crowd.ledger.deposits import bank_text
from crowd.numbers import Unreadable
from crowd.web import readings

MOST_ROWS = 5_000
MOST_COLUMNS = 100
BANK_FILE_KINDS = ("csv", "txt")
MAX_BYTES = 10 * 2**20  # of a file: far more than its lines can fill
LONGEST_CELL = 300  # characters
KEY_BYTES = 20_000  # of a file, in which its headings are
BEFORE_HEADINGS = 30  # lines in which banks say whose account it is, before the table begins
SEPARATORS = ";\t|,"


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


@dataclass(frozen=True, slots=True)
class Layout:
    """How a bank writes its statements, as far as it was chosen or found: the encoding, whether the day stands before
    the month, and the place of each field in a line."""

    encoding: str = ""
    day_first: bool | None = None
    columns: Mapping[str, int] = field(default_factory=dict)

    def over(self, other: "Layout") -> "Layout":
        """This layout, and another's where this says nothing."""
        order = other.day_first if self.day_first is None else self.day_first
        return Layout(self.encoding or other.encoding, order, self.columns or other.columns)

    def __str__(self) -> str:
        return f"{self.encoding} {self.day_first} " + " ".join(f"{n}={at}" for n, at in sorted(self.columns.items()))


@dataclass(frozen=True, slots=True)
class Statement:
    """What was read: money that came, a sentence for each line that could not be read, how many lines are payments
    that went out, and how the file was understood: `head` is what the bank calls its columns, `ambiguous` whether a
    day could not be told from a month, `missing` the fields whose column nobody knows."""

    rows: list[Row]
    problems: list[str]
    outgoing: int
    head: Sequence[str]
    layout: Layout
    ambiguous: bool
    missing: Sequence[str]

    @property
    def headings(self) -> dict[str, str]:
        """What the bank calls each field."""
        return {name: self.head[place] for name, place in self.layout.columns.items() if place < len(self.head)}


class _Unread(Exception):
    """A cell that cannot be read: the field, and why in words."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, why)
        self.name, self.why = name, why


def read(data: bytes, layout: Layout = Layout(), *, currency: str = "CNY") -> Statement:
    """Read a statement, what `layout` leaves open as the file shows it; `currency` is that of lines which name none.

    Without its columns no line is read (`missing`). Raises Invalid where it is no table.
    """
    content, encoding = decode(data, layout.encoding)
    table = _table(content, MOST_ROWS + 1)
    columns = dict(layout.columns) or bank_text.columns_of(table.head)
    days = [_cell(cells, columns["date"]) for _number, cells in table.lines] if "date" in columns else []
    order = bank_text.day_first(days) if layout.day_first is None else layout.day_first
    used = Layout(encoding, order, columns)
    ambiguous = order is None and any(map(bank_text.is_ambiguous, days))
    if missing := bank_text.missing(columns):
        return Statement([], [], 0, table.head, used, ambiguous, missing)
    rows, problems, outgoing = _read(table.lines[:MOST_ROWS], used, table.head, currency)
    if len(table.lines) > MOST_ROWS:
        problems.append(_("Only the first %(number)s lines were read.", number=MOST_ROWS))
    return Statement(rows, problems, outgoing, table.head, used, ambiguous, [])


def _read(
    lines: Iterable[tuple[int, list[str]]], layout: Layout, head: Sequence[str], currency: str
) -> tuple[list[Row], list[str], int]:
    """The payments that came, what could not be read, and how many payments went out."""
    rows: list[Row] = []
    problems: list[str] = []
    outgoing = 0
    for number, cells in lines:
        given = {name: _cell(cells, place) for name, place in layout.columns.items()}
        if not any(given.values()):
            continue
        try:
            row = _row(number, given, layout.day_first, currency)
        except _Unread as problem:
            place = layout.columns.get(problem.name, len(head))
            column = head[place] if place < len(head) else problem.name
            told = {"line": number, "column": column, "problem": problem.why}
            problems.append(_("Line %(line)s, column “%(column)s”: %(problem)s", **told))
            continue
        if row is None:
            outgoing += 1
        else:
            rows.append(row)
    return rows, problems, outgoing


def keys(data: bytes, encoding: str = "") -> dict[str, str]:
    """For each encoding in which the file may be, the key under which the layout of such files is kept.

    It stands for the account that the file names and its headings, however they are written; a file without headings
    is known by its number of columns. One encoding only where it is chosen or certain; none where it is no table.
    Raises Invalid where it is no text.
    """
    found = encoding or decode(data)[1]
    tried = (found,) if encoding or found in bank_text.CERTAIN else (found, *bank_text.ENCODINGS)
    keyed = {}
    for one in tried:
        with suppress(Invalid):
            table = _table(data[:KEY_BYTES].decode(one, "ignore").replace("\x00", ""), 1)
            words = [str(len(table.head))] if table.headless else [bank_text.plain(cell) for cell in table.head]
            keyed[one] = sha256("\n".join((table.account, *words)).encode()).hexdigest()
    return keyed


@dataclass(frozen=True, slots=True)
class _Table:
    """A file's lines behind its headings, each with its number; `headless` where the first line is a payment."""

    head: list[str]
    headless: bool
    account: str
    lines: list[tuple[int, list[str]]]


def _table(content: str, most: int) -> _Table:
    """At most `most` lines of a statement. Raises Invalid where it is none."""
    lines = list(_lines(content, most + BEFORE_HEADINGS))
    place = bank_text.head_of([cells for _number, cells in lines[:BEFORE_HEADINGS]])
    if place is None or len(lines[place][1]) > MOST_COLUMNS:
        raise Invalid(_("No line names the columns: reference, date, payer, and an amount."))
    head = [text.line(cell, LONGEST_CELL) for cell in lines[place][1]]
    headless = bank_text.is_payment(head)
    account = bank_text.account_of(cells for _number, cells in lines[:place])
    behind = lines[place if headless else place + 1 :]
    return _Table(head, headless, account, behind[:most])


def _lines(content: str, most: int) -> Iterator[tuple[int, list[str]]]:
    """At most `most` lines of a table with the number at which each begins. Raises Invalid where it is no table."""
    reader, began = csv.reader(io.StringIO(content, newline=""), delimiter=_separator(content)), 1
    try:
        for cells in islice(reader, most):
            yield began, cells[: MOST_COLUMNS + 1]
            began = reader.line_num + 1
    except csv.Error as error:
        raise Invalid(_("The file is not a table with a line for each payment.")) from error


def _separator(content: str) -> str:
    """What stands between the cells: what parts the known headings, else what parts most of the first lines."""
    beginning = content[:20_000].splitlines()[:BEFORE_HEADINGS]
    for line in beginning:
        for separator in SEPARATORS:
            if not bank_text.missing(bank_text.columns_of(cell.strip('" ') for cell in line.split(separator))):
                return separator
    return max(SEPARATORS, key=lambda one: sum(line.count(one) >= bank_text.MIN_COLUMNS - 1 for line in beginning))


def _cell(cells: Sequence[str], place: int) -> str:
    raw = cells[place] if place < len(cells) else ""
    return text.line(raw, LONGEST_CELL).removeprefix("'")


def _row(number: int, given: Mapping[str, str], order: bool | None, currency: str) -> Row | None:
    """The line; None where it is money that went out. Raises _Unread."""
    used = given.get("currency", "").upper() or currency
    used = {"人民币": "CNY", "RMB": "CNY", "欧元": "EUR", "美元": "USD", "日元": "JPY"}.get(used, used)
    if used not in money.CURRENCIES:
        raise _Unread("currency", _("this currency is not used here"))
    amount = _amount(given, used)
    if amount < 0:
        return None
    for name in bank_text.NEEDED:
        if not given[name]:
            raise _Unread(name, _("there is nothing in it"))
    day = _day(given["date"], order)
    return Row(number, given["reference"], day, given["payer"], amount, used, given.get("text", ""))


def _amount(given: Mapping[str, str], currency: str) -> int:
    """What came, in minor units; negative for what went out. Raises _Unread."""
    name = "amount" if given.get("amount") else "credit"
    written, went = given.get(name, ""), False
    if (not written or _is_nothing(written)) and given.get("debit"):
        name, written, went = "debit", given["debit"], True
    if not written:
        raise _Unread("amount" if "amount" in given else "credit", _("there is nothing in it"))
    mark = given.get("sign", "").strip().casefold()
    if mark and mark not in bank_text.CREDIT | bank_text.DEBIT:
        raise _Unread("sign", _("this does not say whether money came or went"))
    try:
        amount = money.parse(written, currency, signed=True).amount
    except Unreadable as error:
        raise _Unread(name, readings.refusal(error, currency)) from None
    if amount == 0:
        raise _Unread(name, _("the amount is not above zero"))
    return -abs(amount) if went or mark in bank_text.DEBIT else amount


def _is_nothing(written: str) -> bool:
    return re.fullmatch(r"[-–0.,\s]*", written) is not None


def _day(written: str, order: bool | None) -> date:
    try:
        return bank_text.read_day(written, order)
    except NoDate as error:
        if not error.readings:
            raise _Unread("date", _("this is not a day")) from None
        one, other = (format_date(day, "long") for day in error.readings)
        raise _Unread("date", _("this may be %(one)s or %(other)s", one=one, other=other)) from None


def table(data: bytes, columns: Sequence[str], most: int) -> list[dict[str, str]]:
    """At most `most` lines of a CSV file, each a text of one line by its column's name; what follows is not read.

    Raises Invalid where the file is too large or no table, lacks one of `columns` or names more than a bank would.
    """
    lines = _lines(decode(data)[0], most + 1)
    header = [text.line(name, LONGEST_CELL).lower() for name in next(lines, (1, []))[1]]
    if not set(columns) <= set(header) or len(header) > MOST_COLUMNS:
        raise Invalid(_("The first line must name the columns: %(columns)s.", columns=", ".join(columns)))
    return [_cells(cells, header) for _number, cells in lines if cells]


def _cells(cells: Sequence[Any], names: Iterable[str]) -> dict[str, str]:
    given = dict(zip(names, cells, strict=False))
    return {name: text.line(given.get(name) or "", LONGEST_CELL) for name in names}


def decode(data: bytes, encoding: str = "") -> tuple[str, str]:
    """The text of a bank's file and its encoding, the chosen one or the most plausible. Raises Invalid."""
    if len(data) > MAX_BYTES:
        raise Invalid(too_large(megabytes(len(data)), megabytes(MAX_BYTES)))
    try:
        return bank_text.decoded(data, encoding)
    except (UnicodeDecodeError, ValueError):
        raise Invalid(_("The file is not text in this encoding. Choose another.")) from None
