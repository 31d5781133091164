"""Who chooses the firm for which a park posts a challenge, and who consents."""

from challenges.models import Challenge
from challenges.policy import is_sponsor, may_consent
from crowd.accounts.models import OrganisationKind
from crowd.audit import Actor


def can_view(actor: Actor | None, challenge: Challenge) -> bool:
    """See for which firm it is, and its consent, while it is prepared: the people of the park and of the firm."""
    return can_choose_firm(actor, challenge) or may_consent(actor, challenge)


def can_choose_firm(actor: Actor | None, challenge: Challenge) -> bool:
    """Choose the firm: those who prepare a park's challenge."""
    return is_sponsor(actor, challenge) and challenge.organisation.kind == OrganisationKind.PARK


def can_consent(actor: Actor | None, challenge: Challenge) -> bool:
    """Consent, or withdraw that: those who may post for the firm."""
    return may_consent(actor, challenge)
