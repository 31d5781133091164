"""The first year: challenges that ran their whole course, one of them without an award."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from crowd.demo.life import life
from crowd.demo.plan import Plan
from crowd.demo.theatre import Script, Theatre


def scripts(theatre: Theatre, end: datetime) -> Iterator[Script]:
    """A life for each challenge that is settled by now."""

    def ago(days: float) -> datetime:
        return end - timedelta(days=days)

    plans = (
        Plan("cell-swelling", ago(515), sent_back=True),
        Plan("spindle-drift", ago(506), paid_in_two=True),
        Plan("dyeing-wastewater", ago(470)),
        Plan("scrap-sorting", ago(330)),
        Plan("rice-wine", ago(290), sent_back=True),
        Plan("blade-recycling", ago(250)),
        Plan("sinter-dust", ago(190), award=False),
    )
    for plan in plans:
        yield life(theatre, plan)
