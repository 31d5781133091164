"""Every write about support and vouchers: one transaction per operation."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _

from challenges import queries as challenges
from challenges.models import Challenge
from challenges.support import notifications, policy, queries
from challenges.support.models import SupportLine, Voucher
from challenges.support.workflow import TRANSITIONS, WORDING, GrantedTo
from crowd import clock
from crowd.accounts.models import Organisation
from crowd.accounts.parks.queries import find_firms
from crowd.audit import SYSTEM, Actor, record
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.reasons import required, written
from crowd.workflow import next_state

MAX_QUANTITY = 1_000_000
AT_ONCE = 500


# ---- the draft


@atomic
def add(
    actor: Actor, challenge_id: int, *, grantor: str, title: str, quantity: int, unit: str, conditions: str = "",
    granted_to: str, valid_days: int,
) -> SupportLine:  # fmt: skip
    """Write into a draft that an organisation, by its exact name or number, grants something; without a name it is the
    sponsor. Another grantor is asked to agree.

    Raises NotFound, Forbidden, Conflict where it is no draft, Invalid with messages by field.
    """
    challenge = _draft(challenges.access(actor, challenge_id, to=policy.can_edit, lock=True))
    _refuse_wrong(challenge, quantity, valid_days)
    whose = _grantor(challenge, grantor)
    line = SupportLine(
        challenge_id=challenge.id, grantor=whose, title=title.strip(), quantity=quantity, unit=unit.strip(),
        conditions=conditions.strip(), granted_to=GrantedTo(granted_to), valid_days=valid_days,
    )  # fmt: skip
    if whose.id == challenge.organisation_id:
        line.agreed_by, line.agreed_at = actor.id, clock.db_now()
    db.session.add(line)
    challenge.changed_at = clock.db_now()
    record(actor, "challenge.support_added", challenge, grantor=whose.name, support=line.title)
    if line.waits:
        notifications.asked(challenge, line)
    return line


def _grantor(challenge: Challenge, words: str) -> Organisation:
    if not words.strip():
        return challenge.organisation
    found = find_firms(words)
    if not found:
        raise Invalid.at("grantor", _("No organisation here has this name or registration number."))
    if len(found) > 1:
        raise Invalid.at("grantor", _("Several organisations have this name. Enter the registration number."))
    if found[0].verified_at is None:
        raise Invalid.at("grantor", _("Only a verified organisation can grant support."))
    return found[0]


def _refuse_wrong(challenge: Challenge, quantity: int, valid_days: int) -> None:
    bounds = limits()
    if len(queries.lines_of(challenge.id)) >= bounds.support_lines:
        raise Invalid.at(
            "title", _("A challenge may have at most %(most)s kinds of support.", most=bounds.support_lines)
        )
    if not 1 <= quantity <= MAX_QUANTITY:
        raise Invalid.at("quantity", _("Choose a number from 1 to %(most)s.", most=MAX_QUANTITY))
    if not 1 <= valid_days <= bounds.max_voucher_days:
        raise Invalid.at("valid_days", _("Choose a number from 1 to %(most)s.", most=bounds.max_voucher_days))


@atomic
def remove(actor: Actor, challenge_id: int, line_id: int) -> None:
    """Remove support from a draft. Raises NotFound, Forbidden, Conflict."""
    challenge = _draft(challenges.access(actor, challenge_id, to=policy.can_edit, lock=True))
    line = queries.access_line(challenge, line_id)
    record(actor, "challenge.support_removed", challenge, grantor=line.grantor.name, support=line.title)
    db.session.delete(line)
    challenge.changed_at = clock.db_now()


@atomic
def agree(actor: Actor, challenge_id: int, line_id: int) -> SupportLine:
    """Agree, for the grantor, to grant it. Raises NotFound, Forbidden, Conflict where it is no draft or answered."""
    challenge, line = _to_answer(actor, challenge_id, line_id)
    line.agreed_by, line.agreed_at, line.declined_at = actor.id, clock.db_now(), None
    record(actor, "challenge.support_agreed", challenge, grantor=line.grantor.name, support=line.title)
    notifications.answered(challenge, line)
    return line


@atomic
def decline(actor: Actor, challenge_id: int, line_id: int) -> SupportLine:
    """Decline to grant it, or take the agreement back: as long as the challenge is a draft."""
    challenge, line = _to_answer(actor, challenge_id, line_id)
    line.agreed_by, line.agreed_at, line.declined_at = None, None, clock.db_now()
    record(actor, "challenge.support_declined", challenge, grantor=line.grantor.name, support=line.title)
    notifications.answered(challenge, line)
    return line


def _to_answer(actor: Actor, challenge_id: int, line_id: int) -> tuple[Challenge, SupportLine]:
    queries.access_support(actor, challenge_id)
    challenge = _draft(challenges.access(SYSTEM, challenge_id, lock=True))
    line = queries.access_line(challenge, line_id)
    if not policy.can_answer(actor, line):
        raise Forbidden
    return challenge, line


def check_agreed(challenge: Challenge) -> None:
    """Before it is submitted or approved: every grantor has agreed. Raises Conflict."""
    for line in queries.lines_of(challenge.id):
        if line.agreed_at is None:
            raise Conflict(
                _("%(grantor)s has not agreed to grant “%(support)s”.", grantor=line.grantor.name, support=line.title)
            )


def _draft(challenge: Challenge) -> Challenge:
    if not challenge.is_draft:
        raise Conflict(_("This can only be changed while the challenge is a draft."))
    return challenge


# ---- vouchers


@atomic
def issue(
    challenge: Challenge, to: GrantedTo, user_id: int, organisation_id: int | None, *, now: datetime
) -> list[Voucher]:
    """Give a party its vouchers: once it has registered, or once it is awarded. The caller has locked its row. Who has
    redeemed one, left and come back gets no other of the same line.
    """
    issued, used = [], queries.redeemed_lines(challenge.id, user_id, organisation_id)
    for line in queries.lines_of(challenge.id):
        if line.granted_to != to or line.id in used:
            continue
        voucher = Voucher(
            support_id=line.id, line=line, challenge_id=challenge.id, user_id=user_id, organisation_id=organisation_id,
            granted_at=now, expires_at=now + timedelta(days=line.valid_days),
        )  # fmt: skip
        db.session.add(voucher)
        db.session.flush()
        notifications.granted(challenge, voucher)
        issued.append(voucher)
    return issued


@atomic
def void(
    actor: Actor, challenge: Challenge, user_id: int, organisation_id: int | None, *, only: GrantedTo | None = None
) -> None:
    """A party no longer takes part, or has no award any more (`only`): what it has not redeemed is void. The grantor
    settles what it has.
    """
    for voucher in queries.open_of(challenge.id, user_id, organisation_id):
        if only not in (None, voucher.line.granted_to):
            continue
        voucher.state = next_state(TRANSITIONS, WORDING, voucher.state, "void")
        record(actor, "voucher.voided", voucher, support=voucher.line.title)


@atomic
def redeem(actor: Actor, public_id: str, *, wish: str) -> Voucher:
    """Redeem a voucher at its grantor, with what the party wants and when. The grantor then knows who takes part.

    Raises NotFound, Forbidden, Invalid without a wish, Conflict where it was redeemed, or has expired.
    """
    voucher = queries.access_voucher(actor, public_id, to=policy.holds, lock=True)
    wish = written(wish, "wish")
    after, now = next_state(TRANSITIONS, WORDING, voucher.state, "redeem"), clock.db_now()
    if voucher.expires_at <= now:
        raise Conflict(_("This voucher has expired."))
    voucher.state, voucher.wish, voucher.redeemed_at, voucher.reason = after, wish, now, ""
    record(actor, "voucher.redeemed", voucher, support=voucher.line.title)
    notifications.redeemed(voucher)
    return voucher


@atomic
def confirm(actor: Actor, public_id: str) -> Voucher:
    """Confirm, for the grantor, that a redeemed voucher was used. Raises NotFound, Forbidden, Conflict."""
    voucher = queries.access_voucher(actor, public_id, to=policy.can_confirm, lock=True)
    after, now = next_state(TRANSITIONS, WORDING, voucher.state, "confirm"), clock.db_now()
    voucher.state, voucher.confirmed_by, voucher.confirmed_at = after, actor.id, now
    record(actor, "voucher.confirmed", voucher, support=voucher.line.title)
    notifications.confirmed(voucher)
    return voucher


@atomic
def refuse(actor: Actor, public_id: str, *, reason: str) -> Voucher:
    """Hand a redeemed voucher back to its party, with a reason: it can be redeemed again as long as it is valid.

    Raises NotFound, Forbidden, Invalid without a reason, Conflict.
    """
    voucher = queries.access_voucher(actor, public_id, to=policy.can_confirm, lock=True)
    reason = required(reason)
    voucher.state = next_state(TRANSITIONS, WORDING, voucher.state, "refuse")
    voucher.reason = reason
    record(actor, "voucher.handed_back", voucher, support=voucher.line.title, reason=reason)
    notifications.handed_back(voucher)
    return voucher


@atomic
def expire(actor: Actor) -> int:
    """Expire vouchers whose time has passed; one that is redeemed waits for its grantor. Returns how many."""
    rows = queries.due_to_expire(clock.now(), AT_ONCE)
    for voucher in rows:
        voucher.state = next_state(TRANSITIONS, WORDING, voucher.state, "expire")
        record(actor, "voucher.expired", voucher, support=voucher.line.title)
        notifications.expired(voucher)
    return len(rows)


@atomic
def remind(actor: Actor) -> int:
    """Remind the parties of vouchers that expire within a week, once each; returns how many reminders are out."""
    now = clock.now()
    rows = queries.soon_to_expire(now, now + timedelta(days=7))
    for voucher in rows:
        notifications.expires_soon(voucher)
    return len(rows)
