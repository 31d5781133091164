"""What the taxonomy asks of the packages above."""

from collections.abc import Callable, Iterable

from crowd.feature import Question

NAMES: Question[Callable[[Iterable[int]], dict[int, str]]] = Question(
    "the names of people by the numbers of their accounts, without those whose data was erased"
)
