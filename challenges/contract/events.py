"""What happens to the contract of a challenge, for the packages above."""

from dataclasses import dataclass
from typing import ClassVar

from crowd.events import Event


@dataclass(frozen=True)
class ContractAmended(Event):
    """A later version is in force."""

    once: ClassVar[bool] = True
    challenge_id: int
    number: int
