"""Two cancelled challenges: one before it opened, one with proposals. Both were refunded."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from crowd.demo.plan import ChallengePlan
from crowd.demo.simulator import Script, Simulator
from crowd.demo.timeline import life


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """A script for each, ended early."""
    yield life(simulator, ChallengePlan("cold-chain", end - timedelta(days=160), until="funded", cancel="funded"))
    yield life(simulator, ChallengePlan("foundry-agv", end - timedelta(days=134), until="open", cancel="open"))
