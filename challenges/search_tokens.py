"""Search tokens: what of a text is indexed, what of a search is looked up, what is highlighted.

One function (`_words`) reads texts and searches alike: without case, width, accents, or the difference between
traditional and simplified Chinese. A word of Latin letters is stored by its English stem, so that a plural finds the
singular; a run of Chinese characters as its single characters and its pairs, so that a word of two or more is found
anywhere. A term (a field, an industry) is one more token, as a whole. No database.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

import snowballstemmer
from markupsafe import Markup, escape

from crowd.chinese import simplified
from crowd.names import PLAIN_LETTERS
from crowd.text import normalise

VERSION = 3  # of these rules: a job reindexes rows whose tokens were made by older ones
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
IS_HAN = re.compile(rf"[{HAN}]")
ACCENTS = re.compile("[\u0300-\u036f]")
MAX_WORD_LENGTH = 40  # characters; longer text is not a word
MAX_TOKENS = 6_000  # of one text
MAX_WANTED = 24  # of one search
_STEMMER = snowballstemmer.stemmer("english")


def tokens(*texts: str, terms: Iterable[str] = ()) -> list[str]:
    """The tokens of some texts together, and of terms: sorted, without duplicates, at most MAX_TOKENS, the earliest
    first.
    """
    found = dict.fromkeys(terms)
    for word in chain.from_iterable(map(_words, texts)):
        for token in (*word, *_pairs(word)) if IS_HAN.match(word) else (word,):
            found.setdefault(token)
        if len(found) >= MAX_TOKENS:
            break
    return sorted(list(found)[:MAX_TOKENS])


def term_token(scheme: str, key: str) -> str:
    """The token of a term as a whole, in any language; no word looks like it."""
    return f"#{scheme}:{key}"


def wanted(question: str) -> list[str]:
    """The tokens that a text must all have to match `question`: words, and the pairs of Chinese runs."""
    found: dict[str, None] = {}
    for word in _words(question):
        for token in _pairs(word) if IS_HAN.match(word) and len(word) > 1 else [word]:
            found.setdefault(token)
    return list(found)[:MAX_WANTED]


def mark(text: str, question: str) -> Markup:
    """`text`, escaped, with matches of `question` in <mark>: whole words, or Chinese runs anywhere."""
    words = sorted(set(_words(question)), key=len, reverse=True)
    chinese = [re.escape(word) for word in words if IS_HAN.match(word)]
    inside = re.compile(f"({'|'.join(chinese)})") if chinese else None
    shown, end = Markup(), 0
    for run in RUN.finditer(text) if words else ():
        shown += escape(text[end : run.start()]) + _mark_run(run[0], words, inside)
        end = run.end()
    return shown + escape(text[end:])


def _mark_run(run: str, words: list[str], inside: re.Pattern[str] | None) -> Markup:
    if not IS_HAN.match(run):
        return _marked(run) if any(word in words for word in _words(run)) else escape(run)
    shown, end = Markup(), 0
    places = inside.finditer(simplified(run)) if inside else ()  # the length stays, so the positions are the same
    for found in places:
        shown += escape(run[end : found.start()]) + _marked(run[found.start() : found.end()])
        end = found.end()
    return shown + escape(run[end:])


def _marked(text: str) -> Markup:
    return Markup("<mark>{}</mark>").format(text)


def _words(text: str) -> Iterator[str]:
    """The words of a text or a search, in order: stems of Latin ones, runs of Chinese characters."""
    plain = ACCENTS.sub("", normalise(normalise(text, "NFKC").casefold(), "NFKD"))
    for match in RUN.finditer(simplified(normalise(plain)).translate(PLAIN_LETTERS)):
        word = match[0]
        if IS_HAN.match(word):
            yield word
        elif len(word) <= MAX_WORD_LENGTH:
            yield _stem(word) if word.isascii() and word.isalpha() else word


@lru_cache(20_000)
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]
