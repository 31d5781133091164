"""The link of a private calendar."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crowd.db import Model, id_column


class CalendarLink(Model):
    """A person's link for a calendar program; its URL carries a signed number of the row. One at a time."""

    __tablename__ = "calendar_link"
    __table_args__ = (
        sa.Index("uq_calendar_link_open", "user_id", unique=True, postgresql_where=sa.text("revoked_at IS NULL")),
    )

    id: Mapped[int] = id_column()
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=sa.text("crowd_now()"))
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
