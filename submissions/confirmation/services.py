"""Every write of a confirmation: one transaction per operation."""

from flask_babel import lazy_gettext as _

from challenges.models import Challenge
from challenges.rules import rules_of
from crowd import clock
from crowd.audit import Actor, record
from crowd.db import atomic
from crowd.errors import Conflict
from crowd.reasons import required
from crowd.workflow import next_state
from submissions import notifications
from submissions.confirmation import queries
from submissions.confirmation.workflow import TRANSITIONS, WORDING, Confirmation
from submissions.models import Registration


@atomic
def ask(challenge: Challenge, registration: Registration) -> None:
    """A new registration waits for the service centre, where the contract says so."""
    if rules_of(challenge).centre_confirms:
        registration.confirmation = Confirmation.AWAITED
        notifications.confirmation_asked(challenge, registration)


@atomic
def confirm(actor: Actor, registration_id: int) -> Registration:
    """Confirm a registration, also one that was refused. Raises NotFound, Conflict after the close."""
    row = _open(actor, registration_id)
    row.confirmation = next_state(TRANSITIONS, WORDING, row.confirmation, "confirm")
    row.confirmation_reason = ""
    record(actor, "registration.confirmed", row)
    notifications.confirmation_given(row)
    return row


@atomic
def refuse(actor: Actor, registration_id: int, *, reason: str) -> Registration:
    """Refuse a registration: nothing can be submitted for it. Raises NotFound, Invalid without a reason, Conflict."""
    reason = required(reason)
    row = _open(actor, registration_id)
    row.confirmation = next_state(TRANSITIONS, WORDING, row.confirmation, "refuse")
    row.confirmation_reason = reason
    record(actor, "registration.refused", row, reason=reason)
    notifications.confirmation_refused(row)
    return row


def _open(actor: Actor, registration_id: int) -> Registration:
    row = queries.access(actor, registration_id, lock=True)
    if not row.challenge.takes_proposals(clock.db_now()):
        raise Conflict(_("The challenge takes no more proposals, so nothing follows from a confirmation any more."))
    return row
