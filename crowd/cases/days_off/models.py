"""Days off of the people of bodies."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crowd.db import Model, id_column


class DaysOff(Model):
    """From the beginning of one day to the end of another, in the operator's time zone, somebody is away."""

    __tablename__ = "days_off"
    __table_args__ = (
        sa.Index(None, "user_id", "last_day"),
        sa.CheckConstraint("first_day <= last_day", name="order"),
    )

    id: Mapped[int] = id_column()
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    added_at: Mapped[datetime] = mapped_column(server_default=sa.text("crowd_now()"))
