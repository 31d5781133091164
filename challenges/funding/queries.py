"""Reads of a challenge's money: what is expected, what has arrived, what is missing; for the ledger, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from challenges import policy as challenge_policy
from challenges.contract import queries as contracts
from challenges.funding.models import PaymentProof
from challenges.funding.policy import can_view_funding
from challenges.lifecycle.services import FUND
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import User
from crowd.accounts.organisations.rights import Right
from crowd.audit import Actor
from crowd.background import is_unfinished
from crowd.db import db
from crowd.errors import NotFound
from crowd.files import StoredFile
from crowd.ledger import queries as ledger
from crowd.ledger.deposits import queries as deposits
from crowd.ledger.deposits.questions import PaymentPurpose, PaymentRequest
from crowd.ledger.models import Deposit, LedgerAccount, LedgerAccountKind, OwnerType, Transfer
from crowd.ledger.provenance import Act, acts_behind
from crowd.ledger.questions import PRIZE_TITLES
from crowd.ledger.statements.queries import StatementLine
from crowd.ledger.workflow import DepositState
from crowd.web.tasks import MAX_TASKS, Task

HONORARIUM = "honorarium"  # the kind of transfer whose payee is not public: who has reviewed what


@dataclass(frozen=True, slots=True)
class Funding:
    """The funding status of a challenge; amounts in minor units of its currency.

    `free` is the sponsor's free balance, `missing` what must still be paid, `over` what stays free after funding.
    `arriving`: money has just been allocated, and a job is about to move it into escrow where it is enough. `raised`: a
    raised prize of an open challenge, which waits in its contract for money.
    """

    challenge: Challenge
    free: int
    escrow: int
    deposits: Sequence[Deposit]
    payment_proofs: Sequence[PaymentProof]
    arriving: bool = False
    raised: contracts.WaitingRaise | None = None

    @property
    def waits(self) -> bool:
        """Whether the challenge is approved and not funded."""
        return self.challenge.state == ChallengeState.APPROVED

    @property
    def due(self) -> int:
        """What must be in escrow and is not yet."""
        raised = self.raised.cost if self.raised else 0
        return self.challenge.cost if self.waits else raised

    @property
    def pay_by(self) -> datetime | None:
        """Until when what is due can be paid."""
        return self.challenge.closes_at if self.raised else self.challenge.funding_due_at

    @property
    def received(self) -> int:
        """The part of what is due that has arrived."""
        return min(self.free, self.due)

    @property
    def missing(self) -> int:
        return self.due - self.received

    @property
    def over(self) -> int:
        return max(0, self.free - self.due)

    @property
    def covered(self) -> bool:
        return self.waits and self.missing == 0

    @property
    def moving(self) -> bool:
        """Whether the whole cost has arrived and is moved into escrow in a moment."""
        return self.covered and self.arriving


def funding_of(challenge: Challenge) -> Funding:
    """The present funding status of a challenge."""
    return Funding(
        challenge=challenge,
        free=ledger.free_balance(challenge.organisation_id, challenge.currency),
        escrow=ledger.in_escrow(challenge.id, challenge.currency),
        deposits=deposits.of_challenge(challenge.id),
        payment_proofs=payment_proofs_of(challenge.id),
        arriving=challenge.state == ChallengeState.APPROVED and is_unfinished(FUND, challenge.id),
        raised=contracts.waiting_raise(challenge),
    )


def payment_proofs_of(challenge_id: int) -> list[PaymentProof]:
    """The payment proofs of a challenge, newest first."""
    query = sa.select(PaymentProof).where(PaymentProof.challenge_id == challenge_id)
    return list(db.session.scalars(query.order_by(PaymentProof.id.desc())))


def payment_proof_file(actor: Actor | None, payment_proof_id: int) -> StoredFile:
    """The file of a payment proof. Raises NotFound where the actor may not see the challenge's funding."""
    row = db.session.execute(
        sa.select(PaymentProof, Challenge)
        .join(Challenge, Challenge.id == PaymentProof.challenge_id)
        .where(PaymentProof.id == payment_proof_id)
    ).first()
    if row is None or not can_view_funding(actor, row[1]):
        raise NotFound
    return row[0].file


def purpose_of(reference: str) -> PaymentPurpose | None:
    """The challenge with that payment reference, its sponsor and its newest payment proof, or None."""
    row = db.session.execute(_PURPOSE, {"reference": reference}).first()
    return PaymentPurpose(challenge_id=row[0], organisation_id=row[1], proof_id=row[2]) if row else None


def _of_it(what: Any, *conditions: sa.ColumnElement[bool]) -> Any:
    return sa.select(what).where(*conditions).correlate(Challenge).scalar_subquery()


_PURPOSE = sa.select(
    Challenge.id,
    Challenge.organisation_id,
    sa.select(PaymentProof.file_id)
    .where(PaymentProof.challenge_id == Challenge.id)
    .order_by(PaymentProof.id.desc())
    .limit(1)
    .correlate(Challenge)
    .scalar_subquery(),
).where(Challenge.payment_reference == sa.bindparam("reference"))
_EXPECTED = (
    sa.select(
        Challenge,
        _of_it(sa.func.count(PaymentProof.id), PaymentProof.challenge_id == Challenge.id),
        sa.func.coalesce(
            _of_it(
                LedgerAccount.balance,
                LedgerAccount.kind == LedgerAccountKind.SPONSOR,
                LedgerAccount.owner_type == OwnerType.ORGANISATION,
                LedgerAccount.owner_id == Challenge.organisation_id,
                LedgerAccount.currency == Challenge.currency,
            ),
            0,
        ),
        _of_it(sa.func.min(Deposit.id), Deposit.challenge_id == Challenge.id, Deposit.state == DepositState.RECORDED),
    )
    .where(sa.or_(Challenge.state == ChallengeState.APPROVED, Challenge.id.in_(sa.bindparam("raised", expanding=True))))
    .order_by(sa.func.coalesce(Challenge.funding_due_at, Challenge.closes_at), Challenge.id)
)


def expected() -> list[PaymentRequest]:
    """Approved challenges that wait for their money, and raised prizes that do, the first to expire first, with what
    has arrived.
    """
    raised = {one.challenge.id: one for one in contracts.waiting_raises()}
    found = db.session.execute(_EXPECTED, {"raised": list(raised)})
    return [_request(raised.get(row.id), row, *counted) for row, *counted in found]


def _request(
    raised: contracts.WaitingRaise | None, row: Challenge, proofs: int, free: int, unconfirmed: int | None
) -> PaymentRequest:
    return PaymentRequest(
        challenge_id=row.id, title=row.title, language=row.language, organisation=row.organisation.name,
        reference=row.payment_reference or "", currency=row.currency,
        due_at=raised.challenge.closes_at if raised else row.funding_due_at,
        cost=raised.cost if raised else row.cost, version=raised.version if raised else None,
        free=free, proofs=proofs, unconfirmed=unconfirmed,
    )  # fmt: skip


def can_fund_now(actor: Actor | None, funding: Funding) -> bool:
    """Whether this person may transfer the money into escrow, and the transfer would work."""
    due = funding.challenge.funding_due_at
    in_time = due is None or clock.now() <= due
    return funding.covered and not funding.moving and in_time and challenge_policy.can_fund(actor, funding.challenge)


# ---- public


@dataclass(frozen=True, slots=True)
class Trail:
    """How the money of a challenge was used: every line of its escrow, with its purpose and who decided.

    `transfers` and `acts` are keyed by the transfer's id, `prizes` by the award's; amounts are in minor units.
    """

    lines: list[StatementLine]
    transfers: dict[int, Transfer]
    acts: dict[int, list[Act]]
    prizes: dict[int, str]

    @property
    def held(self) -> int:
        return self.lines[-1].balance if self.lines else 0

    @property
    def paid_in(self) -> int:
        return sum(line.amount for line in self.lines if line.amount > 0)

    def went(self, kind: str) -> int:
        """The amount transferred from the escrow to ledger accounts of a kind, reviewers' fees left out."""
        out = (line for line in self.lines if line.amount < 0 and line.kind != HONORARIUM)
        return -sum(line.amount for line in out if line.other.kind == kind)

    @property
    def to_reviewers(self) -> int:
        """Reviewers' fees."""
        return -sum(line.amount for line in self.lines if line.kind == HONORARIUM)


def trail(challenge: Challenge) -> Trail:
    """How the money of a challenge was used, for everybody who sees the challenge."""
    lines = ledger.postings_of_escrow(challenge.id, challenge.currency)
    transfers = ledger.transfers(sorted({line.transfer_id for line in lines}))
    return Trail(
        lines=lines,
        transfers={row.id: row for row in transfers},
        acts=acts_behind(transfers),
        prizes=PRIZE_TITLES()(row.subject_id for row in transfers if row.subject_type == "award"),
    )


# ---- dashboard


_UNPAID = (
    sa.select(Challenge.id, Challenge.title, Challenge.funding_due_at)
    .where(
        Challenge.organisation_id.in_(sa.bindparam("owned", expanding=True)),
        Challenge.state == ChallengeState.APPROVED,
        Challenge.funding_due_at > sa.bindparam("now"),
    )
    .order_by(Challenge.funding_due_at)
    .limit(MAX_TASKS)
)


def waiting(actor: User) -> list[Task]:
    """The challenges of the person's organisations that wait for money, by the day on which their funding expires."""
    owned = actor.organisations_with(Right.FUND)
    if not owned:
        return []
    return [
        Task(
            title,
            url_for("funding.show", challenge_id=challenge_id),
            _("Approved: pay the prizes into escrow"),
            funding_due_at,
            challenge_id=challenge_id,
        )
        for challenge_id, title, funding_due_at in db.session.execute(_UNPAID, {"owned": owned, "now": clock.now()})
    ]
