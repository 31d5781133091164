"""Charts of this package's pages."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import to_user_timezone

from challenges.models import Challenge
from challenges.next_steps import Phase, next_of, phase_of
from crowd import clock
from crowd.web import chart_kit
from crowd.web.chart_kit import Chart, ChartStep
from crowd.web.templating import day, instant
from submissions.models import Proposal
from submissions.status import AHEAD, ProposalStatus
from submissions.workflow import ProposalState

DECIDES = frozenset({Phase.LATE, Phase.DECIDING, Phase.OVERDUE, Phase.CENTRE, Phase.SILENT})
LATE = frozenset({Phase.OVERDUE, Phase.CENTRE, Phase.SILENT})  # the sponsor's date has passed
MAX_DAYS = 62  # days that are shown one by one; longer times are shown by weeks


def progress_chart(proposal: Proposal, status: ProposalStatus, paid_at: datetime | None) -> Chart:
    """The steps of a proposal: done, current and next, each with who does it and by when; `paid_at` is when its award
    was paid.
    """
    done, ahead = _reached(proposal, status, paid_at), () if paid_at else _ahead(proposal, status)
    steps = [ChartStep(label, str(instant(at)), "done") for label, at in done]
    steps += [ChartStep(label, told, "next" if later else "now") for later, (label, told) in enumerate(ahead)]
    return chart_kit.timeline(_("Progress"), steps)


def _reached(proposal: Proposal, status: ProposalStatus, paid_at: datetime | None) -> list[tuple[str, datetime]]:
    """The finished steps, with their times."""
    challenge, appeals = proposal.challenge, proposal.challenge.appeals_until
    rows = [
        (_("Started"), proposal.created_at),
        (_("Submitted"), proposal.submitted_at),
        (_("Withdrawn"), proposal.withdrawn_at if status == ProposalStatus.WITHDRAWN else None),
    ]
    if status == ProposalStatus.MISSED:
        rows.append((_("Was not submitted, so it does not count"), challenge.closed_at or challenge.closes_at))
    if proposal.state == ProposalState.SUBMITTED:
        rows += [
            (_("Challenge closed"), challenge.closed_at),
            (_("Decision published"), challenge.decided_at),
            (_("Appeal period ended"), appeals if appeals and appeals <= clock.now() else None),
            (_("Paid"), paid_at) if status == ProposalStatus.WON else (_("Challenge settled"), challenge.settled_at),
        ]
    if status == ProposalStatus.DISQUALIFIED:
        rows += [(_("Challenge closed"), challenge.closed_at), (_("Disqualified"), proposal.changed_at)]
    rows.append((_("Challenge cancelled"), challenge.cancelled_at))
    return [(label, at) for label, at in rows if at]


def _ahead(proposal: Proposal, status: ProposalStatus) -> list[tuple[str, str]]:
    """The current and the next steps, each with who does it and by when; none at the end."""
    challenge = proposal.challenge
    now = clock.now()
    phase = phase_of(challenge, now)
    if status in AHEAD:
        decides = next_of(challenge, now).who if phase in DECIDES else challenge.organisation.name
        final = (_("Submitted"), _told(challenge.closes_at, proposal.user.name))
        close = (_("Close"), _told(challenge.closes_at, _("automatically")))
        judging = (_("In judging"), _told(challenge.reviews_due_at, _("the panel")))
        decision = (_("Decision"), _told(None if phase in LATE else challenge.decision_due_at, decides))
        payment = (
            _("Payment, should it win"),
            _told(challenge.appeals_until, _("automatically, from escrow"), after=True),
        )
        begins: dict[ProposalStatus, list[tuple[str, str]]] = {
            ProposalStatus.WRITING: [(_("Being written"), ""), final, close],
            ProposalStatus.SUBMITTED: [(_("Sealed until the close"), ""), close],
            ProposalStatus.JUDGED: [judging] if phase in (Phase.FORMING, Phase.REVIEWING) else [],
        }
        return [*begins[status], decision, payment]
    pays = [(_("Payment"), _told(challenge.appeals_until, _("automatically, from escrow"), after=True))]
    won = status == ProposalStatus.WON
    found: dict[Phase, list[tuple[str, str]]] = {
        Phase.APPEALS: [(_("Appeal period"), _told(challenge.appeals_until, "")), *(pays if won else [])],
        Phase.SETTLING: [(_("Payment"), _("automatically, from escrow"))] if won else [],
        Phase.PAYMENT_HELD: [(_("Payment"), _("held; the results say why"))] if won else [],
        Phase.HELD: [(_("Payment"), _("not before the council has reviewed it"))] if won else [],
        Phase.UNVERIFIED: [(_("Payment"), _("when the organisation that gets it is verified"))] if won else [],
    }
    return found.get(phase, []) if status in (ProposalStatus.WON, ProposalStatus.NOT_WON) else []


def _told(at: datetime | None, who: str, after: bool = False) -> str:
    """Who does it and by when, as far as known."""
    when = (_("after %(day)s", day=day(at)) if after else _("by %(day)s", day=day(at))) if at else ""
    return " · ".join(part for part in (when, who) if part)


def entries(challenge: Challenge, instants: Sequence[datetime]) -> Chart | None:
    """How many proposals were submitted on each day (or in each week) that the challenge was open; None without any."""
    if not instants or challenge.published_at is None or challenge.closed_at is None:
        return None
    first, last = (to_user_timezone(at).date() for at in (challenge.published_at, challenge.closed_at))
    step = 1 if (last - first).days <= MAX_DAYS else 7
    counts = Counter(_begin(to_user_timezone(at).date(), first, step) for at in instants)
    days = [first + timedelta(days=i) for i in range(0, (last - first).days + 1, step)]
    title = _("Submitted proposals by day") if step == 1 else _("Submitted proposals by week")
    return chart_kit.over_time(title, [(day(one), counts[one]) for one in days])


def _begin(at: date, first: date, step: int) -> date:
    """The first day of the period that contains `at`."""
    return first + timedelta(days=(max(at, first) - first).days // step * step)
