"""What banks write into files: in which encoding, how the columns are called, and how days are written. Pure."""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from crowd.text import normalise

ENCODINGS = ("utf-8-sig", "gb18030", "cp1252", "utf-16", "shift_jis", "big5")  # what a person may choose
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
HIGH = re.compile(rb"[\x80-\xff]")
COMMON = re.compile(rb"[\xa1-\xa9\xb0-\xd7][\xa1-\xfe]")  # signs and the 3,755 most usual characters (GB 2312, level 1)
HEADINGS = {
    "reference": "reference bankreference transactionreference transactionid referenz bankreferenz kundenreferenz "
    "交易流水号 流水号 银行流水号 核心流水号 交易编号 交易参考号 业务编号 référence",
    "date": "date valuedate bookingdate transactiondate 日期 交易日期 记账日期 入账日期 起息日 交易时间 "
    "datum buchungstag buchungsdatum valuta valutadatum wertstellung dateopération datevaleur",
    "payer": "payer name payername counterparty 付款人 付款方 付款人名称 付款方名称 付款人户名 对方户名 对方名称 "
    "对方账户名称 auftraggeber zahlungspflichtiger zahlungsbeteiligter namezahlungsbeteiligter "
    "beguenstigterzahlungspflichtiger begünstigterzahlungspflichtiger donneurdordre",
    "amount": "amount 金额 交易金额 发生额 betrag umsatz betrageur montant",
    "credit": "credit creditamount deposits 贷方 贷方金额 贷方发生额 收入 收入金额 转入金额 haben gutschrift crédit",
    "debit": "debit debitamount withdrawals 借方 借方金额 借方发生额 支出 支出金额 转出金额 soll lastschrift débit",
    "sign": "sign direction debitcredit creditdebit 借贷标志 借贷方向 收支 收付标志 sollhaben sh",
    "currency": "currency 币种 货币 币别 währung waehrung devise",
    "text": "text purpose remark remarks description details 摘要 附言 用途 备注 交易附言 verwendungszweck "
    "buchungstext libellé motif",
}
NAMED = {word: field for field, words in HEADINGS.items() for word in words.split()}
NEEDED = ("reference", "date", "payer")
CREDIT = frozenset(("c", "cr", "credit", "h", "haben", "贷", "贷方", "收", "收入", "+", "in"))
DEBIT = frozenset(("d", "dr", "debit", "s", "soll", "借", "借方", "付", "支", "支出", "-", "out"))
MONTHS = dict(
    zip(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), range(1, 13), strict=True)
)
MINUS = re.compile("^[-−–]|[-−–]$|^\\(.*\\)$")

_YEAR_FIRST = re.compile(r"(\d{4})([-/.年]?)(\d{1,2})(?:[-/.月]?)(\d{1,2})日?")
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_NAMED = re.compile(r"(\d{1,2})[-. ]([a-z]{3})[a-z]*[-. ]+(\d{4})")


def decoded(data: bytes, encoding: str = "") -> tuple[str, str]:
    """The text of a bank's file and its encoding: the one that was chosen, else the most plausible one.

    Raises ValueError where it is not text.
    """
    found = encoding or _plausible(data)
    return data.decode(found).replace("\x00", ""), found


def _plausible(data: bytes) -> str:
    """What begins with a mark says what it is, and nothing is UTF-8 by chance. Else most of a Chinese text is usual
    characters, while Western letters read as Chinese are rare ones or none: `M黮ler` is `Müller`.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        usual = 2 * len(COMMON.findall(data))
        return "gb18030" if 2 * usual > len(HIGH.findall(data)) else "cp1252"
    return "utf-8-sig"


def plain(text: str) -> str:
    """A heading or a mark as it is compared: NFKC, small letters, letters and digits only."""
    folded = normalise(text, "NFKC").casefold()
    return "".join(char for char in folded if char.isalnum())


def columns_of(cells: Iterable[str]) -> dict[str, int]:
    """The place of each field in a line of headings; the first of several counts. Empty where it is no such line."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        field = NAMED.get(plain(re.sub(r"[(（].*", "", cell)))
        if field:
            found.setdefault(field, place)
    whole = all(name in found for name in NEEDED) and ("amount" in found or "credit" in found)
    return found if whole else {}


@dataclass(frozen=True, slots=True)
class Day:
    """A written day: one reading, or two where nobody can tell day and month apart."""

    readings: tuple[date, ...]


def day_first(written: Iterable[str]) -> bool | None:
    """Whether the days of a file put the day before the month, as one of them shows; None where none does."""
    for text in written:
        if match := _NUMERIC.match(_folded(text)):
            if match[2] == "." or int(match[1]) > 12:
                return True
            if int(match[3]) > 12:
                return False
    return None


def read_day(text: str, order: bool | None) -> Day:
    """The day that a cell means; `order` as of `day_first`. Raises ValueError where it is none."""
    folded = _folded(text)
    if match := _YEAR_FIRST.fullmatch(folded):
        return Day((date(int(match[1]), int(match[3]), int(match[4])),))
    if (match := _NAMED.fullmatch(folded)) and match[2] in MONTHS:
        return Day((date(int(match[3]), MONTHS[match[2]], int(match[1])),))
    if match := _NUMERIC.fullmatch(folded):
        year = int(match[4]) + (2000 if len(match[4]) == 2 else 0)
        pairs = [(int(match[1]), int(match[3])), (int(match[3]), int(match[1]))]
        if match[2] == "." or order is not None:
            pairs = pairs[:1] if match[2] == "." or order else pairs[1:]
        found = [date(year, month, day) for day, month in pairs if month <= 12 and day <= 31]
        if found:
            return Day(tuple(dict.fromkeys(found)))
    raise ValueError("no day")


def _folded(text: str) -> str:
    """A written day without the time of day that may follow it."""
    folded = normalise(text, "NFKC").strip().lower()
    if re.fullmatch(r"\d{14}", folded):
        folded = folded[:8]
    return re.sub(r"[t ]+\d{1,2}:\d{2}(:\d{2})?(\.\d+)?$", "", folded)


def reference_key(reference: str) -> str:
    """A bank's reference as it is compared: whatever its case, width and spaces."""
    return "".join(normalise(reference, "NFKC").upper().split())
