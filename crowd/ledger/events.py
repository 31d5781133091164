"""What the ledger publishes for the packages above it."""

from dataclasses import dataclass

from crowd.events import Event


@dataclass(frozen=True)
class MoneyAllocated(Event):
    """Money for a challenge is in its sponsor's free balance. `arrived_at` (ISO 8601) decides whether it is in time."""

    challenge_id: int
    arrived_at: str
