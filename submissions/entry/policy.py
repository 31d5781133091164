"""Who reads what was answered and given at a registration, and who corrects it."""

from challenges.entry.policy import is_office
from challenges.models import Challenge
from crowd.audit import Actor
from submissions.models import Registration


def can_list(actor: Actor | None, challenge: Challenge) -> bool:
    """See who has registered, with the answers: the sponsor and the service centre, where anything is asked."""
    return asks(challenge) and is_office(actor, challenge)


def can_read(actor: Actor | None, challenge: Challenge, registration: Registration) -> bool:
    """Read the answers and documents of a registration: who registered, the sponsor, and the service centre."""
    return can_correct(actor, registration) or can_list(actor, challenge)


def can_correct(actor: Actor | None, registration: Registration) -> bool:
    """Correct them: who registered."""
    return actor is not None and actor.id is not None and registration.user_id == actor.id


def asks(challenge: Challenge) -> bool:
    """Whether somebody must or may answer, give or sign something, so that the sponsor learns who takes part."""
    held = challenge.entry
    signs = "nda" in (held["full_text_for"], *(one["audience"] for one in held["attachments"]))
    return signs or bool(held["questions"] or held["documents"])
