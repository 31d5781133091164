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


def pinyin_key(text: str) -> bytes:
    """A key that sorts text in simplified Chinese by its pronunciation, as lists of names in China are.

    The characters in common use are in that order in GB 2312; rarer ones are replaced by one that sounds alike.
    """
    return text.translate(_SOUNDS).encode("gb18030")


# Characters of names of countries that GB 2312 orders by radicals, or by another of their sounds.
_SOUNDS = str.maketrans("\u6590\u7459\u6c76\u68b5\u73c0\u79d8", "\u532a\u8111\u95ee\u996d\u7834\u5fc5")


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
