"""The types of challenges, as data: what each asks for, its limits, and the rules of its prizes.

A type is offered once everything that it changes is carried out. Records of other platforms may have others, which are
stored and not shown.
"""

from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass, field
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.errors import Sentence


class Type(StrEnum):
    """What a challenge asks for and how it pays. Records of other platforms have any of these; `TYPES` has the rules of
    those that are offered.
    """

    PRIZE = "prize"
    TENDER = "tender"
    IDEATION = "ideation"
    STAGED = "staged"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRules:
    """What a type changes. `limits`: the rules that have a setting of their own, by the setting's name; `rubric`: the
    code of the template that fits; `equal_awards`: all prizes are one line.
    """

    name: Sentence
    text: Sentence  # for the sponsor who chooses
    asks: Sentence  # for those who answer
    rubric: str
    limits: Mapping[str, str] = field(default_factory=dict)
    equal_awards: bool = False


TYPES = {
    Type.PRIZE: TypeRules(
        name=_l("Prize"),
        text=_l("Full proposals, and prizes in tiers for the best of them."),
        asks=_l("A full proposal."),
        rubric="research",
    ),
    Type.IDEATION: TypeRules(
        name=_l("Ideas"),
        text=_l("Short proposals of about a page, and many small awards that are all equal."),
        asks=_l("A short proposal, about a page."),
        rubric="ideas",
        limits={"max_body_length": "max_idea_length", "files_per_proposal": "files_per_idea"},
        equal_awards=True,
    ),
}


def shown_type(of: Type | None) -> TypeRules | None:
    """What lists and pages say; None where another platform's record has a type that is not offered here."""
    return TYPES.get(of) if of else None


def prize_errors(of: Type, prizes: Sized) -> Iterator[tuple[str, Sentence]]:
    """(field, message) where the lines of prizes do not fit the type."""
    if TYPES[of].equal_awards and len(prizes) > 1:
        yield "prizes", _l("The awards for ideas are all equal: write one line, with the number of awards.")
