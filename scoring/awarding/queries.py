"""Reads of awards, and of the results that everybody sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from challenges.models import Challenge, Prize
from challenges.workflow import RESULTS, State
from crowd import clock
from crowd.accounts.models import Organisation, User
from crowd.db import db
from crowd.web.desk import MOST, Task
from crowd.web.paging import Page, page
from scoring.models import Assignment, Award
from scoring.workflow import AssignmentState, AwardState
from submissions import queries as submissions
from submissions.models import Proposal, Share, Version
from submissions.workflow import State as ProposalState

Member = tuple[int, str, int]  # (user id, name, hundredths of a percent)


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
    return sa.select(Challenge).where(Challenge.state.in_(RESULTS))


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


_OWED = sa.exists().where(Assignment.challenge_id == Challenge.id, Assignment.state == AssignmentState.PENDING)
_TO_DECIDE = (
    sa.select(Challenge.id, Challenge.title, Challenge.decide_by)
    .where(
        Challenge.organisation_id.in_(sa.bindparam("organisations", expanding=True)),
        Challenge.state == State.JUDGING,
        Challenge.panel_formed_at.is_not(None),
        sa.or_(~_OWED, Challenge.reviews_due_at <= sa.bindparam("now")),
    )
    .order_by(Challenge.decide_by)
    .limit(MOST)
)


def waiting(actor: User) -> list[Task]:
    """The decisions that wait for a sponsor."""
    if not actor.organisation_ids:
        return []
    asked = {"organisations": actor.organisation_ids, "now": clock.now()}
    return [
        Task(_("Decide about the awards"), url_for("scoring.awards", challenge_id=row.id), row.title, row.decide_by)
        for row in db.session.execute(_TO_DECIDE, asked)
    ]
