"""Who may see and write a proposal. Until its challenge has closed, nobody but the people behind it knows that it is.

Who reads a sealed proposal are its author, those who share in it, and the owners of the agency that it is from; of the
last two nobody who is an insider of the challenge (`submissions.parties`), so that no sponsor reads through an agency.
The operator's own staff are no exception before the close: who asks is refused as if there were no such proposal.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from challenges.models import Challenge
from challenges.policy import is_sponsor
from challenges.workflow import CLOSED, RESULTS
from challenges.workflow import ChallengeState as ChallengeState
from crowd.accounts.models import MemberRole, OrganisationKind, PlatformRole, User
from crowd.audit import SYSTEM, AuditEvent
from submissions.models import Proposal, ProposalFile, Registration, Share, Version
from submissions.parties import BEHIND, INSIDERS, is_behind, is_insider, taken_part
from submissions.workflow import ProposalState

READERS = (PlatformRole.SERVICE_CENTRE, PlatformRole.COUNCIL, PlatformRole.AUDITOR)
SEALED = tuple(table.__tablename__ for table in (Registration, Proposal, Version, ProposalFile, Share))


def is_contributor(actor: Any, proposal: Proposal) -> bool:
    """Whether the person is one of those who read and write the proposal while it is sealed."""
    if not isinstance(actor, User):
        return False
    if proposal.user_id == actor.id:
        return True
    return _has_part(actor, proposal) and not is_insider(actor, proposal.challenge)


def _has_part(actor: User, proposal: Proposal) -> bool:
    shares = any(share.user_id == actor.id for share in proposal.shares)
    return shares or (proposal.organisation_id is not None and actor.owns(proposal.organisation_id))


def is_unsealed(proposal: Proposal) -> bool:
    """Whether others may read it at all: it was submitted, and its challenge has closed."""
    return proposal.state == ProposalState.SUBMITTED and proposal.challenge.state in CLOSED


def can_view(actor: Any, proposal: Proposal) -> bool:
    """The people inside always; the sponsor's and the operator's once it is opened; reviewers by scoring's rule.

    An office opens nothing to who is behind it, nor, which `queries.access` asks, behind a rival; to the sponsor's
    people among them it does once the challenge is decided.
    """
    if actor is SYSTEM or is_contributor(actor, proposal):
        return True
    if not isinstance(actor, User) or not is_unsealed(proposal):
        return False
    if reads_as_sponsor(actor, proposal.challenge):
        return True
    office = is_sponsor(actor, proposal.challenge) or actor.is_any(*READERS)
    return office and not is_behind(actor, proposal)


def reads_as_sponsor(actor: Any, challenge: Challenge) -> bool:
    """Whether all submitted proposals are open to the person as the sponsor's, whoever is behind them: once decided."""
    return challenge.state in RESULTS and is_sponsor(actor, challenge)


def visible_to(actor: Any) -> sa.ColumnElement[bool]:
    """`can_view` as SQL, over proposals, without those of whose rivals the person is behind one."""
    if actor is SYSTEM:
        return sa.true()
    if not isinstance(actor, User):
        return sa.false()
    sponsored = [m.organisation_id for m in actor.memberships if m.organisation.kind != OrganisationKind.AGENCY]
    theirs = Challenge.organisation_id.in_(sponsored)
    office = sa.true() if actor.is_any(*READERS) else theirs
    opened = sa.or_(sa.and_(theirs, Challenge.state.in_(RESULTS)), sa.and_(office, ~taken_part(actor.id)))
    closed = sa.select(Challenge.id).where(Challenge.state.in_(CLOSED), opened)
    return sa.or_(
        contributor_clause(actor), sa.and_(Proposal.state == ProposalState.SUBMITTED, Proposal.challenge_id.in_(closed))
    )


def contributor_clause(actor: User) -> sa.ColumnElement[bool]:
    """`is_inside` as SQL, over proposals: their numbers, each way through an index of its own."""
    own = aliased(Proposal)
    owned = [m.organisation_id for m in actor.memberships if m.role == MemberRole.OWNER]
    close = sa.exists().where(INSIDERS.c.challenge_id == own.challenge_id, INSIDERS.c.user_id == actor.id)
    ways = [
        sa.select(own.id).where(own.user_id == actor.id),
        sa.select(own.id).join(Share, Share.proposal_id == own.id).where(Share.user_id == actor.id, ~close),
        sa.select(own.id).where(own.organisation_id.in_(owned), ~close),
    ]
    return Proposal.id.in_(sa.union(*ways))


def is_disclosed(reader: Any) -> sa.ColumnElement[bool]:
    """Over events of the audit trail: those that this reader of it may read by now.

    What was done to a registration or a proposal is told once its challenge has closed: one that was cancelled before
    that never tells it. To who is behind a proposal is told of that challenge only what was done to it itself.
    """
    closed = sa.exists().where(Challenge.id == AuditEvent.challenge_id, Challenge.closed_at.is_not(None))
    told = sa.or_(AuditEvent.subject_type.not_in(SEALED), closed)
    own = sa.select(BEHIND.c.challenge_id).where(BEHIND.c.user_id == reader.id)
    apart = sa.or_(AuditEvent.challenge_id.is_(None), AuditEvent.challenge_id.not_in(own))
    return sa.and_(told, sa.or_(AuditEvent.subject_type == Challenge.__tablename__, apart))


def can_manage(actor: Any, proposal: Proposal) -> bool:
    """Decide about it (finalise, withdraw, set shares): the author, and the agency's owners where it is an agency's.

    Who has left the agency no longer acts for it, also as the author.
    """
    if not isinstance(actor, User):
        return False
    if proposal.organisation_id is None:
        return proposal.user_id == actor.id
    if proposal.user_id == actor.id:
        return actor.acts_for(proposal.organisation_id)
    return actor.owns(proposal.organisation_id) and not is_insider(actor, proposal.challenge)


def can_edit(actor: Any, proposal: Proposal) -> bool:
    """Write its text and files: who leads it, and who has agreed to a share in it."""
    if not isinstance(actor, User):
        return False
    agreed = any(share.user_id == actor.id and share.agreed_at for share in proposal.shares)
    return can_manage(actor, proposal) or (agreed and is_contributor(actor, proposal))


def can_answer_share(actor: Any, proposal: Proposal) -> bool:
    """Agree to a share, or refuse it: the person whose share it is, and for the agency its owners."""
    return bool(answerable(actor, proposal))


def answerable(actor: Any, proposal: Proposal) -> list[Share]:
    """The shares to which the person may agree."""
    if not isinstance(actor, User) or not is_contributor(actor, proposal):
        return []
    return [
        share
        for share in proposal.shares
        if share.user_id == actor.id or (share.organisation_id is not None and actor.owns(share.organisation_id))
    ]


def unanswered(actor: Any, proposal: Proposal) -> list[Share]:
    """The shares that wait for the person's answer: of a draft, as long as its challenge is open."""
    if proposal.state != ProposalState.DRAFT or proposal.challenge.state != ChallengeState.OPEN:
        return []
    return [share for share in answerable(actor, proposal) if share.agreed_at is None]


def can_read_history(actor: Any, proposal: Proposal) -> bool:
    """See who did what when: the people behind it, and the operator's people once it is opened."""
    if actor is SYSTEM or is_contributor(actor, proposal):
        return True
    return isinstance(actor, User) and is_unsealed(proposal) and actor.is_any(*READERS)


def can_register(actor: Any, challenge: Challenge) -> bool:
    """Take part: every person; that the sponsor's own people may not is a rule with a sentence of its own."""
    return isinstance(actor, User) and not challenge.external


def agencies_of(actor: Any) -> list[Any]:
    """The agencies for which the person may answer."""
    if not isinstance(actor, User):
        return []
    return [m.organisation for m in actor.memberships if m.organisation.kind == OrganisationKind.AGENCY]


def can_start(actor: Any, registration: Registration | None) -> bool:
    """Begin a proposal: who is registered, and, where it is for an agency, still belongs to it."""
    if registration is None or not isinstance(actor, User) or registration.user_id != actor.id:
        return False
    return registration.organisation_id is None or actor.acts_for(registration.organisation_id)
