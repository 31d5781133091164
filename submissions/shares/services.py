"""Writes of shares. They stand still while a proposal is submitted: an award is split by what everybody agreed to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from crowd.accounts.models import Membership, User
from crowd.audit import record
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Invalid
from submissions import notices
from submissions.completeness import WHOLE
from submissions.models import Proposal, Share
from submissions.policy import can_answer_share, can_lead
from submissions.services import writable
from submissions.workflow import State


@atomic
def set_shares(actor: Any, proposal_id: int, *, own: int, others: Sequence[tuple[str, int]]) -> list[Share]:
    """Say who gets what part of an award, in hundredths of a percent: the author `own`, `others` by address.

    Everybody but the person who sets them has to agree before the proposal can be final; setting them again asks
    again. Without others there are no shares: all goes to the author or the agency. Raises Invalid (by the fields
    `own` and `others`), Conflict where the proposal is final or the challenge closed.
    """
    proposal, now = writable(actor, proposal_id, to=can_lead)
    _check_not_final(proposal)
    wanted = _wanted_shares(proposal, own, others)
    before = {share.user_id: share.points for share in proposal.shares}
    if wanted == before:
        return list(proposal.shares)
    db.session.execute(sa.delete(Share).where(Share.proposal_id == proposal.id))
    rows = [
        Share(proposal_id=proposal.id, user_id=user_id, points=points, agreed_at=now if user_id == actor.id else None)
        for user_id, points in wanted.items()
    ]
    db.session.add_all(rows)
    proposal.changed_at = now
    record(actor, "shares.set", proposal, shares={str(user_id): points for user_id, points in wanted.items()})
    offered = [row for row in rows if row.user_id != actor.id]
    notices.shares_set(actor, proposal, offered, before.keys() - wanted.keys() - {actor.id, proposal.user_id}, now)
    db.session.flush()
    db.session.expire(proposal, ["shares"])
    return rows


@atomic
def agree_share(actor: Any, proposal_id: int) -> Share:
    """Agree to one's share. Raises Conflict where the proposal is final or the challenge closed."""
    proposal, share, now = _own_share(actor, proposal_id)
    if share.agreed_at is None:
        share.agreed_at = proposal.changed_at = now
        record(actor, "share.agreed", proposal, points=share.points)
        if proposal.user_id != actor.id:
            notices.share_answered(actor, proposal, now, agreed=True)
    return share


@atomic
def refuse_share(actor: Any, proposal_id: int) -> None:
    """Refuse one's share: one leaves the proposal, and its shares have to be set again. Raises Conflict as above."""
    proposal, share, now = _own_share(actor, proposal_id)
    if proposal.user_id == actor.id:
        raise Conflict(_("You are the author. Set the shares instead."))
    record(actor, "share.refused", proposal, points=share.points)
    notices.share_answered(actor, proposal, now, agreed=False)
    db.session.delete(share)
    proposal.changed_at = now
    db.session.flush()
    db.session.expire(proposal, ["shares"])


def _check_not_final(proposal: Proposal) -> None:
    if proposal.state == State.SUBMITTED:
        raise Conflict(_("The shares of a submitted proposal are fixed. Withdraw it first to change them."))


def _own_share(actor: Any, proposal_id: int) -> tuple[Proposal, Share, datetime]:
    proposal, now = writable(actor, proposal_id, to=can_answer_share)
    _check_not_final(proposal)
    return proposal, next(share for share in proposal.shares if share.user_id == actor.id), now


def _wanted_shares(proposal: Proposal, own: int, others: Sequence[tuple[str, int]]) -> dict[int, int]:
    """Points by user id, checked; empty where the author shares with nobody."""
    found = _members(proposal, [address for address, _points in others])
    if not others and own == WHOLE:
        return {}
    points = {proposal.user_id: own} | {found[address.lower()]: part for address, part in others}
    if len(points) != len(others) + 1:
        raise Invalid(fields={"others": [_("Name everybody once, and not the author.")]})
    if len(points) > limits().team_members:
        raise Invalid(fields={"others": [_("There may be at most %(number)s people.", number=limits().team_members)]})
    if any(part < 1 for part in points.values()) or sum(points.values()) != WHOLE:
        total = f"{sum(points.values()) / 100:g}"
        raise Invalid(fields={"own": [_("The shares must add up to 100 percent, not %(total)s.", total=total)]})
    return points


def _members(proposal: Proposal, addresses: Sequence[str]) -> dict[str, int]:
    """User ids by address. Raises Invalid for who has no account and for the sponsor's own people."""
    wanted = {address.lower() for address in addresses}
    rows = db.session.execute(sa.select(User.email, User.id).where(User.email.in_(wanted), User.active))
    found = {row.email: row.id for row in rows}
    if missing := sorted(wanted - found.keys()):
        text = _("Nobody with a confirmed account has the address %(address)s.", address=missing[0])
        raise Invalid(fields={"others": [text]})
    sponsor = sa.select(Membership.user_id).where(Membership.organisation_id == proposal.challenge.organisation_id)
    if db.session.scalar(sponsor.where(Membership.user_id.in_(found.values())).limit(1)) is not None:
        raise Invalid(fields={"others": [_("People of the sponsor cannot have a share.")]})
    return found
