"""What a challenge waits for: computed from its state, and within a state from the data that its transitions use.

`phase_of` decides; pages, lists, dashboards and emails all show its sentence, so that none contradicts another. The
steps after it, each with who does it and by when, are computed here, too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from challenges.deciding import Silence
from challenges.models import Challenge
from challenges.schedule import decision_due_at, opening_wait_ends, reviews_due_at
from challenges.silence import silence_over
from challenges.workflow import ChallengeState
from crowd.errors import Sentence
from crowd.values import term


class Phase(StrEnum):
    """What a challenge waits for: most states have one phase; where a date has passed or a part is done, a state has
    several.
    """

    DRAFT = "draft"
    SCREENING = "screening"
    PAYING = "paying"
    UNPAID = "unpaid"  # the time to pay has passed; a job makes it a draft again
    WAITING = "waiting"
    OPENING = "opening"  # the opening date has passed; a job opens it
    UNOPENED = "unopened"  # the job that opens it found that the organisation is not verified any more
    OPEN = "open"
    CLOSING = "closing"  # the closing date has passed; what arrived in time is still accepted, then a job closes it
    FORMING = "forming"
    REVIEWING = "reviewing"
    LATE = "late"  # reviews are missing after their date: the decision does not wait for them
    EMPTY = "empty"
    DECIDING = "deciding"
    OVERDUE = "overdue"
    CENTRE = "centre"  # the sponsor's date has passed: by the contract the service centre decides by another one
    SILENT = "silent"  # the last date has passed: a job carries out what the contract says
    APPEALS = "appeals"
    SETTLING = "settling"  # the time to appeal has passed; a job pays
    HELD = "held"  # the job found an award that the council must check first
    UNVERIFIED = "unverified"  # the job found an award to an organisation that is not verified
    PAYMENT_HELD = "payment_held"  # by the council or the service centre: nothing is paid or returned until its release
    SETTLED = "settled"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"  # cancelled after the money was in escrow
    STOPPED = "stopped"  # the same in judging, where reviewers have a fee
    LISTED = "listed"
    ENDED = "ended"  # the dates of an external record have passed; a job archives it
    ARCHIVED = "archived"


NOW: dict[Phase, Sentence] = {
    Phase.DRAFT: _l("The draft is completed and submitted for screening."),
    Phase.SCREENING: _l("The challenge is approved, or returned with remarks."),
    Phase.PAYING: _l("Prizes and fee are paid in. Without the money the challenge becomes a draft again."),
    Phase.UNPAID: _l("The time to pay has passed: the challenge becomes a draft again."),
    Phase.WAITING: _l("The money is in escrow. The challenge opens automatically."),
    Phase.OPENING: _l("The opening date has come: the challenge opens in a moment."),
    Phase.UNOPENED: _l(
        "The organisation is not verified any more. The challenge opens by itself once it is verified again; if it is"
        " not by the date, the challenge is cancelled and the money returns."
    ),
    Phase.OPEN: _l("Open for proposals. It closes automatically; proposals stay sealed until then."),
    Phase.CLOSING: _l("Closing now: proposals that arrived in time are still being accepted."),
    Phase.FORMING: _l("The panel is being chosen from experts of the field without a conflict of interest."),
    Phase.REVIEWING: _l("The panel reviews the proposals."),
    Phase.LATE: _l("Reviews are overdue: the decision can be taken without those that are missing."),
    Phase.EMPTY: _l("No proposals were submitted: the challenge is closed without an award."),
    Phase.DECIDING: _l("All reviews are submitted. Next, the awards are decided and published with their reasons."),
    Phase.OVERDUE: _l("The decision is overdue: the service centre or the council may now decide, too."),
    Phase.CENTRE: _l("The sponsor let the date pass: by the contract the service centre decides now."),
    Phase.SILENT: _l("Nobody has decided in time: what the contract says of that follows in a moment."),
    Phase.APPEALS: _l("Participants can appeal. The prizes stay in escrow until then."),
    Phase.SETTLING: _l("The appeal period has ended: the awards are paid out of escrow in a moment."),
    Phase.HELD: _l(
        "The council must review an award before it is paid. It stays in escrow until then; others are paid."
    ),
    Phase.UNVERIFIED: _l(
        "An award waits until the organisation that gets it is verified. It stays in escrow until then; others are "
        "paid."
    ),
    Phase.PAYMENT_HELD: _l(
        "The payment is held; the results say why. What is not paid stays in escrow until it is released."
    ),
    Phase.SETTLED: _l("Nothing more: the money has left escrow, awards to the winners and the rest to the sponsor."),
    Phase.CANCELLED: _l("Nothing more: it was cancelled before any money was in escrow."),
    Phase.REFUNDED: _l("Nothing more: all money in escrow went back to the sponsor."),
    Phase.STOPPED: _l(
        "Nothing more: the fees of reviews that came in time were paid, and the rest of the escrow went back to the "
        "sponsor."
    ),
    Phase.LISTED: _l("Proposals go to the other platform. The record is archived when its dates have run out."),
    Phase.ENDED: _l("The dates of the record have passed: it is archived within the hour."),
    Phase.ARCHIVED: _l(
        "Nothing more here: the dates of the record have passed. See the other platform for the outcome."
    ),
}
_DECIDING: dict[Silence, Sentence] = {  # the decision as a later step, by what follows where the sponsor is silent
    Silence.CENTRE_OR_COUNCIL: _l(
        "The awards are decided and published with their reasons. If the sponsor lets the date pass, the service "
        "centre or the council may decide, too."
    ),
    Silence.CENTRE: _l(
        "The awards are decided and published with their reasons. If the sponsor lets the date pass, the service "
        "centre decides."
    ),
    Silence.RANKING: _l(
        "The awards are decided and published with their reasons. If the sponsor lets the date pass, the prizes go "
        "by ranking."
    ),
    Silence.REFUND: _l(
        "The awards are decided and published with their reasons. If the sponsor lets the date pass, nothing is "
        "awarded and all money returns to the sponsor."
    ),
}
PLANNED: dict[Phase, Sentence] = {  # the sentence of a later step
    Phase.WAITING: _l("It opens automatically when the money is in escrow."),
    Phase.SETTLING: _l("The awards are paid out of escrow automatically; the rest goes back to the sponsor."),
}
WAY = (  # the remaining steps of a challenge, in order
    Phase.DRAFT, Phase.SCREENING, Phase.PAYING, Phase.WAITING, Phase.OPEN, Phase.REVIEWING, Phase.DECIDING,
    Phase.APPEALS, Phase.SETTLING,
)  # fmt: skip
INSTEAD = {  # a phase that replaces a step
    Phase.UNPAID: Phase.PAYING, Phase.OPENING: Phase.WAITING, Phase.UNOPENED: Phase.WAITING,
    Phase.CLOSING: Phase.OPEN,
    Phase.FORMING: Phase.REVIEWING, Phase.LATE: Phase.DECIDING, Phase.EMPTY: Phase.DECIDING,
    Phase.OVERDUE: Phase.DECIDING, Phase.CENTRE: Phase.DECIDING, Phase.SILENT: Phase.DECIDING,
    Phase.HELD: Phase.SETTLING, Phase.UNVERIFIED: Phase.SETTLING, Phase.PAYMENT_HELD: Phase.SETTLING,
}  # fmt: skip
OVER = frozenset({Phase.SETTLED, Phase.CANCELLED, Phase.REFUNDED, Phase.STOPPED, Phase.ARCHIVED})
MOMENTS = frozenset(  # a job is about to run: an open page should poll
    {Phase.UNPAID, Phase.OPENING, Phase.CLOSING, Phase.FORMING, Phase.SILENT, Phase.SETTLING, Phase.ENDED}
)
HOLDS = frozenset(
    {Phase.HELD, Phase.UNVERIFIED, Phase.PAYMENT_HELD}
)  # a date has no meaning until somebody has released it
SPONSORS = frozenset(
    {Phase.DRAFT, Phase.PAYING, Phase.UNOPENED, Phase.LATE, Phase.EMPTY, Phase.DECIDING, Phase.OVERDUE, Phase.CENTRE}
)


def phase_of(challenge: Challenge, now: datetime) -> Phase:
    """What the challenge waits for at `now`."""
    return _PHASES[challenge.state](challenge, now)


def _judging(challenge: Challenge, now: datetime) -> Phase:
    """In the order in which the decision depends on them: the service checks the same of the row."""
    if challenge.decision_overdue(now) and challenge.panel_formed_at is not None:
        return _overdue(challenge, now)
    if challenge.proposals_count == 0:
        return Phase.EMPTY
    if challenge.panel_formed_at is None:
        return Phase.FORMING
    if challenge.reviews_in_at is not None:
        return Phase.DECIDING
    return Phase.LATE if challenge.decision_open(now) else Phase.REVIEWING


def _overdue(challenge: Challenge, now: datetime) -> Phase:
    if silence_over(challenge, now):
        return Phase.SILENT
    return Phase.CENTRE if challenge.silence == Silence.CENTRE else Phase.OVERDUE


def _decided(challenge: Challenge, now: datetime) -> Phase:
    if challenge.payment_held_at is not None:
        return Phase.PAYMENT_HELD
    if not _reached(challenge.appeals_until, now):
        return Phase.APPEALS
    if challenge.held_at is not None:
        return Phase.HELD
    return Phase.SETTLING if challenge.unverified_at is None else Phase.UNVERIFIED


def appeals_open(challenge: Challenge, now: datetime) -> bool:
    """Whether participants can appeal: also while the payment is held."""
    return challenge.awaits_settlement and not _reached(challenge.appeals_until, now)


def _cancelled(challenge: Challenge) -> Phase:
    if challenge.honoraria and challenge.panel_formed_at is not None:
        return Phase.STOPPED
    return Phase.REFUNDED if challenge.funded_at else Phase.CANCELLED


def _reached(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now


def _funded(challenge: Challenge, now: datetime) -> Phase:
    if not _reached(challenge.opens_at or now, now):
        return Phase.WAITING
    return Phase.OPENING if challenge.unverified_at is None else Phase.UNOPENED


_PHASES: dict[ChallengeState, Callable[[Challenge, datetime], Phase]] = {
    ChallengeState.DRAFT: lambda one, now: Phase.DRAFT,
    ChallengeState.SCREENING: lambda one, now: Phase.SCREENING,
    ChallengeState.APPROVED: lambda one, now: Phase.UNPAID if _reached(one.funding_due_at, now) else Phase.PAYING,
    ChallengeState.FUNDED: _funded,
    ChallengeState.OPEN: lambda one, now: Phase.CLOSING if _reached(one.closes_at, now) else Phase.OPEN,
    ChallengeState.JUDGING: _judging,
    ChallengeState.DECIDED: _decided,
    ChallengeState.SETTLED: lambda one, now: Phase.SETTLED,
    ChallengeState.CANCELLED: lambda one, now: _cancelled(one),
    ChallengeState.LISTED: lambda one, now: Phase.ENDED if _reached(one.closes_at, now) else Phase.LISTED,
    ChallengeState.ARCHIVED: lambda one, now: Phase.ARCHIVED,
}


@dataclass(frozen=True, slots=True)
class Next:
    """One step: what, by whom and by when (None: no date); `planned`: the date follows from others and may move."""

    phase: Phase
    what: str
    who: str
    by: datetime | None = None
    planned: bool = False

    @property
    def over(self) -> bool:
        """Whether there is nothing more to come."""
        return self.phase in OVER

    @property
    def sponsors(self) -> bool:
        """Whether the sponsor must do it."""
        return self.phase in SPONSORS


def next_of(challenge: Challenge, now: datetime) -> Next:
    """What the challenge waits for; where nothing is left to do, why."""
    phase = phase_of(challenge, now)
    named = phase if phase in (Phase.CENTRE, Phase.UNOPENED) else INSTEAD.get(phase, phase)
    by = None if phase in MOMENTS | HOLDS else _by(challenge, named)
    return Next(phase, str(NOW[phase]), _who(challenge, phase), by)


def sentence(challenge: Challenge, now: datetime) -> str:
    """The sentence alone, which needs no more of the row than its state and dates."""
    return str(NOW[phase_of(challenge, now)])


def fact(challenge: Challenge, now: datetime) -> dict[str, object]:
    """The same as a fact of a notification, which each reader sees in their own language."""
    return term(phase_of(challenge, now), "next_step")


def coming(challenge: Challenge, now: datetime) -> list[Next]:
    """The steps still to come, in order; none after the end."""
    first = next_of(challenge, now)
    if first.over:
        return []
    here = INSTEAD.get(first.phase, first.phase)
    later = WAY[WAY.index(here) + 1 :] if here in WAY else ()
    return [first, *(_later(challenge, phase) for phase in later)]


def _later(challenge: Challenge, phase: Phase) -> Next:
    what = str(_DECIDING[challenge.silence] if phase == Phase.DECIDING else PLANNED.get(phase) or NOW[phase])
    dated = phase == Phase.SETTLING and challenge.state == ChallengeState.DECIDED
    return Next(phase, what, _who(challenge, phase), _by(challenge, phase), planned=not dated)


def ended(challenge: Challenge) -> str:
    """Why nothing is left to do; empty where something is."""
    phase = phase_of(challenge, challenge.changed_at)
    return str(NOW[phase]) if phase in OVER else ""


def _who(challenge: Challenge, phase: Phase) -> str:
    if phase in (Phase.OVERDUE, Phase.CENTRE):
        return _("%(sponsor)s, the service centre or the council", sponsor=challenge.organisation.name)
    if phase in SPONSORS:
        return str(challenge.organisation.name)
    others = {
        Phase.SCREENING: _("the service centre"),
        Phase.REVIEWING: _("the panel"),
        Phase.APPEALS: _("participants"),
        Phase.HELD: _("the council"),
        Phase.UNVERIFIED: _("the organisation, and the service centre"),
        Phase.PAYMENT_HELD: _("the council"),
    }
    return others.get(phase) or _("the platform")


def _by(challenge: Challenge, phase: Phase) -> datetime | None:
    dates: dict[Phase, Callable[[Challenge], datetime | None]] = {
        Phase.PAYING: lambda one: one.funding_due_at,
        Phase.WAITING: lambda one: one.opens_at,
        Phase.UNOPENED: opening_wait_ends,
        Phase.OPEN: lambda one: one.closes_at,
        Phase.REVIEWING: reviews_due,
        Phase.DECIDING: decision_due,
        Phase.CENTRE: lambda one: one.silence_at,
        Phase.APPEALS: appeals_until,
        Phase.SETTLING: appeals_until,
        Phase.LISTED: lambda one: one.closes_at,
    }
    return dates[phase](challenge) if phase in dates else None


def reviews_due(challenge: Challenge) -> datetime | None:
    """When the reviews are due; before the close, when they would be."""
    return challenge.reviews_due_at or (challenge.closes_at and reviews_due_at(challenge, challenge.closes_at))


def decision_due(challenge: Challenge) -> datetime | None:
    """When the decision is due, or would be."""
    reviewed = reviews_due(challenge)
    return challenge.decision_due_at or (reviewed and decision_due_at(challenge, reviewed))


def appeals_until(challenge: Challenge) -> datetime | None:
    """When the time to appeal ends, or would end where the decision is made on its due date."""
    decided = decision_due(challenge)
    return challenge.appeals_until or (decided and decided + challenge.appeal_window)
