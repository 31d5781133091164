"""Payment references, `CR-2026-000017-K`: unique to a challenge, with a check letter.

The letter is the number's remainder by 23, so that one wrong digit and two transposed digits are both detected.
"""

import re

from crowd import numbers

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # 23; without I, O and Q, which are read as digits
SHAPE = re.compile(r"CR[-_/.]?([0-9OI]{4})[-_/.]?([0-9OI]{6,12})[-_/.]?([A-Z])")
ALIKE = str.maketrans("OI", "01")  # letters that people write for digits


def make(year: int, challenge_id: int) -> str:
    """The reference of a challenge that was approved in `year`."""
    return f"CR-{year:04d}-{challenge_id:06d}-{_letter(year, challenge_id)}"


def read(text: str) -> str | None:
    """The one reference in a bank's free text: None where there is none or several."""
    found = read_all(text)
    return found[0] if len(found) == 1 else None


def read_all(text: str) -> list[str]:
    """The references in a bank's free text, each once; none whose letter is wrong.

    Accepts full-width characters, other dashes, spaces or none, and the letter O for a zero.
    """
    found: dict[str, None] = {}
    for match in SHAPE.finditer(numbers.narrow(text).upper().replace(" ", "")):
        year, number = (int(match[part].translate(ALIKE)) for part in (1, 2))
        if match[3] == _letter(year, number):
            found[make(year, number)] = None
    return list(found)


def _letter(year: int, number: int) -> str:
    return LETTERS[int(f"{year}{number:06d}") % len(LETTERS)]
