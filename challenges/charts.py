"""A challenge's timeline as a chart: how long each part took, or is planned to take."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from challenges.models import Challenge
from challenges.next_steps import appeals_until, decision_due
from crowd.web import chart_kit
from crowd.web.templating import day

Times = tuple[str, datetime | None, datetime | None, datetime | None]  # label, begin, real end, planned end
MIN_PART = timedelta(minutes=1)  # shorter parts are steps, not times


@dataclass(frozen=True, slots=True)
class TimelinePhase:
    """A part of the timeline from one time to another; `status` is done, now or next."""

    label: str
    begin: datetime
    end: datetime
    status: str


def phases(challenge: Challenge, now: datetime, *, inside: bool) -> list[TimelinePhase]:
    """The parts of the timeline with their real or planned ends; those before the funding only for internal readers.

    Parts after an overdue one have no date, so they are left out.
    """
    times = [*(_before(challenge) if inside else ()), *_public(challenge)]
    found = _stopped(times, challenge.cancelled_at) if challenge.cancelled_at else _going(times, now)
    return [phase for phase in found if phase.end - phase.begin >= MIN_PART]


def _before(challenge: Challenge) -> list[Times]:
    return [
        (_("Draft and screening"), challenge.created_at, challenge.approved_at, None),
        (_("Payment"), challenge.approved_at, challenge.funded_at, challenge.funding_due_at),
    ]


def _public(challenge: Challenge) -> list[Times]:
    return [
        (_("In escrow, not open yet"), challenge.funded_at, challenge.published_at, challenge.opens_at),
        (_("Proposals"), challenge.published_at or challenge.opens_at, challenge.closed_at, challenge.closes_at),
        (_("Review and decision"), challenge.closed_at or challenge.closes_at, challenge.decided_at,
         decision_due(challenge)),
        (_("Appeal period"), challenge.decided_at or decision_due(challenge), challenge.settled_at,
         appeals_until(challenge)),
    ]  # fmt: skip


def _stopped(times: list[Times], at: datetime) -> Iterator[TimelinePhase]:
    """What was before the challenge was cancelled; the current part ended then."""
    for label, begin, end, _planned in times:
        if begin and begin < at:
            yield TimelinePhase(label, begin, end or at, "done")
            if end is None:
                return


def _going(times: list[Times], now: datetime) -> Iterator[TimelinePhase]:
    status = "now"
    for label, begin, end, planned in times:
        if begin and end:
            yield TimelinePhase(label, begin, end, "done")
        elif begin and planned:
            yield TimelinePhase(label, begin, max(planned, now) if status == "now" else planned, status)
            if planned < now:
                return
            status = "next"


def picture(challenge: Challenge, now: datetime, *, inside: bool) -> chart_kit.Chart | None:
    """The parts on a time axis, with a data table; None where none has an end yet."""
    parts = phases(challenge, now, inside=inside)
    spans = [
        chart_kit.Span(part.label, day(part.begin), day(part.end), _length(part.end - part.begin),
                    part.begin.timestamp(), part.end.timestamp(), part.status)
        for part in parts
    ]  # fmt: skip
    return chart_kit.spans(_("How long each part takes"), spans) if spans else None


def _length(time: timedelta) -> str:
    if time >= timedelta(days=2):
        return ngettext("%(num)s day", "%(num)s days", time.days)
    hours = int(time.total_seconds() // 3600)
    return ngettext("%(num)s hour", "%(num)s hours", hours) if hours else _("less than an hour")
