"""Reads of referrals."""

from collections.abc import Mapping

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.access import access_row
from crowd.accounts.models import User
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Conflict, Forbidden, NotFound
from crowd.registers import numbers
from crowd.registers import queries as registers
from crowd.registers.models import RegisterEntry
from crowd.registers.workflow import EntryState
from crowd.small_firms.referrals import policy
from crowd.small_firms.referrals.models import Referral
from crowd.small_firms.referrals.workflow import ReferralState, Target
from crowd.small_firms.register import REGISTER
from crowd.web.paging import Page, page


def access(actor: Actor | None, referral_id: int, *, lock: bool = False) -> Referral:
    """A referral that the person may note something on. Raises NotFound, Forbidden."""
    return access_row(actor, Referral, referral_id, view=policy.can_view, to=policy.can_note, lock=lock)


def entry_for(actor: Actor | None, typed: str) -> RegisterEntry:
    """The valid entry of a number whose firm the person may refer. Raises NotFound, Forbidden, Conflict."""
    try:
        row = registers.find(numbers.read(typed))
    except ValueError:
        row = None
    if row is None or row.register != REGISTER:
        raise NotFound
    if not policy.can_refer(actor, row):
        raise Forbidden
    if registers.last_event(row.id).state_at(clock.now()) != EntryState.VALID:
        raise Conflict(_("Only a firm whose entry is valid is referred."))
    return row


def may_refer(actor: Actor | None, number: str) -> RegisterEntry:
    """The same, for links. Raises NotFound, Forbidden."""
    try:
        return entry_for(actor, number)
    except Conflict as refusal:
        raise Forbidden(refusal.message) from refusal


def listed(actor: User, *, after: str | None, size: int) -> Page[Referral]:
    """The referrals that the person reads, the newest first."""
    query = sa.select(Referral).where(policy.seen_by(actor))
    return page(query, ((Referral.id, True),), name="referrals", after=after, size=size)


def totals() -> Mapping[Target, Mapping[ReferralState, int]]:
    """How many referrals there are, by target and state: what the public reads."""
    query = sa.select(Referral.target, Referral.state, sa.func.count()).group_by(Referral.target, Referral.state)
    found: dict[Target, dict[ReferralState, int]] = {target: dict.fromkeys(ReferralState, 0) for target in Target}
    for target, state, number in db.session.execute(query):
        found[target][state] = number
    return found
