"""Two appeals: one upheld, with new reviews and a second version of the result; one is pending and holds a payment."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.queries import access as access_challenge
from challenges.rubric import Criterion, CriterionKind
from crowd import clock
from crowd.accounts.models import User
from crowd.audit import SYSTEM
from crowd.cases import services
from crowd.cases.models import Case
from crowd.cases.workflow import Finding, VoteChoice
from crowd.db import db
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.demo.texts import read
from crowd.demo.timeline import challenge_number
from scoring.awards import services as awards
from scoring.models import Assignment
from scoring.queries import ranked
from scoring.reviews import services as reviews
from scoring.reviews.queries import criteria_of
from scoring.workflow import AssignmentState
from submissions import queries as submissions
from submissions.models import Proposal

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
UPHELD, PENDING = "scrap-sorting", "mould-cooling"
PANEL, SPONSOR, COUNCIL = 1, 2, 3  # the steps of an appeal
WHY = (
    "Two of the reviews judge the coil frame as if it stood alone. The proposal puts it in front of the present line,"
    " and section 4 has the figures for both together. No review mentions them."
)
GOOD, VERY_GOOD = Decimal("0.9"), Decimal("0.95")  # parts of the points
NEW_REVIEWS = (
    (VERY_GOOD, "Read with section 4, the purity of both steps together is the highest of all, and the frame does not"
     " care about paint. The limits for aged 6060 are stated and measured."),
    (GOOD, "A cheap first step that spares the expensive one. The trial on the dirty lot covers both steps, and the"
     " errors are shown piece by piece, with the moisture noted."),
    (GOOD, "Nineteen euro per tonne, calculated openly, with the air included. I would have wished for a second alloy"
     " family, but what is promised is shown on the sponsor's own lot."),
)  # fmt: skip
AGAIN = (
    "Reviewed again after an appeal: in front of the present line it reaches the purity that we need at half of the"
    " cost of anything with a laser. We had read it as a machine that stands alone."
)


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """The older one first."""
    yield _upheld(end - timedelta(days=290))
    yield _pending(end - timedelta(hours=3))


def _file(key: str, challenge: str, ground: str, why: str) -> str:
    number = _proposal(key, challenge).id
    return services.file_case(
        personas.account(key), "appeal", str(number), answers={"ground": ground, "why": why}
    ).public_id


def _proposal(key: str, challenge: str) -> Proposal:
    author = personas.account(key)
    return next(row for row in submissions.submitted(challenge_number(challenge)) if row.user_id == author.id)


def _panel(case: str, reasons: str) -> None:
    """One of the panel answers for it."""
    row = db.session.scalars(sa.select(Case).where(Case.public_id == case)).one()
    reviewer = db.session.get_one(User, row.members[0].user_id)
    services.conclude(reviewer, case, PANEL, finding=Finding.GIVEN, reasons=reasons)


def _vote(key: str, case: str, choice: VoteChoice, reasons: str) -> None:
    services.vote(personas.account(key), case, COUNCIL, choice=choice, reasons=reasons)


def _upheld(at: datetime) -> Script:
    """Bram appeals; the council votes, one member is recused; new reviewers review, and the sponsor decides again."""
    yield at
    while _undecided():
        at += DAY / 4
        yield at
    yield clock.now() + 2 * DAY
    case = _file("bram", UPHELD, "misread", WHY)
    yield working(clock.now() + 2 * DAY)
    _panel(case, "The panel read the frame as a machine of its own. Section 4 would have changed the points for cost.")
    yield working(clock.now() + HOUR)
    services.conclude(
        personas.account("sigrid"), case, SPONSOR, finding=Finding.GIVEN,
        reasons="We followed the ranking. Whether section 4 was read, we cannot say; we should like to know, too.",
    )  # fmt: skip
    yield working(clock.now() + 2 * DAY)
    _vote("karin", case, VoteChoice.RECUSED, "I once advised the sponsor on a licence.")
    _vote("gu", case, VoteChoice.FOR, "评审意见没有提到方案第4节，应当重新评审。")
    yield working(clock.now() + DAY)
    _vote("ruth", case, VoteChoice.FOR, "What was not read was not judged.")
    _vote("heminzhi", case, VoteChoice.FOR, "同意重新评审，原评审不再计入。")
    yield from _decided_again()


def _undecided() -> bool:
    return access_challenge(SYSTEM, challenge_number(UPHELD)).decided_at is None


def _decided_again() -> Script:
    """Three new reviews, and another decision from the new ranking."""
    yield clock.now() + 6 * DAY
    number = challenge_number(UPHELD)
    query = sa.select(Assignment).where(Assignment.challenge_id == number, Assignment.state == AssignmentState.PENDING)
    for review, (part, comment) in zip(db.session.scalars(query.order_by(Assignment.id)), NEW_REVIEWS, strict=True):
        points = {line.id: _points(line, part) for line in criteria_of(number)}
        reviews.submit(review.reviewer, review.id, points=points, comments={}, comment=comment)
    due = access_challenge(SYSTEM, number).reviews_due_at
    assert due is not None
    yield max(due, working(due + 4 * DAY))
    challenge = access_challenge(SYSTEM, number)
    sponsor = personas.account(read.challenge(UPHELD).sponsor)
    reasons, again = {one.title: one.award for one in read.proposals(UPHELD)}, _proposal("bram", UPHELD).id
    for prize, found in zip(_places(challenge), ranked(number), strict=False):
        proposal = found.ranked.proposal
        reason = AGAIN if proposal == again else reasons[found.title]
        awards.select_award(sponsor, number, prize_id=prize, proposal_id=proposal, reason=reason)
    awards.decide(sponsor, number)


def _places(challenge: Challenge) -> list[int]:
    return [prize.id for prize in challenge.prizes for _ in range(prize.award_count)]


def _points(line: Criterion, part: Decimal) -> Decimal:
    """A part of the scale, in the steps of the criterion."""
    if line.kind == CriterionKind.YES_NO:
        return Decimal(1)
    return part * line.scale // line.step * line.step


def _pending(at: datetime) -> Script:
    """Nikolai appeals while the period runs; the panel has answered, the sponsor has some days."""
    yield at
    case = _file(
        "nikolai", PENDING, "calculation",
        "The reviews multiply 2.9 grams a shot by nine million parts, but only one core in four is pulsed: it is a"
        " quarter of the sum, and less than the winner needs for its pumps.",
    )  # fmt: skip
    yield at + HOUR
    _panel(case, "The number of pulsed cores is not in the proposal. We took all of them.")
