"""The class of a change, from the places of the document that differ; what is never allowed; and what follows.

A change of the title, the summary or the problem that leaves every word, figure and sign (it differs in spaces,
punctuation, and upper and lower case of words without a figure) is clerical. One that only adds words is clarifying.
One that takes a word, a figure or a sign away, puts others in its place or order, or adds a figure, a sign or a
negation anywhere, is material: it may turn round what is asked. A figure may be written in words (twelve, 十二). So is
whatever decides who enters, how it is judged or what is paid, and every field that no rule names. A person may raise
the class, and not lower it. Only what the platform itself adds to the end of the problem, an answer under the question,
is clarifying whatever its words are.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import inf

from flask_babel import lazy_gettext as _

from challenges.visibility import Visibility
from crowd.canonical import Document
from crowd.contracts.changes import ABSENT, Change
from crowd.contracts.workflow import ORDER, ChangeClass
from crowd.errors import Sentence
from crowd.text import normalise

OWN_FIELDS = ("number", "schema")  # every version differs here
DEADLINE = ("dates", "closes_at")
ASKED = {("problem", "title"), ("problem", "summary"), ("problem", "statement")}  # what those who take part answer
CLERICAL = {("problem", "tags"), ("dates", "time_zone")}
# A figure with its sign and the unit behind it, or a word; Chinese characters one by one; and every sign that is no
# punctuation: of a comparison, a currency, a calculation.
WORD = re.compile(
    r"[+\-−]?\d(?:[\d.,:/]*\d)?[%％‰]?(?: ?[A-Za-zµ°]{1,5}\b)?"
    r"|[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+"
    r"""|[^\w\s.,;:!?'"()\[\]{}\-–—*#`|\\…·•“”‘’«»、。〈〉《》「」『』【】]"""
)
NEGATIONS = frozenset((
    "no", "not", "never", "none", "nor", "neither", "without", "cannot", "except", "unless", "only",
    *"不非无無未没沒勿莫否仅只除禁",
))  # fmt: skip
NUMERALS = frozenset((  # without the Chinese ones that Unicode knows to be numeric
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty",
    "fifty", "sixty", "seventy", "eighty", "ninety", "hundred", "hundreds", "thousand", "thousands", "million",
    "millions", "billion", "billions", "dozen", "dozens", "half", "halves", "third", "thirds", "quarter", "quarters",
    "once", "twice", "thrice", "double", "triple", "first", "second",
    *"两兩俩半双倍",
))  # fmt: skip
FIXED = {  # what a published challenge never changes, by the field of the editor
    ("prizes", "currency"): "currency",
    ("dates", "opens_at"): "opens_at",
    ("problem", "language"): "language",
    ("type", "type"): "type",
    ("tier", "tier"): "tier",
}


def classify(changes: Iterable[Change], *, answer: bool = False) -> ChangeClass:
    """The least class of a set of changes, whose deadline is not among them; `answer`: the platform has added a
    question and its answer to the end of the problem.
    """
    found = [ChangeClass.CLARIFYING if answer and _continues(change) else _class_of(change) for change in changes]
    return max(found, key=ORDER.index, default=ChangeClass.CLERICAL)


def _class_of(change: Change) -> ChangeClass:
    place = tuple(str(key) for key in change.path[:2])
    if place in CLERICAL:
        return ChangeClass.CLERICAL
    if place not in ASKED:
        return ChangeClass.MATERIAL
    before, after = _words(str(change.before)), _words(str(change.after))
    if before == after:
        return ChangeClass.CLERICAL
    return ChangeClass.CLARIFYING if _only_adds(before, after) else ChangeClass.MATERIAL


def _continues(change: Change) -> bool:
    """Whether it leaves the problem as it stands, and adds paragraphs to its end."""
    statement = tuple(change.path) == ("problem", "statement")
    return statement and str(change.after).startswith(f"{str(change.before).rstrip()}\n\n")


def _words(text: str) -> list[str]:
    """The words, figures and signs of a text; a figure as it is written, with its unit, and what mixes upper and lower
    case (mW, MHz), too; other words in one case.
    """
    return [one.casefold() if _is_plain(one) else one for one in WORD.findall(normalise(text, "NFKC"))]


def _is_plain(word: str) -> bool:
    return word.isalpha() and (word.islower() or word.isupper() or word.istitle())


def _only_adds(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether all words of the first stand in the second, in their order, and what it adds is words that turn nothing
    round.
    """
    words = iter(after)
    added = Counter(after) - Counter(before)
    return all(word in words for word in before) and all(_is_harmless(word) for word in added)


def _is_harmless(word: str) -> bool:
    """Whether it is no figure, in words or not, no sign and no negation (`can't` is read as two words)."""
    figure = word.isnumeric() or word in NUMERALS
    return word.isalpha() and not figure and word not in NEGATIONS and word != "t"


def raised(least: ChangeClass, wanted: ChangeClass | None) -> ChangeClass:
    """The class that a person gives, where that is not lower."""
    return max(least, wanted or least, key=ORDER.index)


def relevant(changes: Iterable[Change]) -> list[Change]:
    """The changes without those that every version has, and without spaces around a text."""
    return [change for change in changes if change.path[0] not in OWN_FIELDS and not _is_spaces(change)]


def _is_spaces(change: Change) -> bool:
    texts = change.before, change.after
    return all(isinstance(one, str) for one in texts) and str(texts[0]).strip() == str(texts[1]).strip()


def refused(
    before: Document, after: Document, changes: Sequence[Change], *, entered: bool
) -> Iterator[tuple[str, Sentence]]:
    """(field, message) of what may not change; `entered`: somebody has registered."""
    for change in changes:
        field = FIXED.get((str(change.path[0]), str(change.path[-1])))
        if field is not None:
            yield field, _("This cannot change after the opening.")
    if (before["visibility"], after["visibility"]) == (Visibility.PUBLIC, Visibility.INVITED):
        yield "visibility", _("Everybody could read it, so it cannot be hidden any more.")
    if after["dates"]["closes_at"] < before["dates"]["closes_at"] and entered:
        yield "closes_at", _("Somebody has registered, so the challenge cannot close earlier.")
    if entered and _lowered(before, after):
        yield "prizes", _("Somebody has registered, so no prize can be lowered or left out.")
    if after["reviews"]["fee"] < before["reviews"]["fee"] and entered:
        yield "review_fee", _("Somebody has registered, so the reviewers’ fee cannot be lowered.")
    if _cap(after) < _cap(before):
        yield "review_fee_cap", _("The most for all reviews cannot be lowered: the money is in escrow.")
    if after["proposals"]["accepted"] < before["proposals"]["accepted"] and entered:
        yield "proposals_limit", _("Somebody has registered, so the number of proposals cannot be lowered.")


def _cap(document: Document) -> float:
    cap = document["reviews"]["fee_cap"]
    return inf if cap is None else cap


def _lowered(before: Document, after: Document) -> bool:
    """Whether a prize is less than it was: its amount, the number of its awards, or the prize itself."""
    old, new = before["prizes"]["tiers"], after["prizes"]["tiers"]
    pairs = zip(old, new, strict=False)
    return len(new) < len(old) or any(
        now["amount"] < was["amount"] or now["award_count"] < was["award_count"] for was, now in pairs
    )


def moves_deadline(changes: Iterable[Change]) -> bool:
    """Whether the closing date is among the changes."""
    return any(change.path == DEADLINE and ABSENT not in (change.before, change.after) for change in changes)
