"""What a version of a contract costs its sponsor, and a change adds to that: pure calculations, in minor units."""

from crowd.contracts.canonical import Document
from crowd.money import apply_basis_points


def cost(document: Document) -> int:
    """The prizes and the platform's fee on them."""
    prizes = sum(tier["amount"] * tier["award_count"] for tier in document["prizes"]["tiers"])
    return prizes + apply_basis_points(prizes, document["fee"]["basis_points"])


def added(before: Document, after: Document) -> int:
    """What a change adds to the escrow."""
    return cost(after) - cost(before)
