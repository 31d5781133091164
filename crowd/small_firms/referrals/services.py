"""Every write of referrals."""

from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.accounts.models import User
from crowd.audit import record
from crowd.db import atomic, db
from crowd.errors import Conflict
from crowd.reasons import limited, required
from crowd.small_firms.referrals import notifications, policy, queries
from crowd.small_firms.referrals.models import Referral
from crowd.small_firms.referrals.workflow import TRANSITIONS, WORDING, ReferralState, Target
from crowd.values import term
from crowd.workflow import next_state


@atomic
def refer(actor: User, number: str, *, target: str, institution: str, note: str = "") -> Referral:
    """Refer the firm of an entry; a person of the centre does it for the centre, others for their park.

    Raises NotFound, Forbidden, Conflict (the entry is not valid, or such a referral is open), Invalid.
    """
    entry = queries.entry_for(actor, number)
    park = None if policy.of_centre(actor) else policy.park_for(actor, entry.holder_id)
    institution = required(institution, "institution")
    same = {"firm_id": entry.holder_id, "target": Target(target), "institution": institution}
    if any(row.is_open for row in db.session.query(Referral).filter_by(**same)):
        raise Conflict(_("The firm was referred there already, and the institution has not decided."))
    row = Referral(entry_id=entry.id, park_id=park, note=limited(note, "note"), made_by=actor.id, **same)
    row.made_at = clock.db_now()
    db.session.add(row)
    db.session.flush()
    record(actor, "referral.made", row, institution=institution, target=term(row.target, "referral_target"))
    notifications.referred(row)
    return row


@atomic
def note(actor: User, referral_id: int, *, operation: str, said: str) -> Referral:
    """Note what became of a referral. Raises NotFound, Forbidden, Conflict where it has ended, Invalid."""
    row = queries.access(actor, referral_id, lock=True)
    text, now = required(said, "said"), clock.db_now()
    state: ReferralState = next_state(TRANSITIONS, WORDING, row.state, operation)
    row.state, row.outcome, row.changed_at = state, text, now
    record(actor, "referral.noted", row, institution=row.institution, state=term(state, "referral"), reason=text)
    notifications.noted(row)
    return row
