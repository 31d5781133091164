"""Where a challenge stands, in words: the steps of its way, and the date for which all wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from challenges.coming import MOMENTS, Phase, phase_of
from challenges.models import Challenge
from challenges.workflow import State
from crowd import clock
from crowd.web.templating import day

ORDER = (
    State.DRAFT, State.SCREENING, State.APPROVED, State.FUNDED, State.OPEN, State.JUDGING, State.DECIDED, State.SETTLED,
)  # fmt: skip
SOON = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: `status` is done, now or next."""

    label: str
    detail: str
    status: str


def way(challenge: Challenge) -> list[Step]:
    """The steps of a challenge of this platform; what came before publication is left out afterwards."""
    reached = ORDER.index(_last_reached(challenge))
    steps = [
        _step(reached, State.DRAFT, _("Draft"), ""),
        _step(reached, State.SCREENING, _("Screening"), _on(challenge.approved_at)),
        _step(reached, State.APPROVED, _("In escrow") if challenge.funded_at else _("Payment"), _payment(challenge)),
        _step(reached, State.OPEN, _("Proposals"), _proposals(challenge), begins=State.FUNDED),
        _step(reached, State.JUDGING, _("Review"), _judging(challenge)),
        _step(reached, State.DECIDED, _("Decision"), _decision(challenge)),
        _step(reached, State.SETTLED, _("Paid"), _on(challenge.settled_at)),
    ]
    if challenge.state == State.CANCELLED:
        done = [Step(step.label, step.detail, "done") for step in steps if step.status == "done"]
        return [*done, Step(_("Cancelled"), _on(challenge.cancelled_at), "now")]
    return steps[2:] if challenge.funded_at else steps


def _last_reached(challenge: Challenge) -> State:
    """The state, or for a cancelled challenge the one in which it was."""
    if challenge.state in ORDER:
        return challenge.state
    marks = (
        (challenge.decided_at, State.DECIDED), (challenge.closed_at, State.JUDGING),
        (challenge.published_at, State.OPEN), (challenge.funded_at, State.FUNDED),
        (challenge.approved_at, State.APPROVED), (challenge.submitted_at, State.SCREENING),
    )  # fmt: skip
    return next((state for at, state in marks if at), State.DRAFT)


def _step(reached: int, state: State, label: str, detail: str, begins: State | None = None) -> Step:
    first, last = ORDER.index(begins or state), ORDER.index(state)
    if reached > last or ORDER[reached] == State.SETTLED:
        return Step(label, detail, "done")
    return Step(label, detail, "now" if first <= reached else "next")


def _on(at: datetime | None) -> str:
    return day(at) if at else ""


def _payment(challenge: Challenge) -> str:
    if challenge.funded_at and not challenge.in_escrow:
        return day(challenge.funded_at)
    if challenge.funded_at:
        return _("since %(day)s", day=day(challenge.funded_at))
    return _("by %(day)s", day=day(challenge.fund_by)) if challenge.fund_by else ""


def _proposals(challenge: Challenge) -> str:
    if challenge.closes_at is None:
        return ""
    if challenge.state == State.FUNDED and challenge.opens_at:
        return _("from %(day)s", day=day(challenge.opens_at))
    return day(challenge.closed_at) if challenge.closed_at else _("until %(day)s", day=day(challenge.closes_at))


def _judging(challenge: Challenge) -> str:
    due = challenge.reviews_due_at
    if challenge.reviews_in_at and not challenge.decided_at:
        return _("all reviews are in")
    return _("reviews by %(day)s", day=day(due)) if due and not challenge.decided_at else ""


def _decision(challenge: Challenge) -> str:
    if challenge.decided_at:
        return day(challenge.decided_at)
    return _("by %(day)s", day=day(challenge.decide_by)) if challenge.decide_by else ""


_LABELS: dict[Phase, Any] = {  # what the date is for which all wait
    Phase.PAYING: _l("Pay by"),
    Phase.UNPAID: _l("Payment was due"),
    Phase.WAITING: _l("Opens"),
    Phase.OPENING: _l("Opening"),
    Phase.OPEN: _l("Closes"),
    Phase.CLOSING: _l("Deadline passed"),
    **dict.fromkeys((Phase.FORMING, Phase.REVIEWING, Phase.LATE, Phase.DECIDING, Phase.EMPTY), _l("Decision due")),
    Phase.OVERDUE: _l("Decision was due"),
    Phase.APPEALS: _l("Appeals until"),
    **dict.fromkeys((Phase.SETTLING, Phase.HELD), _l("Appeals ended")),
    Phase.LISTED: _l("Closes"),
    Phase.ENDED: _l("Closed"),
}
_DATES = {
    State.APPROVED: "fund_by", State.FUNDED: "opens_at", State.OPEN: "closes_at", State.JUDGING: "decide_by",
    State.DECIDED: "appeals_until", State.LISTED: "closes_at",
}  # fmt: skip


def deadline(challenge: Challenge, now: datetime | None = None) -> tuple[str, datetime] | None:
    """The date for which all wait, and what it is; None where nothing has a date."""
    at = getattr(challenge, _DATES.get(challenge.state, ""), None)
    return (str(_LABELS[phase_of(challenge, now or clock.now())]), at) if at else None


def turns_soon(challenge: Challenge, now: datetime) -> bool:
    """Whether a job is about to move the challenge, so that its page is worth asking again."""
    phase = phase_of(challenge, now)
    if phase in MOMENTS or phase == Phase.HELD:
        return phase != Phase.HELD
    waits = challenge.state in (State.FUNDED, State.OPEN, State.DECIDED)
    due = deadline(challenge, now) if waits else None
    return due is not None and due[1] - now < SOON
