"""Every write about the firm for which a park posts a challenge: in a draft only, under the challenge's lock."""

from flask_babel import lazy_gettext as _

from challenges import notifications
from challenges.models import Challenge
from challenges.on_behalf.policy import can_choose_firm, can_consent
from challenges.queries import access
from crowd import clock
from crowd.accounts.parks.queries import firms_of
from crowd.audit import Actor, record
from crowd.db import atomic
from crowd.errors import Conflict, Invalid


@atomic
def choose_firm(actor: Actor, challenge_id: int, *, firm_id: int | None) -> Challenge:
    """Set the member firm for which a park posts a draft, or none; it is asked for its consent.

    Raises NotFound, Forbidden, Conflict where the challenge is no draft, Invalid where the firm is no member.
    """
    challenge = _draft(access(actor, challenge_id, to=can_choose_firm, lock=True))
    firm = next((one for one in firms_of(challenge.organisation_id) if one.id == firm_id), None)
    if firm_id is not None and firm is None:
        raise Invalid.at("firm_id", _("Choose a member firm of the park."))
    if firm_id == challenge.for_organisation_id:
        return challenge
    challenge.beneficiary = firm
    challenge.consented_by = challenge.consented_at = None
    challenge.changed_at = clock.db_now()
    record(actor, "challenge.firm_chosen", challenge, firm=firm.name if firm else "")
    if firm is not None:
        notifications.consent_asked(challenge)
    return challenge


@atomic
def consent(actor: Actor, challenge_id: int) -> Challenge:
    """Consent for the firm to the draft as it is now: a later change of the text asks again.

    Raises NotFound, Forbidden, Conflict where the challenge is no draft, or has the consent.
    """
    challenge = _draft(access(actor, challenge_id, to=can_consent, lock=True))
    if challenge.consented_at is not None:
        raise Conflict(_("The firm has consented already."))
    challenge.consented_by, challenge.consented_at = actor.id, clock.db_now()
    record(actor, "challenge.consented", challenge)
    notifications.consented(challenge)
    return challenge


@atomic
def withdraw_consent(actor: Actor, challenge_id: int) -> Challenge:
    """Withdraw the firm's consent, as long as the challenge is a draft. Raises NotFound, Forbidden, Conflict."""
    challenge = _draft(access(actor, challenge_id, to=can_consent, lock=True))
    if challenge.consented_at is None:
        raise Conflict(_("The firm has not consented."))
    challenge.consented_by = challenge.consented_at = None
    record(actor, "challenge.consent_withdrawn", challenge)
    return challenge


def _draft(challenge: Challenge) -> Challenge:
    if not challenge.is_draft:
        raise Conflict(_("This can only be changed while the challenge is a draft."))
    return challenge
