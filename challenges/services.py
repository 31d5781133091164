"""Every write to a challenge: one verb, one transaction. Who may is policy's, when is MOVES', the rest is here."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from challenges import brief as briefs
from challenges import notices, policy, reference, text
from challenges.brief import Brief
from challenges.models import Challenge, Criterion, Prize
from challenges.queries import access, last_event, source_of
from challenges.workflow import MOVES, State
from crowd import clock
from crowd.accounts.models import Organisation
from crowd.audit import SYSTEM, record
from crowd.background import enqueue
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.ledger import moves
from crowd.ledger import queries as ledger
from crowd.ledger.models import Owner, PotKind
from crowd.money import basis_points
from crowd.web.templating import format_money
from crowd.workflow import step


def _take(actor: Any, challenge_id: int, verb: str) -> tuple[Challenge, datetime]:
    """The challenge under its lock, from whose state the verb may start, and the database's instant, read after the
    lock was granted. Nothing is changed yet: whatever else may be in the way is looked at first.
    """
    challenge = access(actor, challenge_id, to=policy.RULES[verb], lock=True)
    step(MOVES, challenge.state, verb)
    return challenge, clock.db_now()


def _move(challenge: Challenge, verb: str, now: datetime) -> None:
    challenge.state = step(MOVES, challenge.state, verb)
    challenge.changed_at = now


# ---- the draft


@atomic
def create(actor: Any, organisation_id: int, *, brief: Brief, copied_from_id: int | None = None) -> Challenge:
    """Begin a draft for an organisation. Raises NotFound, Forbidden, Invalid."""
    organisation = db.session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound
    if not policy.can_create(actor, organisation):
        raise Forbidden(_("Only members of an enterprise or a government body post challenges."))
    now = clock.db_now()
    challenge = Challenge(
        organisation=organisation, created_by=actor.id, copied_from_id=copied_from_id, created_at=now,
        appeal_seconds=limits().appeal_seconds, proposals_limit=limits().proposals_per_challenge, changed_at=now,
    )  # fmt: skip
    _write(challenge, brief)
    db.session.add(challenge)
    record(actor, "challenge.created", challenge, title=challenge.title, copied_from=copied_from_id)
    return challenge


@atomic
def edit(actor: Any, challenge_id: int, *, brief: Brief, seen: datetime | None = None) -> Challenge:
    """Replace the brief of a draft as a whole. A run of saves by one person is one event.

    `seen` is the `changed_at` from which the person wrote. Raises Conflict where the challenge is no draft, or where
    somebody else has saved since; Invalid with messages by field.
    """
    challenge = access(actor, challenge_id, to=policy.can_edit, lock=True)
    if challenge.state != State.DRAFT:
        raise Conflict(_locked(challenge))
    if seen is not None and seen != challenge.changed_at:
        raise Conflict(
            _("Somebody else has saved this draft since you opened it. Nothing was overwritten."), stale=True
        )
    _write(challenge, brief)
    challenge.changed_at = clock.db_now()
    last = last_event(challenge)
    if last is None or (last.verb, last.actor_id) != ("challenge.edited", actor.id):
        record(actor, "challenge.edited", challenge, title=challenge.title)
    return challenge


def _locked(challenge: Challenge) -> str:
    if challenge.published_at is not None:
        return _("The challenge is published. Its prizes, rubric and dates are promised and can no longer be changed.")
    if challenge.state == State.SCREENING:
        return _("The challenge is being screened. Take it back first, then change it.")
    return _("Only a draft can be changed. Nothing was saved.")


def _write(challenge: Challenge, brief: Brief) -> None:
    _refuse(briefs.problems(brief, limits()))
    plain = ("title", "summary", "need", "type", "stage", "language", "currency", "rights", "opens_at", "closes_at")
    for name in (*plain, "time_zone", "prize_total"):
        setattr(challenge, name, getattr(brief, name))
    challenge.tags = list(brief.tags)
    challenge.proposals_limit = brief.proposals_limit or limits().proposals_per_challenge
    challenge.appeal_seconds = brief.appeal_seconds or limits().appeal_seconds
    challenge.prizes.clear()
    challenge.criteria.clear()
    db.session.flush()  # the old rows go before new ones take their positions
    challenge.prizes.extend(
        Prize(position=i, title=p.title, amount=p.amount, places=p.places) for i, p in enumerate(brief.prizes, 1)
    )
    challenge.criteria.extend(
        Criterion(position=i, title=c.title, description=c.description, weight=c.weight, scale=c.scale)
        for i, c in enumerate(brief.criteria, 1)
    )
    challenge.search = text.tokens(
        challenge.title, challenge.organisation.name, " ".join(challenge.tags), challenge.summary, challenge.need
    )


def _refuse(problems: Any) -> None:
    fields: dict[str, list[Any]] = {}
    for field, message in problems:
        fields.setdefault(field, []).append(message)
    if fields:
        raise Invalid(_("Something needs your attention"), fields=fields)


@atomic
def copy(actor: Any, challenge_id: int, organisation_id: int) -> Challenge:
    """Take a challenge, also another platform's, as the start of a draft. Dates are left out: they would be past."""
    challenge = access(actor, challenge_id, to=policy.can_copy)
    brief = briefs.of(challenge)
    source = source_of(challenge) if challenge.external else None
    if source is not None:
        brief = briefs.foreign(brief, source.understood.get("sections", {}), challenge.prize_total)
    fresh = briefs.fresh(brief, limits())
    return create(actor, organisation_id, brief=fresh, copied_from_id=challenge.id)


# ---- screening


@atomic
def submit(actor: Any, challenge_id: int, *, cost: int | None = None) -> Challenge:
    """Send a draft to screening, at the fee in force. `cost` (minor units) is the total that the person was shown.

    Raises Invalid with what is missing, Conflict where the cost is another by now.
    """
    challenge, now = _take(actor, challenge_id, "submit")
    _refuse(briefs.gaps(briefs.of(challenge), limits(), now))
    version, points = ledger.current_fee(kind="award", at=now)
    if cost is not None and cost != challenge.prize_total + basis_points(challenge.prize_total, points):
        raise Conflict(_("The cost has changed since you saw it. Please look at it again; nothing was sent."))
    _move(challenge, "submit", now)
    challenge.fee_version, challenge.fee_points = version, points
    challenge.submitted_at, challenge.screening_note = now, ""
    challenge.approved_at = challenge.fund_by = None
    record(actor, "challenge.submitted", challenge, cost=challenge.cost, fee_version=challenge.fee_version)
    notices.screening_asked(challenge)
    return challenge


@atomic
def recall(actor: Any, challenge_id: int) -> Challenge:
    """Take a challenge back from screening, to change it."""
    challenge, now = _take(actor, challenge_id, "recall")
    _move(challenge, "recall", now)
    record(actor, "challenge.recalled", challenge)
    return challenge


@atomic
def send_back(actor: Any, challenge_id: int, *, reason: str) -> Challenge:
    """The screening sends a challenge back, and says what to change."""
    _say(reason)
    challenge, now = _take(actor, challenge_id, "send_back")
    _move(challenge, "send_back", now)
    challenge.screening_note = reason.strip()
    record(actor, "challenge.sent_back", challenge, reason=challenge.screening_note)
    notices.sent_back(challenge)
    return challenge


@atomic
def approve(actor: Any, challenge_id: int, *, note: str = "") -> Challenge:
    """The screening approves: the sponsor gets a payment reference and a date by which to pay.

    Raises Conflict where the organisation is not verified, or where the closing date leaves no time to pay and open.
    """
    challenge, now = _take(actor, challenge_id, "approve")
    if challenge.organisation.verified_at is None:
        raise Conflict(_("The organisation is not verified yet. Verify it first, then approve."))
    assert challenge.closes_at is not None
    last_opening = challenge.closes_at - timedelta(seconds=limits().open_seconds_least)
    if last_opening <= now:
        raise Conflict(_("The closing date is too near by now. Send the challenge back for another one."))
    _move(challenge, "approve", now)
    challenge.approved_at, challenge.screening_note = now, note.strip()
    challenge.fund_by = min(now + timedelta(days=limits().funding_days), last_opening)
    challenge.payment_reference = challenge.payment_reference or reference.make(now.year, challenge.id)
    record(actor, "challenge.approved", challenge, reference=challenge.payment_reference, cost=challenge.cost)
    notices.approved(challenge)
    return challenge


# ---- money in


@atomic
def fund(actor: Any, challenge_id: int) -> Challenge:
    """Move prizes and fee from the sponsor's free balance into escrow; open at once where the opening has come.

    Raises Conflict where the balance is short (`missing`, minor units) or the time to pay has passed.
    """
    challenge, now = _take(actor, challenge_id, "fund")
    if challenge.fund_by is not None and now > challenge.fund_by:
        raise Conflict(_("The time to pay has passed; the challenge goes back to draft. The money stays yours."))
    whose, currency = challenge.organisation_id, challenge.currency
    missing = challenge.cost - ledger.balance(PotKind.SPONSOR, Owner.ORGANISATION, whose, currency)
    if missing > 0:
        amount = format_money(missing, currency)
        raise Conflict(_("The free balance is short by %(amount)s.", amount=amount), missing=missing)
    moves.fund(actor, challenge.id, organisation_id=whose, currency=currency, amount=challenge.cost)
    _move(challenge, "fund", now)  # only now: the ledger, too, may refuse
    challenge.funded_at = now
    record(actor, "challenge.funded", challenge, amount=challenge.cost, currency=currency)
    notices.funded(challenge)
    if challenge.opens_at is None or challenge.opens_at <= now:
        return open(SYSTEM, challenge.id)
    key = f"open:{challenge.id}:{challenge.opens_at.isoformat()}"
    enqueue("challenges.jobs.open_one", challenge.id, at=challenge.opens_at, key=key, challenge_id=challenge.id)
    return challenge


@atomic
def lapse(actor: Any, challenge_id: int) -> Challenge:
    """What was not paid in time is a draft again. Money that came stays the sponsor's free balance."""
    challenge, now = _take(actor, challenge_id, "lapse")
    if challenge.fund_by is None or now < challenge.fund_by:
        raise Conflict(_("There is still time to pay."))
    _move(challenge, "lapse", now)
    record(actor, "challenge.lapsed", challenge)
    notices.lapsed(challenge)
    return challenge


# ---- open to close


@atomic
def open(actor: Any, challenge_id: int) -> Challenge:
    """Publish, and take proposals from now on. Raises Conflict before the opening date."""
    challenge, now = _take(actor, challenge_id, "open")
    if challenge.opens_at is not None and now < challenge.opens_at:
        raise Conflict(_("The opening date has not come."))
    _move(challenge, "open", now)
    challenge.opens_at = challenge.opens_at or now
    challenge.published_at = now
    record(actor, "challenge.opened", challenge)
    notices.opened(challenge)
    assert challenge.closes_at is not None
    key = f"close:{challenge.id}:{challenge.closes_at.isoformat()}"
    enqueue("challenges.jobs.close_one", challenge.id, at=challenge.closes_at, key=key, challenge_id=challenge.id)
    return challenge


@atomic
def close(actor: Any, challenge_id: int) -> Challenge:
    """Stop taking proposals and begin the judging. Raises Conflict before the closing date."""
    challenge, now = _take(actor, challenge_id, "close")
    if challenge.closes_at is not None and now < challenge.closes_at:
        raise Conflict(_("The closing date has not come."))
    _move(challenge, "close", now)
    challenge.closed_at = now
    challenge.reviews_due_at = now + timedelta(days=limits().review_days)
    challenge.decide_by = now + timedelta(days=limits().review_days + limits().decision_days)
    record(actor, "challenge.closed", challenge, proposals=challenge.proposals_count)
    notices.closed(challenge)
    enqueue("scoring.jobs.form_panel", challenge.id, key=f"panel:{challenge.id}", challenge_id=challenge.id)
    _tell_participants(challenge, "closed")
    return challenge


def _tell_participants(challenge: Challenge, what: str) -> None:
    key = f"tell:{what}:{challenge.id}"
    enqueue("submissions.jobs.tell_participants", challenge.id, what, key=key, challenge_id=challenge.id)


@atomic
def cancel(actor: Any, challenge_id: int, *, reason: str) -> Challenge:
    """Call a challenge off, with a reason that is shown; what lies in escrow goes back to the sponsor."""
    _say(reason)
    challenge, now = _take(actor, challenge_id, "cancel")
    in_escrow = challenge.in_escrow
    _move(challenge, "cancel", now)
    challenge.cancelled_at, challenge.cancel_reason = now, reason.strip()
    if in_escrow:
        db.session.flush()
        whose, currency = challenge.organisation_id, challenge.currency
        moves.refund(actor, challenge.id, organisation_id=whose, currency=currency, reason=challenge.cancel_reason)
    record(actor, "challenge.cancelled", challenge, reason=challenge.cancel_reason, refunded=in_escrow)
    notices.cancelled(challenge)
    if challenge.published_at is not None:
        _tell_participants(challenge, "cancelled")
    return challenge


def _say(reason: str) -> None:
    most = limits().reason_length
    if not reason.strip():
        raise Invalid(_("Say why."), fields={"reason": [_("Say why.")]})
    if len(reason) > most:
        message = _("This may have at most %(most)s characters.", most=most)
        raise Invalid(message, fields={"reason": [message]})


# ---- verdict: `scoring.services` calls these two inside its own transactions


@atomic
def decide(actor: Any, challenge_id: int) -> Challenge:
    """The decision is taken and published; the appeal window begins."""
    challenge, now = _take(actor, challenge_id, "decide")
    _move(challenge, "decide", now)
    challenge.decided_at = now
    challenge.appeals_until = now + challenge.appeal_window
    record(actor, "challenge.decided", challenge, appeals_until=challenge.appeals_until.isoformat())
    return challenge


@atomic
def settle(actor: Any, challenge_id: int) -> Challenge:
    """Everything is paid or refunded. Raises Conflict while the appeal window is open."""
    challenge, now = _take(actor, challenge_id, "settle")
    if challenge.appeals_until is not None and now < challenge.appeals_until:
        raise Conflict(_("The time to appeal has not passed."))
    _move(challenge, "settle", now)
    challenge.settled_at = now
    record(actor, "challenge.settled", challenge)
    return challenge


# ---- records of another platform's challenges


@atomic
def archive(actor: Any, challenge_id: int) -> Challenge:
    """The dates of an external record have run out."""
    challenge, now = _take(actor, challenge_id, "archive")
    _move(challenge, "archive", now)
    record(actor, "challenge.archived", challenge)
    return challenge


@atomic
def relist(actor: Any, challenge_id: int) -> Challenge:
    """The dates of an external record run again: its platform has moved them."""
    challenge, now = _take(actor, challenge_id, "relist")
    _move(challenge, "relist", now)
    record(actor, "challenge.relisted", challenge)
    return challenge
