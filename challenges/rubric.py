"""The rubric: the criteria by which proposals are judged, as rows. What a score means: `challenges.criteria`."""

from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crowd.db import Model, id_column, state_column

Number = Decimal | int
NUMBER = sa.Numeric(7, 2)  # scales, steps and points
PERCENT = sa.Numeric(5, 2)


class CriterionKind(StrEnum):
    """How a criterion is scored: with points, with one of the sponsor's labels, or with yes or no."""

    POINTS = "points"
    RATING = "rating"
    YES_NO = "yes_no"


class Criterion(Model):
    """One line of the rubric: scored from 0 to `scale` in steps, counted with `weight` percent.

    `labels` are a rating's words, the lowest first: the first is 0. `anchors` are the words for 30, 50 and 80 percent
    of the scale. `passing` is the least mean in percent of the scale with which a proposal can win.
    """

    __tablename__ = "criterion"
    __table_args__ = (
        sa.UniqueConstraint("challenge_id", "position"),
        sa.CheckConstraint("weight BETWEEN 1 AND 100", name="weight"),
        sa.CheckConstraint("scale > 0 AND scale <= 100", name="scale"),
        sa.CheckConstraint("step > 0 AND step <= scale", name="step"),
        sa.CheckConstraint("passing > 0 AND passing <= 100", name="passing"),
        sa.CheckConstraint("(kind = 'rating') = (cardinality(labels) > 0)", name="labels"),
    )

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    weight: Mapped[int]
    kind: Mapped[CriterionKind] = state_column(CriterionKind, CriterionKind.POINTS)
    scale: Mapped[Decimal] = mapped_column(NUMBER, default=Decimal(10))
    step: Mapped[Decimal] = mapped_column(NUMBER, default=Decimal(1))
    labels: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list)
    anchors: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list)
    comment_required: Mapped[bool] = mapped_column(default=False)
    passing: Mapped[Decimal | None] = mapped_column(PERCENT)
