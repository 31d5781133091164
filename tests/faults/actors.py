"""Challenges, and the people who process them: they retry whatever is rejected.

The people call services, not pages: these tests are about the jobs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from challenges.brief import PrizeLine
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd.accounts.models import User
from crowd.db import db, joined
from crowd.errors import OperationError
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType
from crowd.ledger.payouts import services as payouts
from crowd.ledger.payouts.models import Payout, PayoutBatch
from crowd.ledger.workflow import BatchState, PayoutState
from scoring.awards import queries as award_queries
from scoring.awards import services as award_services
from scoring.models import Assignment, Award
from scoring.queries import waits_for_reviews
from scoring.workflow import AssignmentState
from submissions import queries as submissions
from tests import factories
from tests.cast import Cast
from tests.contract_dates import follow
from tests.processes import Platform

SOLVERS = 5
LEASE = 6  # seconds after which, here, an unfinished job goes to another worker
DEAF = 6  # seconds after which, here, a lost wake-up is sent again


@dataclass
class Crew:
    """Ada, the reviewers, the solvers and finance; ids only, because every operation has a session of its own."""

    platform: Platform
    number: int  # of challenges
    challenges: list[int] = field(default_factory=list)
    solvers: list[int] = field(default_factory=list)
    ada: int = 0
    fen: int = 0
    finn: int = 0
    refused: int = 0

    def set_up(self) -> None:
        """All challenges open with two proposals each, in one transaction: one email per person, not two hundred."""
        with self.platform.app.app_context(), joined():
            cast = Cast()
            assert cast.reviewers()
            self.ada, self.fen, self.finn = cast.ada.id, cast.fen.id, cast.finn.id
            people = [factories.user(f"Solver{n}") for n in range(SOLVERS)]
            self.solvers = [person.id for person in people]
            for person in people:
                payouts.set_account(
                    person,
                    OwnerType.USER,
                    person.id,
                    currency="CNY",
                    holder=person.name,
                    bank="Bank",
                    number=f"10220210{person.id:08d}1",
                )
            self.challenges = [self._open(cast, people, n) for n in range(self.number)]

    def _open(self, cast: Cast, people: list[User], n: int) -> int:
        challenge = factories.opened(cast, prizes=[PrizeLine(title="Prize", amount=1_000_000 + 70_001 * n)])
        for person in (people[n % SOLVERS], people[(n + 1) % SOLVERS]):
            factories.proposal(person, challenge)
        return challenge.id

    def let_close(self, seconds: float) -> None:
        """The closes, each with its grace period, follow one another within the next seconds."""
        for n, challenge_id in enumerate(self.challenges):
            at = timedelta(seconds=1 + n * seconds / self.number)
            self.platform.as_owner(
                "UPDATE challenge SET opens_at = now() - interval '9 days', "
                "closes_at = now() + :at - make_interval(secs => grace_seconds) WHERE id = :id",
                at=at,
                id=challenge_id,
            )
        follow(self.platform.as_owner)
        self.platform.as_owner(
            "UPDATE job SET run_at = closes_at + make_interval(secs => grace_seconds) FROM challenge "
            "WHERE challenge.id = job.challenge_id "
            "AND kind = 'challenges.close'"
        )

    # ---- one turn of everybody

    def turn(self) -> bool:
        """Do whatever waits for a person; True once everything is settled and paid out."""
        return bool(self.tries(self._turn))

    def tries(self, act: Callable[[], Any]) -> Any:
        """Do it in a session of its own; None where it was refused or the database went away, to be tried again."""
        with self.platform.app.app_context():
            try:
                return act()
            except (OperationError, SQLAlchemyError):
                self.refused += 1
                db.session.rollback()
                return None

    def _turn(self) -> bool:
        self._shorten()
        for challenge_id, state, formed in db.session.execute(
            sa.select(Challenge.id, Challenge.state, Challenge.panel_formed_at).order_by(Challenge.closes_at)
        ).all():
            if state == ChallengeState.JUDGING and formed is not None:
                self._judge(challenge_id)
        self._pay_out()
        settled = sa.select(sa.func.count()).where(Challenge.state == ChallengeState.SETTLED)
        paid = sa.select(sa.func.count(Payout.id.distinct())).where(Payout.state == PayoutState.PAID)
        return (db.session.scalar(settled), db.session.scalar(paid)) == (self.number, SOLVERS)

    def _shorten(self) -> None:
        """Minutes of the platform are seconds here: leases, lost wake-ups, appeal windows."""
        self.platform.as_owner(
            "UPDATE job SET lease_until = least(lease_until, started_at + :lease) WHERE state = 'running'",
            lease=timedelta(seconds=LEASE),
        )
        self.platform.as_owner(
            "UPDATE job SET woken_at = NULL WHERE woken_at < now() - :deaf AND "
            "((state = 'ready' AND run_at <= now()) OR (state = 'running' AND lease_until <= now()))",
            deaf=timedelta(seconds=DEAF),
        )
        self.platform.as_owner(
            "UPDATE challenge SET appeals_until = decided_at + interval '1 second' WHERE state = 'decided'"
        )
        self.platform.as_owner(
            "UPDATE job SET run_at = appeals_until FROM challenge WHERE challenge.id = job.challenge_id "
            "AND kind = 'settlement.settle' AND job.state = 'ready' AND attempts = 0 AND run_at > appeals_until"
        )

    def _judge(self, challenge_id: int) -> None:
        """The reviews that are missing, then the award to the first proposal, then the decision."""
        for assignment in factories.assignments(db.session.get_one(Challenge, challenge_id)):
            if assignment.state == AssignmentState.PENDING:
                assignment_id = assignment.id
                self.tries(lambda: factories.review(db.session.get_one(Assignment, assignment_id)))  # noqa: B023
        if not waits_for_reviews(challenge_id):
            self.tries(lambda: self._decide(challenge_id))

    def _decide(self, challenge_id: int) -> None:
        ada = db.session.get_one(User, self.ada)
        if not award_queries.awards(challenge_id):
            prize = db.session.get_one(Challenge, challenge_id).prizes[0].id
            best = submissions.submitted(challenge_id)[0].id
            award_services.select_award(ada, challenge_id, prize_id=prize, proposal_id=best, reason="The best.")
        award_services.decide(ada, challenge_id)

    def _pay_out(self) -> None:
        """Once everything is settled: every solver requests all earnings, Fen makes a batch, Finn approves."""
        unsettled = db.session.scalar(sa.select(sa.func.count()).where(Challenge.state != ChallengeState.SETTLED))
        if unsettled:
            return
        for solver_id in self.solvers:
            self.tries(lambda: self._ask(solver_id))  # noqa: B023
        self.tries(self._batch)
        self.tries(self._approve)
        if db.session.scalar(sa.select(sa.func.count()).where(PayoutBatch.state == BatchState.SENT)):
            self.platform.let_slot_come("bank_responses.fetch")

    def _ask(self, solver_id: int) -> None:
        wanted = (
            LedgerAccount.kind == LedgerAccountKind.PAYABLE,
            LedgerAccount.owner_type == OwnerType.USER,
            LedgerAccount.owner_id == solver_id,
        )
        account = db.session.scalars(sa.select(LedgerAccount).where(*wanted)).one()
        if account.balance:
            payouts.request(db.session.get_one(User, solver_id), account.id, amount=account.balance)

    def _batch(self) -> None:
        if db.session.scalar(sa.select(sa.func.count()).where(Payout.state == PayoutState.REQUESTED)):
            payouts.make_batch(db.session.get_one(User, self.fen), currency="CNY")

    def _approve(self) -> None:
        for batch in list(db.session.scalars(sa.select(PayoutBatch).where(PayoutBatch.state == BatchState.DRAFT))):
            payouts.approve(db.session.get_one(User, self.finn), batch.id)

    # ---- afterwards

    def earned(self) -> int:
        """All awards, in minor units."""
        return int(db.session.scalar(sa.select(sa.func.sum(Award.amount))) or 0)


def lateness(challenge: Challenge) -> float:
    """Seconds between the closing time and the close; the deadline itself never moves."""
    assert challenge.to_close_at is not None
    assert challenge.closed_at is not None
    return (challenge.closed_at - challenge.to_close_at).total_seconds()
