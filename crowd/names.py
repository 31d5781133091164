"""When two names are the same, or look the same: in other letters, another case, width or script, with other spaces, or
without accents.

The skeleton of a name is that of Unicode's UTS 39: each character is replaced by the one it can be confused with, by
Unicode's own table, from the package `confusable-homoglyphs`.
"""

import json
import re
from functools import cache
from importlib.resources import files

from crowd.chinese import simplified
from crowd.text import key, normalise, visible

ACCENTS = "\u0300-\u036f"  # the range of combining marks, as part of a regular expression
# Spellings of letters that are not made of another letter and a mark
PLAIN_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
# Spellings of letters with an umlaut or a circle above on keyboards without them
IN_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_MARKS = re.compile(f"[{ACCENTS}]")
# UTS 39 takes small Cyrillic and Greek letters for small capitals; readers see no difference to the small letter
SMALL_CAPITALS = str.maketrans(
    dict(zip("ᴀʙᴄᴅᴇɢʜɪᴊᴋĸʟᴍʍᴎɴᴏᴘʀᴛᴜᴠᴡᴢ", "abcdeghijkklmmnnoprtuvwz", strict=True)) | {"π": "n"}
)


def name_keys(name: str) -> list[str]:
    """The keys by which a name is compared: two names that share one are, or look, the same.

    Spaces, punctuation and accents do not count. The keys are stored: when the rules change, a migration rebuilds them.
    """
    plain = plain_name(name)
    as_written = _letters(normalise(visible(name), "NFKC"))
    return sorted({plain, *map(_look, (plain, as_written, plain.translate(IN_TWO_LETTERS)))})


def plain_name(name: str) -> str:
    """The letters and digits of a name without case, width, spaces, punctuation, and in simplified Chinese."""
    return _letters(simplified(key(name)))


def skeleton(text: str) -> str:
    """The skeleton of UTS 39, section 4: equal for texts that are confusable."""
    table = _prototypes()
    plain = normalise(visible(text), "NFKD")
    return normalise("".join(table.get(character, character) for character in plain), "NFKD")


def _look(text: str) -> str:
    """A text as seen at a glance: its skeleton without accents, with small capitals as small letters."""
    seen = _MARKS.sub("", skeleton(text.translate(PLAIN_LETTERS))).translate(SMALL_CAPITALS)
    return key(skeleton(seen))


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum()) or text.replace(" ", "")


@cache
def _prototypes() -> dict[str, str]:
    """The prototype of each confusable character. The package lists pairs both ways; each group has one prototype,
    which is the only member with more than one partner, or the longer one of a pair.
    """
    source = files("confusable_homoglyphs") / "confusables.json"
    given: dict[str, list[dict[str, str]]] = json.loads(source.read_text(encoding="utf-8"))
    partners = {_bare(sign): [_bare(other["c"]) for other in others] for sign, others in given.items()}
    table = {}
    for sign, others in partners.items():
        only = others[0]
        if len(sign) == 1 and len(others) == 1 and (len(partners[only]), len(only), sign) > (1, 1, only):
            table[sign] = normalise(only, "NFKD")
    return table


def _bare(sign: str) -> str:
    return sign.strip("\u200e")
