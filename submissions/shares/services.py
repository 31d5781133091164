"""Writes of shares. They cannot change while a proposal is submitted: an award is split as everybody agreed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from challenges.rules import rules_of
from crowd import email_address
from crowd.accounts.models import Role, User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.policy import STAFF
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.ledger.models import OwnerType
from crowd.values import basis_points, by_account
from submissions import notifications
from submissions.models import Proposal, Share
from submissions.parties import insiders_among
from submissions.policy import answerable, can_answer_share, can_manage
from submissions.services import writable
from submissions.submission_errors import WHOLE

Party = tuple[OwnerType, int]


@atomic
def set_shares(actor: Actor, proposal_id: int, *, own: int, others: Sequence[tuple[str, int]]) -> list[Share]:
    """Set who gets what part of an award, in hundredths of a percent: the author `own`, `others` by email address.
    Where the proposal is an agency's, the agency gets all the rest.

    Everybody but the person who sets them has to agree before the proposal can be final, for the agency one of those
    who lead its proposals; setting them again asks again. Where nothing is given to others there are no shares. Raises
    Invalid (by the fields `own` and `others`), Conflict where the proposal is final or the challenge closed.
    """
    proposal, now = writable(actor, proposal_id, to=can_manage)
    _check_not_final(proposal)
    wanted = _wanted_shares(proposal, own, others)
    before = {_party(share): share.basis_points for share in proposal.shares}
    if wanted == before:
        return list(proposal.shares)
    db.session.execute(sa.delete(Share).where(Share.proposal_id == proposal.id))
    rows = [_share(actor, proposal, party, points, now) for party, points in wanted.items()]
    db.session.add_all(rows)
    proposal.changed_at = now
    record(actor, "shares.set", proposal, **_facts(wanted))
    gone = {number for owner, number in before.keys() - wanted.keys() if owner == OwnerType.USER}
    offered = [row for row in rows if row.agreed_at is None]
    notifications.shares_set(actor, proposal, offered, gone - {actor.id, proposal.user_id}, now)
    _read_anew(proposal)
    return rows


def _party(share: Share) -> Party:
    return (
        (OwnerType.USER, share.user_id)
        if share.user_id is not None
        else (OwnerType.ORGANISATION, share.organisation_id or 0)
    )


def _share(actor: Actor, proposal: Proposal, party: Party, points: int, now: datetime) -> Share:
    owner, number = party
    mine = number == actor.id if owner == OwnerType.USER else actor.may(Right.LEAD_PROPOSALS, number)
    column = "user_id" if owner == OwnerType.USER else "organisation_id"
    return Share(proposal_id=proposal.id, basis_points=points, agreed_at=now if mine else None, **{column: number})


def _facts(wanted: dict[Party, int]) -> dict[str, Any]:
    people = {number: basis_points(points) for (owner, number), points in wanted.items() if owner == OwnerType.USER}
    agency = [points for (owner, _number), points in wanted.items() if owner == OwnerType.ORGANISATION]
    return {"shares": by_account(people)} | ({"agency_points": basis_points(agency[0])} if agency else {})


@atomic
def agree_share(actor: Actor, proposal_id: int, *, for_agency: bool = False) -> Share:
    """Agree to the actor's share, or to the agency's as one of those who lead its proposals. Raises Conflict where the
    proposal is final or the challenge closed, Forbidden where there is no such share.
    """
    proposal, share, now = _answered_share(actor, proposal_id, for_agency)
    if share.agreed_at is None:
        share.agreed_at = proposal.changed_at = now
        record(actor, "share.agreed", proposal, points=basis_points(share.basis_points))
        if proposal.user_id != actor.id:
            notifications.share_answered(actor, proposal, now, agreed=True)
    return share


@atomic
def refuse_share(actor: Actor, proposal_id: int, *, for_agency: bool = False) -> None:
    """Refuse the actor's share, or the agency's as one of those who lead its proposals: the shares must then be set
    again. People who refuse their own share leave the proposal. Raises Conflict where it is final or closed,
    Invalid for the author.
    """
    proposal, share, now = _answered_share(actor, proposal_id, for_agency)
    if share.user_id is not None and proposal.user_id == actor.id:
        raise Invalid(_("You are the author. Set the shares instead."))
    record(actor, "share.refused", proposal, points=basis_points(share.basis_points))
    db.session.delete(share)
    proposal.changed_at = now
    _read_anew(proposal)
    if proposal.user_id != actor.id:
        notifications.share_answered(actor, proposal, now, agreed=False)


def _read_anew(proposal: Proposal) -> None:
    db.session.expire(proposal, ["shares", "share_periods"])


def _check_not_final(proposal: Proposal) -> None:
    if proposal.is_submitted:
        raise Conflict(_("The shares of a submitted proposal are fixed. Withdraw it first to change them."))


def _answered_share(actor: Actor, proposal_id: int, for_agency: bool) -> tuple[Proposal, Share, datetime]:
    proposal, now = writable(actor, proposal_id, to=can_answer_share)
    _check_not_final(proposal)
    share = next((row for row in answerable(actor, proposal) if (row.user_id is None) == for_agency), None)
    if share is None:
        raise Forbidden
    return proposal, share, now


def _wanted_shares(proposal: Proposal, own: int, others: Sequence[tuple[str, int]]) -> dict[Party, int]:
    """Points by party, checked; empty where the author, or the agency, shares with nobody."""
    found = _members(proposal, [address for address, _points in others])
    people = {proposal.user_id: own} | {found[email_address.normal(address)]: part for address, part in others}
    if len(people) != len(others) + 1:
        raise Invalid(fields={"others": [_("List everybody once, and not the author.")]})
    most = rules_of(proposal.challenge).team_members
    if len(people) > most:
        raise Invalid(fields={"others": [_("There may be at most %(number)s people.", number=most)]})
    given, agency = sum(people.values()), proposal.organisation_id
    if agency is None:
        _refuse_unless(given == WHOLE and all(part > 0 for part in people.values()), given)
        return {(OwnerType.USER, number): part for number, part in people.items()} if others else {}
    _refuse_unless(given <= WHOLE and own >= 0 and all(part > 0 for _address, part in others), given)
    shared = {(OwnerType.USER, number): part for number, part in people.items() if part}
    return {(OwnerType.ORGANISATION, agency): WHOLE - given} | shared if shared else {}


def _refuse_unless(right: bool, given: int) -> None:
    if not right:
        total = f"{given / 100:g}"
        raise Invalid(fields={"own": [_("The shares must add up to 100 percent, not %(total)s.", total=total)]})


def _members(proposal: Proposal, addresses: Sequence[str]) -> dict[str, int]:
    """User ids by email address. Raises Invalid for people without an account and for the sponsor's own people."""
    wanted = {email_address.normal(address) for address in addresses}
    rows = db.session.execute(sa.select(User.email, User.id).where(User.email.in_(wanted), User.active))
    found = {row.email: row.id for row in rows}
    if missing := sorted(wanted - found.keys()):
        text = _("Nobody with a confirmed account has the address %(address)s.", address=missing[0])
        raise Invalid(fields={"others": [text]})
    challenge_id = proposal.challenge_id
    if insiders_among(challenge_id, found.values()) or _staff_among(found.values()):
        text = _(
            "People who belong to the sponsor, have belonged to it since the challenge was published, screened it or"
            " hold a role of the operator cannot have a share."
        )
        raise Invalid.at("others", text)
    return found


def _staff_among(people: Iterable[int]) -> bool:
    roles = sa.select(User.id).where(User.id.in_(people), User.roles.any(Role.name.in_([str(role) for role in STAFF])))
    return db.session.scalar(roles.limit(1)) is not None
