"""Sanctions as the council decided them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.accounts.models import Organisation, User
from crowd.accounts.sanctions.workflow import MEASURES, Measure, SanctionState
from crowd.db import Model, id_column, state_column


class Sanction(Model):
    """A sanction of a person or an organisation, one for each case. `begins_at` is when the time for an appeal is over,
    and once it has begun, when it did; `closed` says that it closed the account or the organisation, which its end then
    opens again.
    """

    __tablename__ = "sanction"
    __table_args__ = (
        sa.CheckConstraint("(user_id IS NULL) <> (organisation_id IS NULL)", name="one"),
        sa.Index(None, "user_id", postgresql_where=sa.text("user_id IS NOT NULL")),
        sa.Index(None, "organisation_id", postgresql_where=sa.text("organisation_id IS NOT NULL")),
    )

    id: Mapped[int] = id_column()
    case_id: Mapped[int] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    measure: Mapped[str]
    state: Mapped[SanctionState] = state_column(SanctionState, SanctionState.DECIDED)
    closed: Mapped[bool] = mapped_column(default=False)
    decided_at: Mapped[datetime] = mapped_column(server_default=sa.text("crowd_now()"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]

    user: Mapped[User | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    @property
    def decided(self) -> Measure:
        """What the council decided."""
        return MEASURES[self.measure]

    @property
    def is_lifted(self) -> bool:
        """Whether nothing of it follows."""
        return self.state == SanctionState.LIFTED

    @property
    def party(self) -> User | Organisation:
        """Whom it is about."""
        found = self.user or self.organisation
        assert found is not None
        return found
