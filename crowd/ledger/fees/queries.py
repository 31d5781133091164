"""Reads of the fee schedule."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crowd.db import db
from crowd.ledger import labels
from crowd.ledger.models import FeeRate

AWARD = "award"
FIRST = 1  # the version that is part of the installation


@dataclass(frozen=True, slots=True)
class FeeScheduleLine:
    """A line of the schedule. It applies from `rate.effective_from` on, unless a later version had begun by then."""

    rate: FeeRate
    in_force: bool
    coming: bool

    @property
    def note(self) -> str:
        """The reason: the council's text as typed; for the first version our own text, translated."""
        return labels.own(self.rate.note) if self.rate.version == FIRST else self.rate.note


def schedule(at: datetime) -> list[FeeScheduleLine]:
    """All lines of all versions as they are at a given time, the newest version first."""
    rates = db.session.scalars(sa.select(FeeRate).order_by(FeeRate.version.desc(), FeeRate.kind))
    current = current_version(at)
    return [FeeScheduleLine(rate, rate.version == current, rate.effective_from > at) for rate in rates]


def current_version(at: datetime) -> int:
    """The version in force at a given time: the newest of those that have begun."""
    newest = db.session.scalar(sa.select(sa.func.max(FeeRate.version)).where(FeeRate.effective_from <= at))
    return newest or 0


def current_fee(kind: str, at: datetime) -> tuple[int, int]:
    """(version, hundredths of a percent) of a kind of fee at a given time; 0 where the schedule has no such line."""
    version = current_version(at)
    points = db.session.scalar(sa.select(FeeRate.basis_points).where(FeeRate.version == version, FeeRate.kind == kind))
    return version, points or 0


def last_version() -> int:
    """The number of the newest version, also of one that has not begun."""
    return db.session.scalar(sa.select(sa.func.max(FeeRate.version))) or 0
