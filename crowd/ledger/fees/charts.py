"""The fee, worked out for an example, with the calculation that challenges themselves use."""

from flask_babel import gettext as _

from crowd.money import apply_basis_points
from crowd.web import chart_kit
from crowd.web.chart_kit import Chart
from crowd.web.templating import format_money

PRIZES, AWARDED, CURRENCY = 30_000_000, 20_000_000, "CNY"  # minor units: prizes offered, and of these awarded


def example(points: int) -> Chart:
    """How the money of a challenge is split at a rate of `points` hundredths of a percent, if not all is awarded."""
    paid_in = PRIZES + apply_basis_points(PRIZES, points)
    fee = apply_basis_points(AWARDED, points)
    parts = (
        (_("Prizes offered"), PRIZES, "ink"),
        (_("Paid into escrow, with the fee"), paid_in, "ink"),
        (_("Awarded and paid in full"), AWARDED, "safe"),
        (_("Fee, on what was awarded"), fee, "quiet"),
        (_("Returned to the sponsor"), paid_in - AWARDED - fee, "quiet"),
    )
    shown = [(label, amount, format_money(amount, CURRENCY), tone) for label, amount, tone in parts]
    return chart_kit.flow(_("An example"), shown)
