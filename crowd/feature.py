"""What a package declares about itself, and the registry in which the rest of the platform looks it up.

Each package has a `feature.py` with one `Feature`; `crowd.features` lists them, and `crowd.app` declares the list. The
application, workers, the scheduler, the dashboard and the audit page loop over that list, so a package is added or
removed by one line. Nothing here needs a type of an upper layer.
"""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from types import ModuleType
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from flask import Blueprint

from crowd.errors import Sentence
from crowd.procedure import CaseKind
from crowd.register_kinds import RegisterKind
from crowd.rule_sets import RuleSet

T = TypeVar("T")
Tabs = Callable[..., Iterable["Tab"]]  # (actor), or (actor, row) in a group of pages about a row
Rule = Callable[..., object]  # (actor, **values of the URL), raising NotFound or Forbidden


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """The name of a state or a kind on pages, and its tone: safe, calm, seal, warn or plain (`crowd.web.labels`)."""

    text: Sentence
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class NotificationKind:
    """A lazy subject line and a lazy sentence or two, with `%(name)s` placeholders; `always`: nobody mutes its mail.

    `group` is the feature under whose label people choose how often they get mail about it, where that is not the one
    that declares it.
    """

    subject: Sentence
    text: Sentence
    always: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """One thing that a person follows, as its reader sees it; `language` is that of the name, if it has one."""

    name: str
    url: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class FollowedKind:
    """A kind of thing that people follow: its heading, who may follow one, and how several are shown.

    `access(actor, id)` raises NotFound where the actor may not see it. `find(actor, ids)` returns those that the actor
    may see, by id, as `Followed`.
    """

    label: Sentence
    access: Callable[..., object]
    find: Callable[..., Mapping[int, Followed]]


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """What is not finished: a sentence, and the pages on which it can be: (name, path). `needs` is the right of an
    organisation's people that goes with it: the organisation keeps a kind that has it.
    """

    text: Sentence
    pages: tuple[tuple[Sentence, str], ...] = ()
    needs: str = ""

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True, slots=True)
class UnitWork:
    """Work that belongs to units of the operator. `text(number)` names so much of it, `waiting(unit_id)` are the ids of
    the rows that wait in a unit, and `hand_over(actor, row_id, unit_id=, note=)` gives one to another unit, or to the
    service centre (None), for an administrator.
    """

    text: Callable[[int], str]
    waiting: Callable[[int], Iterable[int]]
    hand_over: Callable[..., object]


@dataclass(frozen=True, slots=True)
class TermUse:
    """Rows that use terms of the taxonomy: what its operator sees before terms are joined or merged.

    `text(number)` names so many of them. `of_term(entry)` is a select that counts those of a term, or None where they
    never use its scheme; `of_free(key, spellings)` counts those of a free term, given as columns. Only what everybody
    may see is counted. `url(entry)` and `free_url(name)` are the pages that show them.
    """

    text: Callable[[int], str]
    of_term: Callable[..., sa.Select[int] | None]
    of_free: Callable[..., sa.Select[int]] | None = None
    url: Callable[..., str] | None = None
    free_url: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class Tab:
    """A page among others of a group: its place in the order, its label, and its endpoint.

    `text` and `count` (what waits there) are shown where the group is a list; `pages` are endpoints whose pages belong
    to this tab, too.
    """

    order: int
    label: Sentence
    endpoint: str
    text: Sentence = ""
    count: int | None = None
    pages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractKind:
    """A kind of contract: what a version is called on pages (`title(subject id, number)`), and the path of its page."""

    title: Callable[[int, int], Sentence]
    path: Callable[[int, int], str]


class DeclaredTwice(ValueError):
    """Two features declare the same key."""


class Question(Generic[T]):
    """What a package must ask of those above it: it declares the question, and the manifest of one of them answers it.

    The answer is what the question says: a clause or a select to be joined, a function that reads, or the endpoint of a
    page. `QUESTION()` is the answer; raises LookupError where no feature gives one.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def __call__(self) -> T:
        if self not in _declared.answers:
            raise LookupError(f"no feature answers: {self.text}")
        return _declared.answers[self]

    def __repr__(self) -> str:
        return self.text


# What a package knows of a person: a statement by their id, for each file of an export.
PersonalData = Mapping[str, Callable[[int], sa.Select[*tuple[Any, ...]]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """What a package adds to the platform; every part is optional.

    `jobs`, `checks` and `commands` are names of modules: workers and commands import them, the web does not.
    """

    name: str
    blueprints: tuple[Blueprint, ...] = ()
    jobs: str = ""  # registers the package's jobs
    job_labels: Mapping[str, Sentence] = field(default_factory=dict)  # the names of all of them, and what each does
    schedule: Mapping[str, timedelta] = field(default_factory=dict)  # how often a job runs by itself
    on: Mapping[type, tuple[str, ...]] = field(default_factory=dict)  # the jobs that an event enqueues (`crowd.events`)
    answers: Mapping[Question[Any], Any] = field(default_factory=dict)  # what packages below ask of this one
    checks: str = ""  # `findings()` recomputes what must always hold (`crowd.ledger.check.run_checks`)
    commands: str = ""  # `group` is the package's command
    audit: Mapping[str, Sentence] = field(default_factory=dict)  # the words of recorded operations
    audit_data: Mapping[str, Sentence] = field(default_factory=dict)  # the names of what operations and jobs record
    subjects: Mapping[str, Sentence] = field(default_factory=dict)  # what operations are recorded about
    labels: Mapping[str, Mapping[Any, Label]] = field(default_factory=dict)  # of states and kinds (`crowd.web.labels`)
    notifications: Mapping[str, NotificationKind] = field(default_factory=dict)  # by `name.what`
    notification_group: Sentence | None = None  # the label under which a person chooses how often they are mailed
    notification_frequency: str = "at_once"  # of those who have not chosen (`crowd.notifications.models.Frequency`)
    followed: Mapping[str, FollowedKind] = field(default_factory=dict)  # what people follow (`crowd.following`)
    term_uses: Mapping[str, TermUse] = field(default_factory=dict)  # where terms of the taxonomy are used, by a name
    unit_work: Mapping[str, UnitWork] = field(default_factory=dict)  # what units of the operator do
    registers: Mapping[str, RegisterKind] = field(default_factory=dict)  # by the word in their URLs (`crowd.registers`)
    deadlines: tuple[Callable[[Any], Iterable[Any]], ...] = ()  # dates for a person's calendar, beside their tasks
    link_access: Mapping[str, Rule] = field(default_factory=dict)  # who may open what a notification links to
    rate_limits: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)  # of endpoints (`crowd.web.rate_limits`)
    dashboard_tasks: tuple[Callable[[Any], Iterable[Any]], ...] = ()  # what waits for a person
    # What the package knows of a person, as a statement for each file of an export; and what it deletes with them (by
    # the account's id and email address).
    personal_data: PersonalData = field(default_factory=dict)
    erasures: tuple[Callable[[int, str], None], ...] = ()
    # What is not finished for a "user" or an "organisation" with an id: neither can be closed meanwhile.
    open_matters: tuple[Callable[[str, int], Iterable[OpenMatter]], ...] = ()
    tabs: Mapping[str, Tabs] = field(default_factory=dict)  # in a group of pages: challenge, finance, account, ...
    # By the beginning of an endpoint, the entries of the main navigation to which a page belongs: the first that the
    # person has.
    sections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    case_kinds: tuple[CaseKind, ...] = ()  # the kinds of cases whose effects are the package's
    contract_kinds: Mapping[str, ContractKind] = field(default_factory=dict)  # whose versions cases rest on
    rule_sets: tuple[RuleSet, ...] = ()  # the sets of rules that the package follows (`crowd.rules`)


@dataclass(frozen=True, slots=True)
class Registry:
    """The declarations of all features together."""

    features: tuple[Feature, ...] = ()
    schedule: Mapping[str, timedelta] = field(default_factory=dict)
    subscribers: Mapping[type, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[Question[Any], Any] = field(default_factory=dict)
    audit: Mapping[str, Sentence] = field(default_factory=dict)
    audit_data: Mapping[str, Sentence] = field(default_factory=dict)
    subjects: Mapping[str, Sentence] = field(default_factory=dict)
    job_labels: Mapping[str, Sentence] = field(default_factory=dict)
    job_modules: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[Any, Label]] = field(default_factory=dict)
    notifications: Mapping[str, NotificationKind] = field(default_factory=dict)
    notification_groups: Mapping[str, Sentence] = field(default_factory=dict)
    notification_frequencies: Mapping[str, str] = field(default_factory=dict)
    followed: Mapping[str, FollowedKind] = field(default_factory=dict)
    term_uses: Mapping[str, TermUse] = field(default_factory=dict)
    unit_work: Mapping[str, UnitWork] = field(default_factory=dict)
    registers: Mapping[str, RegisterKind] = field(default_factory=dict)
    link_access: Mapping[str, Rule] = field(default_factory=dict)
    rate_limits: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    tabs: Mapping[str, tuple[Tabs, ...]] = field(default_factory=dict)
    sections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    personal_data: PersonalData = field(default_factory=dict)
    case_kinds: Mapping[str, CaseKind] = field(default_factory=dict)
    contract_kinds: Mapping[str, ContractKind] = field(default_factory=dict)
    rule_sets: Mapping[str, RuleSet] = field(default_factory=dict)
    built: dict[Callable[[], object], Any] = field(default_factory=dict, repr=False)

    def load_jobs(self) -> None:
        """Import the jobs of all features."""
        self._modules("jobs")

    def load_checks(self) -> list[Callable[[], list[Any]]]:
        """The checks of all features, each of which returns what it found wrong."""
        return [module.findings for module in self._modules("checks")]

    def load_commands(self) -> dict[str, Any]:
        """The commands of all features by name. Raises DeclaredTwice."""
        whole: dict[str, Any] = {}
        for module in self._modules("commands"):
            _add(whole, {module.group.name: module.group}, module.__name__, "commands")
        return whole

    def _modules(self, part: str) -> list[ModuleType]:
        names = (getattr(feature, part) for feature in self.features)
        return [import_module(name) for name in names if name]


_declared = Registry()


def declared() -> Registry:
    """What the features of this process declare; empty before there is an application."""
    return _declared


def built_once(build: Callable[[], T]) -> Callable[[], T]:
    """Build a value that needs answers (the statement of a busy page) when it is first used, and keep it as long as the
    same features are declared.
    """

    @functools.wraps(build)
    def built() -> T:
        if build not in _declared.built:
            _declared.built[build] = build()
        return _declared.built[build]

    return built


def declare(features: Iterable[Feature]) -> Registry:
    """Make these the features of the process, in their order. Raises DeclaredTwice."""
    global _declared
    found = tuple(features)
    names = [feature.name for feature in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise DeclaredTwice(f"two features have the same name: {sorted(twice)}")
    _declared = Registry(
        features=found,
        schedule=_merged(found, "schedule"),
        subscribers=_subscribers(found),
        answers=_merged(found, "answers"),
        audit=_merged(found, "audit"),
        audit_data=_merged(found, "audit_data"),
        subjects=_merged(found, "subjects"),
        job_labels=_merged(found, "job_labels"),
        job_modules={job: each.jobs for each in found for job in each.job_labels},
        labels=_labels(found) | _case_labels(one for feature in found for one in feature.case_kinds),
        notifications=_merged(found, "notifications"),
        notification_groups={each.name: each.notification_group for each in found if each.notification_group},
        notification_frequencies={each.name: each.notification_frequency for each in found},
        followed=_merged(found, "followed"),
        term_uses=_merged(found, "term_uses"),
        unit_work=_merged(found, "unit_work"),
        registers=_merged(found, "registers"),
        link_access=_merged(found, "link_access"),
        rate_limits=_merged(found, "rate_limits"),
        tabs={
            group: tuple(feature.tabs[group] for feature in found if group in feature.tabs)
            for group in {group for feature in found for group in feature.tabs}
        },
        sections=_merged(found, "sections"),
        personal_data=_merged(found, "personal_data"),
        case_kinds=_case_kinds(found),
        contract_kinds=_merged(found, "contract_kinds"),
        rule_sets=_rule_sets(found),
    )
    return _declared


def _labels(features: Iterable[Feature]) -> dict[str, dict[Any, Label]]:
    """By kind, then by value: packages share a kind (each names its own findings), but no value of one."""
    whole: dict[str, dict[Any, Label]] = {}
    for feature in features:
        for kind, labels in feature.labels.items():
            _add(whole.setdefault(kind, {}), labels, feature.name, f"labels of {kind}")
        whole.setdefault("register", {}).update({name: Label(one.label) for name, one in feature.registers.items()})
        whole.setdefault("rule_set", {}).update({one.name: Label(one.label) for one in feature.rule_sets})
    return whole


def _case_labels(kinds: Iterable[CaseKind]) -> dict[str, dict[str, Label]]:
    """The names of kinds of cases and of their steps, as those of other kinds."""
    found = list(kinds)
    steps = {f"{kind.name}.{step.name}": Label(step.label) for kind in found for step in kind.steps}
    return {"case_kind": {kind.name: Label(kind.label) for kind in found}, "case_step_name": steps}


def _case_kinds(features: Iterable[Feature]) -> dict[str, CaseKind]:
    whole: dict[str, CaseKind] = {}
    for feature in features:
        _add(whole, {kind.name: kind for kind in feature.case_kinds}, feature.name, "case kinds")
    return whole


def _rule_sets(features: Iterable[Feature]) -> dict[str, RuleSet]:
    whole: dict[str, RuleSet] = {}
    for feature in features:
        _add(whole, {one.name: one for one in feature.rule_sets}, feature.name, "rule sets")
    return whole


def _merged(features: Iterable[Feature], part: str) -> dict[Any, Any]:
    whole: dict[Any, Any] = {}
    for feature in features:
        _add(whole, getattr(feature, part), feature.name, part)
    return whole


def _add(whole: dict[Any, Any], here: Mapping[Any, Any], name: str, part: str) -> None:
    if twice := sorted(map(str, whole.keys() & here.keys())):
        raise DeclaredTwice(f"{name} declares {part} that another feature declares, too: {twice}")
    whole |= here


def _subscribers(features: Iterable[Feature]) -> dict[type, tuple[str, ...]]:
    """The jobs of each event; more than one feature may subscribe to it."""
    whole: dict[type, tuple[str, ...]] = {}
    for feature in features:
        for event, jobs in feature.on.items():
            whole[event] = (*whole.get(event, ()), *jobs)
    return whole
