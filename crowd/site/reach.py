"""The rules of the pages that notifications link to, so that no link leads to a page that its reader may not open."""

from typing import Any

from challenges import queries as challenges
from challenges.funding.policy import can_view_funding
from crowd.accounts.organisations import queries as organisations
from crowd.accounts.organisations.policy import can_view_members
from crowd.errors import NotFound
from crowd.ledger.models import OwnerType
from crowd.ledger.payouts import queries as payouts
from crowd.ledger.policy import can_view_owner
from crowd.web.link_access import Rule
from scoring import policy as judging
from scoring import queries as scoring
from scoring.reviews import queries as reviewing
from submissions import queries as submissions


def _awards(actor: Any, challenge_id: int) -> None:
    scoring.access_judging(actor, challenge_id)
    challenges.access(actor, challenge_id, to=judging.can_award)


def _money(actor: Any, organisation_id: int) -> None:
    if not can_view_owner(actor, OwnerType.ORGANISATION, organisation_id):
        raise NotFound


RULES: dict[str, Rule] = {
    "accounts.members": lambda actor, organisation_id: organisations.access(
        actor, organisation_id, to=can_view_members
    ),
    "challenges.screen": challenges.access,
    "challenges.show": challenges.access,
    "funding.show": lambda actor, challenge_id: challenges.access(actor, challenge_id, to=can_view_funding),
    "ledger.organisation": _money,
    "ledger.payout": payouts.access,
    "scoring.awards": _awards,
    "scoring.feedback": scoring.access_feedback,
    "scoring.panel": scoring.access_judging,
    "scoring.ranking": scoring.access_judging,
    "scoring.results": lambda actor, challenge_id: challenges.access(actor, challenge_id, to=judging.can_view_results),
    "scoring.review": reviewing.access_assignment,
    "submissions.register": lambda actor, id: challenges.access(actor, id),
    "submissions.show": lambda actor, id: submissions.access(actor, id),
}
