"""Every write of the sponsor's, and of the jobs, about invitations; those of who is invited are in `answers`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from challenges import brief as briefs
from challenges.invitations import addresses, notifications, policy, queries
from challenges.invitations.addresses import Addressee
from challenges.invitations.models import ChallengeInvitation
from challenges.invitations.workflow import OUT, TRANSITIONS, WORDING, InvitationState
from challenges.models import Challenge
from challenges.queries import access
from crowd import clock
from crowd.accounts.models import Organisation, User
from crowd.accounts.parks.queries import find_firms
from crowd.accounts.queries import find_by_email
from crowd.audit import SYSTEM, Actor, record
from crowd.background import enqueue
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Invalid, Sentence
from crowd.notifications.personal_data import delete_sent_to
from crowd.workflow import next_state

SEND = "invitations.send"
AT_ONCE = 50  # invitations in a transaction


@dataclass(slots=True)
class PreparedInvitations:
    """What became of what was pasted: how many invitations there are more, and whom there is no new one for."""

    added: int = 0
    repeated: int = 0
    known: list[str] = field(default_factory=list)  # invited before
    refused: list[str] = field(default_factory=list)  # who want no invitations
    own: list[str] = field(default_factory=list)  # the sponsor's own people


# ---- the sponsor


@atomic
def invite(
    actor: Actor, challenge_id: int, *, people: str = "", organisations: str = "", message: str = ""
) -> PreparedInvitations:
    """Invite people by their addresses, and organisations by name or registration number, one a line. They are sent at
    once where the challenge is open, else at its opening.

    Raises Invalid with each wrong line, and where it would be too many; Conflict where nobody is invited any more.
    """
    challenge = access(actor, challenge_id, to=policy.can_invite)
    if not takes_invitations(challenge):
        raise Conflict(_("Invitations are prepared until the opening, and sent until the close."))
    if len(message) > (most := limits().max_invitation_length):
        raise Invalid.at("message", _("This may have at most %(most)s characters.", most=most))
    read = addresses.read(people)
    firms, wrong = _organisations(organisations)
    briefs.refuse([*(("people", one) for one in read.errors), *(("organisations", one) for one in wrong)])
    if not read.found and not firms:
        raise Invalid.at("people", _("Enter at least one address or organisation."))
    whose = sa.select(Organisation.id).where(Organisation.id == challenge.organisation_id)
    db.session.execute(whose.with_for_update(key_share=True))  # one of its people counts at a time
    result = _prepare(actor, challenge, read.found, firms, message.strip())
    result.repeated = read.repeated
    if challenge.is_open and result.added:
        enqueue(SEND, challenge.id, challenge_id=challenge.id)
    return result


def takes_invitations(challenge: Challenge) -> bool:
    """Whether more people may be invited now."""
    soon = challenge.is_open and not challenge.takes_proposals(clock.now())
    return challenge.state in policy.INVITING and not soon


def _organisations(lines: str) -> tuple[list[Organisation], list[Sentence]]:
    """The organisations of these lines, and a sentence for each line that names none, or several."""
    found: dict[int, Organisation] = {}
    wrong: list[Sentence] = []
    for number, line in enumerate(lines.splitlines(), 1):
        named = find_firms(line) if line.strip() else []
        able = [one for one in named if one.answers]
        if len(able) == 1:
            found[able[0].id] = able[0]
        elif len(able) > 1:
            wrong.append(_("Line %(number)s: several organisations have this name. Enter the registration number.",
                           number=number))  # fmt: skip
        elif named:
            wrong.append(_("Line %(number)s: “%(text)s” is of a kind that takes part in no challenges.",
                           number=number, text=line.strip()[: addresses.SHOWN]))  # fmt: skip
        elif line.strip():
            wrong.append(_("Line %(number)s: no organisation here is called “%(text)s” or has this number.",
                           number=number, text=line.strip()[: addresses.SHOWN]))  # fmt: skip
    return list(found.values()), wrong


def _prepare(
    actor: Actor, challenge: Challenge, people: list[Addressee], firms: list[Organisation], message: str
) -> PreparedInvitations:
    result, named = PreparedInvitations(), [one.address for one in people]
    before = queries.known(challenge, named, [firm.id for firm in firms])
    rows = {row.address or row.organisation_id: row for row in before}
    refused, own = queries.refused_among(named), queries.sponsors_among(challenge, named)
    wanted: list[ChallengeInvitation] = []
    for one in people:
        row = rows.get(one.address)
        if one.address in refused:
            result.refused.append(one.address)
        elif one.address in own:
            result.own.append(one.address)
        elif row is None:
            wanted.append(ChallengeInvitation(challenge_id=challenge.id, address=one.address, name=one.name))
        elif not _again(row, wanted):
            result.known.append(one.address)
    for firm in firms:
        row = rows.get(firm.id)
        if firm.id in {one.id for one in challenge.sponsors}:
            result.own.append(firm.name)
        elif row is None:
            wanted.append(ChallengeInvitation(challenge_id=challenge.id, organisation_id=firm.id))
        elif not _again(row, wanted):
            result.known.append(firm.name)
    _check_number(challenge, wanted)
    for row in wanted:
        _keep(actor, row, message)
    result.added = len(wanted)
    return result


def _again(row: ChallengeInvitation, wanted: list[ChallengeInvitation]) -> bool:
    """Whether somebody who was invited before may be invited again: after it was withdrawn, while mails are left."""
    again = row.state == InvitationState.WITHDRAWN and row.mails < limits().invitation_mails
    if again:
        wanted.append(row)
    return again


def _check_number(challenge: Challenge, wanted: list[ChallengeInvitation]) -> None:
    bounds, number = limits(), len(wanted)
    if number > bounds.invitations_at_once:
        raise Invalid(_("At most %(most)s are invited at once. Send the others next.", most=bounds.invitations_at_once))
    fresh = sum(row.id is None for row in wanted)
    if queries.count_of(challenge) + fresh > bounds.invitations_per_challenge:
        raise Invalid(_("A challenge has at most %(most)s invitations.", most=bounds.invitations_per_challenge))
    left = bounds.invitations_per_day - queries.count_today(challenge.organisation_id)
    if number > left:
        raise Invalid(_(
            "Your organisation may invite at most %(most)s within a day; %(left)s are left now.",
            most=bounds.invitations_per_day, left=max(left, 0),
        ))  # fmt: skip


def _keep(actor: Actor, row: ChallengeInvitation, message: str) -> None:
    if row.id is not None:
        move(row, "prepare")
    assert actor.id is not None
    row.invited_by, row.prepared_at, row.message, row.ended_at = actor.id, clock.db_now(), message, None
    db.session.add(row)
    db.session.flush()
    record(actor, "challenge_invitation.prepared", row)


@atomic
def remind(actor: Actor, challenge_id: int, public_id: str) -> ChallengeInvitation:
    """Send an invitation again that was not opened. Raises Conflict: opened, too soon, often enough, no longer open, or
    the address wants no more.
    """
    challenge = access(actor, challenge_id, to=policy.can_invite)
    row, now, bounds = queries.get_one(challenge, public_id), clock.db_now(), limits()
    move(row, "remind")
    if not challenge.takes_proposals(now):
        raise Conflict(_("Invitations are prepared until the opening, and sent until the close."))
    if row.mails >= bounds.invitation_mails:
        raise Conflict(_("An invitation is sent at most %(most)s times.", most=bounds.invitation_mails))
    pause = timedelta(hours=bounds.invitation_pause_hours)
    if row.last_mail_at is not None and row.last_mail_at > now - pause:
        raise Conflict(_("Wait at least %(time)s before you send it again.", time=pause))
    if row.address is not None and queries.refused_among([row.address]):
        raise Conflict(_("This address wants no invitations."))
    if row.address is not None and queries.count_mails_today(row.address) >= bounds.invitations_per_address:
        raise Conflict(_("This address has had as many invitations today as it may get. Try again tomorrow."))
    _mail(row, now)
    record(actor, "challenge_invitation.reminded", row)
    return row


@atomic
def withdraw(actor: Actor, challenge_id: int, public_id: str) -> ChallengeInvitation:
    """Withdraw an invitation: its link ends, and so does its right to read the challenge. Raises Conflict once whoever
    was invited is registered.
    """
    challenge = access(actor, challenge_id, to=policy.can_invite)
    row = queries.get_one(challenge, public_id)
    move(row, "withdraw")
    row.ended_at = clock.db_now()
    record(actor, "challenge_invitation.withdrawn", row)
    return row


# ---- sending


@atomic
def send_next(challenge_id: int) -> tuple[int, bool]:
    """Send the next invitations of an open challenge. Returns how many were sent, and whether more are to be sent now;
    what its address gets tomorrow has a job of its own.
    """
    challenge, now = db.session.get_one(Challenge, challenge_id), clock.db_now()
    if not challenge.takes_proposals(now):
        return 0, False
    query = (
        sa.select(ChallengeInvitation)
        .where(
            ChallengeInvitation.challenge_id == challenge_id,
            ChallengeInvitation.state == InvitationState.PREPARED,
        )
        .order_by(ChallengeInvitation.id)
        .with_for_update(skip_locked=True)
    )
    rows = db.session.scalars(query).all()
    sent = waiting = 0
    for row in rows:
        if sent == AT_ONCE:
            return sent, True
        if row.address is not None and queries.count_mails_today(row.address) >= limits().invitations_per_address:
            waiting += 1
        else:
            _send(row, now)
            sent += 1
    if waiting:
        tomorrow = now + queries.DAY
        enqueue(SEND, challenge_id, at=tomorrow, key=f"{SEND}:{challenge_id}:{tomorrow:%Y%m%d%H}", wake=False)
    return sent, False


def _send(row: ChallengeInvitation, now: datetime) -> None:
    account = find_by_email(row.address) if row.address is not None else None
    closed = account is not None and not account.active
    if row.address is not None and (closed or queries.refused_among([row.address])):
        move(row, "block")
        row.ended_at = now
        record(SYSTEM, "challenge_invitation.blocked", row)
        return
    if account is not None:
        row.user_id = account.id
    row.sent_at = now
    move(row, "send")
    _mail(row, now)
    record(SYSTEM, "challenge_invitation.sent", row)


def _mail(row: ChallengeInvitation, now: datetime) -> None:
    row.mails, row.last_mail_at = row.mails + 1, now
    notifications.send(row, db.session.get(User, row.user_id) if row.user_id is not None else None)


# ---- the end


@atomic
def end(challenge: Challenge, now: datetime) -> None:
    """The challenge takes no more proposals: what is out ends without an answer, what was not sent is withdrawn."""
    mine = ChallengeInvitation.challenge_id == challenge.id
    out, unsent = ChallengeInvitation.state.in_(sorted(OUT)), ChallengeInvitation.state == InvitationState.PREPARED
    for rows, state in ((out, InvitationState.EXPIRED), (unsent, InvitationState.WITHDRAWN)):
        db.session.execute(sa.update(ChallengeInvitation).where(mine, rows).values(state=state, ended_at=now))


@atomic
def forget() -> int:
    """Delete names, addresses, messages and reasons of invitations to challenges that are over for a while, and the
    emails that carried them; how many had some.
    """
    over = sa.func.coalesce(Challenge.settled_at, Challenge.cancelled_at)
    old = sa.select(Challenge.id).where(over < clock.now() - timedelta(days=limits().invitation_days))
    query = sa.select(ChallengeInvitation).where(
        ChallengeInvitation.challenge_id.in_(old), ChallengeInvitation.address.is_not(None)
    )
    rows = db.session.scalars(query.with_for_update(of=ChallengeInvitation)).all()
    clear(rows)
    return len(rows)


def clear(rows: Iterable[ChallengeInvitation]) -> None:
    """Delete what these invitations say of people."""
    for row in rows:
        if row.address is not None:
            delete_sent_to(row.address, notifications.MAIL)
        row.address, row.name, row.message, row.reason = None, "", "", ""


def move(row: ChallengeInvitation, operation: str) -> None:
    """The next state of an invitation. Raises Conflict."""
    row.state = next_state(TRANSITIONS, WORDING, row.state, operation)
