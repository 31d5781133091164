"""A bank statement as CSV: reference, date, payer, amount, currency, and the payment's text where there is one.

Banks name columns and write dates and signs differently; `headings` and `bank_text` interpret them.
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

from flask_babel import gettext as _

from crowd import money, text
from crowd.dates import NoDate
from crowd.errors import Invalid
from crowd.file_kinds import megabytes, too_large
from crowd.ledger.deposits import bank_text, encodings, headings
from crowd.numbers import Unreadable
from crowd.web import readings

MAX_ROWS = 5_000
MAX_COLUMNS = 100
BANK_FILE_KINDS = ("csv", "txt")
MAX_BYTES = 10 * 2**20  # of a file: far more than its lines can fill
MAX_CELL_LENGTH = 300  # characters
KEY_BYTES = 20_000  # of a file, that contain its headings
BEFORE_HEADINGS = 30  # lines in which banks state the account, before the table begins
SEPARATORS = ";\t|,"
_MARKED = re.compile(r"(.*[\d.)-])\s*\(?(cr|dr|[cdhs])\.?\)?", re.IGNORECASE)  # `5,000.00 Dr`, `12,50 S`


@dataclass(frozen=True, slots=True)
class BankStatementRow:
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
    """The layout of a bank's statements, as far as chosen or detected: the encoding, whether the day comes before
    the month, the position of each field in a line (`headings.ABSENT` where a person says that there is none), and the
    currency of lines that name none.
    """

    encoding: str = ""
    day_first: bool | None = None
    columns: Mapping[str, int] = field(default_factory=dict)
    currency: str = ""

    def over(self, other: "Layout") -> "Layout":
        """This layout, with another's values where this has none."""
        order = other.day_first if self.day_first is None else self.day_first
        return Layout(
            self.encoding or other.encoding, order, self.columns or other.columns, self.currency or other.currency
        )

    @property
    def places(self) -> dict[str, int]:
        """The position of each field that the file has."""
        return headings.places(self.columns)

    def __str__(self) -> str:
        columns = " ".join(f"{name}={place}" for name, place in sorted(self.columns.items()))
        return f"{self.encoding} {self.day_first} {self.currency} {columns}"


@dataclass(frozen=True, slots=True)
class BankStatement:
    """The parsed file: incoming payments, a sentence for each line that could not be parsed, how many lines are
    payments that went out, and how the file was understood: `head` is the bank's names of its columns, `ambiguous`
    whether a day could not be told from a month, `contradictory` whether the file writes them in both orders,
    `nameless` whether nothing says in which currency its amounts are, `missing` the fields whose column nobody knows.
    """

    rows: list[BankStatementRow]
    problems: list[str]
    outgoing: int
    head: Sequence[str]
    layout: Layout
    ambiguous: bool = False
    contradictory: bool = False
    nameless: bool = False
    missing: Sequence[str] = ()

    @property
    def headings(self) -> dict[str, str]:
        """The bank's name of each field."""
        named = {name: [place] for name, place in self.layout.places.items()}
        named["text"] = headings.text_places(self.layout.columns, self.head)
        return {
            name: ", ".join(self.head[one] for one in found if one < len(self.head)) for name, found in named.items()
        }


class _Unread(Exception):
    """A cell that cannot be parsed: the field, and why as a sentence."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, why)
        self.name, self.why = name, why


class _Nameless(_Unread):
    """An amount without a known currency."""


def read(data: bytes, layout: Layout = Layout(), *, currency: str = "") -> BankStatement:
    """Parse a statement, detecting what `layout` leaves open; `currency` is that of lines for which neither
    the layout nor the file says one.

    Without its columns no line is parsed (`missing`), nor without a currency (`nameless`). Raises Invalid where it is
    not a table.
    """
    content, encoding = decode(data, layout.encoding)
    table = _table(content, MAX_ROWS + 1)
    columns = headings.completed(layout.columns, table.names, [cells for _number, cells in table.lines])
    places = headings.places(columns)
    days = [_cell(cells, places["date"]) for _number, cells in table.lines] if "date" in places else []
    shown = bank_text.orders(days) if layout.day_first is None else {layout.day_first}
    order = shown.pop() if len(shown) == 1 else None
    said = layout.currency or _currency_of(table, places) or currency
    used = Layout(encoding, order, columns, said)
    ambiguous = order is None and any(map(bank_text.is_ambiguous, days))
    if missing := headings.missing(places):
        return BankStatement([], [], 0, table.head, used, ambiguous, bool(shown), missing=missing)
    try:
        rows, problems, outgoing = _read(table.lines[:MAX_ROWS], used, table.names)
    except _Nameless:
        return BankStatement([], [], 0, table.head, used, ambiguous, bool(shown), nameless=True)
    if len(table.lines) > MAX_ROWS:
        problems.append(_("Only the first %(number)s lines were read.", number=MAX_ROWS))
    return BankStatement(rows, problems, outgoing, table.head, used, ambiguous, bool(shown))


def _currency_of(table: "_Table", places: Mapping[str, int]) -> str:
    """The one currency that the headings of the amounts name, else the lines before the table; empty for none."""
    named = [
        headings.currencies_in(table.names[place])
        for name, place in places.items()
        if name in ("amount", "credit") and place < len(table.head)
    ]
    codes = frozenset.intersection(*named) if named else frozenset()
    return next(iter(codes)) if len(codes) == 1 else table.currency


def _read(
    lines: Sequence[tuple[int, list[str]]], layout: Layout, head: Sequence[str]
) -> tuple[list[BankStatementRow], list[str], int]:
    """The incoming payments, what could not be parsed, and how many payments went out. Raises _Nameless."""
    rows: list[BankStatementRow] = []
    problems: list[str] = []
    outgoing = 0
    places, texts = layout.places, headings.text_places(layout.columns, head)
    called = {name: head[place] for name, place in places.items() if place < len(head)}
    named = "currency" in places and any(_cell(cells, places["currency"]) for _number, cells in lines)
    for number, cells in lines:
        given = {name: _cell(cells, place) for name, place in places.items()}
        if not any(given.values()):
            continue
        given["text"] = " ".join(dict.fromkeys(filter(None, (_cell(cells, place) for place in texts))))
        try:
            row = _row(number, given, called, layout)
        except _Unread as problem:
            if isinstance(problem, _Nameless) and not (named and not given["currency"]):
                raise
            column = called.get(problem.name) or headings.LABELS[problem.name]
            told = {"line": number, "column": column, "problem": problem.why}
            problems.append(_("Line %(line)s, column “%(column)s”: %(problem)s", **told))
            continue
        if row is None:
            outgoing += 1
        else:
            rows.append(row)
    return rows, problems, outgoing


def keys(data: bytes, encoding: str = "") -> dict[str, str]:
    """For each possible encoding of the file, the key under which the layout of such files is stored.

    It identifies the account that the file names and its headings, however they are written; a file without headings
    is identified by its number of columns. One encoding only where it is chosen or certain; none where it is no table.
    Raises Invalid where it is no text.
    """
    found = encoding or decode(data)[1]
    tried = (found,) if encoding or found in encodings.CERTAIN else (found, *encodings.ENCODINGS)
    keyed = {}
    for one in tried:
        with suppress(Invalid):
            table = _table(encodings.beginning(data[:KEY_BYTES], one), 1)
            words = [str(len(table.head))] if table.headless else [headings.plain(cell) for cell in table.head]
            keyed[one] = sha256("\n".join((table.account, *words)).encode()).hexdigest()
    return keyed


@dataclass(frozen=True, slots=True)
class _Table:
    """A file's lines after its headings, each with its number, and what the lines before them say about the account;
    `headless` where the first line is a payment.
    """

    head: list[str]
    headless: bool
    account: str
    currency: str
    lines: list[tuple[int, list[str]]]

    @property
    def names(self) -> list[str]:
        """The headings, empty where there are none."""
        return [""] * len(self.head) if self.headless else self.head


def _table(content: str, most: int) -> _Table:
    """At most `most` lines of a statement. Raises Invalid where it is not one."""
    lines = list(_lines(content, most + BEFORE_HEADINGS))
    place = bank_text.head_of([cells for _number, cells in lines[:BEFORE_HEADINGS]])
    if place is None or len(lines[place][1]) > MAX_COLUMNS:
        raise Invalid(_("No line holds the column headings: reference, date, payer, and an amount."))
    head = [text.line(cell, MAX_CELL_LENGTH) for cell in lines[place][1]]
    headless = bank_text.is_payment(head)
    before = [cells for _number, cells in lines[:place]]
    behind = lines[place if headless else place + 1 :]
    return _Table(head, headless, bank_text.account_of(before), bank_text.currency_of(before), behind[:most])


def _lines(content: str, most: int) -> Iterator[tuple[int, list[str]]]:
    """At most `most` lines of a table with the number at which each begins. Raises Invalid where it is not a table."""
    reader, began = csv.reader(io.StringIO(content, newline=""), delimiter=_separator(content)), 1
    try:
        for cells in islice(reader, most):
            yield began, cells[: MAX_COLUMNS + 1]
            began = reader.line_num + 1
    except csv.Error as error:
        raise Invalid(_("The file is not a table with a line for each payment.")) from error


def _separator(content: str) -> str:
    """The separator of cells: the one between known headings, else the one in most of the first lines."""
    beginning = content[:20_000].splitlines()[:BEFORE_HEADINGS]
    parted = {one: [[cell.strip('" ') for cell in line.split(one)] for line in beginning] for one in SEPARATORS}
    known = {one: max((len(headings.columns_of(cells)) for cells in parted[one]), default=0) for one in SEPARATORS}
    best = max(SEPARATORS, key=lambda one: known[one])
    if known[best] >= bank_text.MIN_KNOWN:
        return best
    return max(SEPARATORS, key=lambda one: sum(line.count(one) >= bank_text.MIN_COLUMNS - 1 for line in beginning))


def _cell(cells: Sequence[str], place: int) -> str:
    raw = cells[place] if place < len(cells) else ""
    return text.line(raw, MAX_CELL_LENGTH).removeprefix("'")


def _row(number: int, given: Mapping[str, str], called: Mapping[str, str], layout: Layout) -> BankStatementRow | None:
    """The line; None for an outgoing payment. `called` are the headings. Raises _Unread."""
    name, written, went = _written(given)
    heading = called.get(name, "")
    currency = _currency(given.get("currency", ""), written, layout.currency)
    if given.get("currency") and currency not in (headings.currencies_in(heading) or {currency}):
        raise _Unread("currency", _("the heading of the amount gives another currency"))
    amount = _minor(name, written + headings.scale_of(heading), currency)
    mark = headings.direction(given["sign"], loosely=True) if "sign" in given else 1
    if went or amount < 0 or mark == -1:
        return None
    if mark is None:
        why = _("it is not clear whether money was received or sent") if given["sign"] else _("there is nothing in it")
        raise _Unread("sign", why)
    for needed in headings.NEEDED:
        if not given[needed]:
            raise _Unread(needed, _("there is nothing in it"))
    day = _day(given["date"], layout.day_first)
    return BankStatementRow(number, given["reference"], day, given["payer"], amount, currency, given["text"])


def _written(given: Mapping[str, str]) -> tuple[str, str, bool]:
    """The field that has the line's amount, its text without a mark of direction, and whether its column or its
    mark says that it went out. Raises _Unread.
    """
    filled = [name for name in ("amount", "credit", "debit") if given.get(name)]
    sums = [name for name in filled if not _is_nothing(given[name])]
    if {"credit", "debit"} <= set(sums):
        raise _Unread("debit", _("this line has both an amount received and an amount sent"))
    if not filled:
        raise _Unread("amount" if "amount" in given else "credit", _("there is nothing in it"))
    name = (sums or filled)[0]
    written, went = given[name], name == "debit" or "debit" in sums
    match = _MARKED.fullmatch(written)
    mark = headings.direction(match[2]) if match else None
    return (name, match[1], went or mark == -1) if match and mark else (name, written, went)


def _currency(named: str, amount: str, otherwise: str) -> str:
    """The currency that the line names, else the one of the file. Raises _Unread, _Nameless where neither is known."""
    found = money.currencies(named or amount)
    if otherwise in found or (not found and not named and otherwise):
        code = otherwise
    elif len(found) == 1:
        code = found.pop()
    elif found or not named:
        raise _Nameless("currency", _("there is nothing in it"))
    else:
        code = ""
    if code not in money.CURRENCIES:
        raise _Unread("currency", _("this currency is not supported"))
    return code


def _minor(name: str, written: str, currency: str) -> int:
    """An amount in minor units, negative with a minus. Raises _Unread."""
    try:
        amount = money.parse(written, currency, signed=True).amount
    except Unreadable as error:
        raise _Unread(name, readings.refusal(error, currency)) from None
    if amount == 0:
        raise _Unread(name, _("the amount is not above zero"))
    return amount


def _is_nothing(written: str) -> bool:
    return re.fullmatch(r"[-–0.,\s]*", written) is not None


def _day(written: str, order: bool | None) -> date:
    try:
        return bank_text.read_day(written, order)
    except NoDate as error:
        if not error.readings:
            raise _Unread("date", _("this is not a day")) from None
        one, other = error.readings
        raise _Unread("date", _("this may be %(one)s or %(other)s", one=one, other=other)) from None


def table(data: bytes, columns: Sequence[str], most: int) -> list[dict[str, str]]:
    """At most `most` lines of a CSV file, each a text of one line by its column's name; the rest is not read.

    Raises Invalid where the file is too large or no table, lacks one of `columns` or has more than a bank would write.
    """
    lines = _lines(decode(data)[0], most + 1)
    header = [text.line(name, MAX_CELL_LENGTH).lower() for name in next(lines, (1, []))[1]]
    if not set(columns) <= set(header) or len(header) > MAX_COLUMNS:
        raise Invalid(_("The first line must name the columns: %(columns)s.", columns=", ".join(columns)))
    return [_cells(cells, header) for _number, cells in lines if cells]


def _cells(cells: Sequence[Any], names: Iterable[str]) -> dict[str, str]:
    given = dict(zip(names, cells, strict=False))
    return {name: text.line(given.get(name) or "", MAX_CELL_LENGTH) for name in names}


def decode(data: bytes, encoding: str = "") -> tuple[str, str]:
    """The text of a bank's file and its encoding, the chosen one or the most plausible. Raises Invalid."""
    if len(data) > MAX_BYTES:
        raise Invalid(too_large(megabytes(len(data)), megabytes(MAX_BYTES)))
    try:
        return encodings.decoded(data, encoding)
    except (UnicodeDecodeError, ValueError):
        raise Invalid(_("The file is not text in this encoding. Choose another.")) from None
