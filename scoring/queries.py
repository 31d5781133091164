"""Reads of panels, reviews, rankings, awards and results. To an assignment by id leads `access_assignment` alone."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import raiseload

from challenges import queries as challenges
from challenges.models import Challenge, Criterion, Prize
from challenges.workflow import RESULTS, State
from crowd import clock
from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from crowd.ledger.models import Owner
from crowd.web.desk import Task
from crowd.web.paging import Page, page
from scoring import policy, ranking
from scoring.models import Assignment, Award, Panel, Review, Score, Tie
from scoring.workflow import AssignmentState, AwardState
from submissions import queries as submissions
from submissions.models import Proposal, Share, Version
from submissions.policy import is_inside
from submissions.workflow import State as ProposalState

TASKS = 20
JUDGING = sa.select(Challenge.id).where(Challenge.state == State.JUDGING)
# A review is owed as long as its challenge is being judged: one that is cancelled asks nobody any more.
OWED = sa.and_(Assignment.state == AssignmentState.PENDING, Assignment.challenge_id.in_(JUDGING))
Policy = Callable[[Any, Assignment], bool]
Member = tuple[int, str, int]  # (user id, name, hundredths of a percent)


# ---- one assignment


def challenge_of(assignment_id: int) -> int:
    """The challenge of an assignment, unlocked: its lock comes first. Raises NotFound."""
    found = db.session.scalar(sa.select(Assignment.challenge_id).where(Assignment.id == assignment_id))
    if found is None:
        raise NotFound
    return found


def access_assignment(actor: Any, assignment_id: int, *, to: Policy | None = None, lock: bool = False) -> Assignment:
    """The assignment, if it is this reviewer's; under its row lock if `lock` (take the challenge's lock before).

    Raises NotFound where it is absent or another's, Forbidden where `to` says no.
    """
    query = sa.select(Assignment).where(Assignment.id == assignment_id)
    if lock:
        query = query.with_for_update(of=Assignment).execution_options(populate_existing=True)
    assignment = db.session.scalar(query)
    if assignment is None or not policy.can_view_assignment(actor, assignment):
        raise NotFound(_("There is no such review, or it is not yours."))
    if to is not None and not to(actor, assignment):
        raise Forbidden(_("This review is no longer asked of you."))
    return assignment


def find_review(assignment_id: int) -> Review | None:
    """What the reviewer has written so far, or None."""
    return db.session.scalar(
        sa.select(Review).where(Review.assignment_id == assignment_id).execution_options(populate_existing=True)
    )


def criteria_of(challenge_id: int) -> Sequence[Criterion]:
    """The rubric, in order."""
    query = sa.select(Criterion).where(Criterion.challenge_id == challenge_id).order_by(Criterion.position)
    return list(db.session.scalars(query))


def file_for_reviewer(actor: Any, assignment_id: int, file_id: int) -> Any:
    """A file of the final version that this reviewer judges. Raises NotFound."""
    assignment = access_assignment(actor, assignment_id)

    def view(who: Any, proposal: Proposal) -> bool:
        return policy.can_read_proposal(who, proposal, assignment)

    return submissions.file(actor, assignment.proposal_id, file_id, view=view)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many reviews of a panel are done, of how many that are asked."""

    done: int
    asked: int


def progress(challenge_id: int) -> Progress:
    """The panel's progress; what was declined or released is not asked any more."""
    counts = _counts_by_state(challenge_id)
    done = counts.get(AssignmentState.DONE, 0)
    return Progress(done, done + counts.get(AssignmentState.PENDING, 0))


def _counts_by_state(challenge_id: int) -> dict[Any, int]:
    query = (
        sa.select(Assignment.state, sa.func.count())
        .where(Assignment.challenge_id == challenge_id)
        .group_by(Assignment.state)
    )
    return dict(db.session.execute(query).all())


def inbox(actor: User, *, done: bool, after: str | None, size: int) -> Page[Any]:
    """A page of a reviewer's assignments by due time: what waits, or what is done. Rows have the challenge's facts."""
    query = sa.select(Assignment).where(policy.visible_assignments(actor), ~OWED if done else OWED)
    found = page(query, [(Assignment.due_at, done), (Assignment.id, done)], after=after, size=size)
    rows = _inbox_facts([row.id for row in found.rows])
    return Page([rows[row.id] for row in found.rows], found.after, found.first)


def _inbox_facts(ids: list[int]) -> dict[int, Any]:
    query = (
        sa.select(
            Assignment.id, Assignment.state, Assignment.due_at, Assignment.done_at, Challenge.id.label("challenge_id"),
            Challenge.title.label("challenge"), Challenge.language.label("challenge_language"), Version.title,
            Version.language, Review.saved_at, Review.total,
        )
        .join(Challenge, Challenge.id == Assignment.challenge_id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(Version, Version.id == Proposal.final_version_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(Assignment.id.in_(ids))
    )  # fmt: skip
    return {row.id: row for row in db.session.execute(query)}


def ties_of(reviewer_id: int) -> Sequence[Any]:
    """The ties that a reviewer declared: rows (id, person, organisation, note, declared_at)."""
    query = (
        sa.select(Tie.id, User.name.label("person"), Organisation.name.label("organisation"), Tie.note, Tie.declared_at)
        .outerjoin(User, User.id == Tie.user_id)
        .outerjoin(Organisation, Organisation.id == Tie.organisation_id)
        .where(Tie.reviewer_id == reviewer_id)
    )
    return db.session.execute(query.order_by(Tie.id.desc())).all()


# ---- the panel


def access_judging(actor: Any, challenge_id: int) -> Challenge:
    """The challenge, for those who see its judging. Who takes part in it does not, whatever else he is, until it is
    decided. Raises NotFound, Forbidden.
    """
    challenge = challenges.access(actor, challenge_id, to=policy.can_see_judging)
    judging = challenge.state == State.JUDGING and isinstance(actor, User)
    if judging and actor.id in submissions.participants(challenge_id):
        raise Forbidden(_("You take part in this challenge, so its judging is closed to you until the decision."))
    return challenge


def find_panel(challenge_id: int) -> Panel | None:
    """The panel of a challenge, or None as long as it is not formed."""
    return db.session.scalar(sa.select(Panel).where(Panel.challenge_id == challenge_id))


def assignments(challenge_id: int) -> Sequence[Any]:
    """Everybody who was asked, by proposal: rows with the reviewer, why, state and due time."""
    query = (
        sa.select(
            Assignment.id, Assignment.proposal_id, Assignment.reviewer_id, Assignment.state, Assignment.reason,
            Assignment.decline_reason, Assignment.due_at, Assignment.done_at, User.name.label("reviewer"),
            Version.title, Version.language, Review.total,
        )
        .join(User, User.id == Assignment.reviewer_id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(Version, Version.id == Proposal.final_version_id)
        .outerjoin(Review, sa.and_(Review.assignment_id == Assignment.id, Review.submitted_at.is_not(None)))
        .where(Assignment.challenge_id == challenge_id)
    )  # fmt: skip
    return db.session.execute(query.order_by(Assignment.proposal_id, Assignment.id)).all()


def missing(challenge_id: int, wanted: int) -> dict[int, int]:
    """How many reviews each submitted proposal still lacks of `wanted`; proposals with enough are left out."""
    asked = sa.func.count(Assignment.id).filter(Assignment.state.in_((AssignmentState.PENDING, AssignmentState.DONE)))
    query = (
        sa.select(Proposal.id, asked)
        .outerjoin(Assignment, Assignment.proposal_id == Proposal.id)
        .where(Proposal.challenge_id == challenge_id, Proposal.state == ProposalState.SUBMITTED)
        .group_by(Proposal.id)
        .having(asked < wanted)
    )
    return {proposal_id: wanted - number for proposal_id, number in db.session.execute(query)}


def waits_for_reviews(challenge_id: int) -> bool:
    """Whether a review is still owed, or a submitted proposal has none at all."""
    pending = sa.exists().where(Assignment.challenge_id == challenge_id, Assignment.state == AssignmentState.PENDING)
    reviewed = sa.exists().where(Assignment.proposal_id == Proposal.id, Assignment.state == AssignmentState.DONE)
    unread = sa.exists().where(
        Proposal.challenge_id == challenge_id, Proposal.state == ProposalState.SUBMITTED, ~reviewed
    )
    return bool(db.session.scalar(sa.select(sa.or_(pending, unread))))


# ---- the ranking


@dataclass(frozen=True, slots=True)
class Standing:
    """A proposal's place, with what a page says of it. `reviews` are (assignment id, reviewer's name, total)."""

    place: ranking.Place
    title: str
    language: str
    author: str
    organisation: str | None
    reviews: tuple[tuple[int, str, float], ...]
    pending: int

    @property
    def who(self) -> str:
        """The agency that it is from, else its author."""
        return self.organisation or self.author


def ranked(challenge_id: int) -> list[Standing]:
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
        ranking.Entry(row.id, tuple(total for *_rest, total in reviews[row.id]), row.finalised_at)
        for row in rows.values()
    ]
    return [_standing(place, rows[place.proposal], reviews, pending) for place in ranking.rank(entries)]


def _standing(place: ranking.Place, row: Any, reviews: Any, pending: Any) -> Standing:
    own = tuple(reviews[row.id])
    return Standing(place, row.title, row.language, row.author, row.organisation, own, pending[row.id])


def _submitted_facts(challenge_id: int) -> Sequence[Any]:
    query = (
        sa.select(
            Proposal.id, Proposal.finalised_at, Version.title, Version.language, User.name.label("author"),
            Organisation.name.label("organisation"),
        )
        .join(Version, Version.id == Proposal.final_version_id)
        .join(User, User.id == Proposal.user_id)
        .outerjoin(Organisation, Organisation.id == Proposal.organisation_id)
        .where(Proposal.challenge_id == challenge_id, Proposal.state == ProposalState.SUBMITTED)
    )  # fmt: skip
    return db.session.execute(query.order_by(Proposal.id)).all()


# ---- the reviews of one proposal


@dataclass(frozen=True, slots=True)
class Verdict:
    """One submitted review. `reviewer` is None for those who must not know; `points` are by criterion id."""

    number: int
    reviewer: str | None
    total: float
    comment: str
    submitted_at: datetime
    points: dict[int, tuple[int, str]] = field(default_factory=dict)


def access_feedback(actor: Any, proposal_id: int) -> Proposal:
    """The proposal, for those who may read its reviews. Raises NotFound where it is hidden, Forbidden until then."""
    proposal = submissions.access(actor, proposal_id, to=policy.can_know_reviews, view=policy.can_know_reviews)
    if is_inside(actor, proposal) or proposal.challenge.state != State.JUDGING:
        allowed = policy.can_read_feedback(actor, proposal)
    else:
        allowed = access_judging(actor, proposal.challenge_id) is not None
    if not allowed:
        raise Forbidden(_("The reviews can be read here once the sponsor has decided."))
    return proposal


def verdicts(proposal_id: int, *, names: bool) -> list[Verdict]:
    """The submitted reviews of a proposal, numbered in the order in which they were asked for."""
    query = (
        sa.select(Review.id, User.name, Review.total, Review.comment, Review.submitted_at)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .join(User, User.id == Assignment.reviewer_id)
        .where(Assignment.proposal_id == proposal_id, Assignment.state == AssignmentState.DONE)
    )
    rows = db.session.execute(query.order_by(Assignment.id)).all()
    points: dict[int, dict[int, tuple[int, str]]] = defaultdict(dict)
    scores = sa.select(Score.review_id, Score.criterion_id, Score.points, Score.comment)
    for review_id, criterion_id, number, comment in db.session.execute(
        scores.where(Score.review_id.in_([row.id for row in rows]))
    ):
        points[review_id][criterion_id] = (number or 0, comment)
    return [
        Verdict(i, row.name if names else None, row.total, row.comment, row.submitted_at, points[row.id])
        for i, row in enumerate(rows, start=1)
    ]


# ---- awards and results


@dataclass(frozen=True, slots=True)
class Winner:
    """An award with what a page says of it; `people` are those who share it, none where all goes to the agency."""

    id: int
    prize_id: int
    prize: str
    position: int
    place: int
    amount: int
    reason: str
    state: AwardState
    proposal_id: int
    title: str
    language: str
    organisation_id: int | None
    organisation: str | None
    people: tuple[Member, ...]


def awards(challenge_id: int, *, lock: bool = False) -> list[Award]:
    """The awards of a challenge in the order of prizes and places."""
    query = sa.select(Award).join(Prize, Prize.id == Award.prize_id).where(Award.challenge_id == challenge_id)
    query = query.order_by(Prize.position, Award.place)
    if lock:
        query = query.with_for_update(of=Award).execution_options(populate_existing=True)
    return list(db.session.scalars(query))


def winners(challenge_id: int) -> list[Winner]:
    """The awards of a challenge with the names behind them, in two queries."""
    query = (
        sa.select(
            Award.id, Award.prize_id, Prize.title.label("prize"), Prize.position, Award.place, Award.amount,
            Award.reason, Award.state, Award.proposal_id, Version.title, Version.language, Proposal.organisation_id,
            Organisation.name.label("organisation"), Proposal.user_id, User.name.label("author"),
        )
        .join(Prize, Prize.id == Award.prize_id)
        .join(Proposal, Proposal.id == Award.proposal_id)
        .join(Version, Version.id == Proposal.final_version_id)
        .join(User, User.id == Proposal.user_id)
        .outerjoin(Organisation, Organisation.id == Proposal.organisation_id)
        .where(Award.challenge_id == challenge_id)
        .order_by(Prize.position, Award.place)
    )  # fmt: skip
    rows = db.session.execute(query).all()
    teams = _teams([row.proposal_id for row in rows])
    return [_winner(row, teams) for row in rows]


def _winner(row: Any, teams: Mapping[int, tuple[Member, ...]]) -> Winner:
    alone = ((row.user_id, row.author, submissions.WHOLE),) if row.organisation_id is None else ()
    facts = {name: value for name, value in row._mapping.items() if name not in ("user_id", "author")}
    return Winner(**facts, people=teams.get(row.proposal_id) or alone)


def _teams(proposal_ids: list[int]) -> dict[int, tuple[Member, ...]]:
    teams: dict[int, tuple[Member, ...]] = {}
    query = sa.select(Share.proposal_id, User.id, User.name, Share.points).join(User, User.id == Share.user_id)
    query = query.where(Share.proposal_id.in_(proposal_ids)).order_by(Share.id)
    for proposal_id, user_id, name, points in db.session.execute(query):
        teams[proposal_id] = (*teams.get(proposal_id, ()), (user_id, name, points))
    return teams


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was judged: proposals, submitted reviews, and the people who wrote them."""

    proposals: int
    reviews: int
    reviewers: int


def numbers(challenge_id: int) -> Numbers:
    """How much was judged, in one statement."""
    proposals = sa.select(sa.func.count()).where(
        Proposal.challenge_id == challenge_id, Proposal.state == ProposalState.SUBMITTED
    )
    query = sa.select(
        proposals.scalar_subquery(), sa.func.count(Assignment.id), sa.func.count(sa.distinct(Assignment.reviewer_id))
    ).where(Assignment.challenge_id == challenge_id, Assignment.state == AssignmentState.DONE)
    return Numbers(*db.session.execute(query).one())


@dataclass(frozen=True, slots=True)
class Result:
    """A decided challenge of this platform; `amount` is the sum of its `awards`, in minor units."""

    challenge_id: int
    title: str
    language: str
    organisation: str
    currency: str
    state: State
    decided_at: datetime
    awards: int
    amount: int


def latest_results(limit: int) -> list[Result]:
    """The newest decisions."""
    query = _decided().order_by(Challenge.decided_at.desc(), Challenge.id.desc()).limit(limit)
    return _results(list(db.session.scalars(query)))


def list_results(*, after: str | None, size: int) -> Page[Result]:
    """A page of all decisions, the newest first."""
    found = page(_decided(), [(Challenge.decided_at, True), (Challenge.id, True)], after=after, size=size)
    return Page(_results(found.rows), found.after, found.first)


def _decided() -> sa.Select[Any]:
    query = sa.select(Challenge).where(Challenge.state.in_(RESULTS))
    return query.options(raiseload(Challenge.prizes), raiseload(Challenge.criteria))


def _results(rows: Sequence[Challenge]) -> list[Result]:
    query = sa.select(Award.challenge_id, sa.func.count(), sa.cast(sa.func.sum(Award.amount), sa.BigInteger))
    query = query.where(Award.challenge_id.in_([row.id for row in rows])).group_by(Award.challenge_id)
    sums = {challenge_id: (number, amount) for challenge_id, number, amount in db.session.execute(query)}
    return [
        Result(
            row.id, row.title, row.language, row.organisation.name, row.currency, row.state, row.decided_at,
            *sums.get(row.id, (0, 0)),
        )
        for row in rows
        if row.decided_at is not None
    ]  # fmt: skip


def beneficiaries(proposal_ids: Sequence[int]) -> dict[int, tuple[tuple[str, int, int], ...]]:
    """Who gets what part of each proposal's award: (owner type, owner id, weight). Only agreed shares count."""
    found: dict[int, tuple[tuple[str, int, int], ...]] = {}
    agreed = sa.select(Share.proposal_id, Share.user_id, Share.points).where(
        Share.proposal_id.in_(proposal_ids), Share.agreed_at.is_not(None)
    )
    for proposal_id, user_id, points in db.session.execute(agreed.order_by(Share.id)):
        found[proposal_id] = (*found.get(proposal_id, ()), (Owner.USER.value, user_id, points))
    rest = sa.select(Proposal.id, Proposal.user_id, Proposal.organisation_id).where(Proposal.id.in_(proposal_ids))
    for proposal_id, user_id, organisation_id in db.session.execute(rest):
        alone = (Owner.USER.value, user_id) if organisation_id is None else (Owner.ORGANISATION.value, organisation_id)
        found.setdefault(proposal_id, ((*alone, submissions.WHOLE),))
    return found


def due_to_settle(now: datetime, limit: int) -> list[Any]:
    """Decided challenges whose appeal window has passed: rows (id, appeals_until), the most overdue first."""
    query = sa.select(Challenge.id, Challenge.appeals_until).where(
        Challenge.state == State.DECIDED, Challenge.appeals_until <= now
    )
    return list(db.session.execute(query.order_by(Challenge.appeals_until).limit(limit)))


def due_reviews(before: datetime) -> Sequence[Any]:
    """What is owed and due before an instant: rows (reviewer, challenge, title, number, first due time)."""
    query = (
        sa.select(
            Assignment.reviewer_id, Challenge.id.label("challenge_id"), Challenge.title,
            sa.func.count().label("number"), sa.func.min(Assignment.due_at).label("due_at"),
        )
        .join(Challenge, Challenge.id == Assignment.challenge_id)
        .where(OWED, Assignment.due_at <= before)
        .group_by(Assignment.reviewer_id, Challenge.id)
    )  # fmt: skip
    return db.session.execute(query.order_by(Challenge.id, Assignment.reviewer_id)).all()


def left_over(limit: int) -> list[Assignment]:
    """Reviews that still wait although their challenge was cancelled, locked."""
    query = sa.select(Assignment).where(
        Assignment.state == AssignmentState.PENDING, Assignment.challenge_id.not_in(JUDGING)
    )
    return list(db.session.scalars(query.order_by(Assignment.id).limit(limit).with_for_update(skip_locked=True)))


# ---- the desk


def waiting(actor: User) -> list[Task]:
    """What waits for a person: reviews, decisions, and for the service centre panels that are late or incomplete."""
    return [*_reviews_waiting(actor), *_decisions_waiting(actor), *_panels_waiting(actor)]


def _reviews_waiting(actor: User) -> list[Task]:
    if not actor.is_any(PlatformRole.EXPERT):
        return []
    query = (
        sa.select(Assignment.id, Assignment.due_at, Challenge.title, Version.title.label("proposal"))
        .join(Challenge, Challenge.id == Assignment.challenge_id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(Version, Version.id == Proposal.final_version_id)
        .where(Assignment.reviewer_id == actor.id, OWED)
        .order_by(Assignment.due_at, Assignment.id)
        .limit(TASKS)
    )
    return [
        Task(
            _("Review: %(title)s", title=row.proposal),
            url_for("scoring.review", assignment_id=row.id),
            row.title,
            row.due_at,
        )
        for row in db.session.execute(query)
    ]


def _decisions_waiting(actor: User) -> list[Task]:
    if not actor.organisation_ids:
        return []
    owed = sa.exists().where(Assignment.challenge_id == Challenge.id, Assignment.state == AssignmentState.PENDING)
    ready = sa.or_(~owed, Challenge.reviews_due_at <= clock.now())
    query = (
        sa.select(Challenge.id, Challenge.title, Challenge.decide_by)
        .where(
            Challenge.organisation_id.in_(actor.organisation_ids), Challenge.state == State.JUDGING,
            Challenge.panel_formed_at.is_not(None), ready,
        )
        .order_by(Challenge.decide_by)
        .limit(TASKS)
    )  # fmt: skip
    return [
        Task(_("Decide about the awards"), url_for("scoring.awards", challenge_id=row.id), row.title, row.decide_by)
        for row in db.session.execute(query)
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
        )
        for row in late_panels()
    ]


def late_panels() -> Sequence[Any]:
    """Challenges whose reviews are overdue: rows (id, title, reviews_due_at, late), the most overdue first."""
    query = (
        sa.select(Challenge.id, Challenge.title, Challenge.reviews_due_at, sa.func.count().label("late"))
        .join(Assignment, Assignment.challenge_id == Challenge.id)
        .where(
            Challenge.state == State.JUDGING,
            Assignment.state == AssignmentState.PENDING,
            Assignment.due_at <= clock.now(),
        )
        .group_by(Challenge.id)
        .order_by(Challenge.reviews_due_at)
        .limit(TASKS)
    )
    return db.session.execute(query).all()
