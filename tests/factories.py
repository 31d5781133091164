"""Rows for tests, committed to the savepoint so that a rejected service call does not roll them back.

Objects with a workflow (challenges, proposals) are created through the services, as far as the test needs.
"""

import itertools
import secrets
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from challenges import services as challenges
from challenges.brief import Brief, PrizeLine
from challenges.criteria import CriterionLine
from challenges.invitations import services as invitations
from challenges.invitations.models import ChallengeInvitation
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.rubric import Criterion, CriterionKind
from challenges.screening import queries as screening_queries
from challenges.screening import services as screening
from challenges.screening.models import ScreeningRound
from challenges.screening.workflow import CheckAnswer
from crowd import background
from crowd.accounts.models import MemberRole, Membership, Organisation, OrganisationKind, PlatformRole, Role, User
from crowd.accounts.verification.models import OrganisationContact
from crowd.accounts.verification.numbers import check_character
from crowd.audit import SYSTEM
from crowd.background import Job, JobState
from crowd.clock import now
from crowd.db import commit, db
from crowd.ledger import transfers
from crowd.ledger.models import Deposit
from crowd.ledger.workflow import DepositState
from scoring import services as scoring
from scoring.awards import services as award_services
from scoring.models import Assignment, Review
from scoring.reviews import services as review_services
from scoring.reviews.queries import criteria_of
from scoring.settlement import services as settlement
from submissions import queries as submission_queries
from submissions import services as submissions
from submissions.models import Proposal
from tests.contract_dates import follow
from tests.processes import process_number
from tests.worlds import remembered

if TYPE_CHECKING:
    from tests.cast import Cast

PASSWORD = "correct horse battery"
_numbers = itertools.count(
    process_number() * 1_000_000 + 1
)  # a copy of a database has those of the process that made it


def user(
    name: str,
    *platform_roles: PlatformRole,
    member_of: Organisation | None = None,
    role: MemberRole = MemberRole.MEMBER,
    expertise: list[str] | None = None,
    locale: str = "en",
) -> User:
    """A confirmed person with platform roles and, if given, a membership."""
    named = sa.select(Role).where(Role.name.in_(platform_roles))
    row = User(
        name=name,
        email=f"{name.lower()}{next(_numbers)}@crowd.example",
        password=None,
        fs_uniquifier=secrets.token_hex(16),
        confirmed_at=now(),
        locale=locale,
        time_zone="Asia/Shanghai",
        expertise=expertise or [],
        roles=list(db.session.scalars(named)) if platform_roles else [],
    )
    db.session.add(row)
    db.session.flush()
    if member_of is not None:
        db.session.add(Membership(user_id=row.id, organisation_id=member_of.id, role=role))
    commit()
    db.session.refresh(row)
    return row


def registration(row: Organisation) -> None:
    """What the service centre needs to verify an organisation."""
    first = f"91410300{row.id:09}"
    row.registration_number = first + check_character(first)
    db.session.add(OrganisationContact(organisation_id=row.id, name="A contact", email="contact@people.example"))
    db.session.flush()


def organisation(name: str, kind: OrganisationKind = OrganisationKind.ENTERPRISE) -> Organisation:
    """A verified organisation."""
    row = Organisation(name=name, kind=kind, country="CN", verified_at=now())
    db.session.add(row)
    commit()
    return row


def brief(**changes: Any) -> Brief:
    """A complete brief: prizes of 300,000 yuan in three places, a rubric of three lines, closing in twenty days."""
    whole: dict[str, Any] = {
        "title": "Find leaks in buried cast-iron mains from the noise at two hydrants",
        "summary": "Ten minutes of sound from two hydrants; say whether there is a leak, and where.",
        "problem_statement": "## What we have\n\n612 km of grey cast-iron mains from before 1985.",
        "language": "en",
        "stage": "1",
        "tags": ["acoustics", "leak detection", "water"],
        "rights": "A licence, not a transfer.",
        "prizes": [
            PrizeLine(title="First", amount=20_000_000),
            PrizeLine(title="Second", amount=7_000_000),
            PrizeLine(title="Third", amount=3_000_000),
        ],
        "criteria": [
            CriterionLine(title="Detection on hidden sites", weight=50, scale=Decimal(100)),
            CriterionLine(title="Cost per site", weight=30),
            CriterionLine(title="Clarity", weight=20),
        ],
        "closes_at": now() + timedelta(days=20),
    }
    return Brief(**(whole | changes))


def changes(**changed: Any) -> dict[str, Any]:
    """The same as what an editor of all its fields sends."""
    whole = brief(**changed)
    return {name: getattr(whole, name) for name in Brief.__slots__}


def challenge(actor: User, organisation: Organisation, **changes: Any) -> Challenge:
    """A draft with a complete brief; `changes` are fields of the brief."""
    return challenges.create(actor, organisation.id, brief=brief(**changes))


def screened(cast: Any, **changes: Any) -> Challenge:
    """Ada's challenge, waiting for screening."""
    return lifecycle.submit(cast.ada, challenge(cast.ada, cast.luoyang, **changes).id)


def checked(actor: User, challenge_id: int) -> int:
    """Answer the whole checklist of a challenge in screening; the challenge's id."""
    (one,) = db.session.scalars(
        sa.select(ScreeningRound).where(ScreeningRound.challenge_id == challenge_id, ScreeningRound.ended_at.is_(None))
    )
    items = screening_queries.checklist(one.checklist).items
    screening.check(actor, challenge_id, answers={item.key: (CheckAnswer.YES, "") for item in items})
    return challenge_id


def approve(actor: User, challenge_id: int, **given: Any) -> Challenge:
    """Answer the whole checklist and approve."""
    return lifecycle.approve(actor, checked(actor, challenge_id), **given)


def approved(cast: Any, **changes: Any) -> Challenge:
    """Ada's challenge, approved by Eve, waiting for money."""
    return approve(cast.eve, screened(cast, **changes).id)


def funded(cast: Any, **changes: Any) -> Challenge:
    """Ada's challenge with its money in escrow, opening in two days."""
    row = approved(cast, **({"opens_at": now() + timedelta(days=2)} | changes))
    pay_in(cast, cast.luoyang, row.cost, row.currency)
    return lifecycle.fund(cast.ada, row.id)


@remembered
def opened(cast: "Cast", **changes: Any) -> Challenge:
    """Ada's challenge, open for twenty days. `proposals_limit=1` and the like are fields of the brief."""
    return funded(cast, **({"opens_at": None} | changes))


def invite(row: Challenge, *people: User | str, **more: Any) -> list[ChallengeInvitation]:
    """The sponsor invites people, or addresses, to an open challenge, and the invitations are sent."""
    sponsor = db.session.get_one(User, row.created_by)
    named = [one if isinstance(one, str) else one.email for one in people]
    invitations.invite(sponsor, row.id, people="\n".join(named), **more)
    invitations.send_next(row.id)
    query = sa.select(ChallengeInvitation).where(ChallengeInvitation.challenge_id == row.id)
    return list(db.session.scalars(query.order_by(ChallengeInvitation.id)))


def closed(cast: Any, row: Challenge | None = None, **changes: Any) -> Challenge:
    """Ada's challenge after its closing date: in judging. Give `row` to close an open one that already has answers."""
    row = row or opened(cast, **changes)
    move_dates(row, opens_at=now() - timedelta(days=30), closes_at=now() - timedelta(minutes=1))
    return lifecycle.close(SYSTEM, row.id)


def move_dates(row: Challenge, **dates: Any) -> Challenge:
    """Set dates of a challenge, as if time had passed: `closes_at`, `appeals_until`, `funding_due_at`, ..."""
    for name, at in dates.items():
        setattr(row, name, at)
    db.session.flush()
    if dates.keys() & {"opens_at", "closes_at"} and row.contract_version_id is not None:
        follow(lambda statement, **values: db.session.execute(sa.text(statement), values).all())
        db.session.refresh(row)
    commit()
    return row


def run_jobs(kind: str) -> int:
    """Do the jobs of a kind that are due, as a worker would; how many were done."""
    due = sa.select(Job.id).where(Job.kind == kind, Job.state == JobState.READY, Job.run_at <= sa.func.crowd_now())
    return sum(background.run(job_id) for job_id in list(db.session.scalars(due.order_by(Job.id))))


def pay_in(cast: Any, organisation: Organisation, amount: int, currency: str = "CNY") -> Deposit:
    """Free balance for a sponsor: a deposit (minor units) that finance has credited."""
    row = Deposit(
        bank_reference=f"BANK{next(_numbers):06d}",
        value_date=date.today(),
        payer=organisation.name,
        amount=amount,
        currency=currency,
        state=DepositState.CREDITED,
        organisation_id=organisation.id,
        recorded_by=cast.fen.id,
    )
    db.session.add(row)
    commit()
    transfers.deposit(SYSTEM, row)
    commit()
    return row


def proposal(
    author: User,
    challenge: Challenge,
    submitted: bool = True,
    *,
    organisation: Organisation | None = None,
    **texts: Any,
) -> Proposal:
    """A proposal to an open challenge: registered (invited, where that is needed), written, and final unless
    `submitted` is False.
    """
    if challenge.by_invitation:
        invite(challenge, author)
    submissions.register(author, challenge.id, organisation_id=organisation.id if organisation else None, accepted=True)
    row = submissions.start(author, challenge.id)
    whole = {
        "title": f"Two geophones and a correlator, by {author.name}",
        "abstract": "Leaks are found by the difference in arrival time at two hydrants.",
        "body": "## Approach\n\nCross-correlation of the two recordings after band-pass filtering.",
        "language": "en",
    }
    submissions.save(author, row.id, **(whole | texts))
    if submitted:
        submissions.submit(author, row.id)
    return row


@remembered
def judging(cast: "Cast", *authors: User | str, **changes: Any) -> Challenge:
    """Ada's challenge after the close, with a submitted proposal of each author (Bo and Bea) and its panel formed.

    `authors` are persons, or their names in the cast, which lets tests share the result.
    """
    for reviewer in cast.reviewers():
        assert reviewer.id
    row = opened(cast, **changes)
    for author in authors or ("bo", "bea"):
        proposal(getattr(cast, author) if isinstance(author, str) else author, row)
    closed(cast, row)
    scoring.form_panel(SYSTEM, row.id)
    return row


def review(assignment: Assignment, points: int = 7, **texts: Any) -> Review:
    """A reviewer's finished review with the same points (of 10, or as many of 100) for every criterion."""
    criteria = criteria_of(assignment.challenge_id)
    return review_services.submit(
        assignment.reviewer,
        assignment.id,
        points={line.id: _marks(line, points) for line in criteria},
        comments={},
        comment=texts.get("comment", "Sound, and shown on sites that were not used for tuning; the cost is plausible."),
    )


def _marks(line: Criterion, points: int) -> Decimal:
    """So many of ten, in the steps of the criterion; yes from five on."""
    if line.kind == CriterionKind.YES_NO:
        return Decimal(points >= 5)
    return points * line.scale // (10 * line.step) * line.step


@remembered
def judged(cast: "Cast", *authors: User | str, **changes: Any) -> Challenge:
    """Ada's challenge with all reviews in: the first author's proposal has 9 of 10, the next 8, and so on."""
    row = judging(cast, *authors, **changes)
    proposals = [found.id for found in submission_queries.submitted(row.id)]
    for assignment in assignments(row):
        review(assignment, points=max(9 - proposals.index(assignment.proposal_id), 0))
    return row


def assignments(row: Challenge) -> list[Assignment]:
    """All assignments of a challenge's panel, in order."""
    query = sa.select(Assignment).where(Assignment.challenge_id == row.id).order_by(Assignment.id)
    return list(db.session.scalars(query))


@remembered
def decided(cast: "Cast", *authors: User | str, awards: int = 1, **changes: Any) -> Challenge:
    """Ada's challenge with its decision published: the first `awards` proposals get the first prizes' places."""
    row = judged(cast, *authors, **changes)
    places = [prize for prize in row.prizes for _place in range(prize.award_count)]
    winners = submission_queries.submitted(row.id)[:awards]
    for prize, winner in zip(places, winners, strict=False):
        award_services.select_award(
            cast.ada, row.id, prize_id=prize.id, proposal_id=winner.id, reason="The best on hidden sites."
        )
    return award_services.decide(cast.ada, row.id, reason="" if winners else "None of them can be built.")


@remembered
def settled(cast: "Cast", *authors: User | str, awards: int = 1, **changes: Any) -> Challenge:
    """Ada's challenge, decided and settled after its appeal window."""
    row = decided(cast, *authors, awards=awards, **changes)
    move_dates(row, decided_at=now() - timedelta(days=8), appeals_until=now() - timedelta(minutes=1))
    return settlement.settle(SYSTEM, row.id)
