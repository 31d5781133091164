"""A case about the integrity of a proposal: its people replied, and the council did not uphold it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from challenges.queries import access as access_challenge
from crowd import clock
from crowd.accounts.models import PlatformRole, Role, User
from crowd.audit import SYSTEM
from crowd.cases import policy, queries, services
from crowd.cases.workflow import Finding, VoteChoice
from crowd.db import db
from crowd.demo import personas
from crowd.demo.office import working
from crowd.demo.simulator import Script, Simulator
from crowd.demo.texts import read
from crowd.demo.timeline import challenge_number
from scoring.integrity.queries import OF_PROPOSAL
from submissions import queries as submissions

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CHALLENGE = "kiln-energy"
REPLY, CENTRE, COUNCIL = 1, 2, 3  # the steps of such a case
VOTES = (
    ("gu", "两个方案的曲线来自同一公开数据，不足以认定串通。"),
    ("ruth", "A shared public source is no agreement."),
    ("heminzhi", "证据不足，不予支持。"),
)


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """One case, decided within some days after the decision about the challenge."""
    yield _refused(end - 60 * DAY)


def _refused(at: datetime) -> Script:
    """The sponsor files while participants can appeal; the author replies, the centre gives its opinion."""
    yield at
    while access_challenge(SYSTEM, challenge_number(CHALLENGE)).decided_at is None:
        at += DAY / 4
        yield at
    yield working(clock.now() + HOUR)
    proposal = submissions.submitted(challenge_number(CHALLENGE))[-1]
    author = proposal.user_id
    sponsor = personas.account(read.challenge(CHALLENGE).sponsor)
    what = "Its measured curves are those of another proposal, point by point. How did that come about?"
    answers = {"ground": "collusion", "what": what}
    case = services.file_case(sponsor, OF_PROPOSAL, str(proposal.id), answers=answers).public_id
    yield working(clock.now() + 3 * HOUR)
    services.conclude(
        db.session.get_one(User, author), case, REPLY, finding=Finding.GIVEN,
        reasons="The curves are the manufacturer's, from its public data sheet, which both of us name as the source.",
    )  # fmt: skip
    yield working(clock.now() + 3 * HOUR)
    services.conclude(
        _of_the_centre(case), case, CENTRE, finding=Finding.GIVEN,
        reasons="Both name the same data sheet in their files. Nothing else is alike.",
    )  # fmt: skip
    for key, reasons in VOTES:
        yield working(clock.now() + HOUR)
        services.vote(personas.account(key), case, COUNCIL, choice=VoteChoice.AGAINST, reasons=reasons)


def _of_the_centre(case: str) -> User:
    """Somebody of the service centre who has no conflict of interest."""
    found = queries.access(SYSTEM, case)
    of_centre = User.roles.any(Role.name == PlatformRole.SERVICE_CENTRE)
    people = db.session.scalars(sa.select(User).where(User.active, of_centre).order_by(User.id))
    return next(one for one in people if policy.can_conclude(one, found.steps[CENTRE - 1]))
