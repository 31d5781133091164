"""Rounds of a challenge. Each has a panel, prizes and results of its own; every challenge begins with round 1, and a
challenge with one round shows nothing of it.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased, mapped_column

from crowd.db import Model, id_column


class Round(Model):
    """A round of a challenge. The one with the highest number is the current one: the dates and the state of the
    challenge are its dates and its state.
    """

    __tablename__ = "round"
    __table_args__ = (
        sa.UniqueConstraint("challenge_id", "number"),
        sa.UniqueConstraint("id", "challenge_id"),  # for the keys of the rows of a round, which name the challenge, too
        sa.CheckConstraint("number > 0", name="number"),
    )

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    number: Mapped[int]

    @property
    def key(self) -> str:
        """The round in the key of a notification. Round 1 has that of its challenge, as before there were rounds: what
        was sent then is not sent again.
        """
        return str(self.challenge_id) if self.number == 1 else f"{self.challenge_id}:r{self.number}"


def of_round() -> sa.ForeignKeyConstraint:
    """The key of a row that belongs to a round of its own challenge."""
    return sa.ForeignKeyConstraint(["round_id", "challenge_id"], ["round.id", "round.challenge_id"])


def among(rounds: Sequence[Round], round_id: int | None) -> Round:
    """One of a challenge's rounds, in their order; the current one for None."""
    return next(one for one in reversed(rounds) if round_id in (None, one.id))


def current_round(challenge_id: int | sa.SQLColumnExpression[int]) -> sa.ScalarSelect[int]:
    """The id of `Challenge.round` as SQL."""
    one = aliased(Round)
    query = sa.select(one.id).where(one.challenge_id == challenge_id).order_by(one.number.desc()).limit(1)
    return query.correlate_except(one).scalar_subquery()
