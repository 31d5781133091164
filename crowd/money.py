"""Money: an integer of minor units with a currency, never a float."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crowd import capitals, numbers
from crowd.numbers import Unreadable, UnreadableReason

CURRENCIES = {"CNY": 2, "EUR": 2, "USD": 2, "JPY": 0}
# Spellings of currencies, in lower case; the others are known only to be rejected by name.
_WRITTEN = {
    "CNY": "cny rmb cn¥ ¥ 元 圆 圓 元整 元正 圆整 整 人民币 人民幣 人民币元 块 块钱 yuan renminbi",
    "JPY": "jpy jp¥ ¥ 円 円也 円整 圓 日元 日圆 日圓 日本円 yen",
    "EUR": "eur € euro euros 欧元 歐元 ユーロ",
    "USD": "usd $ us$ u$s 美元 美金 dollar dollars us-dollar usdollar usdollars 米ドル ドル",
    "CHF": "chf fr. fr sfr. sfr franken francs 瑞士法郎 瑞郎",
    "GBP": "gbp £ 英镑 pound pounds",
    "INR": "inr ₹ rs. rs 卢比 rupees",
    "HKD": "hkd hk$ 港元 港币",
    "TWD": "twd nt$ ntd 新台币 台币",
    "KRW": "krw ₩ 韩元",
    "CAD": "cad c$ ca$ 加元",
    "AUD": "aud a$ au$ 澳元",
    "SGD": "sgd s$ 新元",
}
UNITS = {
    word: {code for code, words in _WRITTEN.items() if word in words.split()}
    for word in " ".join(_WRITTEN.values()).split()
}
SCALES = {
    **{"千": 3, "仟": 3, "万": 4, "萬": 4, "百万": 6, "百萬": 6, "千万": 7, "千萬": 7, "亿": 8, "億": 8, "万亿": 12},
    **{"thousand": 3, "k": 3, "lakh": 5, "lakhs": 5, "million": 6, "millions": 6, "mio": 6, "mio.": 6},
    **{"crore": 7, "crores": 7, "billion": 9, "billions": 9, "bn": 9, "mrd": 9, "mrd.": 9},
}
_WORDS = re.compile(r"[a-z]+\$|[a-z]+\.?|[^\W\d_a-z]+|[$€£¥₹₩]")
MAX_AMOUNT = 10**15  # minor units; far above any bounty, far below BIGINT, so sums cannot overflow
UNSURE = ("mio", "mio.", "mrd", "mrd.")  # words of languages with a decimal comma and grouping points


def _one_of(words: Iterable[str]) -> str:
    """Any of the words, the longest first; one in letters ends where its letters end."""
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(
        re.escape(word) + ("(?![a-z])" if word[-1].isascii() and word[-1].isalpha() else "") for word in ordered
    )


_FRONT = re.compile(rf"^({_one_of(UNITS)}) ?")
_BEHIND = re.compile(rf" ?(?<![a-z])({_one_of(UNITS)})$")
_NO_FRACTION = re.compile(r"(?<=\d)[.,]00$")  # of yen, which banks write with the decimals of other currencies
_PART = re.compile(rf"(?P<number>[0-9][0-9.,' ]*|[.,][0-9]+)(?P<scale>{_one_of(SCALES)})? ?")
_COINS = re.compile(r"(?:(?P<yuan>[0-9.,' ]+)[元圆块])? ?(?:(?P<jiao>[0-9])角)? ?(?:(?P<fen>0?[0-9])分)?")


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """`amount` minor units of `currency` (ISO 4217). Arithmetic refuses to mix currencies."""

    currency: str
    amount: int

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise ValueError(f"unknown currency {self.currency!r}")
        if type(self.amount) is not int:
            raise TypeError("an amount is an integer of minor units")
        if abs(self.amount) > MAX_AMOUNT:
            raise ValueError("amount too large")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.currency, self.amount + other.amount)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.currency, self.amount - other.amount)

    def __bool__(self) -> bool:
        return self.amount != 0

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")

    @property
    def decimal(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.amount).scaleb(-CURRENCIES[self.currency])


def parse(text: str, currency: str, *, signed: bool = False) -> Money:
    """Parse what a person or a bank writes for an amount of `currency`; the only such parser of the platform.

    Digits and marks follow the rules of `crowd.numbers`, with the decimals of the currency: `1,234` is 1,234.00 CNY,
    `12,50` is 12.50 EUR and no JPY, `60.000` is ambiguous in CNY and 60,000 in JPY. Around them may stand signs, codes
    and names of the currency (`¥`, `US$`, `RMB`, `元`, `欧元`); one of another currency is rejected. A word may scale
    the number (`3.5万`, `1亿2000万`, `2.5 lakh`, `1.5 million`); `12元5角3分` and 大写 are read, too.

    `signed` is for statements: there a minus, also behind the number, or brackets make the amount negative. Raises
    Unreadable, which is a ValueError and says why; a text of more than 100 characters is not parsed.
    """
    if currency not in CURRENCIES:
        raise Unreadable(UnreadableReason.CURRENCY, said=currency[:10])
    typed, sign = _bare(numbers.plain(text).casefold(), currency)
    if sign and not signed:
        raise Unreadable(UnreadableReason.SIGN)
    words = capitals.read(numbers.plain(text)) if currency == "CNY" else None
    if words is not None and words <= MAX_AMOUNT:
        return Money(currency, words)
    coins = _COINS.fullmatch(typed) if currency == "CNY" and ("角" in typed or "分" in typed) else None
    minor = _of_coins(coins) if coins else _scaled(typed, CURRENCIES[currency])
    if minor > MAX_AMOUNT:
        raise Unreadable(UnreadableReason.LARGE)
    return Money(currency, -minor if sign == "-" else minor)


def _bare(typed: str, currency: str) -> tuple[str, str]:
    """The number without the currency's name and without its sign, and that sign."""
    sign, before = "", ""
    while typed != before:
        before = typed
        for pattern in (_FRONT, _BEHIND):
            if match := pattern.search(typed):
                if currency not in UNITS[match[1]]:
                    raise Unreadable(UnreadableReason.CURRENCY, said=_code(match[1]))
                typed = (typed[: match.start()] + typed[match.end() :]).strip()
        bare, found = numbers.signed(typed)
        if found and sign:
            raise Unreadable(UnreadableReason.NO_NUMBER)
        typed, sign = (bare, found) if found else (typed, sign)
    return typed, sign


def currencies(text: str) -> set[str]:
    """The currencies that a text with a currency's name may mean (`€`, `Euro`, `人民币元`, `RMB (人民币)`), with or
    without an amount; several for `¥`. None where it names none, or has another word, too (`Hong Kong dollar`).
    """
    typed = numbers.narrow(text[: numbers.MAX_LENGTH]).casefold()
    words = [*_WORDS.findall(typed)]
    whole = "".join(words)
    if whole in UNITS:
        return set(UNITS[whole])
    if not words or any(word not in UNITS for word in words):
        return set()
    return set.intersection(*(UNITS[word] for word in words))


def _code(word: str) -> str:
    """The code of a currency that was written; the sign as it was where it may be several."""
    codes = UNITS[word]
    return next(iter(codes)) if len(codes) == 1 else word


def _of_coins(coins: re.Match[str]) -> int:
    """`12元5角3分` in 分."""
    yuan = numbers.read(coins["yuan"], 2) if coins["yuan"] else 0
    if yuan % 100:
        raise Unreadable(UnreadableReason.NO_NUMBER)
    return yuan + 10 * int(coins["jiao"] or 0) + int(coins["fen"] or 0)


def _scaled(typed: str, decimals: int) -> int:
    """The number in minor units; parts with a scale each (`1亿2000万`) add up, from the largest to the smallest."""
    if decimals == 0:
        typed = _NO_FRACTION.sub("", typed)
    parts = list(_PART.finditer(typed))
    if not any(part["scale"] for part in parts):
        return numbers.read(typed, decimals)
    if "".join(part[0] for part in parts) != typed:
        raise Unreadable(UnreadableReason.NO_NUMBER)
    total, above = 0, None
    for part in parts:
        scale = SCALES[part["scale"]] if part["scale"] else 0
        number = part["number"].strip()
        if above is not None and (scale >= above or (part is not parts[-1] and not number.isdigit())):
            raise Unreadable(UnreadableReason.NO_NUMBER)
        value = _part(number, scale, decimals, usual=part["scale"] not in UNSURE)
        if above is not None and (value >= 10 ** (above + decimals) or not parts[0]["number"].strip().isdigit()):
            raise Unreadable(UnreadableReason.NO_NUMBER)
        if above is not None and not scale and len(number) == 1:  # 3万5: said for 35,000, written for 30,005
            readings = (total + value, total + value * 10 ** (above - 1))
            raise Unreadable(UnreadableReason.AMBIGUOUS, tuple(Decimal(one).scaleb(-decimals) for one in readings))
        total, above = total + value, scale
    return total


def _part(number: str, scale: int, decimals: int, *, usual: bool) -> int:
    try:
        return numbers.read(number, scale + decimals, usual=usual)
    except Unreadable as error:
        raise Unreadable(error.reason, tuple(one.scaleb(scale) for one in error.readings)) from error


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide `amount` minor units by integer `weights`: largest remainder, then largest weight; the sum is exact.

    The order decides only between equal weights: the earlier gets more. Raises ValueError where a weight is negative
    or all are zero.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be positive")
    shares = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), -weights[i]))
    for i in by_remainder[: amount - sum(shares)]:
        shares[i] += 1
    return shares


def apply_basis_points(amount: int, points: int) -> int:
    """`points` hundredths of a percent of `amount`, rounded half up to a minor unit."""
    return (amount * points + 5_000) // 10_000
