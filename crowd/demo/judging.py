"""From the close to the decision: reviewers read, score and comment, one or two decline, the sponsor awards."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from challenges.queries import access as access_challenge
from crowd import clock
from crowd.accounts.models import User
from crowd.audit import SYSTEM
from crowd.db import db
from crowd.demo import office, personas
from crowd.demo.plan import ChallengePlan
from crowd.demo.simulator import Script, Simulator, chance
from crowd.demo.texts import read
from scoring.awards import services as award_services
from scoring.models import Assignment, Review
from scoring.queries import ranked
from scoring.reviews import services as review_services
from scoring.reviews.queries import challenge_of, criteria_of
from scoring.workflow import AssignmentState
from submissions import queries as submissions

DAY = timedelta(days=1)
DECLINES = 0.03  # of assigned reviewers
SOON = 1.5  # days within which reviewers decline, and replacements are asked
AT_LEISURE = 12.5  # days within which the others submit
DUE = 16.6  # days after the close: after the due time of the last assigned reviewer
DECIDES = DUE * DAY + office.MAX_SHIFT  # even with the office's shift, the reviews are due by then
WORTHY = 50.0  # a sponsor gives no prize below this mean


@dataclass(frozen=True)
class ReviewTask:
    """One review to write: reviewer and proposal."""

    assignment: int
    reviewer: str
    proposal: int
    entry: read.ProposalText


def judge(simulator: Simulator, text: read.ChallengeText, number: int, plan: ChallengePlan) -> Script:
    """Reviews within a fortnight, then awards and the decision; a job settles."""
    begun = clock.now()
    asked = set()
    for task in _tasks(text, number):
        asked.add(task.assignment)
        simulator.add(_part(task, plan))
    yield begun + (SOON + 0.1) * DAY
    for task in _tasks(text, number):
        if task.assignment not in asked:  # in place of a reviewer who declined
            simulator.add(_review(task, plan))
    if plan.until == "judging" or plan.silent:
        return
    yield office.working(begun + DECIDES)
    if plan.award:
        _award(text, number)
    yield office.working(begun + DECIDES + timedelta(hours=3))
    award_services.decide(personas.account(text.sponsor), number, reason="" if plan.award else text.no_award)


def _tasks(text: read.ChallengeText, number: int) -> list[ReviewTask]:
    by_title = {entry.title: entry for entry in read.proposals(text.key)}
    titles = {
        proposal.id: proposal.submitted_version.title
        for proposal in submissions.submitted(number)
        if proposal.submitted_version
    }
    return [
        ReviewTask(row.id, row.reviewer_email.partition("@")[0], row.proposal_id, by_title[titles[row.proposal_id]])
        for row in _pending(number)
    ]


@dataclass(frozen=True)
class _Pending:
    id: int
    proposal_id: int
    reviewer_email: str


def _pending(number: int) -> Iterator[_Pending]:
    query = (
        sa.select(Assignment.id, Assignment.proposal_id, User.email)
        .join(User, User.id == Assignment.reviewer_id)
        .where(Assignment.challenge_id == number, Assignment.state == AssignmentState.PENDING)
        .order_by(Assignment.id)
    )
    return (_Pending(*row) for row in db.session.execute(query).all())


def _part(task: ReviewTask, plan: ChallengePlan) -> Script:
    """The first step of an assigned reviewer: a few read the proposal and decline, the others review it."""
    dice = chance("part", task.entry.key, task.reviewer)
    if task.reviewer in plan.unreviewed or dice.random() >= DECLINES:
        yield from _review(task, plan)
        return
    yield clock.now() + dice.uniform(0.2, 0.9) * SOON * DAY
    reviewer = personas.account(task.reviewer)
    reasons = list(read.declines(personas.language_of(reviewer)))
    dice.shuffle(reasons)
    used = set(db.session.scalars(sa.select(Assignment.decline_reason)))
    reason = next((said for said in reasons if said not in used), reasons[0])
    review_services.decline(reviewer, task.assignment, reason=reason, conflicted=False)


def _review(task: ReviewTask, plan: ChallengePlan) -> Script:
    """Save an unfinished review, then submit it; without a text for the proposal, leave it open."""
    if task.reviewer in plan.unreviewed:
        return
    yield clock.now() + chance("review", task.entry.key, task.reviewer).uniform(0.1, 0.95) * AT_LEISURE * DAY
    reviewer = personas.account(task.reviewer)
    written = _own_words(task, personas.language_of(reviewer))
    if written is None:
        return
    criteria = criteria_of(challenge_of(task.assignment))
    keys = [line.key for line in read.challenge(task.entry.challenge).rubric]
    points = {criterion.id: number for criterion, number in zip(criteria, written.points, strict=True)}
    remarks = {c.id: written.remarks[key] for c, key in zip(criteria, keys, strict=True) if key in written.remarks}
    half = written.text[: len(written.text) // 2]
    review_services.save(reviewer, task.assignment, points=points, comments={}, comment=half)
    reviewer = personas.account(task.reviewer)
    review_services.submit(reviewer, task.assignment, points=points, comments=remarks, comment=written.text)


def _own_words(task: ReviewTask, language: str) -> read.ReviewText | None:
    """An unused review of this proposal: the reviewer's own, else one in their language, else any."""
    used = db.session.scalars(
        sa.select(Review.comment)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .where(Assignment.proposal_id == task.proposal)
    ).all()
    left = [review for review in task.entry.reviews if review.text not in used]
    left.sort(key=lambda review: (review.by != task.reviewer, review.language != language))
    return left[0] if left else None


def _award(text: read.ChallengeText, number: int) -> None:
    """The awards in the order of the ranking, as far as proposals are worth a prize."""
    sponsor = personas.account(text.sponsor)
    reasons = {entry.title: entry.award for entry in read.proposals(text.key)}
    places = [prize.id for prize in access_challenge(SYSTEM, number).prizes for _ in range(prize.award_count)]
    worthy = [row for row in ranked(number) if row.ranked.mean is not None and row.ranked.mean >= WORTHY]
    for prize, row in zip(places, worthy, strict=False):
        award_services.select_award(
            sponsor, number, prize_id=prize, proposal_id=row.ranked.proposal, reason=reasons[row.title]
        )
