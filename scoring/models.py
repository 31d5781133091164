"""Panels and their assignments, reviews, awards, published ranks, and the events that reputation derives from."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from challenges.models import Prize
from challenges.rounds import of_round
from challenges.rubric import NUMBER
from crowd.accounts.models import User
from crowd.db import Model, id_column, state_column
from scoring.workflow import AssignmentState, AwardState
from submissions.models import Proposal

NOW = sa.text("crowd_now()")


class Panel(Model):
    """The reviewers of a round as chosen: `data` says by what rule and from how many candidates. The challenge
    has the dates: when the panel was formed, and by when it reviews.
    """

    __tablename__ = "panel"
    __table_args__ = (of_round(), sa.Index(None, "challenge_id"))

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    round_id: Mapped[int] = mapped_column(unique=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    contract_version_id: Mapped[int] = mapped_column(sa.ForeignKey("contract_version.id"))


class Assignment(Model):
    """One proposal for one reviewer, in a round. `reason` says why: shared tags, open assignments at that time."""

    __tablename__ = "assignment"
    __table_args__ = (
        of_round(),
        sa.UniqueConstraint("round_id", "proposal_id", "reviewer_id"),
        sa.Index(None, "proposal_id"),
        sa.CheckConstraint("fee >= 0", name="fee"),
        sa.Index(None, "reviewer_id", "state", "due_at"),
        sa.Index(None, "challenge_id", "state"),
    )

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    round_id: Mapped[int]
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"))
    reviewer_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    state: Mapped[AssignmentState] = state_column(AssignmentState, AssignmentState.PENDING)
    reason: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    decline_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    fee: Mapped[int] = mapped_column(default=0)  # what the review earns where it is submitted in time, in minor units
    fee_paid_at: Mapped[datetime | None]

    # A list that needs these selects columns: whole proposals and challenges would be loaded for every row.
    proposal: Mapped[Proposal] = relationship()
    reviewer: Mapped[User] = relationship()
    review: Mapped["Review | None"] = relationship(viewonly=True, uselist=False)

    @property
    def is_pending(self) -> bool:
        """Whether the review is still to be submitted."""
        return self.state == AssignmentState.PENDING

    @property
    def is_done(self) -> bool:
        """Whether the review is submitted."""
        return self.state == AssignmentState.DONE

    @property
    def is_released(self) -> bool:
        """Whether the review is not needed any more."""
        return self.state == AssignmentState.RELEASED


class Review(Model):
    """A reviewer's review of one proposal. `total` is the weighted mean, 0 to 100, once it is submitted."""

    __tablename__ = "review"
    __table_args__ = (sa.CheckConstraint("submitted_at IS NULL OR total IS NOT NULL", name="total"),)

    id: Mapped[int] = id_column()
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"), unique=True)
    comment: Mapped[str] = mapped_column(default="")
    total: Mapped[float | None] = mapped_column(sa.Double)
    saved_at: Mapped[datetime] = mapped_column(server_default=NOW)
    submitted_at: Mapped[datetime | None]

    scores: Mapped[list["Score"]] = relationship(viewonly=True)


class Score(Model):
    """One criterion's points in one review; no points yet in an unfinished one."""

    __tablename__ = "score"
    __table_args__ = (
        sa.UniqueConstraint("review_id", "criterion_id"),
        sa.CheckConstraint("points >= 0", name="points"),
    )

    id: Mapped[int] = id_column()
    review_id: Mapped[int] = mapped_column(sa.ForeignKey("review.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(sa.ForeignKey("criterion.id"))
    points: Mapped[Decimal | None] = mapped_column(NUMBER)
    comment: Mapped[str] = mapped_column(default="")


class ConflictOfInterest(Model):
    """A conflict of interest that a reviewer declared: with a person or with an organisation."""

    __tablename__ = "conflict_of_interest"
    __table_args__ = (
        sa.CheckConstraint("(user_id IS NULL) <> (organisation_id IS NULL)", name="one_party"),
        sa.UniqueConstraint("reviewer_id", "user_id"),
        sa.UniqueConstraint("reviewer_id", "organisation_id"),
    )

    id: Mapped[int] = id_column()
    reviewer_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    note: Mapped[str] = mapped_column(default="")
    declared_at: Mapped[datetime] = mapped_column(server_default=NOW)


class Award(Model):
    """One position of one prize for one proposal. The database lets no position win twice, and no proposal twice in a
    round.

    Where equal means share the prizes of their places, `tie_rank` is their rank and `amount` a part of these prizes;
    one that has no place of its own has the last of these prizes and no `position`. Nobody selected an award that
    the contract distributed.

    `fee` is the platform's, on top of the amount. The decision fixes it, so that awards can be paid one by one in any
    order. `cleared_*`: the council has checked a conflict of interest that arose after the choice, and releases the
    payment. `region_id` is the winner's, fixed by the decision: the agency's, else the
    person's, which is shown only in sums. `result_version_id` is the result with which it was published.
    """

    __tablename__ = "award"
    __table_args__ = (
        sa.UniqueConstraint("prize_id", "position"),
        of_round(),
        sa.UniqueConstraint("round_id", "proposal_id"),
        sa.Index(None, "proposal_id"),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint("fee >= 0", name="fee"),
        sa.CheckConstraint("(state = 'selected') = (fee IS NULL)", name="fee_fixed"),
        sa.CheckConstraint("(state = 'posted') = (paid_at IS NOT NULL)", name="paid"),
        sa.CheckConstraint("(state = 'selected') = (result_version_id IS NULL)", name="version"),
        sa.CheckConstraint("position IS NOT NULL OR tie_rank IS NOT NULL", name="place"),
        sa.Index(None, "challenge_id"),
        sa.Index(None, "region_id"),
        sa.Index(None, "result_version_id"),
    )

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    round_id: Mapped[int]
    prize_id: Mapped[int] = mapped_column(sa.ForeignKey("prize.id"))
    position: Mapped[int | None]
    tie_rank: Mapped[int | None]
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"))
    amount: Mapped[int]
    fee: Mapped[int | None]
    reason: Mapped[str]
    state: Mapped[AwardState] = state_column(AwardState, AwardState.SELECTED)
    selected_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    selected_at: Mapped[datetime] = mapped_column(server_default=NOW)
    paid_at: Mapped[datetime | None]
    cleared_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    cleared_at: Mapped[datetime | None]
    cleared_reason: Mapped[str | None]
    region_id: Mapped[int | None] = mapped_column(sa.ForeignKey("term.id"))
    contract_version_id: Mapped[int] = mapped_column(sa.ForeignKey("contract_version.id"))
    result_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("result_version.id"))

    prize: Mapped[Prize] = relationship(lazy="joined", innerjoin=True)
    proposal: Mapped[Proposal] = relationship()


class PaymentHold(Model):
    """A hold of everything of a decided round that is not paid, with its reasons, which are public: somebody's, or that
    of an appeal or of a case about integrity, while it is pending. Never deleted.

    `challenge.payment_held_at` says since when one is open.
    """

    __tablename__ = "payment_hold"
    __table_args__ = (
        sa.CheckConstraint(
            "(released_at IS NULL) = (release_reason IS NULL) AND (released_by IS NULL OR released_at IS NOT NULL)",
            name="released",
        ),
        sa.CheckConstraint("(held_by IS NULL) = (case_id IS NOT NULL)", name="whose"),
        of_round(),
        sa.Index(None, "round_id"),
        sa.Index(None, "challenge_id"),
    )

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    round_id: Mapped[int]
    reason: Mapped[str]
    held_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), unique=True)
    held_at: Mapped[datetime]
    released_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    released_at: Mapped[datetime | None]
    release_reason: Mapped[str | None]

    @property
    def is_open(self) -> bool:
        """Whether it still holds."""
        return self.released_at is None


class ResultVersion(Model):
    """What a decision about a round has published: the first, and one more each time that the decision was opened
    again. Its lines are `PublishedRanking`; nothing of it is ever changed.

    `number` counts the versions of the challenge through all its rounds, so it names the round, too. `note` is the
    remark on the decision as a whole; the reason, where nothing is awarded.
    """

    __tablename__ = "result_version"
    __table_args__ = (
        sa.UniqueConstraint("challenge_id", "number"),
        of_round(),
        sa.Index(None, "round_id"),
        sa.CheckConstraint("number > 0", name="number"),
    )

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    round_id: Mapped[int]
    number: Mapped[int]
    note: Mapped[str]
    contract_version_id: Mapped[int] = mapped_column(sa.ForeignKey("contract_version.id"))
    digest: Mapped[str] = mapped_column(sa.String(64))
    published_at: Mapped[datetime]

    reopened: Mapped[list["ReopenedResult"]] = relationship(
        lazy="selectin", viewonly=True, order_by="ReopenedResult.id"
    )


class PublishedRanking(Model):
    """A proposal in a version of the result: its rank and mean (0 to 100; None without a review), the lowest and the
    highest of its reviews' totals, their number, and its award, if it has one. Never changed.
    """

    __tablename__ = "published_ranking"
    __table_args__ = (
        sa.UniqueConstraint("result_version_id", "proposal_id"),
        sa.CheckConstraint(
            "num_nulls(prize_id, amount, fee, reason) IN (0, 4)"
            " AND (prize_id IS NULL) = (coalesce(position, tie_rank) IS NULL)",
            name="award",
        ),
        sa.Index(None, "result_version_id", "rank", "id"),
        sa.Index(None, "proposal_id"),
        sa.Index(None, "challenge_id"),
    )

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    result_version_id: Mapped[int] = mapped_column(sa.ForeignKey("result_version.id"))
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"))
    rank: Mapped[int | None]
    mean: Mapped[float | None] = mapped_column(sa.Double)
    low: Mapped[float | None] = mapped_column(sa.Double)
    high: Mapped[float | None] = mapped_column(sa.Double)
    reviews: Mapped[int]
    prize_id: Mapped[int | None] = mapped_column(sa.ForeignKey("prize.id"))
    position: Mapped[int | None]
    tie_rank: Mapped[int | None]
    amount: Mapped[int | None]
    fee: Mapped[int | None]
    reason: Mapped[str | None]


class ReopenedResult(Model):
    """Why a version of the result no longer counts: an appeal, or a case about integrity, was upheld. `new_reviews`:
    new reviewers were asked. Never changed.
    """

    __tablename__ = "reopened_result"
    __table_args__ = (sa.Index(None, "result_version_id"),)

    id: Mapped[int] = id_column()
    result_version_id: Mapped[int] = mapped_column(sa.ForeignKey("result_version.id"))
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), unique=True)
    new_reviews: Mapped[bool]
    reopened_at: Mapped[datetime]


class ReputationKind(StrEnum):
    """What a person or an organisation has points for."""

    AWARDED = "awarded"
    PLACED = "placed"
    REVIEWED = "reviewed"
    DECIDED = "decided"


class ReputationEvent(Model):
    """The effect of a settled round on a party's reputation; points are added up, events are never changed."""

    __tablename__ = "reputation_event"
    __table_args__ = (
        of_round(),
        sa.UniqueConstraint("round_id", "kind", "user_id"),
        sa.UniqueConstraint("round_id", "kind", "organisation_id"),
        sa.Index(None, "challenge_id"),
        sa.CheckConstraint("(user_id IS NULL) <> (organisation_id IS NULL)", name="one_party"),
        sa.Index(None, "user_id", "id"),
        sa.Index(None, "organisation_id", "id"),
    )

    id: Mapped[int] = id_column()
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    round_id: Mapped[int]
    kind: Mapped[ReputationKind] = state_column(ReputationKind, ReputationKind.PLACED)
    points: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    at: Mapped[datetime] = mapped_column(server_default=NOW)


def pending() -> sa.ColumnElement[bool]:
    """`Assignment.is_pending` as SQL."""
    return Assignment.state == AssignmentState.PENDING


def overdue(now: datetime) -> sa.ColumnElement[bool]:
    """Whether the review of an assignment should have been submitted before `now`, as SQL."""
    return sa.and_(pending(), Assignment.due_at < now)
