"""Writes about the queue of the screening."""

from flask_babel import lazy_gettext as _

from challenges import notifications
from challenges.models import Challenge
from challenges.policy import can_screen
from challenges.queries import access
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import User
from crowd.accounts.policy import can_administer
from crowd.accounts.units import services as units
from crowd.db import atomic
from crowd.errors import Conflict, Forbidden


@atomic
def hand_over(actor: User, challenge_id: int, *, unit_id: int | None, note: str) -> Challenge:
    """Hand the screening over to a unit, or back to the service centre (None); those who take over are notified.

    Raises NotFound, Forbidden, Conflict where the challenge is not in screening, Invalid for a unit without staff, and
    without a note.
    """
    return _handed(actor, access(actor, challenge_id, to=can_screen, lock=True), unit_id, note)


@atomic
def hand_over_for_unit(actor: User, challenge_id: int, *, unit_id: int | None, note: str) -> Challenge:
    """The same for an administrator, who closes a unit."""
    challenge = access(actor, challenge_id, lock=True)
    if not can_administer(actor):
        raise Forbidden
    return _handed(actor, challenge, unit_id, note)


def _handed(actor: User, challenge: Challenge, unit_id: int | None, note: str) -> Challenge:
    if challenge.state != ChallengeState.SCREENING:
        raise Conflict(_("The challenge is not in screening any more."))
    units.hand_over(actor, "screening.handed_over", challenge, unit_id=unit_id, note=note)
    challenge.changed_at = clock.db_now()
    notifications.screening_handed_over(actor, challenge, note.strip())
    return challenge
