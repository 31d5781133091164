"""Words for searching: what of a text is kept in the index, what of a question is looked for, what is marked.

Words of scripts with spaces are kept whole and in lower case, without stems; a run of Chinese characters is kept as its
single characters and its pairs, so that a word of two or more is found wherever it stands. No database.
"""

import re
from collections.abc import Iterator
from itertools import chain

from markupsafe import Markup, escape

from crowd.text import normalise

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
IS_HAN = re.compile(rf"[{HAN}]")
LONGEST_WORD = 40  # characters; what is longer is no word
MOST_TOKENS = 6_000  # of one text
MOST_WANTED = 24  # of one question


def tokens(*texts: str) -> list[str]:
    """The index entries of some texts together: sorted, without doubles, at most MOST_TOKENS, the earliest kept."""
    found: dict[str, None] = {}
    for run in chain.from_iterable(_runs(text) for text in texts):
        for token in _kept(run):
            found.setdefault(token)
        if len(found) >= MOST_TOKENS:
            break
    return sorted(list(found)[:MOST_TOKENS])


def wanted(question: str) -> list[str]:
    """The entries that a text must all have to answer `question`: words, and the pairs of Chinese runs."""
    found: dict[str, None] = {}
    for run in _runs(question):
        for token in _pairs(run) if IS_HAN.match(run) and len(run) > 1 else [run]:
            found.setdefault(token)
    return list(found)[:MOST_WANTED]


def mark(text: str, question: str) -> Markup:
    """`text`, escaped, with the words of `question` in <mark>: whole words, or Chinese runs wherever they stand."""
    parts = [
        re.escape(run) if IS_HAN.match(run) else rf"(?<![^\W_{HAN}]){re.escape(run)}(?![^\W_{HAN}])"
        for run in sorted(set(_runs(question)), key=len, reverse=True)
    ]
    if not parts:
        return escape(text)
    pieces = re.split(f"({'|'.join(parts)})", text, flags=re.IGNORECASE)
    return Markup("").join(  # re.split puts what matched at the odd places
        Markup("<mark>{}</mark>").format(piece) if i % 2 else escape(piece) for i, piece in enumerate(pieces)
    )


def _runs(text: str) -> Iterator[str]:
    for match in RUN.finditer(normalise(text, "NFKC").casefold()):
        if len(match[0]) <= LONGEST_WORD or IS_HAN.match(match[0]):
            yield match[0]


def _kept(run: str) -> Iterator[str]:
    if not IS_HAN.match(run):
        yield run
        return
    yield from run
    yield from _pairs(run)


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]
