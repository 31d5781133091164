"""Payment references, `CR-2026-000017-K`: a challenge's alone, with a letter that finds a slip of the pen.

The letter is the number's remainder by 23, so that one wrong digit and two neighbours changed about are both found.
"""

import re

from crowd.text import normalise

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # 23; without I, O and Q, which are read as digits
SHAPE = re.compile(r"CR-?([0-9O]{4})-?([0-9O]{6,12})-?([A-Z])")
DASHES = re.compile("[\u2010-\u2015\u2043\u2212\u2500\u30fc\ufe58\ufe63_]")  # what is typed, or printed, as one


def make(year: int, challenge_id: int) -> str:
    """The reference of a challenge that was approved in `year`."""
    return f"CR-{year:04d}-{challenge_id:06d}-{_letter(year, challenge_id)}"


def read(text: str) -> str | None:
    """The reference that stands somewhere in a bank's free text, or None where there is none or its letter is wrong.

    In full width, with any dashes or none, with spaces, and with the letter O for a zero: the check letter decides.
    """
    plain = DASHES.sub("-", "".join(normalise(text, "NFKC").upper().split()))
    for match in SHAPE.finditer(plain):
        year, number = (int(digits.replace("O", "0")) for digits in match.groups()[:2])
        letter = match[3]
        if letter == _letter(year, number):
            return make(year, number)
    return None


def _letter(year: int, number: int) -> str:
    return LETTERS[int(f"{year}{number:06d}") % len(LETTERS)]
