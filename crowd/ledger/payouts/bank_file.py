"""The files sent to the bank and received from it. Pure: rows in, text out; text in, rows out.

Out: payment, holder, bank, account, amount, currency, and bic where an account of the file has one. In: payment,
status, amount, currency, reason. `payment` is the payout's own reference, `PAYOUT-17`, the same in both directions and
for ever.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from flask_babel import lazy_gettext as _

from crowd import csv_export, money, numbers
from crowd.errors import Invalid
from crowd.ledger.deposits.bank_statement import decode, table
from crowd.ledger.payouts.models import Payout, PayoutBatch

OUT = ("payment", "holder", "bank", "account", "amount", "currency")
BIC = "bic"  # a column of its own, last, so that files without one keep the same bytes
IN = ("payment", "status", "amount", "currency", "reason")
STATUSES = ("paid", "rejected", "returned")
MAX_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class BankResponseRow:
    """A line of a bank response as written; `line` as a person counts."""

    line: int
    payment: str
    status: str
    amount: str
    currency: str
    reason: str

    @property
    def payout_id(self) -> int | None:
        """The payout that it names, in any case and width, or None."""
        found = re.fullmatch(r"PAYOUT ?- ?(\d{1,15})", numbers.narrow(self.payment).upper(), re.ASCII)
        return int(found.group(1)) if found else None

    @property
    def row(self) -> dict[str, str]:
        """The line's cells."""
        return {name: str(value) for name, value in asdict(self).items() if name != "line"}

    def is_of(self, amount: int, currency: str) -> bool:
        """Whether the amount is exactly this one (minor units)."""
        try:
            return money.parse(self.amount, self.currency) == money.Money(currency, amount)
        except ValueError:
            return False


def payment_of(payout: Payout) -> str:
    """The reference by which the bank knows a payout."""
    return f"PAYOUT-{payout.id}"


def name_of(batch: PayoutBatch) -> str:
    """The name of a batch's file, which is the key that keeps it from being sent twice."""
    return f"batch-{batch.id}.csv"


def write(payouts: Sequence[Payout]) -> bytes:
    """The file of a batch: the same payouts always give the same bytes."""
    names = (*OUT, BIC) if any(payout.account.bic for payout in payouts) else OUT
    rows = [_cells(payout)[: len(names)] for payout in payouts]
    return "".join(csv_export.lines(names, rows)).encode()


def _cells(payout: Payout) -> tuple[str, ...]:
    account, amount = payout.account, money.Money(payout.currency, payout.amount).decimal
    return (
        payment_of(payout), account.holder, account.bank, account.number, f"{amount:f}", payout.currency, account.bic
    )  # fmt: skip


def read(data: bytes) -> list[BankResponseRow]:
    """The lines of a bank response, word for word. Raises Invalid for a file of another kind."""
    rows = table(data, [name for name in IN if name != "reason"], MAX_ROWS + 1)
    if len(rows) > MAX_ROWS:
        raise Invalid(_("The file has more than %(number)s lines.", number=MAX_ROWS))
    return [BankResponseRow(number, *(raw.get(name, "") for name in IN)) for number, raw in enumerate(rows, start=2)]


def answers_to(content: bytes, pays: Callable[[str], bool]) -> bytes:
    """A bank's response to a batch's file, where it `pays(account)` or rejects each line."""
    lines = csv.DictReader(io.StringIO(decode(content)[0], newline=""))
    rows = []
    for line in lines:
        good = pays(line["account"])
        reason = "" if good else "Account closed"
        rows.append((line["payment"], "paid" if good else "rejected", line["amount"], line["currency"], reason))
    return "".join(csv_export.lines(IN, rows)).encode()
