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
from typing import Any, Generic, TypeVar

from flask import Blueprint

T = TypeVar("T")
Rule = Callable[..., object]  # (actor, **values of the URL), raising NotFound or Forbidden


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
        return _declared.answers[self]  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """What a package adds to the platform; every part is optional.

    `jobs` is the module of its jobs: workers and commands import it, the web does not. `job_labels` are the names of
    all of them, with their words. `schedule` says how often a job runs by itself, and `on` which jobs an event of a
    lower package enqueues (`crowd/events.py`). `audit` and `subjects` are the words of recorded operations, and of what
    they are recorded about. `answers` are what packages below ask of this one. `notification_group` labels the group of
    its notifications, under which a person mutes their mail. `link_access` says by endpoint who may open the page that
    a notification links to. `dashboard_tasks` return what waits for a person.
    """

    name: str
    blueprints: tuple[Blueprint, ...] = ()
    jobs: str = ""
    schedule: Mapping[str, timedelta] = field(default_factory=dict)
    on: Mapping[type, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[Question[Any], Any] = field(default_factory=dict)
    audit: Mapping[str, Any] = field(default_factory=dict)
    subjects: Mapping[str, Any] = field(default_factory=dict)
    job_labels: Mapping[str, Any] = field(default_factory=dict)
    notification_group: Any = None
    link_access: Mapping[str, Rule] = field(default_factory=dict)
    dashboard_tasks: tuple[Callable[[Any], Iterable[Any]], ...] = ()


@dataclass(frozen=True, slots=True)
class Registry:
    """The declarations of all features together."""

    features: tuple[Feature, ...] = ()
    schedule: Mapping[str, timedelta] = field(default_factory=dict)
    subscribers: Mapping[type, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[Question[Any], Any] = field(default_factory=dict)
    audit: Mapping[str, Any] = field(default_factory=dict)
    subjects: Mapping[str, Any] = field(default_factory=dict)
    job_labels: Mapping[str, Any] = field(default_factory=dict)
    job_modules: Mapping[str, str] = field(default_factory=dict)
    notification_groups: Mapping[str, Any] = field(default_factory=dict)
    link_access: Mapping[str, Rule] = field(default_factory=dict)
    built: dict[Callable[[], Any], Any] = field(default_factory=dict, repr=False)

    def load_jobs(self) -> None:
        """Import the jobs of all features."""
        for feature in self.features:
            if feature.jobs:
                import_module(feature.jobs)


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
        return _declared.built[build]  # type: ignore[no-any-return]

    return built


def declare(features: Iterable[Feature]) -> Registry:
    """Make these the features of the process, in their order. Raises DeclaredTwice."""
    global _declared
    found = tuple(features)
    _declared = Registry(
        features=found,
        schedule=_merged(found, "schedule"),
        subscribers=_subscribers(found),
        answers=_merged(found, "answers"),
        audit=_merged(found, "audit"),
        subjects=_merged(found, "subjects"),
        job_labels=_merged(found, "job_labels"),
        job_modules={job: each.jobs for each in found for job in each.job_labels},
        notification_groups={each.name: each.notification_group for each in found if each.notification_group},
        link_access=_merged(found, "link_access"),
    )
    return _declared


def _merged(features: Iterable[Feature], part: str) -> dict[Any, Any]:
    whole: dict[Any, Any] = {}
    for feature in features:
        here: Mapping[Any, Any] = getattr(feature, part)
        if twice := sorted(map(str, whole.keys() & here.keys())):
            raise DeclaredTwice(f"{feature.name} declares {part} that another feature declares, too: {twice}")
        whole |= here
    return whole


def _subscribers(features: Iterable[Feature]) -> dict[type, tuple[str, ...]]:
    """The jobs of each event; more than one feature may subscribe to it."""
    whole: dict[type, tuple[str, ...]] = {}
    for feature in features:
        for event, jobs in feature.on.items():
            whole[event] = (*whole.get(event, ()), *jobs)
    return whole
