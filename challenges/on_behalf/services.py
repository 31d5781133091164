"""Every write about the firm for which a park posts a challenge: in a draft only, under the challenge's lock."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from challenges import notifications
from challenges.models import Challenge
from challenges.on_behalf.policy import can_choose_firm, can_consent
from challenges.queries import access
from challenges.transitions import transition
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.parks.models import ParkMembership
from crowd.accounts.parks.queries import firms_of, is_member
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Conflict, Invalid


@atomic
def choose_firm(actor: Actor, challenge_id: int, *, firm_id: int | None) -> Challenge:
    """Set the member firm for which a park posts a draft, or none; its consent is then needed.

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
def consent(actor: Actor, challenge_id: int, *, seen: datetime | None) -> Challenge:
    """Consent for the firm to the draft as it was shown; `seen` is its `changed_at` then. A later change asks again.

    Raises NotFound, Forbidden, Conflict where the challenge is no draft, has changed since, or has the consent, and
    where the firm is no member of the park.
    """
    challenge = _draft(access(actor, challenge_id, to=can_consent, lock=True))
    _check_member(challenge)
    if seen != challenge.changed_at:
        raise Conflict(_("The draft has changed since you opened this page. Read it again; nothing was recorded."))
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


@atomic
def end_consents(actor: Actor, membership_id: int) -> int:
    """Remove the consents to challenges up to their screening that a firm gave before its membership of the park ended;
    returns their number. A challenge in screening becomes a draft again. Both sides are notified.
    """
    ended = db.session.get_one(ParkMembership, membership_id)
    query = sa.select(Challenge).where(
        Challenge.organisation_id == ended.park_id,
        Challenge.for_organisation_id == ended.firm_id,
        Challenge.state.in_((ChallengeState.DRAFT, ChallengeState.SCREENING)),
        Challenge.consented_at <= ended.ended_at,
    )
    rows = db.session.scalars(query.order_by(Challenge.id).with_for_update(of=Challenge)).all()
    for challenge in rows:
        if challenge.state == ChallengeState.SCREENING:
            transition(challenge, "withdraw", clock.db_now())
        challenge.consented_by = challenge.consented_at = None
        record(actor, "challenge.consent_ended", challenge, firm=ended.firm.name)
        notifications.consent_ended(challenge)
    return len(rows)


def check_consent(challenge: Challenge) -> None:
    """Before it is submitted or approved: the firm has consented, and is a member of the park. Raises Conflict."""
    if challenge.for_organisation_id is None:
        return
    _check_member(challenge)
    if challenge.consented_at is None:
        raise Conflict(_("The firm for which the park posts this challenge has not consented to it yet."))


def _check_member(challenge: Challenge) -> None:
    firm = challenge.beneficiary
    assert firm is not None
    if not is_member(challenge.organisation_id, firm.id, lock=True):
        raise Conflict(_("%(firm)s is not a member of the park.", firm=firm.name))


def _draft(challenge: Challenge) -> Challenge:
    if not challenge.is_draft:
        raise Conflict(_("This can only be changed while the challenge is a draft."))
    return challenge
