"""A challenge's progress: its steps, and the next date."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from challenges.models import Challenge
from challenges.next_steps import HOLDS, MOMENTS, Phase, phase_of
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.dates import DayOf
from crowd.errors import Sentence

ORDER = (
    ChallengeState.DRAFT, ChallengeState.SCREENING, ChallengeState.APPROVED, ChallengeState.FUNDED, ChallengeState.OPEN,
    ChallengeState.JUDGING, ChallengeState.DECIDED, ChallengeState.SETTLED,
)  # fmt: skip
SOON = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class ProgressStep:
    """One step: `status` is done, now or next; `detail` is a sentence or a day."""

    label: str
    detail: Sentence
    status: str


def progress_steps(challenge: Challenge) -> list[ProgressStep]:
    """The steps of a challenge of this platform; steps before publication are left out afterwards."""
    reached = ORDER.index(_last_reached(challenge))
    steps = [
        _step(reached, ChallengeState.DRAFT, _("Draft"), ""),
        _step(reached, ChallengeState.SCREENING, _("Screening"), _on(challenge.approved_at)),
        _step(
            reached,
            ChallengeState.APPROVED,
            _("In escrow") if challenge.funded_at else _("Payment"),
            _payment(challenge),
        ),
        _step(reached, ChallengeState.OPEN, _("Proposals"), _proposals(challenge), begins=ChallengeState.FUNDED),
        _step(reached, ChallengeState.JUDGING, _("Review"), _judging(challenge)),
        _step(reached, ChallengeState.DECIDED, _("Decision"), _decision(challenge)),
        _step(reached, ChallengeState.SETTLED, _("Paid"), _on(challenge.settled_at)),
    ]
    if challenge.state == ChallengeState.CANCELLED:
        done = [ProgressStep(step.label, step.detail, "done") for step in steps if step.status == "done"]
        return [*done, ProgressStep(_("Cancelled"), _on(challenge.cancelled_at), "now")]
    return steps[2:] if challenge.funded_at else steps


def _last_reached(challenge: Challenge) -> ChallengeState:
    """The state, or for a cancelled challenge the one in which it was."""
    if challenge.state in ORDER:
        return challenge.state
    marks = (
        (challenge.decided_at, ChallengeState.DECIDED), (challenge.closed_at, ChallengeState.JUDGING),
        (challenge.published_at, ChallengeState.OPEN), (challenge.funded_at, ChallengeState.FUNDED),
        (challenge.approved_at, ChallengeState.APPROVED), (challenge.submitted_at, ChallengeState.SCREENING),
    )  # fmt: skip
    return next((state for at, state in marks if at), ChallengeState.DRAFT)


def _step(
    reached: int, state: ChallengeState, label: str, detail: Sentence, begins: ChallengeState | None = None
) -> ProgressStep:
    first, last = ORDER.index(begins or state), ORDER.index(state)
    if reached > last or ORDER[reached] == ChallengeState.SETTLED:
        return ProgressStep(label, detail, "done")
    return ProgressStep(label, detail, "now" if first <= reached else "next")


def _on(at: datetime | None) -> Sentence:
    return DayOf(at) if at else ""


def _payment(challenge: Challenge) -> Sentence:
    if challenge.funded_at and not challenge.in_escrow:
        return DayOf(challenge.funded_at)
    if challenge.funded_at:
        return _("since %(day)s", day=DayOf(challenge.funded_at))
    return _("by %(day)s", day=DayOf(challenge.funding_due_at)) if challenge.funding_due_at else ""


def _proposals(challenge: Challenge) -> Sentence:
    if challenge.closes_at is None:
        return ""
    if challenge.state == ChallengeState.FUNDED and challenge.opens_at:
        return _("from %(day)s", day=DayOf(challenge.opens_at))
    return DayOf(challenge.closed_at) if challenge.closed_at else _("until %(day)s", day=DayOf(challenge.closes_at))


def _judging(challenge: Challenge) -> Sentence:
    due = challenge.reviews_due_at
    if challenge.reviews_in_at and not challenge.decided_at:
        return _("all reviews are submitted")
    return _("reviews by %(day)s", day=DayOf(due)) if due and not challenge.decided_at else ""


def _decision(challenge: Challenge) -> Sentence:
    if challenge.decided_at:
        return DayOf(challenge.decided_at)
    return _("by %(day)s", day=DayOf(challenge.decision_due_at)) if challenge.decision_due_at else ""


_LABELS: dict[Phase, Sentence] = {  # what the next date means
    Phase.PAYING: _l("Pay by"),
    Phase.UNPAID: _l("Payment was due"),
    Phase.WAITING: _l("Opens"),
    Phase.OPENING: _l("Opening"),
    Phase.UNOPENED: _l("Waits for the verification"),
    Phase.OPEN: _l("Closes"),
    Phase.CLOSING: _l("Deadline passed"),
    **dict.fromkeys((Phase.FORMING, Phase.REVIEWING, Phase.LATE, Phase.DECIDING, Phase.EMPTY), _l("Decision due")),
    **dict.fromkeys((Phase.OVERDUE, Phase.CENTRE, Phase.SILENT), _l("Decision was due")),
    Phase.APPEALS: _l("Appeal period until"),
    **dict.fromkeys((Phase.SETTLING, Phase.HELD, Phase.UNVERIFIED), _l("Appeal period ended")),
    Phase.PAYMENT_HELD: _l("End of the appeal period"),
    Phase.LISTED: _l("Closes"),
    Phase.ENDED: _l("Closed"),
}
_DATES = {
    ChallengeState.APPROVED: "funding_due_at", ChallengeState.FUNDED: "opens_at", ChallengeState.OPEN: "closes_at",
    ChallengeState.JUDGING: "decision_due_at",
    ChallengeState.DECIDED: "appeals_until", ChallengeState.LISTED: "closes_at",
}  # fmt: skip


def deadline(challenge: Challenge, now: datetime | None = None) -> tuple[str, datetime] | None:
    """The next date, and its meaning; None where there is none."""
    at = getattr(challenge, _DATES.get(challenge.state, ""), None)
    return (str(_LABELS[phase_of(challenge, now or clock.now())]), at) if at else None


def turns_soon(challenge: Challenge, now: datetime) -> bool:
    """Whether a job is about to change the challenge's state, so that its page should poll."""
    phase = phase_of(challenge, now)
    if phase in MOMENTS | HOLDS:
        return phase not in HOLDS
    waits = challenge.state in (ChallengeState.FUNDED, ChallengeState.OPEN, ChallengeState.DECIDED)
    due = deadline(challenge, now) if waits else None
    return due is not None and due[1] - now < SOON
