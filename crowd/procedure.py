"""What a kind of case is, as data: who files what about what, which organs act in which steps, and what follows.

A package declares the kinds whose effects it owns (`Feature.case_kinds`); `crowd.cases` carries all of them out and
names none.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crowd.audit import Actor
from crowd.errors import Sentence


class Act(StrEnum):
    """What an organ does in a step: a check and a signature say yes or no, a vote is that of several, an opinion
    decides nothing.
    """

    CHECK = "check"
    OPINION = "opinion"
    SIGNATURE = "signature"
    VOTE = "vote"


class Outcome(StrEnum):
    """How a case ends."""

    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"


class Silence(StrEnum):
    """What follows where an organ has not acted by the date of its step."""

    GOES_ON = "goes_on"  # the case goes on without it
    GRANTS = "grants"  # as if it had said yes
    REFUSES = "refuses"  # as if it had said no


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a procedure. Steps of one `stage` run at the same time, the next stage begins when all have ended.

    `days` are fixed for a case when it is filed. A vote needs `quorum` members without a conflict of interest.
    """

    name: str
    label: Sentence
    organ: str
    act: Act
    stage: int
    days: int
    working_days: bool = False
    silence: Silence = Silence.GOES_ON
    quorum: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A field of the form by which a case is filed: text, or one of `choices`."""

    name: str
    label: Sentence
    hint: Sentence = ""
    choices: Mapping[str, Sentence] = field(default_factory=dict)
    optional: bool = False
    rows: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a case is about, as the package that owns it says to whoever files: its title and page, who answers for it
    (people and organisations), the version of a contract on which the case rests, and until when it can be filed.
    """

    title: str
    path: str
    people: tuple[int, ...] = ()
    organisations: tuple[int, ...] = ()
    challenge_id: int | None = None
    contract_version_id: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseKind:
    """A kind of case.

    `subject(actor, id)` is what the case is about; it raises NotFound where the actor may not see it, Forbidden or
    Conflict, with the reason, where they may not file. `conflicted(user_id, id)` says whether a person has a conflict
    of interest beyond being a party. `effects` are names of jobs by outcome, `on_filing` of one at once; each gets the
    case's number, the subject's id, and the answers of the form.
    """

    name: str
    label: Sentence
    explanation: Sentence
    subject_type: str
    subject: Callable[[Actor | None, int], Subject]
    form: tuple[Question, ...]
    steps: tuple[Step, ...]
    effects: Mapping[Outcome, str] = field(default_factory=dict)
    on_filing: str = ""
    on_withdrawal: str = ""
    conflicted: Callable[[int, int], bool] = lambda _user_id, _subject_id: False
    partly: bool = False  # it can be granted in part
    hides_filer: bool = False  # from whom it is about
    once: bool = True  # one person files one about a subject while it is not decided

    @property
    def organs(self) -> frozenset[str]:
        """The organs that act in it."""
        return frozenset(step.organ for step in self.steps)


def faults(kind: CaseKind, jobs: Iterable[str], organs: Iterable[str]) -> list[str]:
    """What is wrong with a declaration: stages with gaps, unknown organs or jobs, a last stage that decides nothing."""
    stages = sorted({step.stage for step in kind.steps})
    last = [step for step in kind.steps if step.stage == stages[-1]] if stages else []
    found = []
    if stages != list(range(1, len(stages) + 1)):
        found.append("its stages are not 1, 2, 3 and so on")
    if all(step.act == Act.OPINION for step in last):
        found.append("its last stage decides nothing")
    if len({step.name for step in kind.steps}) < len(kind.steps):
        found.append("two steps have one name")
    if unknown := kind.organs - set(organs):
        found.append(f"unknown organs: {sorted(unknown)}")
    wanted = {*kind.effects.values(), kind.on_filing, kind.on_withdrawal} - {""}
    if missing := wanted - set(jobs):
        found.append(f"unknown jobs: {sorted(missing)}")
    return found
