"""From the close to the decision: reviewers read, score and comment, one or two decline, the sponsor awards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from challenges.queries import access as access_challenge
from crowd import clock
from crowd.accounts.models import User
from crowd.audit import SYSTEM
from crowd.db import db
from crowd.demo import company
from crowd.demo.company import chance
from crowd.demo.stage import Script
from crowd.demo.stage import Stage as Theatre
from crowd.demo.texts import read
from scoring.awarding import services as awarding
from scoring.models import Assignment
from scoring.queries import ranked
from scoring.reviewing import services as reviewing
from scoring.reviewing.queries import challenge_of, criteria_of
from scoring.workflow import AssignmentState
from submissions import queries as submissions

if TYPE_CHECKING:
    from crowd.demo.life import Plan

DAY = timedelta(days=1)
MERIT = {"strong": 0.82, "solid": 0.66, "weak": 0.44}  # share of the points that a proposal of this quality deserves
BEST = 0.07  # what the best of a challenge deserves on top
WORTHY = 50.0  # a sponsor gives no prize below this mean
LEAST_COMMENT = 40  # characters


@dataclass(frozen=True)
class Task:
    """One review to write: who, of what."""

    assignment: int
    reviewer: str
    entry: read.Proposal
    first: bool


def judge(theatre: Theatre, text: read.Challenge, number: int, plan: "Plan") -> Script:
    """Reviews within a fortnight, then awards and the decision; the settlement is a job's."""
    begun = clock.now()
    asked = set()
    for task in _tasks(text, number):
        asked.add(task.assignment)
        theatre.add(_review(task, plan))
    yield begun + 12.5 * DAY
    for task in _tasks(text, number):
        if task.assignment not in asked:  # in place of somebody who declined
            theatre.add(_review(task, plan, within=0.8))
    if plan.until == "judging":
        return
    yield begun + 14.5 * DAY
    if plan.award:
        _award(text, number)
    yield clock.now() + timedelta(hours=3)
    awarding.decide(company.person(text.sponsor), number, reason="" if plan.award else _no_award(text))


def _tasks(text: read.Challenge, number: int) -> list[Task]:
    entries = read.proposals(text.key)
    by_title = {entry.title: entry for entry in entries}
    titles = {proposal.id: proposal.final.title for proposal in submissions.submitted(number) if proposal.final}
    return [
        Task(row.id, row.reviewer_email, by_title[titles[row.proposal_id]], titles[row.proposal_id] == entries[0].title)
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


def _review(task: Task, plan: "Plan", within: float = 11.5) -> Script:
    dice = chance("review", task.entry.key, task.reviewer)
    key = task.reviewer.partition("@")[0]
    if key in plan.unreviewed:
        return
    yield clock.now() + dice.uniform(0.1, 1.0) * within * DAY
    reviewer = company.person(key)
    remarks = read.remarks("zh" if reviewer.locale.startswith("zh") else "en")
    if within > 1 and not plan.tie and dice.random() < 0.03:
        reviewing.decline(reviewer, task.assignment, reason=dice.choice(remarks.conflicts), tie=False)
        return
    points, comments = _verdict(task, plan, key, remarks)
    text = _comment(task, key, comments)
    reviewing.save(reviewer, task.assignment, points=points, comments={}, comment=text[: len(text) // 2])
    reviewing.submit(company.person(key), task.assignment, points=points, comments=comments, comment=text)


def _verdict(task: Task, plan: "Plan", key: str, remarks: read.Remarks) -> tuple[dict[int, int | None], dict[int, str]]:
    """Points and a remark for each criterion; every reviewer has a hand of his own, and an eye for each matter."""
    hand = chance("hand", key).gauss(0, 0.05)
    deserved = MERIT[task.entry.quality] + (BEST if task.first else 0.0)
    points: dict[int, int | None] = {}
    comments: dict[int, str] = {}
    criteria = criteria_of(challenge_of(task.assignment))
    for criterion, line in zip(criteria, read.challenge(task.entry.challenge).rubric, strict=True):
        dice = chance("points", task.entry.key, key, line.name)
        share = 0.8 if plan.tie else deserved + hand + dice.gauss(0, 0.06)
        points[criterion.id] = round(criterion.scale * min(max(share, 0.05), 1.0))
        fitting: Sequence[str] = remarks.reviews[task.entry.quality].get(line.key, ())
        if fitting:
            comments[criterion.id] = dice.choice(fitting)
    return points, comments


def _comment(task: Task, key: str, comments: dict[int, str]) -> str:
    """What was written for this proposal, where there is something; else the remarks, gathered."""
    own = task.entry.reviews
    pick = chance("comment", task.entry.key, key).randrange(len(own)) if own else 0
    text = own[pick] if own else ""
    for remark in comments.values():
        if len(text) >= LEAST_COMMENT:
            break
        text = f"{text} {remark}".strip()
    return text


def _award(text: read.Challenge, number: int) -> None:
    """The places in the order of the ranking, as far as proposals are worth a prize."""
    sponsor = company.person(text.sponsor)
    places = [prize.id for prize in access_challenge(SYSTEM, number).prizes for _ in range(prize.places)]
    worthy = [s.place for s in ranked(number) if s.place.mean is not None and s.place.mean >= WORTHY]
    reasons = read.remarks(text.language).awards
    for turn, (prize, place) in enumerate(zip(places, worthy, strict=False)):
        reason = text.award_reason if turn == 0 and text.award_reason else reasons[turn % len(reasons)]
        awarding.choose(sponsor, number, prize_id=prize, proposal_id=place.proposal, reason=reason)


def _no_award(text: read.Challenge) -> str:
    return read.remarks(text.language).declines[0]
