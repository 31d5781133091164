"""Who confirms registrations."""

from challenges.policy import can_screen
from crowd.accounts.models import User
from crowd.audit import Actor
from submissions.models import Registration


def can_confirm(actor: Actor | None, registration: Registration) -> bool:
    """People of the service centre who belong neither to the sponsor nor to whom they would confirm."""
    if not can_screen(actor, registration.challenge) or not isinstance(actor, User):
        return False
    agency = registration.organisation_id
    return actor.id != registration.user_id and (agency is None or not actor.acts_for(agency))
