"""Who may see and edit a proposal. Until its challenge has closed, only its parties know that it exists.

A sealed proposal is readable for its author, the people with a share, and those who lead the proposals of its
agency; of the last two only for those who are not insiders of the challenge (`submissions.parties`), so that no sponsor
reads through an agency. The operator's own staff are no exception before the close: they get the response for a
missing proposal.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from challenges.entry.models import NdaSignature
from challenges.models import Challenge
from challenges.policy import is_sponsor
from challenges.support.models import Voucher
from challenges.workflow import CLOSED, RESULTS
from challenges.workflow import ChallengeState as ChallengeState
from crowd.access import Rule, open_operations
from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.accounts.organisations.rights import Right
from crowd.audit import SYSTEM, Actor, AuditEvent
from submissions.models import Proposal, ProposalFile, ProposalVersion, Registration, Share
from submissions.parties import BEHIND, INSIDERS, is_behind, is_insider, taken_part
from submissions.voting import recused_from, voted_on
from submissions.workflow import OPENED, TRANSITIONS, ProposalState

_OWN = aliased(Proposal)  # made once, because making one takes longer than the database takes to answer
READERS = (PlatformRole.SERVICE_CENTRE, PlatformRole.COUNCIL, PlatformRole.AUDITOR)
# Not endpoints but rows, from this package's models: no decorator can mark the past events of the audit trail.
SEALED_SUBJECTS = tuple(
    table.__tablename__
    for table in (Registration, Proposal, ProposalVersion, ProposalFile, Share, NdaSignature, Voucher)  # who takes part
)


def is_contributor(actor: Actor | None, proposal: Proposal) -> bool:
    """Whether the person is one of those who read and edit the proposal while it is sealed."""
    if not isinstance(actor, User):
        return False
    if proposal.user_id == actor.id:
        return True
    return _has_part(actor, proposal) and not is_insider(actor, proposal.challenge)


def _has_part(actor: User, proposal: Proposal) -> bool:
    shares = any(share.user_id == actor.id for share in proposal.shares)
    return shares or (
        proposal.organisation_id is not None and actor.may(Right.LEAD_PROPOSALS, proposal.organisation_id)
    )


def is_unsealed(proposal: Proposal) -> bool:
    """Whether others may read it: it was submitted, and its challenge has closed."""
    return proposal.state in OPENED and proposal.challenge.state in CLOSED


def can_view(actor: Actor | None, proposal: Proposal) -> bool:
    """Contributors always; the sponsor's and the operator's people once it is unsealed; reviewers by scoring's rule.

    A platform role gives no access to its parties, nor, which `queries.access` checks, to those of a rival; the
    sponsor's people among them get access once the challenge is decided.
    """
    if actor is SYSTEM or is_contributor(actor, proposal):
        return True
    if not isinstance(actor, User) or not is_unsealed(proposal):
        return False
    if reads_as_sponsor(actor, proposal.challenge):
        return True
    office = is_sponsor(actor, proposal.challenge) or actor.is_any(*READERS)
    return office and not is_behind(actor, proposal)


def reads_as_sponsor(actor: Actor | None, challenge: Challenge) -> bool:
    """Whether the person may read all submitted proposals as one of the sponsor's, whoever their parties are: once
    decided.
    """
    return challenge.state in RESULTS and is_sponsor(actor, challenge)


def visible_to(actor: Actor | None) -> sa.ColumnElement[bool]:
    """`queries.may_view` as SQL, over proposals: `can_view`, without those for whose rivals the person is a party and
    those from which they are recused, and with those about which they vote in a case.
    """
    if actor is SYSTEM:
        return sa.true()
    if not isinstance(actor, User):
        return sa.false()
    sponsored = [m.organisation_id for m in actor.memberships if m.gives(Right.POST) and m.organisation.posts]
    theirs = Challenge.organisation_id.in_(sponsored)
    office = sa.true() if actor.is_any(*READERS) else theirs
    decided = sa.and_(theirs, Challenge.state.in_(RESULTS))
    opened = _in_closed(sa.or_(decided, sa.and_(office, ~taken_part(actor.id))))
    if recused := recused_from(actor):
        opened = sa.or_(_in_closed(decided), sa.and_(opened, Proposal.id.not_in(recused)))
    if voted := voted_on(actor):
        opened = sa.or_(opened, sa.and_(_in_closed(sa.true()), Proposal.id.in_(voted)))
    return sa.or_(contributor_clause(actor), sa.and_(Proposal.state.in_(OPENED), opened))


def _in_closed(which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return Proposal.challenge_id.in_(sa.select(Challenge.id).where(Challenge.state.in_(CLOSED), which))


def contributor_clause(actor: User) -> sa.ColumnElement[bool]:
    """`is_contributor` as SQL, over proposals: their ids, each condition through an index of its own."""
    own = _OWN
    owned = actor.organisations_with(Right.LEAD_PROPOSALS)
    close = sa.exists().where(INSIDERS.c.challenge_id == own.challenge_id, INSIDERS.c.user_id == actor.id)
    ways = [
        sa.select(own.id).where(own.user_id == actor.id),
        sa.select(own.id).join(Share, Share.proposal_id == own.id).where(Share.user_id == actor.id, ~close),
        sa.select(own.id).where(own.organisation_id.in_(owned), ~close),
    ]
    return Proposal.id.in_(sa.union(*ways))


def is_disclosed(reader: Actor) -> sa.ColumnElement[bool]:
    """Over events of the audit trail: those that this reader may read by now.

    Events of a registration or a proposal are disclosed once its challenge has closed: for one that was cancelled
    before that, never. A party of a proposal only sees the events of the challenge itself.
    """
    closed = sa.exists().where(Challenge.id == AuditEvent.challenge_id, Challenge.closed_at.is_not(None))
    told = sa.or_(AuditEvent.subject_type.not_in(SEALED_SUBJECTS), closed)
    own = sa.select(BEHIND.c.challenge_id).where(BEHIND.c.user_id == reader.id)
    apart = sa.or_(AuditEvent.challenge_id.is_(None), AuditEvent.challenge_id.not_in(own))
    return sa.and_(told, sa.or_(AuditEvent.subject_type == Challenge.__tablename__, apart))


def can_report(actor: Actor | None, proposal: Proposal) -> bool:
    """Report it: those who read an unsealed proposal of others."""
    return isinstance(actor, User) and is_unsealed(proposal) and not is_behind(actor, proposal)


def can_seek_mediation(actor: Actor | None, proposal: Proposal) -> bool:
    """Ask the service centre to mediate once the decision is published: those behind the proposal, and the sponsor's
    people.
    """
    if not is_unsealed(proposal) or proposal.challenge.state not in RESULTS:
        return False
    return asks_as_author(actor, proposal) or is_sponsor(actor, proposal.challenge)


def asks_as_author(actor: Actor | None, proposal: Proposal) -> bool:
    """Whether the person speaks for those behind the proposal: who decides about it, and who has a share."""
    shares = isinstance(actor, User) and any(share.user_id == actor.id for share in proposal.shares)
    return can_manage(actor, proposal) or (shares and is_contributor(actor, proposal))


def can_manage(actor: Actor | None, proposal: Proposal) -> bool:
    """Decide about it (submit, withdraw, set shares): the author, and those who lead the proposals of its agency.

    People who have left the agency no longer act for it, not even as the author.
    """
    if not isinstance(actor, User):
        return False
    if proposal.organisation_id is None:
        return proposal.user_id == actor.id
    if proposal.user_id == actor.id:
        return actor.may(Right.ANSWER, proposal.organisation_id)
    return actor.may(Right.LEAD_PROPOSALS, proposal.organisation_id) and not is_insider(actor, proposal.challenge)


def can_edit(actor: Actor | None, proposal: Proposal) -> bool:
    """Edit its text and files: those who manage it, and those who have agreed to a share in it."""
    if not isinstance(actor, User):
        return False
    agreed = any(share.user_id == actor.id and share.agreed_at for share in proposal.shares)
    return can_manage(actor, proposal) or (agreed and is_contributor(actor, proposal))


def can_set_shares(actor: Actor | None, proposal: Proposal) -> bool:
    """Set the shares: those who manage it, as long as it is a draft."""
    return proposal.is_draft and can_manage(actor, proposal)


def can_answer_share(actor: Actor | None, proposal: Proposal) -> bool:
    """Agree to a share, or refuse it: the person whose share it is, for the agency those who lead."""
    return bool(answerable(actor, proposal))


def answerable(actor: Actor | None, proposal: Proposal) -> list[Share]:
    """The shares that the person may agree to."""
    if not isinstance(actor, User) or not is_contributor(actor, proposal):
        return []
    return [
        share
        for share in proposal.shares
        if share.user_id == actor.id
        or (share.organisation_id is not None and actor.may(Right.LEAD_PROPOSALS, share.organisation_id))
    ]


def unanswered(actor: Actor | None, proposal: Proposal) -> list[Share]:
    """The shares that wait for the person's answer: of a draft, as long as its challenge is open."""
    if proposal.state != ProposalState.DRAFT or proposal.challenge.state != ChallengeState.OPEN:
        return []
    return [share for share in answerable(actor, proposal) if share.agreed_at is None]


def can_read_history(actor: Actor | None, proposal: Proposal) -> bool:
    """See who did what when: its parties, and the operator's people once it is unsealed."""
    if actor is SYSTEM or is_contributor(actor, proposal):
        return True
    return isinstance(actor, User) and is_unsealed(proposal) and actor.is_any(*READERS)


def can_register(actor: Actor | None, challenge: Challenge) -> bool:
    """Take part: every person; the rule against the sponsor's own people has a message of its own."""
    return isinstance(actor, User) and not challenge.external


def agencies_of(actor: Actor | None) -> list[Organisation]:
    """The organisations for which the person may answer."""
    if not isinstance(actor, User):
        return []
    return [m.organisation for m in actor.memberships if m.gives(Right.ANSWER) and m.organisation.answers]


def can_start(actor: Actor | None, registration: Registration | None) -> bool:
    """Begin a proposal: registered people who, for an agency, still belong to it."""
    if registration is None or not isinstance(actor, User) or registration.user_id != actor.id:
        return False
    return registration.organisation_id is None or actor.may(Right.ANSWER, registration.organisation_id)


RULES: dict[str, Rule[Proposal]] = {"submit": can_manage, "withdraw": can_manage, "resume": can_manage}


def open_transitions(actor: Actor | None, proposal: Proposal, now: datetime) -> list[str]:
    """What this actor may do with the proposal at `now`: nothing once its challenge takes no more proposals."""
    if not proposal.challenge.takes_proposals(now):
        return []
    return open_operations(TRANSITIONS, proposal.state, RULES, actor, proposal)
