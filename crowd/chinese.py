"""Traditional and simplified Chinese: one spelling for both, character by character, for comparison and search.

The table is OpenCC's (Apache License 2.0), with the variants of Taiwan, Hong Kong and Japan.
"""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_VARIANTS = ("TWVariantsRev", "HKVariantsRev")  # to the usual traditional form
_JAPANESE = "JPVariants"  # from the traditional form to that of Japan


def simplified(text: str) -> str:
    """`text` with each traditional character as its simplified one; the length stays."""
    return text.translate(_table())


@cache
def _table() -> dict[int, str]:
    simple = {ord(sign): others[0] for sign, others in _read("TSCharacters") if others[0] != sign}
    for name in _VARIANTS:
        for sign, others in _read(name):
            simple.setdefault(ord(sign), simple.get(ord(others[0]), others[0]))
    plain = set(simple.values())
    for sign, others in _read(_JAPANESE):  # a form that is also used in China stays unchanged
        for other in others:
            if other not in plain:
                simple.setdefault(ord(other), simple.get(ord(sign), sign))
    return simple


def _read(name: str) -> Iterator[tuple[str, list[str]]]:
    """(character, what it is written as) of one of OpenCC's tables; words of several characters are left out."""
    for line in (files("opencc") / "dictionary" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        sign, _, others = line.partition("\t")
        if len(sign) == 1 and all(len(other) == 1 for other in others.split()) and others.split():
            yield sign, others.split()
