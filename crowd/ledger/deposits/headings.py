"""The names of columns in banks' files, and how to recognise a column with an unknown heading. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache, lru_cache

from babel import Locale
from flask_babel import lazy_gettext as _l

from crowd import money
from crowd.ledger.deposits import column_words as words
from crowd.numbers import narrow
from crowd.text import normalise

LABELS = {
    "reference": _l("Bank reference"),
    "date": _l("Value date"),
    "payer": _l("Payer"),
    "amount": _l("Amount"),
    "credit": _l("Amount received"),
    "debit": _l("Amount sent"),
    "sign": _l("Whether it was received or sent"),
    "currency": _l("Currency"),
    "text": _l("Text of the payment"),
}
NEEDED = ("reference", "date", "payer")
FOUND_LATER = ("sign", "currency", "text")  # fields that an older stored layout may lack
ABSENT = -1  # the position of a field for which the file has no column, as chosen by a person
MAX_KINDS = 40  # of cells in a column of directions or currencies
MAX_CACHED = 4_096  # headings: a file may have any
_BRACKETS = re.compile(r"[(\[{【<].*?[)\]}】>]|[(\[{【].*")
_WORDS = re.compile(r"[a-z]+\$|[a-z]+|[^\W\d_a-z]+|[€$¥£₹₩]")
_WAYS = frozenset("入出账帐取")
_BETWEEN = ("in", "en", "单位", "unit")


def plain(text: str) -> str:
    """A heading or a mark as compared: NFKC, lower case, letters and digits only."""
    folded = normalise(text, "NFKC").casefold()
    return "".join(char for char in folded if char.isalnum())


def _folded(text: str) -> str:
    """`plain` without accents, which headings in capitals and in old files lack."""
    return "".join(char for char in normalise(plain(text), "NFKD") if char.isalnum())


NAMED = {
    _folded(word): (field, rank)
    for field, ranks in words.HEADINGS.items()
    for rank, known in enumerate(ranks)
    for word in known.split()
}
WEAK = {_folded(word) for word in words.WEAK_DIRECTIONS.split()}
CREDIT, DEBIT = ({plain(word) or word for word in known.split()} for known in (words.CREDIT, words.DEBIT))


@lru_cache(MAX_CACHED)
def field_of(heading: str) -> tuple[str, int] | None:
    """The field that a heading names and the rank of that name, 0 the best; without text in brackets, without
    the currency and, for lines of text, without their number. None for an unknown heading.
    """
    bare = _BRACKETS.sub(" ", normalise(heading, "NFKC"))
    for written in (heading, bare, _without_currency(bare)):
        key = _folded(written)
        found = NAMED.get(key) or NAMED.get(key.rstrip("0123456789"))
        if found:
            return found
    return None


def columns_of(cells: Iterable[str]) -> dict[str, int]:
    """The position of each field in a line of headings, as far as known; the best name counts, then the first."""
    found: dict[str, tuple[int, int]] = {}
    for place, cell in enumerate(cells):
        if (known := field_of(cell)) and (known[0] not in found or known[1] < found[known[0]][0]):
            found[known[0]] = (known[1], place)
    return {field: place for field, (_rank, place) in found.items()}


def missing(columns: Collection[str]) -> list[str]:
    """The fields without which no line can be parsed; "amount" means either of its columns."""
    amount = [] if "amount" in columns or "credit" in columns else ["amount"]
    return [name for name in NEEDED if name not in columns] + amount


def places(columns: Mapping[str, int]) -> dict[str, int]:
    """The columns that the file has."""
    return {name: place for name, place in columns.items() if place != ABSENT}


def completed(chosen: Mapping[str, int], head: Sequence[str], lines: Sequence[Sequence[str]]) -> dict[str, int]:
    """The columns of a table: the chosen ones, else those with known headings; then direction and currency
    by the cells, so that outgoing money is never taken for incoming money.
    """
    found = columns_of(head)
    columns = dict(chosen) or found
    for name in FOUND_LATER:
        if name in found and name not in columns and found[name] not in columns.values():
            columns[name] = found[name]
    used = {place for name, place in columns.items() if name != "text"}
    apart = {"credit", "debit"} <= set(places(columns)) and "amount" not in places(columns)
    for name, tells in (("sign", _tells_direction), ("currency", _tells_currency)):
        if name in columns or (name == "sign" and apart):
            continue
        for place in range(len(head)):
            cells = {cells[place].strip() for cells in lines if place < len(cells)} - {""}
            if place not in used and 0 < len(cells) <= MAX_KINDS and tells(head[place], cells):
                columns[name] = place
                used.add(place)
                break
    if columns.get("text", ABSENT) in {columns.get("sign"), columns.get("currency")} - {ABSENT}:
        others = text_places(columns, head)[1:]
        columns["text"] = others[0] if others else ABSENT
    return columns


def text_places(columns: Mapping[str, int], head: Sequence[str]) -> list[int]:
    """All columns with a payment's text, the one of the layout first; none where the file has none."""
    first = columns.get("text", ABSENT)
    if first == ABSENT:
        return []
    used = set(columns.values())
    others = (place for place, cell in enumerate(head) if place not in used and (field_of(cell) or ("",))[0] == "text")
    return [first, *others]


def direction(written: str, *, loosely: bool = False) -> int | None:
    """1 where a cell says that money came in, -1 that it went out, None for neither; `loosely` also where it says so
    among other words: `ACH_DEBIT`, `网银转出`, `SEPA-Lastschrift`.
    """
    mark = plain(written) or narrow(written)
    if mark in CREDIT or mark in DEBIT:
        return 1 if mark in CREDIT else -1
    came, went = (loosely and _is_among(words, written) for words in (CREDIT, DEBIT))
    return None if came == went else 1 if came else -1


def _is_among(words: Collection[str], written: str) -> bool:
    """Whether one of the words occurs in a text: short Latin ones alone, long ones within another word, too; Chinese
    ones where they have a character that states the direction.
    """
    text = normalise(written, "NFKC").casefold()
    alone = set(re.findall(r"[^\W\d_]+", text))
    return any(
        ((len(word) >= 4 and word in alone) or (len(word) >= 7 and word in text))
        if word[0] < "\u2e80"
        else len(word) > 1 and not _WAYS.isdisjoint(word) and word in text
        for word in words
    )


def _tells_direction(heading: str, cells: set[str]) -> bool:
    """Whether a column states the direction: all its cells do, or most do with both directions. One whose heading often
    means a direction does where any cell does, a payment's text only where all do and some are outgoing; dashes alone
    are empty cells.
    """
    if (field_of(heading) or ("",))[0] == "text":
        return {1, -1} >= {direction(cell) for cell in cells} and -1 in map(direction, cells)
    weak = _folded(heading) in WEAK
    ways = [direction(cell, loosely=weak) for cell in cells]
    known = len(ways) - ways.count(None)
    if not known or {narrow(cell) for cell in cells} == {"-"}:
        return False
    return weak or known == len(cells) or (2 * known > len(cells) and 1 in ways and -1 in ways)


def _tells_currency(_heading: str, cells: set[str]) -> bool:
    return all(money.currencies(cell) or cell in _codes() for cell in cells)


@cache
def _codes() -> frozenset[str]:
    """The codes of all currencies, to recognise those that are not used here."""
    return frozenset(Locale("en").currencies)


@lru_cache(MAX_CACHED)
def currencies_in(heading: str) -> frozenset[str]:
    """The currencies that a heading may name, as in `Betrag in EUR` or `金额（元）`; also one that is not used here."""
    written = normalise(heading, "NFKC")
    found = [money.UNITS[unit] for word in _WORDS.findall(written.casefold()) if (unit := _unit(word))]
    codes = [{code} for code in re.findall(r"\b[A-Z]{3}\b", written) if code in _codes()]
    return frozenset(set.intersection(*map(set, codes or found))) if codes or found else frozenset()


@lru_cache(MAX_CACHED)
def scale_of(heading: str) -> str:
    """The word of a heading that says that its amounts are in thousands or more: `万` of `金额（万元）`."""
    for word in _WORDS.findall(normalise(heading, "NFKC").casefold()):
        for unit in ("", *money.UNITS):
            scale = word.removesuffix(unit) if unit else word
            if word.endswith(unit) and scale in money.SCALES and not (len(scale) == 1 and scale.isascii()):
                return scale
    return ""


def _unit(word: str) -> str:
    """The name of a currency that a word is, or with which a known heading or a scale ends."""
    if word in money.UNITS:
        return word
    for unit in sorted(money.UNITS, key=len, reverse=True):
        front = word.removesuffix(unit)
        if front != word and not unit.isascii() and (_folded(front) in NAMED or front in money.SCALES):
            return unit
    return ""


def _without_currency(heading: str) -> str:
    kept = []
    for word in _WORDS.findall(heading.casefold()):
        if word in _BETWEEN or word in money.SCALES or word.upper() in _codes():
            continue
        kept.append(word.removesuffix(_unit(word)))
    return "".join(kept)
