"""What notifications ask of the packages above."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from crowd.feature import Question


@dataclass(frozen=True, slots=True)
class Recipient:
    """The recipient of an email, by value: this package knows no accounts. The audit trail uses their row's type."""

    __tablename__: ClassVar[str] = "user"

    id: int
    name: str
    email: str
    locale: str
    time_zone: str


RECIPIENTS: Question[Callable[[Iterable[int]], dict[int, Recipient]]] = Question(
    "the people of these ids whose accounts are open, by id"
)
CHALLENGE_PAGE: Question[str] = Question("the endpoint of a challenge (challenge_id)")
