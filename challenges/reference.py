"""Payment references, `CR-2026-000017-K`: a challenge's alone, with a letter that finds a slip of the pen.

The letter is the number's remainder by 23, so that one wrong digit and two neighbours changed about are both found.
"""

import re

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # 23; without I, O and Q, which are read as digits
SHAPE = re.compile(r"CR-?(\d{4})-?(\d{6,12})-?([A-Z])")


def make(year: int, challenge_id: int) -> str:
    """The reference of a challenge that was approved in `year`."""
    return f"CR-{year:04d}-{challenge_id:06d}-{_letter(year, challenge_id)}"


def read(text: str) -> str | None:
    """The reference that stands somewhere in a bank's free text, or None where there is none or its letter is wrong."""
    for match in SHAPE.finditer(re.sub(r"\s", "", text).upper()):
        year, number, letter = int(match[1]), int(match[2]), match[3]
        if letter == _letter(year, number):
            return make(year, number)
    return None


def _letter(year: int, number: int) -> str:
    return LETTERS[int(f"{year}{number:06d}") % len(LETTERS)]
