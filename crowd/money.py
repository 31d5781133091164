"""Money: an integer of minor units with a currency, never a float."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

CURRENCIES = {"CNY": 2, "EUR": 2, "USD": 2, "JPY": 0}
LONGEST = 60  # characters of an amount as it is written; to work out a longer one takes more than time with its length
LARGEST = 10**15  # minor units; far above any bounty, far below BIGINT, so sums cannot overflow


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
        if abs(self.amount) > LARGEST:
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


def parse(text: str, currency: str) -> Money:
    """Read what a person types: digits with optional grouping commas and a decimal point, ASCII only.

    Raises ValueError for signs, exponents, full-width digits, too many decimals or too large an amount.
    """
    plain = text.strip().replace(",", "") if len(text) <= LONGEST else ""
    if not plain.isascii() or not plain.replace(".", "", 1).isdigit():
        raise ValueError("digits only")
    try:
        minor = Decimal(plain).scaleb(CURRENCIES[currency])
    except (InvalidOperation, KeyError) as error:
        raise ValueError("not an amount") from error
    if minor != minor.to_integral_value():
        raise ValueError("too many decimals")
    return Money(currency, int(minor))


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide `amount` minor units by integer `weights`: largest remainder, ties to the earlier; the sum is exact.

    Raises ValueError where a weight is negative or all are zero.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must be positive")
    shares = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in by_remainder[: amount - sum(shares)]:
        shares[i] += 1
    return shares


def basis_points(amount: int, points: int) -> int:
    """`points` hundredths of a percent of `amount`, rounded half up to a minor unit."""
    return (amount * points + 5_000) // 10_000
