"""Reads of awards, and of the results that everybody sees."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from challenges.models import Challenge, Prize
from challenges.policy import FOR_EVERYBODY
from challenges.rounds import current_round
from challenges.silence import STEPPING_IN
from challenges.workflow import RESULTS, ChallengeState
from crowd import clock
from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.accounts.organisations.rights import Right
from crowd.db import db
from crowd.web.paging import Page, page
from crowd.web.tasks import MAX_TASKS, Task
from scoring.models import Assignment, Award, PublishedRanking
from scoring.results.queries import MAX_LINES, newest_of, paid_for
from scoring.workflow import AssignmentState
from submissions import parties
from submissions.models import Proposal, ProposalVersion, Share
from submissions.shares.split import Beneficiary
from submissions.workflow import ProposalState as ProposalState


@dataclass(frozen=True, slots=True)
class Winner:
    """An award with the data of a page; `paid` are the people and organisations that get a part of it, the single
    person or the agency first.

    `tie_rank` is the rank whose proposals share the prizes of their places.

    `rank` and `mean` are the published ones, None before the decision and without a review. `paid_at` is when it was
    paid.
    """

    id: int
    prize_id: int
    prize: str
    position: int
    amount: int
    fee: int | None
    reason: str
    proposal_id: int
    title: str
    language: str
    tie_rank: int | None
    rank: int | None
    mean: float | None
    paid_at: datetime | None
    paid: tuple[Beneficiary, ...]

    @property
    def unverified(self) -> list[Organisation]:
        """The organisations that get a part of it and are not verified: it waits for them."""
        parties = [] if self.paid_at else [one.party for one in self.paid]
        return [party for party in parties if isinstance(party, Organisation) and party.verified_at is None]


def awards(challenge_id: int, *, lock: bool = False) -> list[Award]:
    """The awards of a challenge's current round in the order of prizes and positions."""
    query = sa.select(Award).join(Prize, Prize.id == Award.prize_id)
    query = query.where(Award.round_id == current_round(challenge_id))
    query = query.order_by(Prize.position, Award.position, Award.id)
    if lock:
        query = query.with_for_update(of=Award).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def prizes(challenge: Challenge) -> list[Prize]:
    """The prizes of a challenge's current round, the first one first."""
    return [prize for prize in challenge.prizes if prize.round_id == challenge.round.id]


def stamp(rows: Iterable[Award | Winner]) -> str:
    """The stamp of these awards in a confirmation: another choice has another stamp."""
    return "-".join(str(number) for number in sorted(row.id for row in rows))


_CHALLENGE = sa.bindparam("challenge_id", type_=sa.BigInteger)  # statements of a results page are built once
_WINNERS = (
    sa.select(
        Award.id, Award.prize_id, Prize.title.label("prize"), Prize.position,
        Award.amount, Award.fee, Award.reason, Award.proposal_id, ProposalVersion.title, ProposalVersion.language,
        Award.tie_rank, Award.paid_at, PublishedRanking.rank, PublishedRanking.mean,
    )
    .join(Prize, Prize.id == Award.prize_id)
    .join(Proposal, Proposal.id == Award.proposal_id)
    .join(ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id)
    .outerjoin(
        PublishedRanking,
        sa.and_(
            PublishedRanking.proposal_id == Award.proposal_id,
            PublishedRanking.result_version_id == Award.result_version_id,
        ),
    )
    .where(Award.round_id == current_round(_CHALLENGE))
    .order_by(Prize.position, Award.position, Award.id)
)  # fmt: skip
_NUMBERS = sa.select(
    sa.select(sa.func.count())
    .where(Proposal.challenge_id == _CHALLENGE, Proposal.state == ProposalState.SUBMITTED)
    .scalar_subquery(),
    sa.func.count(Assignment.id),
    sa.func.count(sa.distinct(Assignment.reviewer_id)),
).where(Assignment.round_id == current_round(_CHALLENGE), Assignment.state == AssignmentState.DONE)
_RANKING = (
    sa.select(PublishedRanking)
    .where(PublishedRanking.result_version_id == sa.bindparam("version", type_=sa.BigInteger))
    .order_by(PublishedRanking.rank, PublishedRanking.id)
    .limit(MAX_LINES)
)


def winners(challenge_id: int) -> list[Winner]:
    """The awards of a challenge's current round with the names of those who are paid, in three queries."""
    rows = db.session.execute(_WINNERS, {"challenge_id": challenge_id}).all()
    paid = paid_for([row.proposal_id for row in rows])
    return [Winner(**row._mapping, paid=paid[row.proposal_id]) for row in rows]


MANY = 5  # awards of one prize, from which on they are shown in a table


@dataclass(frozen=True, slots=True)
class WinnerGroup:
    """The awards of one prize. `reason` is the one that many of them share; without it each is shown with its own.
    `paid_at` is when the last of them was paid, where all are.
    """

    prize: str
    amount: int
    winners: Sequence[Winner]
    reason: str
    paid_at: datetime | None


def by_prize(rows: Sequence[Winner], held: Container[int] = ()) -> list[WinnerGroup]:
    """The awards by prize; one that is `held` for the council is shown with its own note."""
    found: dict[int, list[Winner]] = {}
    for row in rows:
        found.setdefault(row.prize_id, []).append(row)
    return [_group(own, held) for own in found.values()]


def _group(own: Sequence[Winner], held: Container[int]) -> WinnerGroup:
    reasons = {row.reason for row in own}
    alike = len(own) > MANY and len(reasons) == 1 and not any(row.id in held or row.unverified for row in own)
    paid = [row.paid_at for row in own if row.paid_at is not None]
    alike = alike and len(paid) in (0, len(own))
    return WinnerGroup(own[0].prize, own[0].amount, own, reasons.pop() if alike else "", max(paid, default=None))


# ---- published ranks


_PRIZE_TITLES = (
    sa.select(Award.id, Prize.title)
    .join(Award.prize)
    .where(Award.id == sa.any_(sa.bindparam("awards", type_=ARRAY(sa.BigInteger))))
)


def prize_titles(award_ids: Iterable[int]) -> dict[int, str]:
    """The titles of the prizes that awards give, by the award's id."""
    wanted = sorted(set(award_ids))
    return {row.id: row.title for row in db.session.execute(_PRIZE_TITLES, {"awards": wanted})} if wanted else {}


def published_ranking(version_id: int) -> Sequence[PublishedRanking]:
    """The ranks of the proposals in a version of the result, the best first; at most `MAX_LINES`."""
    return db.session.scalars(_RANKING, {"version": version_id}).all()


_OUTCOMES = (
    sa.select(
        PublishedRanking.proposal_id, PublishedRanking.rank, PublishedRanking.mean, PublishedRanking.reviews,
        Award.id.label("award"), Award.amount, Award.paid_at, Prize.title.label("prize"),
    )
    .outerjoin(
        Award,
        sa.and_(
            Award.proposal_id == PublishedRanking.proposal_id,
            Award.result_version_id == PublishedRanking.result_version_id,
        ),
    )
    .outerjoin(Prize, Prize.id == Award.prize_id)
    .where(
        PublishedRanking.proposal_id.in_(sa.bindparam("proposals", expanding=True)),
        PublishedRanking.result_version_id == newest_of(PublishedRanking.challenge_id),
    )
)  # fmt: skip


def outcomes(proposal_ids: Sequence[int]) -> dict[int, Any]:
    """The outcomes of decided proposals, by id: rows (rank, mean, reviews, award, amount, paid_at,
    prize).

    The caller checks whether the reader may know.
    """
    rows = db.session.execute(_OUTCOMES, {"proposals": list(proposal_ids)}) if proposal_ids else ()
    return {row.proposal_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class Numbers:
    """Counts of a panel's work: proposals, submitted reviews, and the people who wrote them."""

    proposals: int
    reviews: int
    reviewers: int


def numbers(challenge_id: int) -> Numbers:
    """The counts of a panel's work, in one statement."""
    return Numbers(*db.session.execute(_NUMBERS, {"challenge_id": challenge_id}).one())


@dataclass(frozen=True, slots=True)
class Result:
    """A decided challenge of this platform; `amount` is the sum of its `awards`, in minor units, `winner` the first,
    with whom `others` share it.
    """

    challenge_id: int
    title: str
    language: str
    organisation: str
    currency: str
    state: ChallengeState
    proposals: int
    decided_at: datetime
    settled_at: datetime | None
    awards: int = 0
    amount: int = 0
    winner: str = ""
    others: int = 0


def latest_results(limit: int, *within: sa.ColumnElement[bool]) -> list[Result]:
    """The newest decisions that everybody may see, or those of some challenges."""
    query = _decided().where(*within).order_by(Challenge.decided_at.desc(), Challenge.id.desc()).limit(limit)
    return _results(list(db.session.scalars(query)))


def list_results(*, after: str | None, size: int, awarded: bool | None = None) -> Page[Result]:
    """A page of all decisions, the newest first, or of those with (or without) an award."""
    order = [(Challenge.decided_at, True), (Challenge.id, True)]
    found = page(_decided(awarded), order, name=f"results.{awarded}", after=after, size=size)
    return Page(_results(found.rows), found.after, found.first)


def count_results(awarded: bool) -> int:
    """How many decisions have an award, or have none."""
    rows = _decided(awarded).with_only_columns(Challenge.id).subquery()
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(rows)) or 0)


def _decided(awarded: bool | None = None) -> sa.Select[Challenge]:
    query = sa.select(Challenge).where(Challenge.state.in_(RESULTS), FOR_EVERYBODY)
    given = sa.exists().where(Award.challenge_id == Challenge.id)
    return query if awarded is None else query.where(given if awarded else ~given)


def _results(rows: Sequence[Challenge]) -> list[Result]:
    query = sa.select(Award.challenge_id, sa.func.count(), sa.cast(sa.func.sum(Award.amount), sa.BigInteger))
    query = query.where(Award.challenge_id.in_([row.id for row in rows])).group_by(Award.challenge_id)
    sums = {challenge_id: (number, amount) for challenge_id, number, amount in db.session.execute(query)}
    first = _first_winners(list(sums))
    return [
        Result(
            row.id, row.title, row.language, row.organisation.name, row.currency, row.state, row.proposals_count,
            row.decided_at, row.settled_at, *sums.get(row.id, (0, 0)), *first.get(row.id, ("", 0)),
        )
        for row in rows
        if row.decided_at is not None
    ]  # fmt: skip


def _first_winners(challenge_ids: Sequence[int]) -> dict[int, tuple[str, int]]:
    """The winner of the first award of the first prize of each of these challenges, of its last round, and how many
    share it with them.
    """
    shares = sa.select(sa.func.count()).where(Share.proposal_id == Proposal.id).scalar_subquery()
    others = sa.func.greatest(shares - 1, 0)
    query = (
        sa.select(Award.challenge_id, sa.func.coalesce(Organisation.name, User.name), others)
        .ext(distinct_on(Award.challenge_id))
        .join(Prize, Prize.id == Award.prize_id)
        .join(Proposal, Proposal.id == Award.proposal_id)
        .join(User, User.id == Proposal.user_id)
        .outerjoin(Organisation, Organisation.id == Proposal.organisation_id)
        .where(Award.challenge_id.in_(challenge_ids))
    )
    first = (Award.challenge_id, Award.round_id.desc(), Prize.position, Award.position)
    rows = db.session.execute(query.order_by(*first))
    return {challenge_id: (name, number) for challenge_id, name, number in rows}


_SPONSORED = Challenge.organisation_id.in_(sa.bindparam("organisations", expanding=True))
_TO_DECIDE = (
    sa.select(Challenge.id, Challenge.title, Challenge.decision_due_at)
    .where(
        Challenge.state == ChallengeState.JUDGING,
        Challenge.panel_formed_at.is_not(None),
        sa.or_(
            sa.and_(
                _SPONSORED,
                sa.or_(Challenge.reviews_in_at.is_not(None), Challenge.reviews_due_at <= sa.bindparam("now")),
            ),
            sa.and_(
                sa.bindparam("steps_in", type_=sa.Boolean),
                Challenge.decision_due_at <= sa.bindparam("now"),
                Challenge.silence.in_(STEPPING_IN),
            ),
        ),
        ~parties.taken_part(sa.bindparam("me", type_=sa.BigInteger)),
    )
    .order_by(Challenge.decision_due_at)
    .limit(MAX_TASKS)
)


def waiting(actor: User) -> list[Task]:
    """The decisions that wait for a sponsor, and, once overdue, for those who may step in; for people who take
    part in a challenge its judging is hidden.
    """
    steps_in = actor.is_any(PlatformRole.SERVICE_CENTRE, PlatformRole.COUNCIL)
    sponsors = actor.organisations_with(Right.DECIDE)
    if not (sponsors or steps_in):
        return []
    asked = {"organisations": sponsors, "steps_in": steps_in, "now": clock.now(), "me": actor.id}
    return [
        Task(
            _("Decide on the awards"),
            url_for("scoring.awards", challenge_id=row.id),
            row.title,
            row.decision_due_at,
            challenge_id=row.id,
        )
        for row in db.session.execute(_TO_DECIDE, asked)
    ]
