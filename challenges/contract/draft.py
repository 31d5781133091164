"""The contract that a draft would become, as a document: what a sponsor checks, and what the screening compares."""

from datetime import datetime

from challenges import brief as briefs
from challenges.brief import Brief
from challenges.contract.document import build
from challenges.cost import cost_now
from challenges.models import Challenge
from challenges.rules import from_settings
from challenges.support.queries import clauses_of
from crowd.canonical import Document
from crowd.config import limits


def draft_document(challenge: Challenge, now: datetime, brief: Brief | None = None) -> Document:
    """The document of a challenge that has not opened, by the settings and the fee of now. Nobody has agreed to it.

    Another brief than it has is taken as it is: what the tier decides is not put in place of what it says.
    """
    cost, support = cost_now(challenge, now), clauses_of(challenge.id)
    brief = brief or briefs.by_tier(briefs.from_challenge(challenge))
    rules = from_settings(limits(), brief.type, brief.tier)
    document = build(challenge, brief, rules, number=1, honoraria=cost.honoraria, support=support)
    return {**document, "fee": {"version": cost.fee_version, "basis_points": cost.fee_basis_points}}
