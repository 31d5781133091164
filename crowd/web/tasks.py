"""Tasks on the dashboard: each package's `queries.waiting(actor)` returns what waits for a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crowd.errors import Sentence

FAR = datetime.max.replace(tzinfo=UTC)
MAX_TASKS = 20  # tasks of one kind; a longer list is no help


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: `text` (translated), where, for which thing, and by when (None: no date).

    A queue has a `count`, and `due_at` says since when the first in it waits. Where a challenge is given, the dashboard
    shows its next step.
    """

    text: Sentence
    url: str
    detail: Sentence = ""
    due_at: datetime | None = None
    count: Any = None
    challenge_id: int | None = None

    def is_late(self, now: datetime) -> bool:
        """Whether the date by which it should be done has passed; a queue has no such date."""
        return self.due_at is not None and not self.count and self.due_at <= now


def by_due_time(tasks: Iterable[Task]) -> list[Task]:
    """The most urgent first; tasks without a date come last."""
    return sorted(tasks, key=lambda task: task.due_at or FAR)
