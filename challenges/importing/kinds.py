"""Types of challenge: the many spellings of the feed, and the few kinds they mean."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from challenges.importing.problems import Problem, Reason, problem

MOST = 40  # types that one row may name
LONGEST = 1000  # characters of one spelling


class Kind(StrEnum):
    """Challenge.gov's own list of types, under short names."""

    SOFTWARE = "software"
    CREATIVE = "creative"
    IDEAS = "ideas"
    TECHNOLOGY = "technology"
    NOMINATIONS = "nominations"
    BUSINESS_PLANS = "business_plans"
    ANALYTICS = "analytics"
    SCIENTIFIC = "scientific"


class ChallengeType(StrEnum):
    """This platform's types."""

    PRIZE = "prize"
    TENDER = "tender"
    IDEATION = "ideation"
    STAGED = "staged"


# Each word belongs to one kind only, so a list needs no cutting: its separators are used inside the names as well.
WORDS = {
    **dict.fromkeys(("software", "apps", "app", "application", "applications"), Kind.SOFTWARE),
    **dict.fromkeys(("creative", "multimedia", "design"), Kind.CREATIVE),
    **dict.fromkeys(("ideas", "idea", "ideation"), Kind.IDEAS),
    **dict.fromkeys(("technology", "technologies", "demonstration", "hardware"), Kind.TECHNOLOGY),
    **dict.fromkeys(("nomination", "nominations"), Kind.NOMINATIONS),
    **dict.fromkeys(("business", "plan", "plans"), Kind.BUSINESS_PLANS),
    **dict.fromkeys(("analytics", "visualization", "visualizations", "algorithm", "algorithms"), Kind.ANALYTICS),
    **dict.fromkeys(("scientific", "science"), Kind.SCIENTIFIC),
}
_IGNORED = frozenset({"and", "or", "other"})


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds in the order given, the spellings, and what was not understood."""

    kinds: tuple[Kind, ...]
    given: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


def understand_kinds(given: Iterable[str], field: str) -> Kinds:
    """The kinds that a list of spellings names; a spelling may itself be a list. Slips of one letter are forgiven."""
    spellings = tuple(text for spelling in given if (text := " ".join(spelling.split())))
    if not spellings:
        return Kinds((), (), (problem(field, Reason.TYPE_NOT_GIVEN),))
    found: dict[Kind, None] = {}
    problems = []
    if len(spellings) > MOST or any(len(spelling) > LONGEST for spelling in spellings):
        problems.append(problem(field, Reason.TOO_LONG, spellings[0]))
        spellings = tuple(spelling[:LONGEST] for spelling in spellings[:MOST])
    for spelling in spellings:
        for piece in re.split(r"[;,|]", spelling):
            kinds, unknown = _piece(piece)
            found.update(dict.fromkeys(kinds))
            if unknown:
                problems.append(problem(field, Reason.TYPE_NOT_UNDERSTOOD, piece.strip()))
    return Kinds(tuple(found), spellings, tuple(problems))


def _piece(piece: str) -> tuple[list[Kind], bool]:
    """The kinds that the words of a piece name, and whether a word was left over."""
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


def challenge_type(kinds: Iterable[Kind], title: str) -> ChallengeType:
    """This platform's type: staged where the title says so, ideation where only ideas are asked for, else prize.

    A tender is never assumed: the feed lists prize competitions only.
    """
    if re.search(r"\bgrand (?:challenge|prize)\b", title, re.I):
        return ChallengeType.STAGED
    asked = set(kinds)
    if asked and asked <= {Kind.IDEAS, Kind.NOMINATIONS, Kind.BUSINESS_PLANS}:
        return ChallengeType.IDEATION
    return ChallengeType.PRIZE
