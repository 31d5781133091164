"""The challenge with its prizes and criteria, and the totals by month."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypedDict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from challenges.deciding import AfterCentre, Silence, TieRule
from challenges.entry.clause import NOTHING
from challenges.rounds import Round, of_round
from challenges.rubric import PERCENT, Criterion
from challenges.types import Type
from challenges.visibility import Visibility
from challenges.workflow import IN_ESCROW, PREPARATION, RESULTS, ChallengeState
from crowd.accounts.models import Organisation
from crowd.canonical import Document
from crowd.db import Model, id_column, state_column
from crowd.languages import DEFAULT
from crowd.money import apply_basis_points

NOW = sa.text("crowd_now()")
WITHOUT = sa.text(f"'{json.dumps(NOTHING)}'::jsonb")
NEVER = "'9999-12-31 00:00:00+00'::timestamp with time zone"
UNDATED = "'1900-01-01T00:00:00Z'::timestamptz"
KEY = "replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')"
POSTED = f"COALESCE(published_at, CASE WHEN origin = 'external' THEN {UNDATED} ELSE created_at END)"


class Origin(StrEnum):
    """`platform`: posted here, with money in escrow; `external`: a record of another platform's challenge."""

    PLATFORM = "platform"
    EXTERNAL = "external"


class TemplateBefore(TypedDict):
    """What a part of a draft had before a template was inserted."""

    text: str
    criteria: list[Document]


class TemplateUse(TypedDict):
    """The version of a template that was inserted into a part of a draft."""

    version: int
    before: TemplateBefore


class ChallengeCount(Model):
    """The counts of participants of a published challenge, and their limits.

    Every submission changes this row, as the last statement before its commit; none changes the challenge's own row,
    which others read, cache and lock.
    """

    __tablename__ = "challenge_count"
    __table_args__ = (
        sa.CheckConstraint("proposals BETWEEN 0 AND proposals_limit", name="proposals"),
        sa.CheckConstraint("registrations BETWEEN 0 AND registrations_limit", name="registrations"),
    )

    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id", ondelete="CASCADE"), primary_key=True)
    proposals: Mapped[int] = mapped_column(default=0, server_default="0")
    proposals_limit: Mapped[int]
    registrations: Mapped[int] = mapped_column(default=0, server_default="0")
    registrations_limit: Mapped[int]


def _counted(column: Any, challenge_id: Any) -> Any:
    """A number of `ChallengeCount` as a column of the challenge, in the challenge's own statement; 0 while unpublished.
    Read it under the challenge's lock where a decision depends on it.
    """
    number = sa.select(column).where(ChallengeCount.challenge_id == challenge_id)
    return column_property(sa.func.coalesce(number.correlate_except(ChallengeCount).scalar_subquery(), 0))


class Challenge(Model):
    """A posted challenge. Windows (`appeal_seconds`) are seconds; times are UTC; `time_zone` is for display."""

    __tablename__ = "challenge"
    __table_args__ = (
        sa.CheckConstraint("closes_at IS NULL OR opens_at IS NULL OR closes_at > opens_at", name="dates"),
        sa.CheckConstraint("(origin = 'external') = (state IN ('listed', 'archived'))", name="external_states"),
        sa.CheckConstraint(
            "state NOT IN ('funded', 'open', 'judging', 'decided', 'settled') OR funded_at IS NOT NULL", name="funded"
        ),
        sa.CheckConstraint("state NOT IN ('judging', 'decided', 'settled') OR closed_at IS NOT NULL", name="closed"),
        sa.CheckConstraint("state NOT IN ('decided', 'settled') OR decided_at IS NOT NULL", name="decided"),
        sa.CheckConstraint("passing_score > 0 AND passing_score <= 100", name="passing_score"),
        sa.CheckConstraint("held_at IS NULL OR state = 'decided'", name="held"),
        sa.CheckConstraint("payment_held_at IS NULL OR state = 'decided'", name="payment_held"),
        sa.CheckConstraint("unverified_at IS NULL OR state IN ('funded', 'decided')", name="unverified"),
        sa.CheckConstraint("origin = 'platform' OR visibility = 'public'", name="external_visibility"),
        sa.CheckConstraint(
            "state = 'draft' OR state = 'cancelled' OR for_organisation_id IS NULL OR consented_at IS NOT NULL",
            name="consent",
        ),
        sa.Index(
            "ix_challenge_for_organisation_id",
            "for_organisation_id",
            postgresql_where=sa.text("for_organisation_id IS NOT NULL"),
        ),
        sa.CheckConstraint("review_fee >= 0 AND honoraria >= 0", name="honoraria"),
        sa.Index(None, "state", "closes_at"),
        sa.Index(None, "organisation_id", "id"),
        sa.Index(None, "state", "opens_at"),
        sa.Index(None, "state", "sort_posted_at", "id"),
        sa.Index(None, "state", "sort_closes_at", "id"),
        sa.Index(None, "state", "appeals_until"),
        sa.Index(None, "state", "prize_total", "id"),
        sa.Index("ix_challenge_tags", "tags", postgresql_using="gin"),
        sa.Index("ix_challenge_search", "search", postgresql_using="gin"),
        sa.Index(None, "search_version"),
        sa.Index(None, "region_id"),
        sa.Index(None, "stage_id"),
        sa.Index("ix_challenge_silence_at", "silence_at", postgresql_where=sa.text("state = 'judging'")),
        sa.Index(None, "tier_id"),
    )

    id: Mapped[int] = id_column()
    origin: Mapped[Origin] = state_column(Origin, Origin.PLATFORM)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    for_organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))  # a firm, by its park
    consented_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    consented_at: Mapped[datetime | None]
    type: Mapped[Type] = state_column(Type, Type.PRIZE)
    stage_id: Mapped[int | None] = mapped_column(sa.ForeignKey("term.id"))  # the maturity that a solver must have
    tier_id: Mapped[int | None] = mapped_column(sa.ForeignKey("term.id"))  # of the need, a term of the tiers
    language: Mapped[str] = mapped_column(sa.String(16), default=DEFAULT)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    problem_statement: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list)
    search: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list, deferred=True)
    search_version: Mapped[int] = mapped_column(default=0, server_default="0", deferred=True)  # of the search rules
    rights: Mapped[str] = mapped_column(default="")
    # Who may enter, what is asked of them, and the attachments (`challenges.entry.clause`).
    entry: Mapped[Document] = mapped_column(JSONB, default=lambda: dict(NOTHING), server_default=WITHOUT)
    nda: Mapped[str] = mapped_column(default="", server_default="", deferred=True, deferred_group="gated")
    full_text: Mapped[str] = mapped_column(default="", server_default="", deferred=True, deferred_group="gated")
    gate_key: Mapped[str] = mapped_column(  # secret: from it come the salts of the full text
        sa.String(64), server_default=sa.text(KEY), deferred=True, deferred_group="gated"
    )
    visibility: Mapped[Visibility] = state_column(Visibility, Visibility.PUBLIC)
    currency: Mapped[str] = mapped_column(sa.String(3), default="CNY")
    prize_total: Mapped[int] = mapped_column(default=0, server_default="0")

    state: Mapped[ChallengeState] = state_column(ChallengeState, ChallengeState.DRAFT)
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    time_zone: Mapped[str] = mapped_column(default="Asia/Shanghai")
    appeal_seconds: Mapped[int]
    tie_rule: Mapped[TieRule] = state_column(TieRule, TieRule.SPONSOR)
    silence: Mapped[Silence] = state_column(Silence, Silence.CENTRE)
    centre_silence: Mapped[AfterCentre] = state_column(AfterCentre, AfterCentre.RANKING)
    review_fee: Mapped[int] = mapped_column(default=0)  # of each review
    review_fee_cap: Mapped[int | None]  # of all reviews together
    honoraria: Mapped[int] = mapped_column(default=0)  # what is paid in for reviewers' fees
    passing_score: Mapped[Decimal | None] = mapped_column(PERCENT)  # the least mean with which a proposal can win
    fee_version: Mapped[int | None]
    rules_version: Mapped[int | None]  # of the clocks, since it was submitted for screening
    tiers_version: Mapped[int | None]  # of what follows from the tier, since then
    fee_basis_points: Mapped[int] = mapped_column(default=0, server_default="0")
    payment_reference: Mapped[str | None] = mapped_column(unique=True)
    screening_note: Mapped[str] = mapped_column(default="")
    cancel_reason: Mapped[str] = mapped_column(default="")

    proposals_limit: Mapped[int]
    proposals_count: Mapped[int] = _counted(ChallengeCount.proposals, id)
    registrations_count: Mapped[int] = _counted(ChallengeCount.registrations, id)
    grace_seconds: Mapped[int | None]  # since the opening, from the contract
    templates: Mapped[dict[str, TemplateUse]] = mapped_column(JSONB, default=dict)  # by the part of the draft
    rules: Mapped[dict[str, int] | None] = mapped_column(JSONB)  # since the opening, from the contract (`Rules`)
    contract_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contract_version.id"))  # the one in force
    copied_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("challenge.id"))
    region_id: Mapped[int | None] = mapped_column(sa.ForeignKey("term.id"))  # the sponsor's, fixed at the opening

    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    changed_at: Mapped[datetime] = mapped_column(server_default=NOW)
    submitted_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    funding_due_at: Mapped[datetime | None]
    funded_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    panel_formed_at: Mapped[datetime | None]
    reviews_due_at: Mapped[datetime | None]
    reviews_in_at: Mapped[datetime | None]
    decision_due_at: Mapped[datetime | None]
    silence_at: Mapped[datetime | None]  # when the contract's consequence of silence follows (`deciding.consequence`)
    decided_at: Mapped[datetime | None]
    appeals_until: Mapped[datetime | None]
    held_at: Mapped[datetime | None]  # since when an award is held for the council
    # since when its opening, or an award, waits until the organisation is verified that posts it, or gets the award
    unverified_at: Mapped[datetime | None]
    payment_held_at: Mapped[datetime | None]  # since when a hold stops everything that is not paid
    settled_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    # Sort columns of lists: never empty, so that a page can start after a row.
    # An external record without a date comes after all that have one: the date of its import has no meaning.
    sort_posted_at: Mapped[datetime] = mapped_column(sa.Computed(POSTED, persisted=True))
    sort_closes_at: Mapped[datetime] = mapped_column(sa.Computed(f"COALESCE(closes_at, {NEVER})", persisted=True))

    # PostgreSQL's own version of the row: it changes with every update.
    row_version: Mapped[str] = mapped_column(
        "xmin", sa.String, system=True, server_default=sa.FetchedValue(), server_onupdate=sa.FetchedValue()
    )

    organisation: Mapped[Organisation] = relationship(lazy="joined", foreign_keys=[organisation_id])
    beneficiary: Mapped[Organisation | None] = relationship(foreign_keys=[for_organisation_id])
    rounds: Mapped[list[Round]] = relationship(order_by=Round.number)
    prizes: Mapped[list["Prize"]] = relationship(
        order_by="Prize.round_id, Prize.position", cascade="all, delete-orphan", passive_deletes=True
    )
    criteria: Mapped[list[Criterion]] = relationship(
        order_by="Criterion.position", cascade="all, delete-orphan", passive_deletes=True
    )

    def __init__(self, **values: object) -> None:
        super().__init__(**values, rounds=[Round(number=1)])

    @property
    def round(self) -> Round:
        """The current round: the one with the highest number."""
        return self.rounds[-1]

    @property
    def sponsors(self) -> list[Organisation]:
        """Who posts it, and the firm for which a park does: their people have a conflict of interest with it."""
        return [self.organisation] if self.beneficiary is None else [self.organisation, self.beneficiary]

    @property
    def is_draft(self) -> bool:
        """Whether its sponsor is writing it."""
        return self.state == ChallengeState.DRAFT

    @property
    def was_returned(self) -> bool:
        """Whether the service centre has returned it with remarks."""
        return self.is_draft and bool(self.screening_note)

    @property
    def funding_expired(self) -> bool:
        """Whether it is a draft again because it was not paid in time."""
        return self.is_draft and self.funding_due_at is not None

    @property
    def awaits_payment(self) -> bool:
        """Whether it is approved and not paid yet."""
        return self.state == ChallengeState.APPROVED

    @property
    def is_in_preparation(self) -> bool:
        """Whether it has not opened yet, and still may."""
        return self.state in PREPARATION

    @property
    def is_open(self) -> bool:
        """Whether it has opened and has not been closed yet."""
        return self.state == ChallengeState.OPEN

    @property
    def is_judged(self) -> bool:
        """Whether its proposals are being judged."""
        return self.state == ChallengeState.JUDGING

    @property
    def has_results(self) -> bool:
        """Whether the decision is published."""
        return self.state in RESULTS

    @property
    def awaits_settlement(self) -> bool:
        """Whether the decision is published and the prizes are not paid yet."""
        return self.state == ChallengeState.DECIDED

    @property
    def by_invitation(self) -> bool:
        """Whether it is hidden from those who are not invited."""
        return self.visibility == Visibility.INVITED

    @property
    def external(self) -> bool:
        return self.origin == Origin.EXTERNAL

    @property
    def fee(self) -> int:
        """The platform's fee on all prizes, in minor units, at the rate in force when it was submitted."""
        return apply_basis_points(self.prize_total, self.fee_basis_points)

    @property
    def cost(self) -> int:
        """What the sponsor pays in: all prizes, the fee on them and the reviewers' fees, in minor units."""
        return self.prize_total + self.fee + self.honoraria

    @property
    def in_escrow(self) -> bool:
        return self.state in IN_ESCROW

    @property
    def appeal_window(self) -> timedelta:
        return timedelta(seconds=self.appeal_seconds)

    def decision_open(self, now: datetime) -> bool:
        """Whether the decision no longer waits for reviews: all have arrived, or the missing ones are overdue."""
        return self.reviews_in_at is not None or (self.reviews_due_at is not None and self.reviews_due_at <= now)

    def decision_overdue(self, now: datetime) -> bool:
        """Whether the sponsor's due date has passed."""
        return self.state == ChallengeState.JUDGING and self.decision_due_at is not None and self.decision_due_at <= now

    @property
    def grace(self) -> timedelta:
        """How long after its closing date a challenge still accepts what had arrived before it."""
        return timedelta(seconds=self.grace_seconds or 0)

    def takes_proposals(self, at: datetime) -> bool:
        """Whether a request that arrived at that time is in time: open, and before the closing date itself."""
        return self.state == ChallengeState.OPEN and self.closes_at is not None and at < self.closes_at

    @property
    def to_close_at(self) -> datetime | None:
        """The earliest time at which the challenge is closed: its closing date plus the grace period."""
        return self.closes_at + self.grace if self.closes_at else None


def takes_proposals(at: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    """`Challenge.takes_proposals` as SQL."""
    return sa.and_(Challenge.state == ChallengeState.OPEN, Challenge.closes_at > at)


def to_close_at() -> sa.ColumnElement[datetime | None]:
    """`Challenge.to_close_at` as SQL."""
    seconds = sa.func.coalesce(Challenge.grace_seconds, 0)
    return Challenge.closes_at + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)


class Prize(Model):
    """A tier of a round: `award_count` awards of `amount` minor units each."""

    __tablename__ = "prize"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "position"),
        of_round(),
        sa.Index(None, "challenge_id"),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint("award_count BETWEEN 1 AND 100", name="award_count"),
    )

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id", ondelete="CASCADE"))
    round_id: Mapped[int]
    position: Mapped[int]
    title: Mapped[str]
    amount: Mapped[int]
    award_count: Mapped[int] = mapped_column(default=1)

    round: Mapped[Round] = relationship(primaryjoin="Round.id == foreign(Prize.round_id)")

    @property
    def total(self) -> int:
        return self.amount * self.award_count
