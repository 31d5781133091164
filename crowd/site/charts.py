"""The charts of the statistics page."""

from babel.dates import format_skeleton
from babel.numbers import get_currency_name
from flask_babel import gettext as _
from flask_babel import ngettext

from crowd.site.statistics import DAY, Flow, Month, Statistics
from crowd.web import chart_kit
from crowd.web.chart_kit import Chart
from crowd.web.request_locale import reader
from crowd.web.templating import format_money, number


def month(one: Month) -> str:
    """`Nov 2026`, `2026年11月`."""
    return format_skeleton("yMMM", one.month, locale=reader().name)


def stands(statistics: Statistics) -> Chart:
    """The states of challenges at the end of each month."""
    names = (
        (_("Settled"), "quiet"), (_("Decided"), "ink"), (_("In judging"), "warn"), (_("Open"), "safe"),
        (_("Cancelled"), "seal"),
    )  # fmt: skip
    counts = [
        (month(one), (one.stand.settled, one.stand.decided, one.stand.judging, one.stand.open, one.stand.called_off))
        for one in statistics.months
    ]
    return chart_kit.stacked(_("Challenges by state at the end of each month"), names, counts, _("Month"))


def proposals(statistics: Statistics) -> Chart:
    """How many proposals came in, by the month in which their challenges closed."""
    counts = [(month(one), one.proposals) for one in statistics.months]
    return chart_kit.over_time(_("Proposals, by the month in which their challenges closed"), counts, _("Month"))


def money(flow: Flow) -> Chart:
    """How the money of all escrows in one currency was split."""
    parts = (
        (_("Paid into escrow"), flow.funded, "ink"),
        (_("Paid to winners"), flow.paid, "safe"),
        (_("Platform’s fee"), flow.fees, "quiet"),
        *([(_("Reviewers’ fees"), flow.honoraria, "quiet")] if flow.honoraria else []),
        (_("Returned to sponsors"), flow.refunded, "quiet"),
        (_("Held in escrow now"), flow.held, "seal"),
    )
    shown = [(label, amount, format_money(amount, flow.currency), tone) for label, amount, tone in parts]
    name = get_currency_name(flow.currency, locale=reader().name)
    return chart_kit.flow(_("%(name)s (%(currency)s)", name=name, currency=flow.currency), shown)


def waits(statistics: Statistics) -> Chart | None:
    """How long a challenge takes from its close to the decision, and from there to the payment; None before any."""
    rows = [
        (_("From close to decision"), statistics.days_to_decide, "ink"),
        (_("From decision to payment"), statistics.days_to_pay, "safe"),
    ]
    parts = [(label, round(days * DAY), _days(days), tone) for label, days, tone in rows if days is not None]
    return chart_kit.flow(_("How long it takes, on average"), parts) if parts else None


def _days(days: float) -> str:
    shown = round(days, 1)
    return ngettext("%(number)s day", "%(number)s days", 1 if shown == 1 else 2, number=number(shown))
