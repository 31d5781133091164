"""Who follows what."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crowd.db import Model


class Follow(Model):
    """A person follows a subject: `subject_type` is a kind that a manifest declares, `subject_id` its number there.

    The subject's own row is neither referred to nor locked, so that a popular one can be followed by many at once.
    """

    __tablename__ = "follow"
    __table_args__ = (sa.Index(None, "subject_type", "subject_id", "user_id"),)

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True)
    subject_type: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=sa.text("crowd_now()"))
