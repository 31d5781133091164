"""What a version of a contract costs its sponsor, and a change adds to that: pure calculations, in minor units."""

from crowd.canonical import Document
from crowd.money import apply_basis_points


def cost(document: Document) -> int:
    """The prizes, the platform's fee on them, and what is paid in for reviewers' fees."""
    prizes = sum(tier["amount"] * tier["award_count"] for tier in document["prizes"]["tiers"])
    fee = apply_basis_points(prizes, document["fee"]["basis_points"])
    return prizes + fee + int(document["reviews"]["honoraria"])


def added(before: Document, after: Document) -> int:
    """What a change adds to the escrow."""
    return cost(after) - cost(before)
