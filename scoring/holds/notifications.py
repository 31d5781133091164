"""Who hears of a hold: the sponsor, everybody behind an award, the council and the service centre."""

from flask_babel import lazy_gettext as _l

from challenges import queries as challenges
from challenges.models import Challenge
from crowd.accounts.models import PlatformRole
from crowd.accounts.organisations.rights import Right
from crowd.audit import Actor
from crowd.notifications.kinds import path_to
from scoring.awards import queries as award_queries
from scoring.models import PaymentHold
from scoring.notifications import define, notify_about, officers
from submissions.parties import contributors

HELD = define(
    "scoring.payment_held",
    _l("Payment held: %(title)s"),
    _l("Nothing that is not paid yet leaves escrow until this is released. The reason: %(reason)s"),
)
RELEASED = define(
    "scoring.payment_released",
    _l("Payment released: %(title)s"),
    _l("The payment goes on once the appeal period has ended. The reason: %(reason)s"),
)
ONE_RELEASED = define(
    "scoring.payment_hold_released",
    _l("A hold was released: %(title)s"),
    _l("The payment is still held for another reason. This hold was released because: %(reason)s"),
)


def held(challenge: Challenge, hold: PaymentHold, actor: Actor) -> None:
    """Everybody whom the hold concerns, except who placed it."""
    _notify(HELD, challenge, hold.id, hold.reason, actor)


def released(challenge: Challenge, hold: PaymentHold, actor: Actor, *, still: bool) -> None:
    """The same people, except who released it; `still`: another hold is open."""
    _notify(ONE_RELEASED if still else RELEASED, challenge, hold.id, hold.release_reason or "", actor)


def _notify(kind: str, challenge: Challenge, hold_id: int, reason: str, actor: Actor) -> None:
    people = {*officers(challenge, PlatformRole.COUNCIL), *officers(challenge, PlatformRole.SERVICE_CENTRE)}
    people |= {*challenges.members(challenge.organisation_id, Right.POST)}
    for award in award_queries.awards(challenge.id):
        people |= {*contributors(award.proposal)}
    path = path_to("scoring.results", challenge_id=challenge.id)
    notify_about(people - {actor.id}, kind, challenge, {"reason": reason}, key=str(hold_id), path=path)
