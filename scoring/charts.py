"""Charts and one-line texts of this package's pages."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import Any

from flask_babel import format_decimal, ngettext, pgettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from challenges.criteria import kind_of
from challenges.models import Challenge, Prize
from challenges.next_steps import Phase, appeals_open, phase_of
from challenges.rubric import Criterion, Number
from crowd import clock
from crowd.accounts.models import Organisation, User
from crowd.errors import Sentence
from crowd.ledger.models import LedgerAccountKind
from crowd.web import chart_kit, score_charts
from crowd.web.chart_kit import Chart, ChartStep, Level
from crowd.web.score_charts import Cell
from crowd.web.templating import day, format_money, instant, percent
from scoring.profiles.queries import Profile
from scoring.queries import RankingRow
from scoring.reputation.points import WHOLE, over_time

EVENTS_LEAST = 3  # fewer are only shown in the table


def score(value: float, pattern: str = "0.0") -> str:
    """Points with one decimal, so that a column of them is aligned (`79.0`), or by another number pattern."""
    return str(format_decimal(value, pattern))


def interval(mean: float | None, low: float | None, high: float | None, scale: tuple[float, float] | None) -> Markup:
    """A proposal's mean, from the lowest to the highest of its reviews, as a cell of a table."""
    if mean is None or low is None or high is None or scale is None:
        return Markup("")
    return score_charts.interval(mean, low, high, scale)


def scale(rows: Iterable[Any]) -> tuple[float, float] | None:
    """The ends of one scale for all rows (with `low` and `high`), so that close scores can be told apart."""
    ends = [end for row in rows for end in (row.low, row.high) if end is not None]
    return score_charts.fitted(ends) if ends else None


def heat(
    standings: Sequence[RankingRow], criteria: Sequence[Criterion], points: Mapping[tuple[int, int], Sequence[Number]]
) -> Chart | None:
    """The panel's points for each proposal by criterion; None where there is no review."""
    reviewed = [row for row in standings if row.ranked.rank is not None]
    if not reviewed:
        return None
    rows = [
        (f"{row.ranked.rank}. {row.title}", [_cell(one, points.get((row.ranked.proposal, one.id))) for one in criteria])
        for row in reviewed
    ]
    return score_charts.heat(_("Points by criterion"), [one.title for one in criteria], rows, _("Proposal"))


def _cell(line: Criterion, points: Sequence[Number] | None) -> Cell | None:
    if not points:
        return None
    kind, low, high = kind_of(line), min(points), max(points)
    text = mean = score(kind.mean(line, float(sum(points) / len(points))), kind.mean_format)
    if low < high:
        ends = kind.shown(line, low), kind.shown(line, high)
        text = _("%(mean)s (%(low)s to %(high)s)", mean=mean, low=ends[0], high=ends[1])
    shares = [float(kind.counted(line, number) / line.weight) for number in points]
    return Cell(sum(shares) / len(shares), min(shares), max(shares), mean, text)


def prize_line(prize: Prize, currency: str, left: int) -> str:
    """A prize with its amount and the number of free positions."""
    amount = format_money(prize.amount, currency)
    return _("%(title)s, %(amount)s (%(left)s left)", title=prize.title, amount=amount, left=left)


_LAST: dict[Phase, Sentence] = {
    Phase.HELD: _l("Awaiting the council"),
    Phase.UNVERIFIED: _l("Awaiting a verification"),
    Phase.PAYMENT_HELD: _l("Payment held"),
}


def timeline(challenge: Challenge) -> Chart:
    """The steps of the judging."""
    phase = phase_of(challenge, clock.now())
    appeals = appeals_open(challenge, clock.now())
    rows = [
        (_("Closed"), challenge.closed_at),
        (_("Panel formed"), challenge.panel_formed_at),
        (_("Decided"), challenge.decided_at),
        (
            _("Appeal period ends") if appeals else _("Appeal period ended"),
            challenge.appeals_until,
        ),
        (_LAST.get(phase) or _("Paid and settled"), challenge.settled_at),
    ]
    now = len(rows) if challenge.settled_at is not None else 3 if appeals else 4
    steps = []
    for i, (label, at) in enumerate(rows):
        status = "done" if i < now else "now" if i == now else "next"
        steps.append(ChartStep(label, str(instant(at)) if at else "", status))
    return chart_kit.timeline(_("From the close to the payment"), steps)


def flow(challenge: Challenge, lines: Sequence[Any]) -> Chart | None:
    """How the escrow was split, from its postings; None before the settlement."""
    if not lines:
        return None
    sums = {LedgerAccountKind.PAYABLE: 0, LedgerAccountKind.FEE: 0, LedgerAccountKind.SPONSOR: 0}
    paid_in = reviewers = 0
    for line in lines:
        if line.amount > 0:
            paid_in += line.amount
        elif line.kind == "honorarium":
            reviewers -= line.amount
        elif line.other.kind in sums:
            sums[line.other.kind] -= line.amount
    rows = (
        (_("Was in escrow"), paid_in, "ink"),
        (_("Paid to winners"), sums[LedgerAccountKind.PAYABLE], "safe"),
        (_("Platform’s fee"), sums[LedgerAccountKind.FEE], "quiet"),
        *([(_("Reviewers’ fees"), reviewers, "quiet")] if reviewers else []),
        (_("Returned to the sponsor"), sums[LedgerAccountKind.SPONSOR], "quiet"),
    )
    currency = challenge.currency
    parts = [(label, amount, format_money(amount, currency), tone) for label, amount, tone in rows]
    return chart_kit.flow(_("Where the money went"), parts)


def reputation(profile: Profile[User] | Profile[Organisation], now: datetime) -> Chart | None:
    """All points on a time axis, with a band of those of the previous twelve months; the table of events has the same
    data.
    """
    if len(profile.events) < EVENTS_LEAST:
        return None
    moments = over_time([(event.at, event.points) for event in profile.events], now)
    levels = [
        Level(
            moment.at.timestamp(),
            profile.before + moment.points,
            profile.before + moment.older,
            "" if moment.event is None else day(moment.at),
        )
        for moment in moments
    ]
    columns = (_("When"), pgettext("reputation", "Points"), _("Of these, in the twelve months before"))
    return chart_kit.history(_("Points over time"), levels, now.timestamp(), _("today"), columns)


def because(event: Any) -> str:
    """Why an event gave as many points as it did."""
    data = event.data
    if event.kind in ("awarded", "placed"):
        return joined(_because_of(item) for item in data["items"])
    if event.kind == "reviewed":
        return joined((_reviewed(data), _("10 points for each in time, 4 for each late one.")))
    return _("In time: 20 points.") if data["in_time"] else _("After the date that was promised: 5 points.")


def joined(sentences: Iterable[str]) -> str:
    """Sentences joined as in the reader's language: Chinese has no space between them."""
    found = [sentence for sentence in sentences if sentence]
    return reduce(lambda before, after: _("%(before)s %(after)s", before=before, after=after), found) if found else ""


def _because_of(item: Any) -> str:
    sentences = [
        _("Prize “%(prize)s”.", prize=item["prize"]) if item["prize"] else "",
        _("Rank %(rank)s of %(of)s.", rank=item["rank"], of=item["of"]) if item["rank"] else "",
    ]
    if item["part"] < WHOLE:
        share = percent(item["part"] / WHOLE)
        text = _("Share %(part)s of %(full)s points: %(points)s.", part=share, full=item["full"], points=item["points"])
    else:
        text = ngettext("%(num)d point for it.", "%(num)d points for it.", item["full"])
    return joined([*sentences, text])


def _reviewed(data: Any) -> str:
    number, late = data["reviews"], data["late"]
    if late:
        return ngettext("%(num)d review, late: %(late)s.", "%(num)d reviews, late: %(late)s.", number, late=late)
    return ngettext("%(num)d review, in time.", "%(num)d reviews, all in time.", number)
