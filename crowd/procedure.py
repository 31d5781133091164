"""What a kind of case is, as data: who files what about what, which bodies act in which steps, and what follows.

A package declares the kinds whose effects it owns (`Feature.case_kinds`); `crowd.cases` carries all of them out and
names none.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crowd.audit import Actor
from crowd.config import limits
from crowd.errors import Sentence
from crowd.limits import Limits
from crowd.money import CURRENCIES

# Who acts in a step: whom the case is about, a body of the operator, people who are called into the one case, or each
# of the departments that the case is about.
RESPONDENT, SERVICE_CENTRE, COUNCIL, EXPERT_COMMITTEE = "respondent", "service_centre", "council", "expert_committee"
COUNCIL_OFFICE, PANEL, DEPARTMENT = "council_office", "panel", "department"


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


class CaseEnd(StrEnum):
    """How a case ends that its package ends, by a clock of its own (`CaseKind.ends`)."""

    CARRIED_OUT = "carried_out"  # what it is about has followed
    LAPSED = "lapsed"  # there is no reason for it any more


class OnSilence(StrEnum):
    """What follows where a body has not acted by the date of its step."""

    GOES_ON = "goes_on"  # the case goes on without it
    GRANTS = "grants"  # as if it had said yes
    REFUSES = "refuses"  # as if it had said no


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind:
    """A step of a procedure. Steps of one `stage` run at the same time, the next stage begins when all have ended.

    `days` are fixed for a case when it is filed; a word is the limit that has them, a function reads a rule. A vote
    needs `quorum` members without a conflict of interest, and a stage with signatures as many of them: with fewer it
    ends with a no. A step of the departments is one for each of them. A `period` lasts to its end: before that its body
    can only say no. `hint` is shown to whoever acts.
    """

    name: str
    label: Sentence
    body: str
    act: StepAct
    stage: int
    days: int | str | Callable[[], int]
    working_days: bool = False
    silence: OnSilence = OnSilence.GOES_ON
    quorum: int = 1
    hint: Sentence = ""
    period: bool = False

    @property
    def lasts(self) -> int:
        """The days of a case that is filed now."""
        if isinstance(self.days, str):
            return int(getattr(limits(), self.days))
        return self.days if isinstance(self.days, int) else self.days()


class QuestionType(StrEnum):
    """What a question of a form takes. A fact is not typed: it is what is known of the subject when the case is filed.
    Files become entries of the case. Answers are kept as texts: a date as `2026-11-30`, an amount in minor units, a
    term by its code.
    """

    TEXT = "text"
    LINE = "line"
    FIELDS = "fields"
    FILES = "files"
    FACT = "fact"
    DATE = "date"
    WHOLE = "whole"
    CURRENCY = "currency"
    MONEY = "money"
    PERCENT = "percent"  # kept in hundredths of a percent
    TERM = "term"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormQuestion:
    """A field of the form by which a case is filed: one of `choices`, or what its type says. `show` is how an answer is
    shown where it is kept otherwise; a time is shown in the reader's zone. A term is one of `scheme`, a whole number is
    at most `most`, an amount is in `currency`: a currency, or the name of the question that asks for it. A text has at
    `least` so many characters.
    """

    name: str
    label: Sentence
    type: QuestionType = QuestionType.TEXT
    choices: Mapping[str, Sentence] = field(default_factory=dict)
    optional: bool = False
    rows: int = 4
    hint: Sentence = ""
    show: Callable[[str], Sentence | datetime] = str
    scheme: str = ""
    currency: str = ""
    most: int = 1_000_000
    least: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that the answers of a form must meet, whether they do, and what they say of it."""

    text: Sentence
    holds: bool
    found: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSubject:
    """What a case is about, as the package that owns it says to whoever files: its row, title and page, who answers for
    it (people and organisations), and the region whose unit works on it. A title that is a person's name is not kept:
    it goes with their account. `called` are the people of a body that only this case has, like those who reviewed what
    it is about, `departments` the organisations that sign side by side. `known` is what the form begins with, by
    question; `applicant` is the organisation for which the case is filed.
    """

    id: int
    title: str
    path: str
    keeps_title: bool = True
    people: tuple[int, ...] = ()
    organisations: tuple[int, ...] = ()
    challenge_id: int | None = None
    region_id: int | None = None
    called: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    departments: tuple[int, ...] = ()
    known: Mapping[str, str] = field(default_factory=dict)
    applicant: int | None = None


Conflicts = Callable[[int, Collection[int]], set[int]]


def no_conflicts(_user_id: int, _subject_ids: Collection[int]) -> set[int]:
    """Of kinds in which only the parties have a conflict of interest."""
    return set()


def none_lifted(_case_ids: Collection[int]) -> set[int]:
    """Of kinds whose decisions stand."""
    return set()


def rests_on_nothing(_subject: CaseSubject) -> int | None:
    """Of kinds that rest on no version of a contract or of rules."""
    return None


def nothing(_actor: Actor, _case_id: int, _subject: CaseSubject) -> None:
    """Of kinds of which nothing follows before they are decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseKind:
    """A kind of case.

    `subject(actor, key)` is what the case is about, by the key that stands in its URL; it raises NotFound where the
    actor may not see it, Forbidden or Conflict, with the reason, where they may not file. `conflicts(user_id, ids)`
    says in which of these subjects a person has a conflict of interest beyond being a party. `lifted(ids)` says which
    of these cases an appeal lifted: they do not count against anybody any more. `effects` are names of jobs by outcome,
    and `withdrawal` that of a withdrawal; each gets the case's number, the subject's id, and the answers of the form.
    `filed(actor, case id, subject)` is called in the transaction of the filing, and may still refuse it.
    `late_withdrawal` is what whoever withdraws in the last stage is told before. `consequences` say what follows in
    words, `warns` are the outcomes in which whom the case is about is warned. `link` is what the page of a subject
    calls it; without it the page has no link. `hides_filer_from` are bodies whose people are called into the case and
    do not learn who has filed it.

    An `application` asks for something for the filer, or for an organisation of theirs: as often as they like. The key
    of its subject is the subject's id, and one that was refused can be corrected and filed again. `titled_by` is the
    question whose answer is the case's title. `check(answers)` raises Invalid where answers do not go together.
    `conditions(answers)` are checked by machine: a case is filed only where all of them hold. `rests_on(subject)` is
    the number of the version, of a contract or of rules, that is in force when it is filed and by which it is decided.
    Where a kind has `minutes`, everybody reads how it was decided, and the council's office adds the minutes of the
    vote.

    A kind with `ends` is opened and ended by its package (`crowd.cases.clocked`), which has its dates and its clock:
    nobody files it, and its steps are concluded by what people do elsewhere.
    """

    name: str
    label: Sentence
    explanation: Sentence
    subject_type: str
    subject: Callable[[Actor | None, str], CaseSubject]
    form: tuple[FormQuestion, ...]
    steps: tuple[StepKind, ...]
    consequences: Mapping[CaseOutcome, Sentence] = field(default_factory=dict)
    ends: Mapping[CaseEnd, Sentence] = field(default_factory=dict)
    link: Sentence = ""
    effects: Mapping[CaseOutcome, str] = field(default_factory=dict)
    withdrawal: str = ""
    late_withdrawal: Sentence = ""
    filed: Callable[[Actor, int, CaseSubject], None] = nothing
    warns: frozenset[CaseOutcome] = frozenset()
    conflicts: Conflicts = no_conflicts
    # From its number: the kind and the subject of the cases in which its decision is appealed against.
    appeal: Callable[[int], tuple[str, int] | None] | None = None
    lifted: Callable[[Collection[int]], set[int]] = none_lifted
    follows: bool = False  # the page of another case links to it, for each person or organisation whom that is about
    restricted: bool = False  # its link stands only where the reader may file
    single: bool = False  # one pending case about a subject, whoever has filed it; else one of each person
    personal: bool = False  # its answers are about a person: they are not shown once the account is deleted
    hides_filer: bool = False  # from whom it is about
    hides_filer_from: frozenset[str] = frozenset()
    hides_respondent: bool = False  # from who files it
    application: bool = False
    minutes: bool = False
    rests_on: Callable[[CaseSubject], int | None] = rests_on_nothing
    titled_by: str = ""
    check: Callable[[Mapping[str, str]], None] | None = None
    conditions: Callable[[Mapping[str, str]], Sequence[Condition]] | None = None

    @property
    def bodies(self) -> frozenset[str]:
        """The bodies that act in it."""
        return frozenset(step.body for step in self.steps)

    @property
    def clocked(self) -> bool:
        """Whether its package opens and ends it, by a clock of its own."""
        return bool(self.ends)

    @property
    def partly(self) -> bool:
        """Whether it can be granted in part."""
        return CaseOutcome.PARTLY_GRANTED in self.consequences


def faults(kind: CaseKind, jobs: Iterable[str], bodies: Iterable[str]) -> list[str]:
    """What is wrong with a declaration: stages with gaps, unknown bodies or jobs, a last stage that decides nothing or
    that silence decides by chance, an outcome whose consequence is not stated.
    """
    if kind.clocked:
        return _faults_of_clocked(kind, bodies)
    stages = sorted({step.stage for step in kind.steps})
    last = [step for step in kind.steps if step.stage == stages[-1]] if stages else []
    found = []
    if stages != list(range(1, len(stages) + 1)):
        found.append("its stages are not 1, 2, 3 and so on")
    if all(step.act == StepAct.OPINION for step in last):
        found.append("its last stage decides nothing")
    if last and all(_leaves_open(step) for step in last):
        found.append("where its last stage is silent, nobody has decided")
    if missing := {CaseOutcome.GRANTED, CaseOutcome.REFUSED, *kind.effects, *kind.warns} - set(kind.consequences):
        found.append(f"what follows is not stated: {sorted(missing)}")
    if len({step.name for step in kind.steps}) < len(kind.steps):
        found.append("two steps have one name")
    if any(step.period and (step.act != StepAct.CHECK or step.silence != OnSilence.GRANTS) for step in kind.steps):
        found.append("a period is a check that ends with a yes")
    if any(step.body == DEPARTMENT and step.act == StepAct.VOTE for step in kind.steps):
        found.append("a department has no members who vote")
    if any(isinstance(step.days, str) and not hasattr(Limits, step.days) for step in kind.steps):
        found.append("the days of a step are an unknown limit")
    if wrong := [one.name for one in kind.form if not _is_whole(kind, one)]:
        found.append(f"questions lack what their type needs: {wrong}")
    if unknown := kind.bodies - set(bodies):
        found.append(f"unknown bodies: {sorted(unknown)}")
    if unknown_jobs := {*kind.effects.values(), *filter(None, [kind.withdrawal])} - set(jobs):
        found.append(f"unknown jobs: {sorted(unknown_jobs)}")
    return found


def _leaves_open(step: StepKind) -> bool:
    """Whether silence in a step decides nothing; a signature that is missing counts."""
    return step.act == StepAct.OPINION or (step.silence == OnSilence.GOES_ON and step.act != StepAct.SIGNATURE)


def _faults_of_clocked(kind: CaseKind, bodies: Iterable[str]) -> list[str]:
    found = []
    if set(kind.ends) != set(CaseEnd):
        found.append("what its ends mean is not stated")
    if kind.consequences or kind.effects or kind.withdrawal or kind.link:
        found.append("nobody files it, and no step decides it")
    if any(step.stage != 1 or step.act == StepAct.VOTE for step in kind.steps):
        found.append("its steps run side by side until it ends, and none is a vote")
    if unknown := kind.bodies - set(bodies):
        found.append(f"unknown bodies: {sorted(unknown)}")
    return found


def _is_whole(kind: CaseKind, one: FormQuestion) -> bool:
    """Whether a question names what its type needs, a scheme or a question with the currency, and nothing else."""
    asked = {other.name for other in kind.form if other.type == QuestionType.CURRENCY}
    currencies = {*asked, *CURRENCIES}
    return (one.type == QuestionType.TERM) == bool(one.scheme) and (one.type == QuestionType.MONEY) == (
        one.currency in currencies
    )
