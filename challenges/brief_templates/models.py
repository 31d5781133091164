"""The templates. Their texts are versions of a contract of the kind `brief_template`."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crowd.db import Model, id_column, state_column

NOW = sa.text("crowd_now()")


class TemplateKind(StrEnum):
    """The part of a draft for which a template is."""

    RUBRIC = "rubric"
    PROBLEM = "problem"
    RIGHTS = "rights"


class BriefTemplate(Model):
    """A template. `code` names one that Crowd ships: types and tiers of challenges refer to it."""

    __tablename__ = "brief_template"
    __table_args__ = (sa.UniqueConstraint("code"), sa.Index(None, "kind", "id"))

    id: Mapped[int] = id_column()
    kind: Mapped[TemplateKind] = state_column(TemplateKind, TemplateKind.RUBRIC)
    code: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    retired_at: Mapped[datetime | None]
