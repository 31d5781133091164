"""Table of parks: which firms are in which park, or were, or are invited."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.accounts.models import NOW, Organisation
from crowd.accounts.parks.workflow import ParkState
from crowd.db import Model, id_column, state_column


class ParkMembership(Model):
    """A firm in a park. `answered_*` says who of the firm accepted or declined, `ended_*` who ended it."""

    __tablename__ = "park_membership"
    __table_args__ = (
        sa.CheckConstraint("park_id <> firm_id", name="two_sides"),
        sa.CheckConstraint(
            "state NOT IN ('member', 'ended') OR (answered_at IS NOT NULL AND answered_by IS NOT NULL)", name="agreed"
        ),
        sa.Index(
            "uq_park_membership_open",
            "park_id",
            "firm_id",
            unique=True,
            postgresql_where=sa.text("state IN ('invited', 'member')"),
        ),
        sa.Index(None, "firm_id"),
    )

    id: Mapped[int] = id_column()
    park_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    firm_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    state: Mapped[ParkState] = state_column(ParkState, ParkState.INVITED)
    invited_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    invited_at: Mapped[datetime] = mapped_column(server_default=NOW)
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    answered_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    ended_at: Mapped[datetime | None]

    @property
    def is_member(self) -> bool:
        """Whether both sides have agreed, and neither has ended it."""
        return self.state == ParkState.MEMBER

    park: Mapped[Organisation] = relationship(foreign_keys=[park_id], lazy="joined", innerjoin=True)
    firm: Mapped[Organisation] = relationship(foreign_keys=[firm_id], lazy="joined", innerjoin=True)
