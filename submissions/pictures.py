"""The pictures of this room's pages."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import to_user_timezone

from challenges.models import Challenge
from crowd.web import charts
from crowd.web.charts import Chart, Step
from crowd.web.templating import day, instant
from submissions.models import Proposal
from submissions.workflow import State

LONGEST = 62  # days that are told one by one; longer times are told by weeks


def way(proposal: Proposal) -> Chart:
    """The way of a proposal: what is done, where it stands, and until when the next step is due."""
    done, ahead = _steps(proposal, proposal.challenge)
    steps = [Step(label, str(instant(at)), "done") for label, at in done]
    steps += [Step(label, at, "next" if i else "now") for i, (label, at) in enumerate(ahead)]
    return charts.timeline(_("The way of this proposal"), steps)


def _steps(proposal: Proposal, challenge: Challenge) -> tuple[list[tuple[str, datetime]], list[tuple[str, str]]]:
    """What is reached, with its instant, and what is ahead, with the date by which it is due."""
    rows: list[tuple[str, datetime | None, datetime | None]] = [(_("Begun"), proposal.created_at, None)]
    if proposal.state == State.WITHDRAWN:
        rows.append((_("Withdrawn"), proposal.withdrawn_at, None))
    else:
        rows.append((_("Final"), proposal.finalised_at, challenge.closes_at))
    if challenge.cancelled_at:
        rows.append((_("Challenge cancelled"), challenge.cancelled_at, None))
    elif proposal.state == State.SUBMITTED or not challenge.closed_at:
        rows += [
            (_("Challenge closed"), challenge.closed_at, challenge.closes_at),
            (_("Decision published"), challenge.decided_at, challenge.decide_by),
            (_("Paid and settled"), challenge.settled_at, challenge.appeals_until),
        ]
    done = [(label, at) for label, at, _due in rows if at]
    ahead = [(label, _("by %(day)s", day=day(due)) if due else "") for label, at, due in rows if not at]
    return done, ahead


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
