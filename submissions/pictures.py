"""The pictures of this room's pages."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import to_user_timezone

from challenges.models import Challenge
from challenges.workflow import State as ChallengeState
from crowd.web import charts
from crowd.web.charts import Chart, Step
from crowd.web.templating import day, instant
from submissions.models import Proposal
from submissions.workflow import State

LONGEST = 62  # days that are told one by one; longer times are told by weeks


def way(proposal: Proposal) -> Chart:
    """The way of a proposal: what is done, what goes on now, and what comes next, by whom and by when."""
    done, now, ahead = _steps(proposal, proposal.challenge)
    steps = [Step(label, str(instant(at)), "done") for label, at in done]
    steps += [Step(label, told, "now") for label, told in now] + [Step(label, told, "next") for label, told in ahead]
    return charts.timeline(_("Progress"), steps)


Done = list[tuple[str, datetime]]
Ahead = list[tuple[str, str]]


def _steps(proposal: Proposal, challenge: Challenge) -> tuple[Done, Ahead, Ahead]:
    """What is reached, with its instant; what goes on; what is ahead, with who does it and by when."""
    done = _reached(proposal, challenge)
    out = proposal.state == State.WITHDRAWN or challenge.state in (ChallengeState.CANCELLED, ChallengeState.SETTLED)
    if challenge.closed_at and proposal.state == State.DRAFT:
        return [*done, (_("Was not final, so it does not count"), challenge.closed_at)], [], []
    if out:
        return done, [], []
    final = proposal.state == State.SUBMITTED
    ahead = [
        (_("Made final"), _told(challenge.closes_at, proposal.user.name), not final),
        (_("Close"), _told(challenge.closes_at, _("by itself")), not challenge.closed_at),
        (_("Decision"), _told(challenge.decide_by, challenge.organisation.name), not challenge.decided_at),
        (_("Payment"), _told(challenge.appeals_until, _("by itself, out of escrow"), after=True), True),
    ]
    return done, [_present(challenge, final)], [(label, told) for label, told, comes in ahead if comes]


def _reached(proposal: Proposal, challenge: Challenge) -> Done:
    rows = [
        (_("Begun"), proposal.created_at),
        (_("Withdrawn"), proposal.withdrawn_at if proposal.state == State.WITHDRAWN else None),
        (_("Final"), proposal.finalised_at),
    ]
    if proposal.state == State.SUBMITTED:
        rows += [
            (_("Challenge closed"), challenge.closed_at),
            (_("Decision published"), challenge.decided_at),
            (_("Paid and settled"), challenge.settled_at),
        ]
    rows.append((_("Challenge cancelled"), challenge.cancelled_at))
    return [(label, at) for label, at in rows if at]


def _present(challenge: Challenge, final: bool) -> tuple[str, str]:
    """What goes on now, and until when."""
    if challenge.decided_at:
        return _("Time to appeal"), _told(challenge.appeals_until, "")
    if challenge.closed_at:
        return _("In judging"), _told(challenge.reviews_due_at, _("the panel"))
    return (_("Hidden until the close") if final else _("Being written")), ""


def _told(at: datetime | None, who: str, after: bool = False) -> str:
    """By when and by whom, as far as it is known."""
    when = (_("after %(day)s", day=day(at)) if after else _("by %(day)s", day=day(at))) if at else ""
    return " · ".join(part for part in (when, who) if part)


def entries(challenge: Challenge, instants: Sequence[datetime]) -> Chart | None:
    """How many proposals became final on each day (or in each week) that the challenge was open; None without any."""
    if not instants or challenge.published_at is None or challenge.closed_at is None:
        return None
    first, last = (to_user_timezone(at).date() for at in (challenge.published_at, challenge.closed_at))
    step = 1 if (last - first).days <= LONGEST else 7
    counts = Counter(_begin(to_user_timezone(at).date(), first, step) for at in instants)
    days = [first + timedelta(days=i) for i in range(0, (last - first).days + 1, step)]
    title = _("Final proposals by day") if step == 1 else _("Final proposals by week")
    return charts.over_time(title, [(day(one), counts[one]) for one in days])


def _begin(at: date, first: date, step: int) -> date:
    """The first day of the stretch that holds `at`."""
    return first + timedelta(days=(max(at, first) - first).days // step * step)
