"""Reads of a person's participation: in a challenge, what is active, and what waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from challenges.models import Challenge, takes_proposals
from challenges.workflow import ChallengeState as ChallengeState
from crowd import clock
from crowd.accounts.models import Membership, Organisation, User
from crowd.accounts.organisations.rights import Right
from crowd.audit import Actor
from crowd.config import limits
from crowd.db import db
from crowd.web.paging import Page, page
from crowd.web.tasks import Task
from submissions.models import Proposal, ProposalVersion, Registration, Share
from submissions.parties import INSIDERS
from submissions.policy import contributor_clause, unanswered
from submissions.workflow import ProposalState

TASKS = 50
_PART = (
    sa.select(Registration.id.label("registration_id"), Proposal.id.label("proposal_id"))
    .outerjoin(
        Proposal,
        sa.and_(Proposal.challenge_id == Registration.challenge_id, Proposal.user_id == Registration.user_id),
    )
    .where(Registration.challenge_id == sa.bindparam("challenge_id"), Registration.user_id == sa.bindparam("user_id"))
)
LISTED = (
    joinedload(Proposal.challenge).lazyload("*"),
    joinedload(Proposal.draft_version).lazyload(ProposalVersion.files),
    joinedload(Proposal.submitted_version).lazyload(ProposalVersion.files),
    joinedload(Proposal.user).lazyload("*"),
)


@dataclass(frozen=True, slots=True)
class Participation:
    """A person's participation in a challenge; both are None where there is none."""

    registration: Registration | None = None
    proposal: Proposal | None = None


def participation_of(actor: Actor | None, challenge_id: int) -> Participation:
    """The person's registration and own proposal."""
    if not isinstance(actor, User):
        return Participation()
    mine = (Registration.challenge_id == challenge_id, Registration.user_id == actor.id)
    written = (Proposal.challenge_id == challenge_id, Proposal.user_id == actor.id)
    return Participation(
        db.session.scalar(sa.select(Registration).where(*mine)),
        db.session.scalar(sa.select(Proposal).where(*written).options(*LISTED)),
    )


def participation_ids(actor: Actor | None, challenge_id: int) -> tuple[int | None, int | None]:
    """`participation_of` as the ids of the two rows only, for pages that only link to them."""
    row = None
    if isinstance(actor, User):
        row = db.session.execute(_PART, {"challenge_id": challenge_id, "user_id": actor.id}).one_or_none()
    return (row.registration_id, row.proposal_id) if row else (None, None)


@dataclass(frozen=True, slots=True)
class ParticipationEntry:
    """An agency's participation: `acts` is whether the person who registered for it still belongs to it."""

    id: int
    organisation_id: int
    agency: str
    user_id: int
    person: str
    accepted_at: datetime
    proposal_id: int | None
    acts: bool


_ACTS = sa.exists().where(
    Membership.user_id == Registration.user_id, Membership.organisation_id == Registration.organisation_id
)
_ENTRIES = (
    sa.select(
        Registration.id, Registration.organisation_id, Organisation.name.label("agency"), Registration.user_id,
        User.name.label("person"), Registration.accepted_at, Proposal.id.label("proposal_id"), _ACTS.label("acts"),
    )
    .join(User, User.id == Registration.user_id)
    .join(Organisation, Organisation.id == Registration.organisation_id)
    .outerjoin(
        Proposal,
        sa.and_(Proposal.challenge_id == Registration.challenge_id, Proposal.user_id == Registration.user_id),
    )
)  # fmt: skip


def entries(challenge_id: int, organisation_ids: Sequence[int]) -> dict[int, ParticipationEntry]:
    """The entries of these agencies in a challenge, by the agency's id. Only for their own people, before the close."""
    query = _ENTRIES.where(
        Registration.challenge_id == challenge_id, Registration.organisation_id.in_(organisation_ids)
    )
    return {row.organisation_id: ParticipationEntry(**row._mapping) for row in db.session.execute(query)}


def entry_of(challenge_id: int, organisation_id: int | None) -> ParticipationEntry | None:
    """The entry of an agency in a challenge, or None."""
    return entries(challenge_id, [organisation_id]).get(organisation_id) if organisation_id is not None else None


def entered_by(entry: ParticipationEntry) -> str:
    """A sentence for a colleague: who registered the agency, and what to do."""
    return _(
        "%(person)s has already registered for %(agency)s. An agency has one registration: ask %(person)s to "
        "give you a share in it, or register for yourself.",
        person=entry.person,
        agency=entry.agency,
    )


def _answers(*states: ChallengeState) -> sa.ColumnElement[bool]:
    return sa.exists().where(Challenge.id == Proposal.challenge_id, Challenge.state.in_(states))


def _under_way(now: datetime) -> sa.ColumnElement[bool]:
    """Over proposals: those that can still be submitted, and those that are submitted and undecided."""
    taken = sa.exists().where(Challenge.id == Proposal.challenge_id, takes_proposals(sa.literal(now)))
    alive = _answers(ChallengeState.OPEN, ChallengeState.JUDGING)
    return sa.or_(
        sa.and_(Proposal.state == ProposalState.DRAFT, taken), sa.and_(Proposal.state == ProposalState.SUBMITTED, alive)
    )


@dataclass(frozen=True, slots=True)
class ActiveParticipation:
    """Proposals whose challenge is not decided: those that need the person, and those that are submitted."""

    needs: Sequence[Proposal]
    handed_in: Sequence[Proposal]


def under_way(actor: User) -> ActiveParticipation:
    """The person's proposals that may still win something, the newest first."""
    query = (
        sa.select(Proposal)
        .where(contributor_clause(actor), _under_way(clock.now()))
        .options(*LISTED)
        .order_by(Proposal.id.desc())
    )
    rows = list(db.session.scalars(query.limit(TASKS)).unique())
    asked = [row for row in rows if asks(actor, row)]
    return ActiveParticipation(asked, [row for row in rows if row not in asked])


def asks(actor: User, proposal: Proposal) -> bool:
    """Whether an open proposal waits for something: for its submission, or for the person's answer to a share."""
    taken = proposal.challenge.takes_proposals(clock.now())
    return taken and (proposal.draft_version_id is not None or bool(unanswered(actor, proposal)))


def over(actor: User, after: str | None = None) -> Page[Proposal]:
    """The person's proposals that are decided, withdrawn or were not submitted, the newest first."""
    query = sa.select(Proposal).where(contributor_clause(actor), ~_under_way(clock.now())).options(*LISTED)
    return page(query, [(Proposal.id, True)], name="proposals.over", after=after, size=limits().page_rows)


_ME = sa.bindparam("me", type_=sa.BigInteger)
# A challenge that is closing accepts nothing new, although its job has not closed it yet.
_TAKEN = (Challenge.state == ChallengeState.OPEN, Challenge.closes_at > sa.bindparam("now"))
_NOT_BEGUN = (
    sa.select(
        Challenge.id,
        Challenge.title,
        Challenge.closes_at,
        Challenge.language,
        Challenge.prize_total,
        Challenge.currency,
    )
    .join(Registration, Registration.challenge_id == Challenge.id)
    .where(
        Registration.user_id == _ME,
        *_TAKEN,
        Challenge.id.not_in(sa.select(Proposal.challenge_id).where(Proposal.user_id == _ME)),
    )
    .order_by(Challenge.closes_at)
    .limit(TASKS)
)
_OPEN = (
    sa.select(Proposal.id, Proposal.state, Proposal.challenge_id, Challenge.title, Challenge.closes_at)
    .join(Challenge, Challenge.id == Proposal.challenge_id)
    .where(*_TAKEN)
    .order_by(Challenge.closes_at)
    .limit(TASKS)
)
_CLOSE = sa.exists().where(INSIDERS.c.challenge_id == Proposal.challenge_id, INSIDERS.c.user_id == _ME)
_TO_AGREE = _OPEN.where(  # not those that the person may no longer read
    Proposal.id.in_(
        sa.select(Share.proposal_id).where(
            Share.agreed_at.is_(None),
            sa.or_(Share.user_id == _ME, Share.organisation_id.in_(sa.bindparam("led", expanding=True))),
        )
    ),
    Proposal.state == ProposalState.DRAFT,
    sa.or_(Proposal.user_id == _ME, ~_CLOSE),
)
_DRAFTS = _OPEN.where(  # not those of an agency that the author has left: they may no longer edit them
    Proposal.user_id == _ME,
    Proposal.draft_version_id.is_not(None),
    Proposal.state != ProposalState.WITHDRAWN,
    sa.or_(
        Proposal.organisation_id.is_(None),
        Proposal.organisation_id.in_(sa.bindparam("organisations", expanding=True)),
        sa.exists().where(Share.proposal_id == Proposal.id, Share.user_id == _ME, Share.agreed_at.is_not(None)),
    ),
)


def not_begun(actor: User) -> Sequence[Any]:
    """Open challenges in which the person is registered without a proposal: rows (id, title, language, closes_at,
    prize_total, currency).
    """
    return db.session.execute(_NOT_BEGUN, {"me": actor.id, "now": clock.now()}).all()


def waiting(actor: User) -> list[Task]:
    """What waits for the person: shares to answer, drafts to submit, proposals to begin, each until its close."""
    led = actor.organisations_with(Right.LEAD_PROPOSALS)
    me = {"me": actor.id, "now": clock.now()}
    tasks = [
        _task(_("Agree to your share, or refuse it"), url_for("submissions.show", id=row.id), row, row.challenge_id)
        for row in db.session.execute(_TO_AGREE, me | {"led": led})
    ]
    for row in db.session.execute(_DRAFTS, me | {"organisations": actor.organisations_with(Right.ANSWER)}):
        text = _("Submit your proposal") if row.state == ProposalState.DRAFT else _("Submit the newer version")
        tasks.append(_task(text, url_for("submissions.edit", id=row.id), row, row.challenge_id))
    tasks += [
        _task(_("Start your proposal"), url_for("submissions.register", id=row.id), row, row.id)
        for row in not_begun(actor)
    ]
    return tasks


def _task(text: str, url: str, row: Any, challenge_id: int) -> Task:
    return Task(text, url, row.title, row.closes_at, challenge_id=challenge_id)
