"""What a contract says of the decision, in words that are stored: how equal means share the prizes, and what follows
where nobody decides in time. `challenges/silence.py` has their rules and says them to a reader.
"""

from enum import StrEnum


class TieRule(StrEnum):
    """What follows where several proposals have the same mean."""

    SPONSOR = "sponsor"  # they share a rank; whoever decides chooses between them, with reasons
    SHARE = "share"  # they share the prizes of the places that they cover
    EARLIEST = "earliest"  # the one that was submitted first goes ahead


class Silence(StrEnum):
    """What follows where the sponsor has not decided by its date."""

    CENTRE_OR_COUNCIL = "centre_or_council"  # they may decide; nothing happens by itself (contracts before 0.3.0)
    CENTRE = "centre"  # the service centre decides within some days; then `AfterCentre`
    RANKING = "ranking"  # the prizes go by ranking
    REFUND = "refund"  # all money returns to the sponsor


class AfterCentre(StrEnum):
    """What follows where the service centre has not decided by its date, either."""

    RANKING = "ranking"
    REFUND = "refund"


OFFERED = (Silence.CENTRE, Silence.RANKING, Silence.REFUND)
