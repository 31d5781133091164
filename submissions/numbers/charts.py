"""The sponsor's numbers as pictures."""

from flask_babel import gettext as _

from crowd.web import chart_kit
from crowd.web.templating import day
from submissions.numbers.queries import Count, CountsByDay


def picture(numbers: CountsByDay, count: Count) -> chart_kit.Chart:
    """One series by period, with its table."""
    title = (
        _("%(what)s by day", what=count.series.label)
        if numbers.step == 1
        else _("%(what)s by week", what=count.series.label)
    )
    unit = _("Day") if numbers.step == 1 else _("Week from")
    pairs = [(day(one), number) for one, number in zip(numbers.days, count.numbers, strict=True)]
    return chart_kit.over_time(title, pairs, unit)
