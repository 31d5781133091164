"""How each version of a rule set was adopted."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.contracts.models import ContractVersion
from crowd.db import Model, id_column


class RuleAdoption(Model):
    """A version of a rule set: the case in which the council adopted it (none of the first, with which the platform
    began), and from when it applies. Rows are only added.
    """

    __tablename__ = "rule_adoption"
    __table_args__ = (sa.UniqueConstraint("version_id"), sa.UniqueConstraint("case_id"))

    id: Mapped[int] = id_column()
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("contract_version.id"))
    case_id: Mapped[int | None]
    applies_at: Mapped[datetime]
    adopted_at: Mapped[datetime] = mapped_column(server_default=sa.text("crowd_now()"))

    version: Mapped[ContractVersion] = relationship(lazy="joined", innerjoin=True)
