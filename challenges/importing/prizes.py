"""Prizes as people typed them: "$425,000", "Up to $240,000", "$1.5 million"."""

import re
from contextlib import suppress
from dataclasses import dataclass

from challenges.importing.errors import ImportErrorReason, Problem, problem
from crowd import numbers
from crowd.money import CURRENCIES, Money, parse
from crowd.numbers import Unreadable

MAX_LENGTH = 300  # characters of the field; more is prose
SYMBOLS = {"$": "USD", "us$": "USD", "€": "EUR"}
# The scale words of money.parse, and their American spellings.
SCALES = {
    **dict.fromkeys(("thousand", "k"), "thousand"),
    **dict.fromkeys(("million", "mil", "mm", "m"), "million"),
    **dict.fromkeys(("billion", "bn", "b"), "billion"),
}

_AMOUNT = re.compile(
    r"(?P<symbol>us\$|[$€£¥₹])?\s*(?P<digits>\d{1,3}(?:,\d{3})+(?!\d|,\d)|\d+(?![\d,]))(?P<fraction>\.\d+)?"
    r"(?:\s*-?(?P<scale>thousand|million|billion|mil|mm|bn|k|m|b)\b)?(?!\w|\.\d)",
    re.I,
)
_CODE = re.compile(r"\b(?:usd|eur|cny|rmb|jpy|gbp|cad|aud|chf|inr)\b", re.I)
_NONE = re.compile(
    r"(?:n/?a|none|no|nil|non[- ]?(?:monetary|cash)|no (?:cash|monetary) prizes?|not applicable)(?: prizes?| only)?\.?",
    re.I,
)
# Words around an amount that do not change its meaning: the total.
_FILLER = re.compile(
    r"\b(?:a|an|the|of|in|is|total|totaling|totalling|cash|prizes?|purse|pool|money|awards?|awarded|funding|worth|value"
    r"|dollars?|usd|eur|cny|rmb|jpy|approximately|approx|about|more|over|than|at|least|available|offered|us|u\.s)\b\.?",
    re.I,
)
_LIMIT = re.compile(r"\b(?:up to|upto|as much as|maximum(?: of)?|max|not to exceed|no more than)\b", re.I)
_RANGE = re.compile(r"\s*(?:to|-|–|—)\s*", re.I)
# In prose only a sentence that names a total counts, and only where the amount follows closely.
_TOTAL_IN_TEXT = re.compile(
    r"\btotal (?:cash )?(?:prize )?(?:purse|pool|prizes?|award|amount)(?: pool| purse| money)?"
    r"(?: (?:for|of) (?:this|the) (?:challenge|competition|prize))?"
    r"(?: (?:is|are|of|will be|amount of)|:|\s-)?(?P<limit> up to)?"
    r"\s*(?P<amount>\$\s?\d[\d,]*(?:\.\d+)?(?: (?:million|billion|thousand))?)",
    re.I,
)
_TOTAL_AFTER = re.compile(
    r"(?:\ba total of (?P<limit>up to )?(?P<amount>\$\s?\d[\d,]*(?:\.\d+)?(?: (?:million|billion|thousand))?)"
    r"(?: (?:is|are|will be))?(?: (?:available|offered|awarded))?(?: in| as)?(?: cash)? (?:prizes?|awards?)\b)"
    r"|(?:(?P<limit2>up to )?(?P<amount2>\$\s?\d[\d,]*(?:\.\d+)?(?: (?:million|billion|thousand))?)"
    r" (?:in|of) total (?:cash )?(?:prizes?|awards?)\b)"
    r"|(?:\bprize (?:pool|purse) of (?P<limit3>up to )?"
    r"(?P<amount3>\$\s?\d[\d,]*(?:\.\d+)?(?: (?:million|billion|thousand))?))",
    re.I,
)
# In the field itself, one of several amounts is the total where it says so.
_CALLED_TOTAL = re.compile(r"\btotal\b[^$\d;.]{0,40}$", re.I)
_TOTAL_BEHIND = re.compile(r"^\s*(?:usd )?(?:in )?(?:\()?total\b", re.I)
_NONE_IN_TEXT = re.compile(
    r"\bno (?:cash|monetary) (?:prizes?|awards?)\b"
    r"|\b(?:cash|monetary) (?:prizes?|awards?)(?: awards?)? (?:are|is|will) not"
    r" (?:being |be )?(?:offered|provided|awarded)\b"
    r"|\bprizes? (?:are|is) non-?monetary\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class ExternalPrize:
    """`total` None where missing or not understood, Money of zero where stated to be none; `limit` for "up to"."""

    total: Money | None
    limit: bool = False
    problems: tuple[Problem, ...] = ()


def understand_prize(text: str, field: str, prose: str = "") -> ExternalPrize:
    """The total prize that `text` names; where it is empty, the total that `prose` states explicitly.

    Never raises. Several amounts are not added up: a list of phases may or may not be complete.
    """
    typed = " ".join(text.split())
    if not typed:
        return _from_prose(prose, field)
    if _NONE.fullmatch(typed):
        return ExternalPrize(Money("USD", 0))
    if len(typed) > MAX_LENGTH:
        return ExternalPrize(None, problems=(problem(field, ImportErrorReason.PRIZE_NOT_UNDERSTOOD, text),))
    if isinstance(whole := _whole(typed), Money):
        return ExternalPrize(whole)
    matches = list(_AMOUNT.finditer(typed))
    if (total := _named_total(typed, matches)) is not None:
        return ExternalPrize(total, bool(_LIMIT.search(typed)))
    if not matches or not _only_amounts(typed):
        return ExternalPrize(None, problems=(problem(field, ImportErrorReason.PRIZE_NOT_UNDERSTOOD, text),))
    return _of_amounts(typed, matches, field, text)


def _named_total(typed: str, matches: list[re.Match[str]]) -> Money | None:
    """The one amount of several that is called the total, in dollars; None where none is, or more than one."""
    if len(matches) < 2 or _CODE.search(typed):
        return None
    behind = [match for match in matches if _TOTAL_BEHIND.search(typed[match.end() :])]
    called = behind or [match for match in matches if _CALLED_TOTAL.search(typed[: match.start()])]
    values = [_money(match, None) for match in matches]
    found = _money(called[0], None) if len(called) == 1 else None
    if not isinstance(found, Money) or not all(isinstance(value, Money) for value in values):
        return None
    return found if all(found.amount >= value.amount for value in values if isinstance(value, Money)) else None


def _whole(typed: str) -> Money | None:
    """A text that is an amount and nothing else: in US dollars, or in the one currency that it names."""
    try:
        return parse(typed, "USD")
    except Unreadable as error:
        if error.reason in (
            numbers.UnreadableReason.AMBIGUOUS,
            numbers.UnreadableReason.DECIMALS,
            numbers.UnreadableReason.GROUPS,
        ):
            return None  # another currency's precision would be a guess: `60.000` is not sixty thousand yen
    read = []
    for currency in CURRENCIES:
        with suppress(Unreadable):
            read.append(parse(typed, currency))
    return read[0] if len(read) == 1 else None


def _of_amounts(typed: str, matches: list[re.Match[str]], field: str, text: str) -> ExternalPrize:
    """One amount, or a range of two; the currency is the one named, else US dollars."""
    code = _CODE.search(typed)
    amounts = [_money(match, code[0].upper() if code else None) for match in matches]
    if any(isinstance(amount, ImportErrorReason) for amount in amounts):
        reason = next(amount for amount in amounts if isinstance(amount, ImportErrorReason))
        return ExternalPrize(None, problems=(problem(field, reason, text),))
    values = [amount for amount in amounts if isinstance(amount, Money)]
    limit = bool(_LIMIT.search(typed))
    if len(values) == 1:
        return ExternalPrize(values[0], limit)
    between = typed[matches[0].end() : matches[1].start()]
    same_currency = values[0].currency == values[1].currency
    if len(values) == 2 and _RANGE.fullmatch(between) and same_currency and values[0].amount < values[1].amount:
        return ExternalPrize(values[1], True, (problem(field, ImportErrorReason.PRIZE_RANGE, text),))
    return ExternalPrize(None, problems=(problem(field, ImportErrorReason.PRIZE_SEVERAL, text),))


def _only_amounts(typed: str) -> bool:
    """True where only amounts are left, and words that do not change their meaning ("per winner" does)."""
    bare = _FILLER.sub(" ", _LIMIT.sub(" ", _CODE.sub(" ", _AMOUNT.sub(" ", typed))))
    bare = re.sub(r"\b(?:to|and)\b", " ", bare, flags=re.I)
    return not typed.startswith(("-", "–")) and not re.sub(r"[\s().,:;+*–—-]", "", bare)


def _money(match: re.Match[str], code: str | None) -> Money | ImportErrorReason:
    """The amount of one match in minor units, or why it is none."""
    symbol = (match["symbol"] or "").lower()
    currency = {"RMB": "CNY"}.get(code, code) if code else SYMBOLS.get(symbol, "" if symbol else "USD")
    if currency not in CURRENCIES:
        return ImportErrorReason.PRIZE_CURRENCY
    written = f"{match['digits']}{match['fraction'] or ''} {SCALES.get((match['scale'] or '').lower(), '')}"
    try:
        return parse(written, currency)
    except Unreadable as error:
        large = error.reason in (numbers.UnreadableReason.LARGE, numbers.UnreadableReason.LONG)
        return ImportErrorReason.PRIZE_TOO_LARGE if large else ImportErrorReason.PRIZE_NOT_UNDERSTOOD


def _from_prose(prose: str, field: str) -> ExternalPrize:
    if match := _TOTAL_IN_TEXT.search(prose) or _TOTAL_AFTER.search(prose):
        groups = match.groupdict()
        amount = next(groups[name] for name in ("amount", "amount2", "amount3") if groups.get(name))
        found = _AMOUNT.match(amount)
        total = _money(found, None) if found else ImportErrorReason.PRIZE_NOT_UNDERSTOOD
        if isinstance(total, Money):
            limit = any(groups.get(name) for name in ("limit", "limit2", "limit3"))
            return ExternalPrize(total, limit, (problem(field, ImportErrorReason.PRIZE_FROM_TEXT, match[0]),))
    if match := _NONE_IN_TEXT.search(prose):
        return ExternalPrize(Money("USD", 0), False, (problem(field, ImportErrorReason.PRIZE_FROM_TEXT, match[0]),))
    return ExternalPrize(None, problems=(problem(field, ImportErrorReason.PRIZE_NOT_GIVEN),))
