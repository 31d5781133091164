"""The contract that a draft would become, as a document: what a sponsor checks, and what the screening compares."""

from challenges import brief as briefs
from challenges.brief import Brief
from challenges.contract.document import build
from challenges.cost import cost_fixed, cost_now
from challenges.models import Challenge
from challenges.rule_set import named, rule_limits
from challenges.rules import from_settings, kept_by
from challenges.support.queries import clauses_of
from crowd.canonical import Document


def draft_document(challenge: Challenge, brief: Brief | None = None) -> Document:
    """The document of a challenge that has not opened. Nobody has agreed to it. A draft's is by the rules and the
    fee of now, that of one that was submitted for screening by those of then.

    Another brief than it has is taken as it is: what the tier decides is not put in place of what it says.
    """
    cost, versions = cost_now(challenge), kept_by(challenge)
    if not challenge.is_draft and challenge.fee_version is not None:
        cost = cost_fixed(challenge, challenge.fee_version)
    brief = brief or briefs.by_tier(briefs.from_challenge(challenge), versions.tiers)
    rules = from_settings(rule_limits(versions.clocks), brief.type, brief.tier, tiers=versions.tiers)
    document = build(
        challenge, brief, rules, number=1, honoraria=cost.honoraria, support=clauses_of(challenge.id),
        named=named(cost.fee_version, versions, brief.tier),
    )  # fmt: skip
    return {**document, "fee": {"version": cost.fee_version, "basis_points": cost.fee_basis_points}}
