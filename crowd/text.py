"""Text from outside, cut to size before anything is done that costs more than reading it once.

Whatever people, programs and files send passes here: first how much there is, then how many marks stand on one
character, and only then its normal form. To put the marks of one character in order takes time with the square of their
number: 100,000 of them on one letter kept a process busy for a quarter of a minute.
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby
from typing import Literal

MAX_MARKS = 30  # on one character, as the stream-safe format of UAX #15 has it
RAW = 4  # characters that may be sent for one that is kept: letters whose parts come apart, line ends of two
LONGEST_ADDRESS = 254  # characters of an email address (RFC 5321)
MAX_QUESTION = 200  # characters of what somebody looks for
# Every character that has a place in the order of marks (a canonical combining class) lies between these.
FIRST_MARK, LAST_MARK = 0x300, 0x1E94A


def is_too_long(raw: str, most: int) -> bool:
    """Whether a text of at most `most` characters cannot come of this, however it is normalised."""
    return len(raw) > RAW * most


def cut_marks(text: str) -> str:
    """`text` with at most MAX_MARKS marks in a row; takes time with its length."""
    return text if _MARKS.isdisjoint(text) else _EXCESS.sub(r"\1", text)


def normalise(text: str, form: Literal["NFC", "NFKC", "NFKD"] = "NFC") -> str:
    """The normal form of a text of any length, in time with its length."""
    return unicodedata.normalize(form, cut_marks(text))


def clean(raw: str, most: int | None = None) -> str:
    """Text as it is stored: NFC, one kind of line end, nothing that the database cannot hold, no spaces around.

    What is too long for `most` characters comes back as it is: its length is refused, and nothing more is done with it.
    """
    if most is not None and is_too_long(raw, most):
        return raw
    plain = raw.replace("\x00", "").encode("utf-8", "ignore").decode()
    return normalise(plain).replace("\r\n", "\n").replace("\r", "\n").strip()


def line(raw: str, most: int) -> str:
    """The first `most` characters of a text of one line: a name, a reference, what somebody looks for."""
    return " ".join(clean(raw[: RAW * most]).split())[:most]


def cut_middle(raw: str, most: int) -> str:
    """A text that keeps its beginning and its end, where a name of at most `most` characters can come of it."""
    half = RAW * most
    return raw if len(raw) <= 2 * half else raw[:half] + raw[-half:]


def question(raw: str) -> str:
    """What somebody looks for, as far as it is looked at."""
    return line(raw, MAX_QUESTION)


def _as_ranges(marks: Iterable[str]) -> str:
    """Characters as ranges of a regular expression."""
    runs = (list(run) for _, run in groupby(enumerate(sorted(map(ord, marks))), lambda pair: pair[1] - pair[0]))
    return "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" for run in runs)


_MARKS = frozenset(mark for mark in map(chr, range(FIRST_MARK, LAST_MARK + 1)) if unicodedata.combining(mark))
_EXCESS = re.compile("([{marks}]{{{most}}})[{marks}]+".format(marks=_as_ranges(_MARKS), most=MAX_MARKS))
