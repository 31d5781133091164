"""The pictures and one-line texts of this room's pages."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

from challenges.models import Challenge, Prize
from crowd.ledger.models import PotKind
from crowd.web import charts
from crowd.web.charts import Chart, Point, Step
from crowd.web.templating import day, format_money, instant
from scoring.profiles.queries import Profile
from scoring.queries import Standing

TOP = 100.0


def score(value: float) -> str:
    """Points with one decimal, so that a column of them stands straight: `79.0`."""
    return str(format_decimal(value, "0.0"))


def interval(standing: Standing) -> Markup:
    """A proposal's mean, from the lowest to the highest of its reviews, as a cell of a table."""
    place = standing.place
    if place.mean is None:
        return Markup("")
    return charts.interval(place.mean, min(place.totals), max(place.totals), top=TOP)


def prize_line(prize: Prize, currency: str, left: int) -> str:
    """A prize with its amount and how many places are left."""
    amount = format_money(prize.amount, currency)
    return _("%(title)s, %(amount)s, places left: %(left)s", title=prize.title, amount=amount, left=left)


def standing_line(standing: Standing) -> str:
    """A proposal with its rank and mean."""
    if standing.place.rank is None:
        return _("not reviewed: %(title)s (%(who)s)", title=standing.title, who=standing.who)
    mean = score(standing.place.mean or 0)
    return _(
        "%(rank)s. %(title)s (%(who)s), %(mean)s",
        rank=standing.place.rank,
        title=standing.title,
        who=standing.who,
        mean=mean,
    )


def timeline(challenge: Challenge) -> Chart:
    """The judging, step by step."""
    rows = [
        (_("Closed"), challenge.closed_at),
        (_("Panel formed"), challenge.panel_formed_at),
        (_("Decided"), challenge.decided_at),
        (
            _("Time to appeal ends") if challenge.settled_at is None else _("Time to appeal ended"),
            challenge.appeals_until,
        ),
        (_("Paid and settled"), challenge.settled_at),
    ]
    settled = challenge.settled_at is not None
    steps = []
    for i, (label, at) in enumerate(rows):
        status = "done" if settled or i < 3 else "now" if i == 3 else "next"
        steps.append(Step(label, str(instant(at)) if at else "", status))
    return charts.timeline(_("From the close to the payment"), steps)


def flow(challenge: Challenge, lines: Sequence[Any]) -> Chart | None:
    """Where the escrow went, from its postings; None before the settlement."""
    if not lines:
        return None
    sums = {PotKind.PAYABLE: 0, PotKind.FEE: 0, PotKind.SPONSOR: 0}
    paid_in = 0
    for line in lines:
        if line.amount > 0:
            paid_in += line.amount
        elif line.other.kind in sums:
            sums[line.other.kind] -= line.amount
    rows = (
        (_("Was in escrow"), paid_in, "ink"),
        (_("Paid to winners"), sums[PotKind.PAYABLE], "safe"),
        (_("Platform’s fee"), sums[PotKind.FEE], "quiet"),
        (_("Back to the sponsor"), sums[PotKind.SPONSOR], "quiet"),
    )
    currency = challenge.currency
    parts = [(label, amount, format_money(amount, currency), tone) for label, amount, tone in rows]
    return charts.flow(_("Where the money went"), parts)


def reputation(profile: Profile) -> Chart | None:
    """The points after each event; what is not shown event by event is in it from the start."""
    if not profile.events:
        return None
    start = profile.points - sum(event.points for event in profile.events)
    sums = accumulate((event.points for event in profile.events), initial=start)
    labels = [_("before"), *(day(event.at) for event in profile.events)]
    points = [Point(label, total) for label, total in zip(labels, sums, strict=True)]
    return charts.line(_("Points over time"), points)
