"""Types of challenge: the many spellings of the feed, and the few types they mean."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from challenges.importing.errors import ImportErrorReason, Problem, problem
from challenges.types import Type

MAX_TYPES = 40  # types that one row may name
MAX_LENGTH = 1000  # characters of one spelling


class FieldKind(StrEnum):
    """Challenge.gov's own list of types, with short names."""

    SOFTWARE = "software"
    CREATIVE = "creative"
    IDEAS = "ideas"
    TECHNOLOGY = "technology"
    NOMINATIONS = "nominations"
    BUSINESS_PLANS = "business_plans"
    ANALYTICS = "analytics"
    SCIENTIFIC = "scientific"


# Each word belongs to one type only, so a list need not be split: its separators also occur inside the names.
WORDS = {
    **dict.fromkeys(("software", "apps", "app", "application", "applications"), FieldKind.SOFTWARE),
    **dict.fromkeys(("creative", "multimedia", "design"), FieldKind.CREATIVE),
    **dict.fromkeys(("ideas", "idea", "ideation"), FieldKind.IDEAS),
    **dict.fromkeys(("technology", "technologies", "demonstration", "hardware"), FieldKind.TECHNOLOGY),
    **dict.fromkeys(("nomination", "nominations"), FieldKind.NOMINATIONS),
    **dict.fromkeys(("business", "plan", "plans"), FieldKind.BUSINESS_PLANS),
    **dict.fromkeys(("analytics", "visualization", "visualizations", "algorithm", "algorithms"), FieldKind.ANALYTICS),
    **dict.fromkeys(("scientific", "science"), FieldKind.SCIENTIFIC),
}
_IGNORED = frozenset({"and", "or", "other"})


@dataclass(frozen=True, slots=True)
class Kinds:
    """The types in the order given, the spellings, and what was not understood."""

    kinds: tuple[FieldKind, ...]
    given: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


def understand_kinds(given: Iterable[str], field: str) -> Kinds:
    """The types that a list of spellings names; a spelling may itself be a list. Typing errors of one letter are
    accepted.
    """
    spellings = tuple(text for spelling in given if (text := " ".join(spelling.split())))
    if not spellings:
        return Kinds((), (), (problem(field, ImportErrorReason.TYPE_NOT_GIVEN),))
    found: dict[FieldKind, None] = {}
    problems = []
    if len(spellings) > MAX_TYPES or any(len(spelling) > MAX_LENGTH for spelling in spellings):
        problems.append(problem(field, ImportErrorReason.TOO_LONG, spellings[0]))
        spellings = tuple(spelling[:MAX_LENGTH] for spelling in spellings[:MAX_TYPES])
    for spelling in spellings:
        for piece in re.split(r"[;,|]", spelling):
            kinds, unknown = _piece(piece)
            found.update(dict.fromkeys(kinds))
            if unknown:
                problems.append(problem(field, ImportErrorReason.TYPE_NOT_UNDERSTOOD, piece.strip()))
    return Kinds(tuple(found), spellings, tuple(problems))


def _piece(piece: str) -> tuple[list[FieldKind], bool]:
    """The types that the words of a part name, and whether a word was left over."""
    kinds, unknown = [], False
    for word in re.findall(r"\w+", piece.lower()):
        if word in _IGNORED:
            continue
        near = word if word in WORDS else next(iter(difflib.get_close_matches(word, WORDS, n=1, cutoff=0.88)), "")
        if near:
            kinds.append(WORDS[near])
        else:
            unknown = True
    return kinds, unknown


def challenge_type(kinds: Iterable[FieldKind], title: str) -> Type:
    """This platform's type: staged where the title says so, ideation where it only asks for ideas, else prize.

    A tender is never assumed: the feed lists prize competitions only.
    """
    if re.search(r"\bgrand (?:challenge|prize)\b", title, re.I):
        return Type.STAGED
    asked = set(kinds)
    if asked and asked <= {FieldKind.IDEAS, FieldKind.NOMINATIONS, FieldKind.BUSINESS_PLANS}:
        return Type.IDEATION
    return Type.PRIZE
