"""Reads: who has accepted the contract of a challenge as it is, and whose proposals wait for that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import aliased

from challenges.contract import queries as contracts
from challenges.entry.policy import is_office
from challenges.models import Challenge, takes_proposals
from crowd import clock
from crowd.accounts.models import Organisation, User
from crowd.audit import Actor
from crowd.background import Job, JobState
from crowd.config import limits
from crowd.contracts import queries as versions
from crowd.contracts.models import Acceptance, ContractVersion
from crowd.contracts.workflow import ChangeClass
from crowd.db import db
from crowd.web.tasks import MAX_TASKS, Task
from submissions.entry.policy import can_list
from submissions.entry.services import is_complete
from submissions.models import Proposal, Registration
from submissions.participation.queries import participation_of
from submissions.workflow import ProposalState

REMIND = "proposals.remind_acceptance"


@dataclass(frozen=True, slots=True)
class Missing:
    """Whose acceptance is missing, for the sponsor and the service centre while the challenge is open: the first of
    them by name, where the reader knows who is registered; and when they are reminded next, if they are. Which of them
    have submitted is sealed until the close.
    """

    names: Sequence[str]
    reminded_at: datetime | None


@dataclass(frozen=True, slots=True)
class AcceptanceState:
    """Of the version in force: how many of all registered have accepted it, or an earlier one since which nothing
    material changed; `mine` is the person's own registration, where that has not, `incomplete` whether something that
    the contract needs is missing in it. `changed_by` is the number of the last material version.
    """

    version: ContractVersion
    changed_by: int
    accepted: int
    registered: int
    mine: Registration | None
    incomplete: bool
    missing: Missing | None

    @property
    def outstanding(self) -> int:
        """How many registered people and organisations have not accepted it."""
        return self.registered - self.accepted


def state_of(actor: Actor | None, challenge: Challenge) -> AcceptanceState | None:
    """None before the opening, and where nothing material has changed since: everybody registered has accepted."""
    if challenge.contract_version_id is None:
        return None
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
    incomplete = mine is not None and not is_complete(challenge, mine)
    shown = number and challenge.is_open and is_office(actor, challenge)
    missing = _missing(actor, challenge, version, least) if shown else None
    return AcceptanceState(version, least, registered - number, registered, mine, incomplete, missing)


def _missing(actor: Actor | None, challenge: Challenge, version: ContractVersion, least: int) -> Missing:
    reminders = sa.select(sa.func.min(Job.run_at)).where(
        Job.challenge_id == challenge.id, Job.kind == REMIND, Job.state == JobState.READY, Job.run_at > clock.now()
    )
    names: Sequence[str] = ()
    if can_list(actor, challenge):
        name = sa.func.coalesce(Organisation.name, User.name)
        query = (
            sa.select(name)
            .select_from(Registration)
            .join(User, User.id == Registration.user_id)
            .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
            .where(_unaccepted(challenge.id, version, least))
        )
        names = db.session.scalars(query.order_by(name, Registration.id).limit(limits().page_rows)).all()
    return Missing(names, db.session.scalar(reminders))


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


def waiting(actor: User) -> list[Task]:
    """The open challenges whose changed contract the person, who is registered, has not accepted, nor has anybody for
    their agency.
    """
    present, accepted = aliased(ContractVersion), aliased(ContractVersion)
    other = aliased(ContractVersion)
    changed = sa.exists().where(
        other.contract_id == present.contract_id,
        other.number.between(accepted.number + 1, present.number),
        other.change_class == ChangeClass.MATERIAL,
        other.in_force_at.is_not(None),
    )
    query = (
        sa.select(Challenge.id, Challenge.title, Challenge.closes_at)
        .join(Registration, Registration.challenge_id == Challenge.id)
        .join(present, present.id == Challenge.contract_version_id)
        .join(accepted, accepted.id == Registration.contract_version_id)
        .where(Registration.user_id == actor.id, takes_proposals(sa.literal(clock.now())), changed)
        .order_by(Challenge.closes_at)
        .limit(MAX_TASKS)
    )
    text = _("Accept the changed contract")
    return [
        Task(text, url_for("contracts.show", challenge_id=row.id), row.title, row.closes_at, challenge_id=row.id)
        for row in db.session.execute(query)
    ]
