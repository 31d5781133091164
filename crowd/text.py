"""Text from outside, limited in size before any processing that costs more than one pass.

All text from people, programs and files passes here: first its length is checked, then invisible characters, then how
many marks one character has, and only then its normal form. Ordering the marks of one character takes time
with the square of their number: 100,000 of them on one letter kept a process busy for a quarter of a minute.

Stored text is NFC. Names and tags are compared by `key`, which is NFKC without case; email addresses are stored by
`address`.
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby
from typing import Literal

MAX_MARKS = 30  # on one character, as the stream-safe format of UAX #15 has it
RAW = 4  # characters that may be sent for one that is stored: decomposed letters, line ends of two
MAX_EMAIL_LENGTH = 254  # characters of an email address (RFC 5321)
MAX_QUESTION = 200  # characters of a search
# Every character that has a place in the order of marks (a canonical combining class) lies between these.
FIRST_MARK, LAST_MARK = 0x300, 0x1E94A


def is_too_long(raw: str, most: int) -> bool:
    """Whether this cannot become a text of at most `most` characters, however it is normalised."""
    return len(raw) > RAW * most


def cut_marks(text: str) -> str:
    """`text` with at most MAX_MARKS marks in a row; takes time with its length."""
    return text if _MARKS.isdisjoint(text) else _EXCESS.sub(r"\1", text)


def normalise(text: str, form: Literal["NFC", "NFKC", "NFKD"] = "NFC") -> str:
    """The normal form of a text of any length, in time with its length."""
    return unicodedata.normalize(form, cut_marks(text))


def visible(text: str) -> str:
    """`text` without invisible characters: controls, marks of direction, fillers, tags.

    It keeps those that the preceding character needs: joiners of scripts and emoji, selectors of a variant, the tags of
    a flag. The empty cell of Braille becomes the space that it stands for. Takes time with the length.
    """
    return _HIDDEN.sub(_unless_needed, text)


def clean(raw: str, most: int | None = None) -> str:
    """Text as it is stored: NFC, one kind of line end, nothing invisible, no spaces around; "" of marks alone.

    A text that is too long for `most` characters comes back unchanged: its length is rejected without more processing.
    """
    if most is not None and is_too_long(raw, most):
        return raw
    plain = raw.encode("utf-8", "ignore").decode()
    shown = visible(_LINE_END.sub("\n", plain))
    return normalise(shown).strip() if any(map(_is_sign, shown)) else ""


def _is_sign(character: str) -> bool:
    """Whether a character is more than a space or a mark that stands on another one."""
    return not character.isspace() and not unicodedata.category(character).startswith("M")


def clean_line(raw: str, most: int | None = None) -> str:
    """Text of one line as it is stored: `clean`, and each run of spaces and line ends is one space."""
    plain = clean(raw, most)
    return plain if most is not None and is_too_long(raw, most) else " ".join(plain.split())


def line(raw: str, most: int) -> str:
    """The first `most` characters of a text of one line: a name, a reference, a search."""
    return clean_line(raw[: RAW * most])[:most]


def key(raw: str) -> str:
    """What two spellings of one name, address or tag have in common: NFKC, without case, one space between words."""
    return normalise(" ".join(normalise(visible(raw), "NFKC").casefold().split()), "NFKC")


def cut_middle(raw: str, most: int) -> str:
    """A text that keeps its beginning and its end, where it can become a name of at most `most` characters."""
    half = RAW * most
    return raw if len(raw) <= 2 * half else raw[:half] + raw[-half:]


def question(raw: str) -> str:
    """A search text, as far as it is used."""
    return line(raw, MAX_QUESTION)


def _unless_needed(found: re.Match[str]) -> str:
    if len(found[0]) > 1 or _NEEDED.match(found.string, found.start()):
        return found[0]
    return " " if found[0] == BRAILLE_SPACE else ""


def _as_ranges(marks: Iterable[str]) -> str:
    """Characters as ranges of a regular expression."""
    runs = (list(run) for _, run in groupby(enumerate(sorted(map(ord, marks))), lambda pair: pair[1] - pair[0]))
    return "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" for run in runs)


# Invisible: controls (a line end and a tab are kept), format characters, fillers, and code points that Unicode
# keeps for such. Signs of Arabic, Syriac and Kaithi that are format characters by their category are visible and stay.
BRAILLE_SPACE = "\u2800"
_UNSEEN = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u2800\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff"
    "\U00013430-\U00013455\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
)
_JOINING = (  # scripts whose letters are joined and separated by joiners, from Arabic to Adlam
    "\u0600-\u06ff\u0700-\u07ff\u0840-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17b3\u17b6-\u17ff\u1810-\u18af"
    "\u1a20-\u1aaf\u1b00-\u1bff\ua8e0-\ua8ff\ua980-\ua9ff\ufb50-\ufdff\ufe70-\ufefc\U00010d00-\U00010d3f"
    "\U00011000-\U00011fff\U0001e900-\U0001e95f"
)
_PICTURE = "\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_VARIED = (  # what else has variants: keycaps, old signs, Burmese, mathematics, Phags-pa, Han and its punctuation
    "#*0-9\xa9\xae\u1000-\u109f\u2010-\u2064\u20dd-\u20e4\u2100-\u218f\u2200-\u22ff\u25a0-\u25ff\u2900-\u2aff"
    "\u3000-\u303f\u3200-\u32ff\u3400-\u9fff\ua840-\ua87f\uf900-\ufaff\uff01-\uff5e\U00020000-\U0003ffff"
)
_NEEDED = re.compile(  # after which character, or between which two
    rf"(?<=[{_JOINING}])[\u200c\u200d]"
    rf"|(?:(?<=[{_PICTURE}])|(?<=[{_PICTURE}]\ufe0f))\u200d(?=[{_PICTURE}])"
    rf"|(?<=[{_PICTURE}{_VARIED}])[\ufe00-\ufe0f]"
    r"|(?<=[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]"  # a form of a Han character
    r"|(?<=[\u1820-\u18aa])[\u180b-\u180f]"  # a form of a Mongolian letter
)
_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{2,6}\U000e007f"  # England's, Scotland's, Wales's
_HIDDEN = re.compile(f"{_FLAG}|[{_UNSEEN}]")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

_MARKS = frozenset(mark for mark in map(chr, range(FIRST_MARK, LAST_MARK + 1)) if unicodedata.combining(mark))
_EXCESS = re.compile("([{marks}]{{{most}}})[{marks}]+".format(marks=_as_ranges(_MARKS), most=MAX_MARKS))
