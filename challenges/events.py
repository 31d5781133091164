"""What happens to challenges, for the packages that register people, judge and pay."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from crowd.events import Event


@dataclass(frozen=True)
class ChallengeClosed(Event):
    """It accepts no proposals any more, and the judging of this round begins."""

    once: ClassVar[bool] = True
    challenge_id: int
    round_id: int


@dataclass(frozen=True)
class ChallengeCancelled(Event):
    """It was cancelled; money in escrow was returned."""

    once: ClassVar[bool] = True
    challenge_id: int


@dataclass(frozen=True)
class DecisionScheduled(Event):
    """The decision is due `at` this time, which a panel that was formed late postpones."""

    once: ClassVar[bool] = True
    challenge_id: int
    at: datetime


@dataclass(frozen=True)
class SilenceScheduled(Event):
    """Where nobody has decided `at` this time, the platform carries out what the contract says of it."""

    once: ClassVar[bool] = True
    challenge_id: int
    at: datetime
