"""What the ledger publishes: money for a challenge, and what people ask of it that packages above complete."""

from dataclasses import dataclass

from crowd.events import Event


@dataclass(frozen=True)
class MoneyAllocated(Event):
    """Money for a challenge is in its sponsor's free balance. `arrived_at` (ISO 8601) decides whether it is in time."""

    challenge_id: int
    arrived_at: str


@dataclass(frozen=True)
class LedgerCheckRequested(Event):
    """Finance wants a ledger check now: of the ledger, and of the states that depend on it."""
