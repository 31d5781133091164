"""The record of a challenge of another platform."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crowd.db import Model, id_column

NOW = sa.text("crowd_now()")


class ExternalRecord(Model):
    """Another platform's record of a challenge, word for word, beside the mapped values."""

    __tablename__ = "external_record"
    __table_args__ = (sa.UniqueConstraint("platform", "foreign_id"), sa.UniqueConstraint("challenge_id"))

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id", ondelete="CASCADE"))
    platform: Mapped[str]
    foreign_id: Mapped[str]
    url: Mapped[str]
    agency: Mapped[str] = mapped_column(default="")
    digest: Mapped[str] = mapped_column(sa.String(64))
    row: Mapped[dict[str, Any]] = mapped_column(JSONB)
    mapped: Mapped[dict[str, Any]] = mapped_column(JSONB)
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    imported_at: Mapped[datetime] = mapped_column(server_default=NOW)
