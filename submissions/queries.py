"""Reads of proposals. `access` is the only function that reads one by its id; a hidden one counts as absent."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, lazyload, load_only

from challenges.impartiality import is_party
from challenges.models import Challenge, takes_proposals
from challenges.questions import Id
from crowd.access import Rule
from crowd.accounts.models import User
from crowd.accounts.organisations.rights import Right
from crowd.audit import Actor, AuditEvent
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from crowd.files import StoredFile
from submissions.models import Proposal, ProposalFile, ProposalVersion, Registration, Share
from submissions.parties import BEHIND, taken_part
from submissions.policy import can_manage, can_view, is_contributor, is_unsealed, reads_as_sponsor, visible_to
from submissions.sealing.queries import REFUSED
from submissions.voting import recused_from, voted_on
from submissions.workflow import OPENED, ProposalState

EVENTS = 200
Policy = Rule[Proposal]

# Under a lock only the columns that policies and operations use are read: a brief may be long.
OF_CHALLENGE = (
    Challenge.state,
    Challenge.origin,
    Challenge.title,
    Challenge.organisation_id,
    Challenge.created_by,
    Challenge.approved_by,
    Challenge.published_at,
    Challenge.opens_at,
    Challenge.closes_at,
    Challenge.rules,
    Challenge.entry,
)
# Statements of the busiest minute of a challenge are built once.
_ID = sa.bindparam("id", type_=sa.BigInteger)
_WHOLE = sa.select(Proposal).where(Proposal.id == _ID)
_BEHIND_THE_LOCK = (
    sa.select(Proposal)
    .where(Proposal.id == _ID)
    .options(
        joinedload(Proposal.challenge).options(load_only(*OF_CHALLENGE), lazyload("*")),
        joinedload(Proposal.shares).options(lazyload(Share.user), lazyload(Share.organisation)),
        lazyload(Proposal.user),
        lazyload(Proposal.organisation),
        lazyload(Proposal.draft_version),
        lazyload(Proposal.submitted_version),
    )
    .execution_options(populate_existing=True)
)
# Locks are separate statements, and what they protect is read after them: a statement that waits for a lock sees all
# but the locked row as it was before the wait. FOR KEY SHARE blocks only the closing's FOR UPDATE.
_IN_TIME = takes_proposals(sa.bindparam("at", type_=sa.DateTime(timezone=True)))
_HOLD = sa.select(Challenge.id).where(_IN_TIME).with_for_update(of=Challenge, key_share=True, read=True)
_HOLD_ALONE = _HOLD.where(Challenge.id == _ID)
_HOLD_WITH_PROPOSAL = (
    _HOLD.join(Proposal, Proposal.challenge_id == Challenge.id)
    .where(Proposal.id == _ID)
    .suffix_with(sa.text(f"FOR NO KEY UPDATE OF {Proposal.__tablename__}"))  # the second lock, in this order
)
_LATEST = (
    sa.select(ProposalVersion)
    .where(ProposalVersion.proposal_id == _ID)
    .order_by(ProposalVersion.number.desc())
    .limit(1)
    .options(joinedload(ProposalVersion.files).joinedload(ProposalFile.file))
    .execution_options(populate_existing=True)
)


class Sealed(NotFound):
    """The proposal exists, but not for this person: answered exactly like NotFound, and recorded in the audit trail."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__()
        self.proposal_id = proposal.id


def may_view(actor: Actor | None, proposal: Proposal) -> bool:
    """`can_view`, but not for parties of a rival, unless they read as the sponsor's people, and not for who is recused
    from it; and those who vote about it in a case, in the place of others.
    """
    if not can_view(actor, proposal):
        return votes_on(actor, proposal)
    if is_contributor(actor, proposal) or reads_as_sponsor(actor, proposal.challenge):
        return True
    return not is_party(actor, proposal.challenge) and not is_recused(actor, proposal)


def votes_on(actor: Actor | None, proposal: Proposal) -> bool:
    """Whether the person votes about it in a pending case, in the place of others."""
    return is_unsealed(proposal) and proposal.id in voted_on(actor)


def is_recused(actor: Actor | None, proposal: Proposal) -> bool:
    """Whether the person has recused themselves in a case about it."""
    return proposal.id in recused_from(actor)


def access(
    actor: Actor | None, proposal_id: int, *, to: Policy | None = None, held: bool = False, view: Policy = may_view
) -> Proposal:
    """The proposal, if `actor` sees it and may do `to` with it; read again where it is `held` (by `hold_open`).

    `view` replaces the rule of who sees it, for upper packages (a reviewer sees what is assigned to them). Raises
    NotFound where it is absent, Sealed (a NotFound) where it is hidden, Forbidden where it is seen but `to` says no.
    """
    query = _BEHIND_THE_LOCK if held else _WHOLE
    proposal = db.session.scalars(query, {"id": proposal_id}).unique().one_or_none()
    if proposal is None:
        raise NotFound
    if not view(actor, proposal):
        raise Sealed(proposal)
    if to is not None and not to(actor, proposal):
        raise Forbidden
    return proposal


def hold_open(at: datetime, *, challenge_id: int | None = None, proposal_id: int | None = None) -> bool:
    """Keep a challenge from closing until this operation is committed, while others go on; and lock the proposal, if
    one is given, whose challenge it then is.

    False where it accepts nothing that arrived at that time: then no lock was taken.
    """
    query = _HOLD_ALONE if proposal_id is None else _HOLD_WITH_PROPOSAL
    return db.session.execute(query, {"id": proposal_id or challenge_id, "at": at}).first() is not None


# ---- one proposal


def working_version(proposal: Proposal) -> ProposalVersion:
    """The version that its parties see and edit: the draft, else the submitted one, else (withdrawn) the last."""
    version = proposal.draft_version or proposal.submitted_version
    return version or versions(proposal)[0]


def latest_version(proposal: Proposal) -> ProposalVersion:
    """The newest version, read again: for operations, which lock the proposal's row and must not rely on what
    this session had read before the wait.
    """
    return db.session.scalars(_LATEST, {"id": proposal.id}).unique().one()


def shown_version(proposal: Proposal) -> ProposalVersion:
    """The version to read: the submitted version, else the draft."""
    return (
        proposal.submitted_version
        if proposal.submitted_version and proposal.state in OPENED
        else working_version(proposal)
    )


def versions(proposal: Proposal) -> Sequence[ProposalVersion]:
    """All versions, the newest first."""
    query = (
        sa.select(ProposalVersion)
        .where(ProposalVersion.proposal_id == proposal.id)
        .order_by(ProposalVersion.number.desc())
    )
    return db.session.scalars(query).all()


def version(actor: Actor | None, proposal: Proposal, number: int) -> ProposalVersion:
    """A version by its number: any for its parties, the final one for others. Raises NotFound."""
    found = db.session.scalar(
        sa.select(ProposalVersion).where(ProposalVersion.proposal_id == proposal.id, ProposalVersion.number == number)
    )
    if found is None or not (is_contributor(actor, proposal) or found.id == proposal.submitted_version_id):
        raise NotFound
    return found


def file(actor: Actor | None, proposal_id: int, file_id: int, *, view: Policy = may_view) -> StoredFile:
    """A file of a proposal, for those who may see its version. Raises NotFound."""
    proposal = access(actor, proposal_id, to=view, view=view)
    parts = sa.select(ProposalFile.file_id).join(ProposalVersion).where(ProposalVersion.proposal_id == proposal.id)
    if not is_contributor(actor, proposal):
        parts = parts.where(ProposalVersion.id == proposal.submitted_version_id)
    found = db.session.scalar(sa.select(StoredFile).where(StoredFile.id == file_id, StoredFile.id.in_(parts)))
    if found is None:
        raise NotFound
    return found


def timeline(proposal: Proposal) -> Sequence[AuditEvent]:
    """Its history, oldest first; only auditors read attempts to view it."""
    query = sa.select(AuditEvent).where(
        AuditEvent.subject_type == "proposal", AuditEvent.subject_id == proposal.id, AuditEvent.action != REFUSED
    )
    return db.session.scalars(query.order_by(AuditEvent.id).limit(EVENTS)).all()


def visible_among(actor: Actor | None, proposal_ids: Iterable[int]) -> set[int]:
    """The ids of those of these proposals that the person may read."""
    if not isinstance(actor, User):
        return set()
    query = sa.select(Proposal.id).where(Proposal.id.in_(set(proposal_ids)), visible_to(actor))
    return set(db.session.scalars(query))


# ---- a challenge's


def submitted(challenge_id: int) -> list[Proposal]:
    """The proposals that were final when the challenge closed, each with its submitted version, oldest first."""
    query = sa.select(Proposal).where(Proposal.challenge_id == challenge_id, Proposal.state == ProposalState.SUBMITTED)
    return list(db.session.scalars(query.order_by(Proposal.id)).unique())


def managed(actor: Actor | None, challenge_id: int) -> list[Proposal]:
    """Those of them about which the person decides: their own, and those of an agency whose proposals they lead."""
    if not isinstance(actor, User):
        return []
    led = Proposal.organisation_id.in_(actor.organisations_with(Right.LEAD_PROPOSALS))
    query = sa.select(Proposal).where(
        Proposal.challenge_id == challenge_id, Proposal.state == ProposalState.SUBMITTED,
        sa.or_(Proposal.user_id == actor.id, led),
    )  # fmt: skip
    return [row for row in db.session.scalars(query.order_by(Proposal.id)).unique() if can_manage(actor, row)]


def submission_times(challenge_id: int) -> Sequence[datetime]:
    """When each proposal that counts was submitted, the earliest first."""
    query = sa.select(Proposal.submitted_at).where(
        Proposal.challenge_id == challenge_id,
        Proposal.state == ProposalState.SUBMITTED,
        Proposal.submitted_at.is_not(None),
    )
    return [at for at in db.session.scalars(query.order_by(Proposal.submitted_at)) if at]


def writes_proposals(user_id: int | sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    """Whether a person has begun or shares a proposal, as SQL."""
    return sa.or_(sa.exists().where(Proposal.user_id == user_id), sa.exists().where(Share.user_id == user_id))


def registered(challenge_id: int) -> Sequence[int]:
    """The ids of all participants, in the order in which they registered."""
    query = sa.select(Registration.user_id).where(Registration.challenge_id == challenge_id)
    return db.session.scalars(query.order_by(Registration.id)).all()


def taking_part(challenge_id: int) -> sa.Select[int]:
    """The ids of all who registered or are a party of a proposal, as a select."""
    registered = sa.select(Registration.user_id).where(Registration.challenge_id == challenge_id)
    behind = sa.select(BEHIND.c.user_id).where(BEHIND.c.challenge_id == challenge_id)
    return sa.select(registered.union(behind).subquery().c.user_id)


def takes_part(user_id: Id, challenge_id: Id) -> sa.ColumnElement[bool]:
    """Whether a person is registered for a challenge, or a party of a proposal of it, as SQL."""
    mine = Registration.challenge_id == challenge_id, Registration.user_id == user_id
    return sa.or_(sa.exists().where(*mine), taken_part(user_id, challenge_id))


def drafting(challenge_id: int) -> Sequence[int]:
    """The ids of the authors whose proposal is not final."""
    query = sa.select(Proposal.user_id).where(
        Proposal.challenge_id == challenge_id, Proposal.state == ProposalState.DRAFT
    )
    return db.session.scalars(query.order_by(Proposal.id)).all()
