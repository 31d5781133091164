"""What is said about a challenge, for the packages above."""

from dataclasses import dataclass
from typing import ClassVar

from crowd.events import Event


@dataclass(frozen=True)
class NewsPosted(Event):
    """A question was answered, or an update posted: `what` (answered, update) and the row's number."""

    once: ClassVar[bool] = True
    challenge_id: int
    what: str
    number: int
