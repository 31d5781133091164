"""Numbers of entries, `EX-4F7K-92QM-Q`: two letters of the register, eight that are drawn, and one that checks.

The signs are those that nobody takes for one another, read out or on paper: neither 0 and O nor 1, I and L. There are
31 of them, a prime number, so the check sign finds each single wrong sign and each two neighbours that changed places,
as that of a unified social credit code does (GB 32100-2015).
"""

import re
import secrets

from crowd.text import RAW, normalise

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
DRAWN = 8  # of 31 signs each: 8.5 * 10^11 numbers of a register
PREFIX = re.compile(rf"[{SIGNS[8:]}]{{2}}")
_LENGTH = 2 + DRAWN + 1
_TYPED = 60  # characters of a number as somebody types it, with spaces and hyphens
_BETWEEN = re.compile(r"[\W_]+")


def draw(prefix: str) -> str:
    """A number that nobody can guess."""
    plain = prefix + "".join(secrets.choice(SIGNS) for _place in range(DRAWN))
    return _shown(plain + check_sign(plain))


def read(typed: str) -> str:
    """A number as it is stored, of what somebody typed: of any width and case, with or without spaces and hyphens.

    Raises ValueError where it is no number of a register, or its check sign is wrong.
    """
    plain = _BETWEEN.sub("", normalise(typed[: RAW * _TYPED], "NFKC")).upper()
    if len(plain) != _LENGTH or set(plain) - set(SIGNS) or plain[-1] != check_sign(plain[:-1]):
        raise ValueError(typed)
    return _shown(plain)


def check_sign(plain: str) -> str:
    """The sign behind the others: their sum with the weights 3^i, modulo 31."""
    return SIGNS[-sum(SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(plain)) % 31]


def _shown(plain: str) -> str:
    return f"{plain[:2]}-{plain[2:6]}-{plain[6:10]}-{plain[10:]}"
