"""The present: challenges in every state before settlement, so that each dashboard has tasks today."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from crowd.demo.plan import Plan
from crowd.demo.simulator import Script, Theatre
from crowd.demo.timeline import life

FORTNIGHT = timedelta(days=14)  # longer than any run of holidays by which a decision may be shifted


def scripts(theatre: Theatre, end: datetime) -> Iterator[Script]:
    """A script for each, up to its present state."""

    def ago(days: float) -> datetime:
        return end - timedelta(days=days)

    def ahead(days: float) -> datetime:
        return end + timedelta(days=days)

    plans = (
        Plan("kiln-energy", ago(70), until="decided", appeals=FORTNIGHT),
        Plan("mould-cooling", ago(64), until="decided", appeals=FORTNIGHT),
        Plan("leak-hydrants", ago(58.2), until="judging", paid_in_two=True),
        Plan("tea-picking", ago(91.6), until="judging", closes=ago(37.4)),  # no decision: overdue
        Plan("casting-binder", ago(30.4), until="open", closes=ahead(12.25)),
        Plan("coating-thickness", ago(43.2), until="judging", closes=ago(7.6), unreviewed=("cy",)),
        Plan("membrane-testing", ago(39.9), until="open", closes=ahead(4.2)),
        Plan("heat-drone", ago(3.5), until="open", closes=ahead(17.5)),
        Plan("strip-surface", ahead(6), until="funded"),
        Plan("bearing-few-samples", ahead(9), until="funded"),
        Plan("pom-regrind", ahead(17), until="approved"),
        Plan("sodium-hard-carbon", ahead(19), until="approved"),
        Plan("logger-repair", ahead(20), until="screening"),
        Plan("instrument-sharing", ahead(21), until="screening", sent_back=True),
        Plan("valve-noise", ahead(22), until="draft"),
        Plan("tower-bolts", ahead(23), until="draft"),
    )
    for plan in plans:
        yield life(theatre, plan)
