"""The present: challenges in every state before settlement, so that each dashboard has tasks today."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from crowd.demo.plan import ChallengePlan
from crowd.demo.simulator import Script, Simulator
from crowd.demo.timeline import life

FORTNIGHT = timedelta(days=14)  # longer than any run of holidays by which a decision may be shifted


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """A script for each, up to its present state."""

    def ago(days: float) -> datetime:
        return end - timedelta(days=days)

    def ahead(days: float) -> datetime:
        return end + timedelta(days=days)

    plans = (
        ChallengePlan("kiln-energy", ago(70), until="decided", appeals=FORTNIGHT),
        ChallengePlan("mould-cooling", ago(64), until="decided", appeals=FORTNIGHT),
        ChallengePlan("leak-hydrants", ago(58.2), until="judging", paid_in_two=True),
        ChallengePlan("tea-picking", ago(91.6), until="judging", closes=ago(37.4)),  # no decision: overdue
        ChallengePlan("casting-binder", ago(30.4), until="open", closes=ahead(12.25)),
        ChallengePlan(
            "coating-thickness",
            ago(43.2),
            until="judging",
            closes=ago(7.6),
            unreviewed=("cy",),
            clauses={"review_fee": 150_00, "review_fee_cap": 4_500_00, "proposals_limit": 30},
        ),
        ChallengePlan("membrane-testing", ago(39.9), until="open", closes=ahead(4.2)),
        ChallengePlan("heat-drone", ago(3.5), until="open", closes=ahead(17.5)),
        ChallengePlan("strip-surface", ahead(6), until="funded"),
        ChallengePlan("bearing-few-samples", ahead(9), until="funded"),
        ChallengePlan("pom-regrind", ahead(17), until="approved"),
        ChallengePlan("sodium-hard-carbon", ahead(19), until="approved"),
        ChallengePlan("logger-repair", ahead(20), until="screening"),
        ChallengePlan("instrument-sharing", ahead(19.8), until="screening", sent_back=True),  # the second round
        ChallengePlan("valve-noise", ahead(22), until="draft"),
        ChallengePlan("tower-bolts", ahead(20.5), until="draft", sent_back=True),  # with a remark to resolve
    )
    for plan in plans:
        yield life(simulator, plan)
