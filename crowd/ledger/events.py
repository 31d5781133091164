"""What people ask of the ledger that packages above complete."""

from dataclasses import dataclass

from crowd.events import Event


@dataclass(frozen=True)
class LedgerCheckRequested(Event):
    """Finance wants a ledger check now: of the ledger, and of the states that depend on it."""
