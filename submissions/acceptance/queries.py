"""Reads: who has accepted the contract of a challenge as it is, and whose proposals wait for that."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from challenges.contract import queries as contracts
from challenges.models import Challenge
from crowd.accounts.models import User
from crowd.audit import Actor
from crowd.contracts import queries as versions
from crowd.contracts.models import Acceptance, ContractVersion
from crowd.db import db
from submissions.models import Proposal, Registration
from submissions.participation.queries import participation_of
from submissions.workflow import ProposalState


@dataclass(frozen=True, slots=True)
class AcceptanceState:
    """Of the version in force: how many of all registered have accepted it, or an earlier one since which nothing
    material changed; `mine` is the person's own registration, where that has not.
    """

    version: ContractVersion
    accepted: int
    registered: int
    mine: Registration | None


def state_of(actor: Actor | None, challenge: Challenge) -> AcceptanceState | None:
    """None where nothing material has changed since the opening, so that everybody registered has accepted."""
    version = contracts.in_force(challenge)
    least = versions.must_accept(version)
    if least == 1:
        return None
    waiting = sa.select(sa.func.count()).select_from(Registration).where(_unaccepted(challenge.id, version, least))
    number = db.session.scalar(waiting) or 0
    mine = participation_of(actor, challenge.id).registration if isinstance(actor, User) else None
    if mine is not None and versions.has_accepted(version, mine.user_id, mine.organisation_id):
        mine = None
    registered = challenge.registrations_count
    return AcceptanceState(version, registered - number, registered, mine)


def _unaccepted(challenge_id: int, version: ContractVersion, least: int) -> sa.ColumnElement[bool]:
    """Over registrations of a challenge: those for which nobody has accepted a version that still counts."""
    accepted = (
        sa.select(Acceptance.id)
        .join(ContractVersion, ContractVersion.id == Acceptance.version_id)
        .where(
            ContractVersion.contract_id == version.contract_id,
            ContractVersion.number.between(least, version.number),
            sa.or_(
                Acceptance.organisation_id == Registration.organisation_id,
                sa.and_(
                    Registration.organisation_id.is_(None),
                    Acceptance.organisation_id.is_(None),
                    Acceptance.user_id == Registration.user_id,
                ),
            ),
        )
    )
    return sa.and_(Registration.challenge_id == challenge_id, ~accepted.correlate(Registration).exists())


def unaccepted_proposals(challenge: Challenge) -> Sequence[Proposal]:
    """The drafts and submitted proposals for which nobody has accepted the version in force; read under the lock of the
    challenge where something follows from it.
    """
    version = contracts.in_force(challenge)
    least = versions.must_accept(version)
    if least == 1:
        return []
    query = (
        sa.select(Proposal)
        .join(
            Registration,
            sa.and_(
                Registration.challenge_id == Proposal.challenge_id,
                sa.or_(
                    Registration.organisation_id == Proposal.organisation_id,
                    sa.and_(Proposal.organisation_id.is_(None), Registration.user_id == Proposal.user_id),
                ),
            ),
        )
        .where(
            _unaccepted(challenge.id, version, least),
            Proposal.state.in_([ProposalState.DRAFT, ProposalState.SUBMITTED]),
        )
        .order_by(Proposal.id)
    )
    return db.session.scalars(query).unique().all()
