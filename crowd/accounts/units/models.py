"""Tables of units, their staff, and what was handed over."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.accounts.models import User
from crowd.db import Model, id_column
from crowd.languages import ENGLISH

NOW = sa.text("crowd_now()")


class OperatorUnit(Model):
    """A unit of the operator. `names` are by locale; the work of its region goes to it where it has staff.

    A closed unit has no staff and no work; a region has at most one that is open.
    """

    __tablename__ = "operator_unit"
    __table_args__ = (
        sa.CheckConstraint("jsonb_exists(names, 'en')", name="english_name"),
        sa.Index("uq_operator_unit_open", "region_id", unique=True, postgresql_where=sa.text("closed_at IS NULL")),
        sa.Index(None, "region_id"),
    )

    id: Mapped[int] = id_column()
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    region_id: Mapped[int] = mapped_column(sa.ForeignKey("term.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    closed_at: Mapped[datetime | None]

    def name(self, locale: str) -> str:
        """Its name in a language; the English one where there is none."""
        return self.names.get(locale) or self.names[ENGLISH.locale]


class UnitMember(Model):
    """A person of the service centre belongs to one unit. Without the role, or with a closed account, they are none of
    its staff. Who `leads` says who of the staff does what.
    """

    __tablename__ = "unit_member"
    __table_args__ = (sa.Index(None, "unit_id"),)

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(sa.ForeignKey("operator_unit.id"))
    leads: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class HandOver(Model):
    """The unit to which a challenge or an organisation was handed over last, whatever its region; None is the service
    centre.
    """

    __tablename__ = "hand_over"
    __table_args__ = (sa.Index(None, "unit_id"), sa.Index(None, "handed_by"))

    subject_type: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("operator_unit.id"))
    note: Mapped[str]
    handed_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    handed_at: Mapped[datetime] = mapped_column(server_default=NOW)

    person: Mapped[User] = relationship(lazy="joined", innerjoin=True)
