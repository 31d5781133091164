"""Table of exports: an archive of a person's data, made by a job, that expires."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import NOW
from crowd.db import Model, id_column


class DataExport(Model):
    """An export: `done` of `parts` files are written; `archive` is the ZIP once `ready_at` is set.

    It is in the database, not among the uploads, so that nothing of it is left when it is deleted.
    """

    __tablename__ = "data_export"
    __table_args__ = (sa.UniqueConstraint("user_id"), sa.CheckConstraint("done <= parts", name="done"))

    id: Mapped[int] = id_column()
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    parts: Mapped[int]
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    size: Mapped[int | None]  # bytes
    archive: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
