"""What banks write into files: in which encoding, how the columns are called, and how days are written. Pure."""

import codecs
import re
from collections.abc import Container, Iterable, Sequence
from contextlib import suppress
from datetime import date

from crowd import dates
from crowd.text import normalise

ENCODINGS = ("utf-8-sig", "gb18030", "cp1252", "utf-16", "shift_jis", "big5")  # what a person may choose
CERTAIN = ("utf-8-sig", "utf-16")  # no file has these by chance
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
MIN_COLUMNS = 3  # of a line that can be one of headings
CREDIT = frozenset(("c", "cr", "credit", "h", "haben", "贷", "贷方", "收", "收入", "+", "in"))
DEBIT = frozenset(("d", "dr", "debit", "s", "soll", "借", "借方", "付", "支", "支出", "-", "out"))

ACCOUNT = re.compile(
    r"(?:银行|your )?(?:账号|帐号|卡号|iban|account(?: number| no\.?)?|konto(?:nummer)?|compte)\W*"
    r"((?:\d|[A-Z]{2}\d\d)[A-Z0-9 *-]{7,44})",
    re.IGNORECASE,
)

_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")


def decoded(data: bytes, encoding: str = "") -> tuple[str, str]:
    """The text of a bank's file and its encoding: the one that was chosen, else the most plausible one.

    Raises ValueError where it is not text.
    """
    found = encoding or plausible(data)
    return data.decode(found).replace("\x00", ""), found


def plausible(data: bytes) -> str:
    """The encoding of a file: what begins with a mark says what it is, and nothing is UTF-8 by chance. Else most of a
    Chinese text is usual characters, while Western letters read as Chinese are rare ones or none: `M黮ler` is `Müller`.

    Raises ValueError where it is text in none.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    usual = 2 * len(COMMON.findall(data))
    chinese = 2 * usual > len(HIGH.findall(data))
    for encoding in ("utf-8-sig", "gb18030" if chinese else "cp1252", "shift_jis", "big5"):
        with suppress(UnicodeDecodeError):
            data.decode(encoding)
            return encoding
    raise ValueError("no text")


def plain(text: str) -> str:
    """A heading or a mark as it is compared: NFKC, small letters, letters and digits only."""
    folded = normalise(text, "NFKC").casefold()
    return "".join(char for char in folded if char.isalnum())


def columns_of(cells: Iterable[str]) -> dict[str, int]:
    """The place of each field in a line of headings, as far as known; the first of several counts."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        field = NAMED.get(plain(re.sub(r"[(（].*", "", cell)))
        if field:
            found.setdefault(field, place)
    return found


def missing(columns: Container[str]) -> list[str]:
    """The fields without which no line can be read; "amount" stands for either of its columns."""
    amount = [] if "amount" in columns or "credit" in columns else ["amount"]
    return [name for name in NEEDED if name not in columns] + amount


def head_of(lines: Sequence[Sequence[str]]) -> int | None:
    """Which of a table's first lines names the columns: the one with known headings, else the first of those with
    the most cells. None where no line has enough cells.
    """
    known = (number for number, cells in enumerate(lines) if not missing(columns_of(cells)))
    if (found := next(known, None)) is not None:
        return found
    filled = [sum(bool(cell.strip()) for cell in cells) for cells in lines]
    most = max(filled, default=0)
    return filled.index(most) if most >= MIN_COLUMNS else None


def is_payment(cells: Iterable[str]) -> bool:
    """Whether a line already has a day in it, so that it is no line of headings."""
    for cell in cells:
        with suppress(ValueError):
            read_day(cell, None)
            return True
    return False


def account_of(lines: Iterable[Sequence[str]]) -> str:
    """The account that the lines before a table name, as digits and capital letters; empty where they name none."""
    for cells in lines:
        match = ACCOUNT.match(normalise("\t".join(cells), "NFKC").strip())
        if match:
            return re.sub(r"[^0-9A-Z]", "", match[1].upper())
    return ""


def day_first(written: Iterable[str]) -> bool | None:
    """Whether the days of a file put the day before the month, as one of them shows; None where none does."""
    for text in written:
        if match := _NUMERIC.match(_folded(text)):
            if match[2] == "." or int(match[1]) > 12:
                return True
            if int(match[3]) > 12:
                return False
    return None


def read_day(text: str, order: bool | None) -> date:
    """The day that a cell means; `order` as of `day_first`. Raises dates.NoDate."""
    return dates.read_day(_folded(text), day_first=order, short_years=True)


def is_ambiguous(written: str) -> bool:
    """Whether nobody can tell the day of a written date from its month."""
    try:
        read_day(written, None)
    except dates.NoDate as error:
        return bool(error.readings)
    return False


def _folded(text: str) -> str:
    """A written day without the time of day that may follow it."""
    folded = normalise(text, "NFKC").strip().lower()
    if re.fullmatch(r"\d{14}", folded):
        folded = folded[:8]
    return re.sub(r"[t ]+\d{1,2}:\d{2}(:\d{2})?(\.\d+)?$", "", folded)


def reference_key(reference: str) -> str:
    """A bank's reference as it is compared: whatever its case, width and spaces."""
    return "".join(normalise(reference, "NFKC").upper().split())
