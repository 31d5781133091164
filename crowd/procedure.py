"""What a kind of case is, as data: who files what about what, which bodies act in which steps, and what follows.

A package declares the kinds whose effects it owns (`Feature.case_kinds`); `crowd.cases` carries all of them out and
names none.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crowd.audit import Actor
from crowd.errors import Sentence

# Who acts in a step: whom the case is about, or a body of the operator.
RESPONDENT, SERVICE_CENTRE, COUNCIL, EXPERT_COMMITTEE = "respondent", "service_centre", "council", "expert_committee"


class StepAct(StrEnum):
    """What a body does in a step: a check and a signature say yes or no, a vote is that of several, an opinion
    decides nothing.
    """

    CHECK = "check"
    OPINION = "opinion"
    SIGNATURE = "signature"
    VOTE = "vote"


class CaseOutcome(StrEnum):
    """How a case ends."""

    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"


class OnSilence(StrEnum):
    """What follows where a body has not acted by the date of its step."""

    GOES_ON = "goes_on"  # the case goes on without it
    GRANTS = "grants"  # as if it had said yes
    REFUSES = "refuses"  # as if it had said no


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind:
    """A step of a procedure. Steps of one `stage` run at the same time, the next stage begins when all have ended.

    `days` are fixed for a case when it is filed. A vote needs `quorum` members without a conflict of interest.
    """

    name: str
    label: Sentence
    body: str
    act: StepAct
    stage: int
    days: int
    working_days: bool = False
    silence: OnSilence = OnSilence.GOES_ON
    quorum: int = 1


class QuestionType(StrEnum):
    """What a question of a form takes. A fact is not typed: it is what is known of the subject when the case is filed.
    Files become entries of the case.
    """

    TEXT = "text"
    LINE = "line"
    FIELDS = "fields"
    FILES = "files"
    FACT = "fact"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormQuestion:
    """A field of the form by which a case is filed: one of `choices`, or what its type says. `show` is how an answer is
    shown where it is kept otherwise.
    """

    name: str
    label: Sentence
    type: QuestionType = QuestionType.TEXT
    choices: Mapping[str, Sentence] = field(default_factory=dict)
    optional: bool = False
    rows: int = 4
    hint: Sentence = ""
    show: Callable[[str], Sentence] = str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSubject:
    """What a case is about, as the package that owns it says to whoever files: its row, title and page, who answers for
    it (people and organisations), and the region whose unit works on it. A title that is a person's name is not kept:
    it goes with their account. `known` is what the form begins with, by question; `applicant` is the organisation for
    which the case is filed.
    """

    id: int
    title: str
    path: str
    keeps_title: bool = True
    people: tuple[int, ...] = ()
    organisations: tuple[int, ...] = ()
    challenge_id: int | None = None
    region_id: int | None = None
    known: Mapping[str, str] = field(default_factory=dict)
    applicant: int | None = None


Conflicts = Callable[[int, Collection[int]], set[int]]


def no_conflicts(_user_id: int, _subject_ids: Collection[int]) -> set[int]:
    """Of kinds in which only the parties have a conflict of interest."""
    return set()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseKind:
    """A kind of case.

    `subject(actor, key)` is what the case is about, by the key that stands in its URL; it raises NotFound where the
    actor may not see it, Forbidden or Conflict, with the reason, where they may not file. `conflicts(user_id, ids)`
    says in which of these subjects a person has a conflict of interest beyond being a party. `effects` are names of
    jobs by outcome; each gets the case's number, the subject's id, and the answers of the form. `consequences` say what
    follows in words, `warns` are the outcomes in which whom the case is about is warned. `link` is what the page of a
    subject calls it; without it the page has no link.
    """

    name: str
    label: Sentence
    explanation: Sentence
    subject_type: str
    subject: Callable[[Actor | None, str], CaseSubject]
    form: tuple[FormQuestion, ...]
    steps: tuple[StepKind, ...]
    consequences: Mapping[CaseOutcome, Sentence]
    link: Sentence = ""
    effects: Mapping[CaseOutcome, str] = field(default_factory=dict)
    warns: frozenset[CaseOutcome] = frozenset()
    conflicts: Conflicts = no_conflicts
    restricted: bool = False  # its link stands only where the reader may file
    single: bool = False  # one pending case about a subject, whoever has filed it; else one of each person
    personal: bool = False  # its answers are about a person: they are not shown once the account is deleted
    hides_filer: bool = False  # from whom it is about
    hides_respondent: bool = False  # from who files it

    @property
    def bodies(self) -> frozenset[str]:
        """The bodies that act in it."""
        return frozenset(step.body for step in self.steps)

    @property
    def partly(self) -> bool:
        """Whether it can be granted in part."""
        return CaseOutcome.PARTLY_GRANTED in self.consequences


def faults(kind: CaseKind, jobs: Iterable[str], bodies: Iterable[str]) -> list[str]:
    """What is wrong with a declaration: stages with gaps, unknown bodies or jobs, a last stage that decides nothing or
    that silence decides by chance, an outcome whose consequence is not stated.
    """
    stages = sorted({step.stage for step in kind.steps})
    last = [step for step in kind.steps if step.stage == stages[-1]] if stages else []
    found = []
    if stages != list(range(1, len(stages) + 1)):
        found.append("its stages are not 1, 2, 3 and so on")
    if all(step.act == StepAct.OPINION for step in last):
        found.append("its last stage decides nothing")
    if last and all(step.act == StepAct.OPINION or step.silence == OnSilence.GOES_ON for step in last):
        found.append("where its last stage is silent, nobody has decided")
    if missing := {CaseOutcome.GRANTED, CaseOutcome.REFUSED, *kind.effects, *kind.warns} - set(kind.consequences):
        found.append(f"what follows is not stated: {sorted(missing)}")
    if len({step.name for step in kind.steps}) < len(kind.steps):
        found.append("two steps have one name")
    if unknown := kind.bodies - set(bodies):
        found.append(f"unknown bodies: {sorted(unknown)}")
    if unknown_jobs := set(kind.effects.values()) - set(jobs):
        found.append(f"unknown jobs: {sorted(unknown_jobs)}")
    return found
