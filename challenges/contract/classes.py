"""The class of a change, from the places of the document that differ; what is never allowed; and what follows.

A change of words that leaves every letter and figure (spaces, punctuation, upper and lower case) is clerical; another
one of the problem is clarifying; whatever decides who enters, what is asked, how it is judged or what is paid is
material. A person may raise the class, never lower it.
"""

from collections.abc import Iterable, Iterator, Sequence

from flask_babel import lazy_gettext as _

from crowd.contracts.canonical import Document
from crowd.contracts.changes import ABSENT, Change
from crowd.contracts.workflow import ORDER, ChangeClass
from crowd.errors import Sentence
from crowd.text import letters

OWN_FIELDS = ("number",)  # every version differs here
DEADLINE = ("dates", "closes_at")
WORDS = {("problem", "title"), ("problem", "summary"), ("problem", "statement")}
CLERICAL = {("problem", "tags"), ("problem", "stage"), ("dates", "time_zone")}
FIXED = {  # what a published challenge never changes, by the field of the editor
    ("prizes", "currency"): "currency",
    ("dates", "opens_at"): "opens_at",
    ("problem", "language"): "language",
}


def classify(changes: Iterable[Change]) -> ChangeClass:
    """The least class of a set of changes, whose deadline is not among them."""
    found = [_class_of(change) for change in changes]
    return max(found, key=ORDER.index, default=ChangeClass.CLERICAL)


def _class_of(change: Change) -> ChangeClass:
    place = tuple(str(key) for key in change.path[:2])
    if place in CLERICAL:
        return ChangeClass.CLERICAL
    if place in WORDS:
        same = letters(str(change.before)) == letters(str(change.after))
        return ChangeClass.CLERICAL if same else ChangeClass.CLARIFYING
    return ChangeClass.MATERIAL


def raised(least: ChangeClass, wanted: ChangeClass | None) -> ChangeClass:
    """The class that a person gives, where that is not lower."""
    return max(least, wanted or least, key=ORDER.index)


def relevant(changes: Iterable[Change]) -> list[Change]:
    """The changes without those that every version has."""
    return [change for change in changes if change.path[0] not in OWN_FIELDS]


def refused(
    before: Document, after: Document, changes: Sequence[Change], *, entered: bool
) -> Iterator[tuple[str, Sentence]]:
    """(field, message) of what may not change; `entered`: somebody has registered."""
    for change in changes:
        field = FIXED.get((str(change.path[0]), str(change.path[-1])))
        if field is not None:
            yield field, _("This cannot change after the opening.")
    if after["dates"]["closes_at"] < before["dates"]["closes_at"] and entered:
        yield "closes_at", _("Somebody has registered, so the challenge cannot close earlier.")
    if entered and _lowered(before, after):
        yield "prizes", _("Somebody has registered, so no prize can be lowered or left out.")
    if after["proposals"]["accepted"] < before["proposals"]["accepted"] and entered:
        yield "proposals_limit", _("Somebody has registered, so the number of proposals cannot be lowered.")


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
