"""Reputation totals, stored as rows so that no page adds them up."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.accounts.models import Organisation, User
from crowd.db import Model, id_column

ANSWERED = "awarded + placed > 0"


class ReputationTotal(Model):
    """A person's or an organisation's points: in all, from proposals (`solving`) and from reviews (`reviewing`), and in
    how many challenges each kind was earned. The settlement adds its credits in its own transaction; the ledger
    check compares with the events.
    """

    __tablename__ = "reputation_total"
    __table_args__ = (
        sa.CheckConstraint("(user_id IS NULL) <> (organisation_id IS NULL)", name="one_party"),
        sa.Index(
            "ix_reputation_total_solvers", "solving", "id", postgresql_where=sa.text(f"user_id > 0 AND {ANSWERED}")
        ),
        sa.Index(
            "ix_reputation_total_agencies",
            "solving",
            "id",
            postgresql_where=sa.text(f"organisation_id > 0 AND {ANSWERED}"),
        ),
        sa.Index("ix_reputation_total_reviewers", "reviewing", "id", postgresql_where=sa.text("reviewed > 0")),
    )

    id: Mapped[int] = id_column()
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), unique=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), unique=True)
    points: Mapped[int]
    solving: Mapped[int]
    reviewing: Mapped[int]
    awarded: Mapped[int]
    placed: Mapped[int]
    reviewed: Mapped[int]
    decided: Mapped[int]

    user: Mapped[User | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
