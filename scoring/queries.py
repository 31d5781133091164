"""Reads of panels and rankings; what waits for a person in all of scoring."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from challenges import queries as challenges
from challenges.impartiality import is_party
from challenges.models import Challenge
from challenges.policy import is_sponsor
from challenges.rounds import current_round
from challenges.silence import STEPPING_IN
from challenges.workflow import RESULTS, ChallengeState
from crowd import clock
from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Forbidden
from crowd.web.tasks import MAX_TASKS, Task
from scoring import policy, ranking
from scoring.awards import queries as award_queries
from scoring.holds import queries as hold_queries
from scoring.models import Assignment, Panel, Review, Score, overdue, pending
from scoring.reviews import queries as review_queries
from scoring.settlement import queries as settlement_queries
from scoring.workflow import AssignmentState
from submissions import parties
from submissions.models import Proposal, ProposalVersion
from submissions.workflow import ProposalState

Points = dict[tuple[int, int], list[Decimal]]  # (proposal id, criterion id): what each review gave


@dataclass(frozen=True, slots=True)
class Progress:
    """How many reviews of a panel are done, of how many required."""

    done: int
    asked: int


def progress(challenge_id: int) -> Progress:
    """The panel's progress; declined or released ones are no longer required."""
    counts = _counts_by_state(challenge_id)
    done = counts.get(AssignmentState.DONE, 0)
    return Progress(done, done + counts.get(AssignmentState.PENDING, 0))


def _counts_by_state(challenge_id: int) -> dict[AssignmentState, int]:
    query = (
        sa.select(Assignment.state, sa.func.count())
        .where(Assignment.round_id == current_round(challenge_id))
        .group_by(Assignment.state)
    )
    return dict(db.session.execute(query).all())


# ---- the panel


def access_judging(actor: Actor | None, challenge_id: int) -> Challenge:
    """The challenge, for those who see its judging. Parties of a proposal do not, whatever their role; of them the
    sponsor's people do once it is decided. Raises NotFound, Forbidden.
    """
    if policy.will_see_judging(actor, challenges.access(actor, challenge_id)):
        raise Forbidden(_("There is nothing to see yet: the judging begins when the challenge has closed."))
    challenge = challenges.access(actor, challenge_id, to=policy.can_view_judging)
    if _takes_part(actor, challenge):
        raise Forbidden(_("You are behind a proposal for this challenge, so its judging is closed to you."))
    return challenge


def _takes_part(actor: Actor | None, challenge: Challenge) -> bool:
    """Whether the judging is hidden from the person because they are a party of a proposal."""
    return is_party(actor, challenge) and not (challenge.state in RESULTS and is_sponsor(actor, challenge))


def sees_judging(actor: Actor | None, challenge: Challenge) -> bool:
    """Whether `access_judging` admits the person."""
    return policy.can_view_judging(actor, challenge) and not _takes_part(actor, challenge)


def may_decide(actor: Actor | None, challenge: Challenge) -> bool:
    """Whether this person may decide at present: the sponsor once it waits for no review, also the
    service centre and the council once the sponsor's date has passed.
    """
    now = clock.now()
    formed = policy.judging_is_open(challenge) and challenge.panel_formed_at is not None
    waits = not (formed and challenge.decision_open(now))
    return not waits and policy.decides(actor, challenge, now) and not _takes_part(actor, challenge)


def find_progress(actor: Actor | None, challenge: Challenge) -> Progress | None:
    """The progress of an active panel, for those who see the judging; None before it is formed and after it."""
    works = challenge.state == ChallengeState.JUDGING and challenge.panel_formed_at is not None
    if not works or not sees_judging(actor, challenge):
        return None
    return progress(challenge.id)


def find_panel(challenge_id: int) -> Panel | None:
    """The panel of a challenge's current round, or None as long as it is not formed."""
    return db.session.scalar(sa.select(Panel).where(Panel.round_id == current_round(challenge_id)))


def assignments(challenge_id: int) -> Sequence[Any]:
    """Everybody who was asked in the current round, by proposal: rows with the reviewer, why, state and due time."""
    query = (
        sa.select(
            Assignment.id, Assignment.proposal_id, Assignment.reviewer_id, Assignment.state, Assignment.reason,
            Assignment.decline_reason, Assignment.due_at, Assignment.done_at, User.name.label("reviewer"),
            User.active, ProposalVersion.title, ProposalVersion.language, Review.total,
            overdue(clock.now()).label("overdue"), pending().label("pending"),
        )
        .join(User, User.id == Assignment.reviewer_id).join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id)
        .outerjoin(Review, sa.and_(Review.assignment_id == Assignment.id, Review.submitted_at.is_not(None)))
        .where(Assignment.round_id == current_round(challenge_id))
    )  # fmt: skip
    return db.session.execute(query.order_by(Assignment.proposal_id, Assignment.id)).all()


@dataclass(frozen=True, slots=True)
class ReviewerWorkload:
    """A proposal on the page of the panel: everybody who was asked to review it, as rows of `assignments`."""

    proposal_id: int
    title: str
    language: str
    rows: Sequence[Any]

    @property
    def done(self) -> list[Any]:
        """Those with submitted reviews, in the order in which the reviews are numbered."""
        return [row for row in self.rows if row.state == AssignmentState.DONE]

    @property
    def counted_on(self) -> list[Any]:
        """Those who have neither declined nor been released."""
        return [row for row in self.rows if row.state in (AssignmentState.DONE, AssignmentState.PENDING)]


@dataclass(frozen=True, slots=True)
class Member:
    """One reviewer on the page of the panel: why they were chosen, and the state of their reviews."""

    user_id: int | None  # None where the account is closed
    name: str
    shared: Sequence[str]
    open: int
    asked: int
    done: int
    declined: int


def by_proposal(rows: Sequence[Any]) -> list[ReviewerWorkload]:
    """The rows of `assignments`, one block for each proposal."""
    blocks = (list(block) for _number, block in groupby(rows, key=attrgetter("proposal_id")))
    return [ReviewerWorkload(block[0].proposal_id, block[0].title, block[0].language, block) for block in blocks]


def by_reviewer(rows: Sequence[Any]) -> list[Member]:
    """The rows of `assignments`, one line for each reviewer, by name; `open` is what they had when first chosen."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in sorted(rows, key=attrgetter("id")):
        found[row.reviewer_id].append(row)
    return sorted((_member(own) for own in found.values()), key=attrgetter("name"))


def _member(own: Sequence[Any]) -> Member:
    first, states = own[0], Counter(row.state for row in own)
    asked = states[AssignmentState.DONE] + states[AssignmentState.PENDING]
    return Member(
        first.reviewer_id if first.active else None,
        first.reviewer,
        first.reason["shared"],
        first.reason["open"],
        asked,
        states[AssignmentState.DONE],
        states[AssignmentState.DECLINED],
    )


def missing(challenge_id: int, wanted: int) -> dict[int, int]:
    """How many reviews each submitted proposal still lacks of `wanted`; proposals with enough are left out."""
    asked = sa.func.count(Assignment.id).filter(Assignment.state.in_((AssignmentState.PENDING, AssignmentState.DONE)))
    query = (
        sa.select(Proposal.id, asked)
        .outerjoin(Assignment, _in_current_round(challenge_id))
        .where(Proposal.challenge_id == challenge_id, Proposal.state == ProposalState.SUBMITTED)
        .group_by(Proposal.id)
        .having(asked < wanted)
    )
    return {proposal_id: wanted - number for proposal_id, number in db.session.execute(query)}


def _in_current_round(challenge_id: int) -> sa.ColumnElement[bool]:
    """An assignment of a proposal in the current round."""
    return sa.and_(Assignment.proposal_id == Proposal.id, Assignment.round_id == current_round(challenge_id))


def submitted_reviews(round_id: int, proposal_ids: Collection[int]) -> Sequence[Assignment]:
    """The submitted reviews of these proposals in a round, in order."""
    query = sa.select(Assignment).where(
        Assignment.round_id == round_id,
        Assignment.proposal_id.in_(proposal_ids),
        Assignment.state == AssignmentState.DONE,
    )
    return db.session.scalars(query.order_by(Assignment.id)).all()


def waits_for_reviews(challenge_id: int) -> bool:
    """Whether a review is still owed, or a submitted proposal has none at all."""
    pending = sa.exists().where(Assignment.challenge_id == challenge_id, Assignment.state == AssignmentState.PENDING)
    reviewed = sa.exists().where(_in_current_round(challenge_id), Assignment.state == AssignmentState.DONE)
    unread = sa.exists().where(
        Proposal.challenge_id == challenge_id, Proposal.state == ProposalState.SUBMITTED, ~reviewed
    )
    return bool(db.session.scalar(sa.select(sa.or_(pending, unread))))


def overdue_decisions(now: datetime) -> list[int]:
    """The challenges whose decision is overdue, so that others may decide; the most overdue first."""
    query = sa.select(Challenge.id).where(
        Challenge.state == ChallengeState.JUDGING, Challenge.decision_due_at <= now, Challenge.silence.in_(STEPPING_IN)
    )
    return list(db.session.scalars(query.order_by(Challenge.decision_due_at)))


# ---- the ranking


@dataclass(frozen=True, slots=True)
class RankingRow:
    """A proposal's rank, with the data of a page. `reviews` are (assignment id, reviewer's name, total)."""

    ranked: ranking.RankedProposal
    title: str
    language: str
    author: str
    organisation: str | None
    reviews: tuple[tuple[int, str, float], ...]
    pending: int

    @property
    def who(self) -> str:
        """The proposal's agency, else its author."""
        return self.organisation or self.author


def ranked(challenge_id: int) -> list[RankingRow]:
    """All submitted proposals, best first, in two queries however many there are."""
    rows = {row.id: row for row in _submitted_facts(challenge_id)}
    reviews: dict[int, list[tuple[int, str, float]]] = defaultdict(list)
    pending: dict[int, int] = defaultdict(int)
    for row in assignments(challenge_id):
        if row.state == AssignmentState.DONE and row.total is not None:
            reviews[row.proposal_id].append((row.id, row.reviewer, row.total))
        elif row.state == AssignmentState.PENDING:
            pending[row.proposal_id] += 1
    entries = [
        ranking.RankingEntry(row.id, tuple(total for *_rest, total in reviews[row.id]), row.submitted_at)
        for row in rows.values()
    ]
    return [_ranking_row(rank, rows[rank.proposal], reviews, pending) for rank in ranking.rank(entries)]


def _ranking_row(rank: ranking.RankedProposal, row: Any, reviews: Any, pending: Any) -> RankingRow:
    own = tuple(reviews[row.id])
    return RankingRow(rank, row.title, row.language, row.author, row.organisation, own, pending[row.id])


def _submitted_facts(challenge_id: int) -> Sequence[Any]:
    query = (
        sa.select(
            Proposal.id,
            Proposal.submitted_at,
            ProposalVersion.title,
            ProposalVersion.language,
            User.name.label("author"),
            Organisation.name.label("organisation"),
        )
        .join(ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id)
        .join(User, User.id == Proposal.user_id)
        .outerjoin(Organisation, Organisation.id == Proposal.organisation_id)
        .where(Proposal.challenge_id == challenge_id, Proposal.state == ProposalState.SUBMITTED)
    )
    return db.session.execute(query.order_by(Proposal.id)).all()


def points(challenge_id: int) -> Points:
    """The points of all submitted reviews of the current round, in one query: (proposal id, criterion id) -> points."""
    query = (
        sa.select(Assignment.proposal_id, Score.criterion_id, sa.func.array_agg(Score.points))
        .join(Review, Review.id == Score.review_id)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .where(
            Assignment.round_id == current_round(challenge_id),
            Assignment.state == AssignmentState.DONE,
            Score.points.is_not(None),
        )
        .group_by(Assignment.proposal_id, Score.criterion_id)
    )
    return {
        (proposal, criterion): [number for number in given if number is not None]
        for proposal, criterion, given in db.session.execute(query)
    }


# ---- dashboard


def waiting(actor: User) -> list[Task]:
    """What waits for a person: reviews, decisions, and for the service centre panels that are late or incomplete."""
    return [
        *review_queries.waiting(actor),
        *award_queries.waiting(actor),
        *settlement_queries.waiting(actor),
        *hold_queries.waiting(actor),
        *_panels_waiting(actor),
    ]


def _panels_waiting(actor: User) -> list[Task]:
    if not actor.is_any(PlatformRole.SERVICE_CENTRE):
        return []
    return [
        Task(
            _("Panel is late: %(number)s reviews are missing", number=row.late),
            url_for("scoring.panel", challenge_id=row.id),
            row.title,
            row.reviews_due_at,
            challenge_id=row.id,
        )
        for row in late_panels(actor)
    ]


def late_panels(actor: User) -> Sequence[sa.Row[int, str, datetime | None, int]]:
    """Challenges whose reviews are overdue and whose judging the person may see: rows (id, title, reviews_due_at,
    late), the most overdue first.
    """
    query = (
        sa.select(Challenge.id, Challenge.title, Challenge.reviews_due_at, sa.func.count().label("late"))
        .join(Assignment, Assignment.challenge_id == Challenge.id)
        .where(
            Challenge.state == ChallengeState.JUDGING,
            Assignment.state == AssignmentState.PENDING,
            Assignment.due_at <= clock.now(),
            ~parties.taken_part(actor.id),
        )
        .group_by(Challenge.id)
        .order_by(Challenge.reviews_due_at)
        .limit(MAX_TASKS)
    )
    return db.session.execute(query).all()
