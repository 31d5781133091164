"""Where a challenge stands, in words: the steps of its way, and the date for which all wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from challenges.models import Challenge
from challenges.workflow import State
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
    return _("reviews by %(day)s", day=day(due)) if due and not challenge.decided_at else ""


def _decision(challenge: Challenge) -> str:
    if challenge.decided_at:
        return day(challenge.decided_at)
    return _("by %(day)s", day=day(challenge.decide_by)) if challenge.decide_by else ""


def deadline(challenge: Challenge) -> tuple[str, datetime] | None:
    """The date for which all wait now, and what it is; None where nothing has a date."""
    found = {
        State.APPROVED: (_("Pay by"), challenge.fund_by),
        State.FUNDED: (_("Opens"), challenge.opens_at),
        State.OPEN: (_("Closes"), challenge.closes_at),
        State.JUDGING: (_("Decision due"), challenge.decide_by),
        State.DECIDED: (_("Appeals until"), challenge.appeals_until),
    }.get(challenge.state)
    return (found[0], found[1]) if found and found[1] else None


def turns_soon(challenge: Challenge, now: datetime) -> bool:
    """Whether a job is about to move the challenge, so that its page is worth asking again."""
    if challenge.state == State.JUDGING:
        return challenge.panel_formed_at is None
    instants = {
        State.FUNDED: challenge.opens_at,
        State.OPEN: challenge.closes_at,
        State.DECIDED: challenge.appeals_until,
    }
    due = instants.get(challenge.state)
    return due is not None and due - now < SOON
