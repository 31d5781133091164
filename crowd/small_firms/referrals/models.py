"""The table of referrals."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.accounts.models import Organisation
from crowd.db import Model, id_column, state_column
from crowd.registers.models import RegisterEntry
from crowd.small_firms.referrals.workflow import OPEN, ReferralState, Target

NOW = sa.text("crowd_now()")


class Referral(Model):
    """A firm is referred to an institution, from its entry, by the service centre or (`park_id`) by a park of the firm.
    `outcome` is what the institution said last.
    """

    __tablename__ = "small_firm_referral"
    __table_args__ = (
        sa.Index(None, "entry_id"),
        sa.Index(None, "firm_id", "id"),
        sa.Index(None, "park_id", "id", postgresql_where=sa.text("park_id IS NOT NULL")),
        sa.Index(None, "made_by"),
        sa.CheckConstraint("(state = 'made') = (changed_at IS NULL)", name="changed"),
    )

    id: Mapped[int] = id_column()
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("register_entry.id"))
    firm_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    park_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    target: Mapped[Target] = state_column(Target, Target.FUND)
    institution: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[ReferralState] = state_column(ReferralState, ReferralState.MADE)
    outcome: Mapped[str] = mapped_column(default="")
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=NOW)
    changed_at: Mapped[datetime | None]

    entry: Mapped[RegisterEntry] = relationship(lazy="joined", innerjoin=True)
    firm: Mapped[Organisation] = relationship(foreign_keys=[firm_id], lazy="joined", innerjoin=True)
    park: Mapped[Organisation | None] = relationship(foreign_keys=[park_id], lazy="joined")

    @property
    def is_open(self) -> bool:
        """Whether the institution can still take the firm up, or decline."""
        return self.state in OPEN
