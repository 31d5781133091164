"""Reads of proposals. `access` is the only way to one by its id; what is hidden is absent."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, lazyload, load_only

from challenges.models import Challenge
from challenges.workflow import State as ChallengeState
from crowd import audit
from crowd.accounts.models import User
from crowd.audit import AuditEvent
from crowd.background import Job
from crowd.config import limits
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from crowd.files import StoredFile
from crowd.ledger.models import Owner
from crowd.web.desk import Task
from crowd.web.paging import Page, page
from submissions.completeness import WHOLE
from submissions.models import Proposal, ProposalFile, Registration, Share, Version
from submissions.policy import behind, can_view, is_inside, is_told, visible_to
from submissions.workflow import State

REFUSED = "proposal.refused"
TELLTALE = ("submissions.jobs.remind_drafts", "crowd.notifications.jobs.mail_notices")
TASKS, EVENTS = 50, 200
Policy = Callable[[Any, Proposal], bool]

# Under a lock only what the policies and the verbs ask for is read: a brief may be long.
OF_CHALLENGE = (
    Challenge.state,
    Challenge.origin,
    Challenge.title,
    Challenge.organisation_id,
    Challenge.opens_at,
    Challenge.closes_at,
    Challenge.proposals_count,
    Challenge.proposals_limit,
    Challenge.registrations_count,
)
# Statements of the busiest minute of a challenge are built once.
_ID = sa.bindparam("id", type_=sa.BigInteger)
_WHOLE = sa.select(Proposal).where(Proposal.id == _ID)
_PLACE = sa.select(Proposal.challenge_id, Proposal.state).where(Proposal.id == _ID)
_LOCKED = (
    sa.select(Proposal)
    .where(Proposal.id == _ID)
    .options(
        joinedload(Proposal.challenge).options(load_only(*OF_CHALLENGE), lazyload("*")),
        joinedload(Proposal.shares).lazyload(Share.user),
        lazyload(Proposal.user),
        lazyload(Proposal.organisation),
        lazyload(Proposal.draft),
        lazyload(Proposal.final),
    )
    .with_for_update(of=Proposal, key_share=True)
    .execution_options(populate_existing=True)
)
_HELD = (
    sa.select(Challenge)
    .where(Challenge.id == _ID)
    .options(load_only(*OF_CHALLENGE), lazyload("*"))
    .execution_options(populate_existing=True)
)
_HELD_SHARED = _HELD.with_for_update(of=Challenge, read=True)
_HELD_ALONE = _HELD.with_for_update(of=Challenge, key_share=True)  # strangers may still refer to the row
_LATEST = (
    sa.select(Version)
    .where(Version.proposal_id == _ID)
    .order_by(Version.number.desc())
    .limit(1)
    .options(joinedload(Version.files).joinedload(ProposalFile.file))
    .execution_options(populate_existing=True)
)
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
    joinedload(Proposal.draft).lazyload(Version.files),
    joinedload(Proposal.final).lazyload(Version.files),
    joinedload(Proposal.user).lazyload("*"),
)


class Sealed(NotFound):
    """There is such a proposal, but not for this person: answered exactly as NotFound, and noted in the audit trail."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__()
        self.proposal_id = proposal.id


def access(
    actor: Any, proposal_id: int, *, to: Policy = can_view, lock: bool = False, view: Policy = can_view
) -> Proposal:
    """The proposal, if `actor` may do `to` with it; `lock` holds its row (never take the challenge's row after it).

    `view` replaces the rule of who sees it, for rooms above (a reviewer sees what is assigned to him). Raises
    NotFound where it is absent, Sealed (a NotFound) where it is hidden, Forbidden where it is seen but `to` says no.
    """
    query = _LOCKED if lock else _WHOLE
    proposal = db.session.scalars(query, {"id": proposal_id}).unique().one_or_none()
    if proposal is None:
        raise NotFound
    if not view(actor, proposal):
        raise Sealed(proposal)
    if not to(actor, proposal):
        raise Forbidden
    return proposal


def hold_challenge(challenge_id: int, *, shared: bool = False) -> Challenge:
    """The challenge's row under a lock that its closing waits for; `shared` where nothing is counted. Then read
    `clock.db_now()`: only an instant read after this lock decides. Raises NotFound."""
    challenge = db.session.scalar(_HELD_SHARED if shared else _HELD_ALONE, {"id": challenge_id})
    if challenge is None:
        raise NotFound
    return challenge


def place_of(proposal_id: int) -> tuple[int, State]:
    """The challenge and the state of a proposal, unlocked: which lock comes first. Raises NotFound."""
    row = db.session.execute(_PLACE, {"id": proposal_id}).one_or_none()
    if row is None:
        raise NotFound
    return row.challenge_id, row.state


# ---- one proposal


def working_version(proposal: Proposal) -> Version:
    """What its people see and edit: the draft, else the final version, else (withdrawn) the last one."""
    version = proposal.draft or proposal.final
    return version or versions(proposal)[0]


def latest_version(proposal: Proposal) -> Version:
    """The newest version as it is now, read anew: for verbs, which hold the proposal's row and must not go by what
    this session had read before it waited for that."""
    return db.session.scalars(_LATEST, {"id": proposal.id}).unique().one()


def shown_version(proposal: Proposal) -> Version:
    """What is read: the final version of a submitted proposal, else what its people are writing."""
    return proposal.final if proposal.final and proposal.state == State.SUBMITTED else working_version(proposal)


def versions(proposal: Proposal) -> Sequence[Version]:
    """All versions, the newest first."""
    query = sa.select(Version).where(Version.proposal_id == proposal.id).order_by(Version.number.desc())
    return db.session.scalars(query).all()


def version(actor: Any, proposal: Proposal, number: int) -> Version:
    """A version by its number: any for those behind the proposal, the final one for others. Raises NotFound."""
    found = db.session.scalar(sa.select(Version).where(Version.proposal_id == proposal.id, Version.number == number))
    if found is None or not (is_inside(actor, proposal) or found.id == proposal.final_version_id):
        raise NotFound
    return found


def file(actor: Any, proposal_id: int, file_id: int, *, view: Policy = can_view) -> StoredFile:
    """A file of a proposal, seen by whom sees the version that it is part of. Raises NotFound."""
    proposal = access(actor, proposal_id, to=view, view=view)
    parts = sa.select(ProposalFile.file_id).join(Version).where(Version.proposal_id == proposal.id)
    if not is_inside(actor, proposal):
        parts = parts.where(Version.id == proposal.final_version_id)
    found = db.session.scalar(sa.select(StoredFile).where(StoredFile.id == file_id, StoredFile.id.in_(parts)))
    if found is None:
        raise NotFound
    return found


def timeline(proposal: Proposal) -> Sequence[AuditEvent]:
    """What was done with it, oldest first; attempts to look at it are the auditors' to read."""
    query = sa.select(AuditEvent).where(
        AuditEvent.subject_type == "proposal", AuditEvent.subject_id == proposal.id, AuditEvent.verb != REFUSED
    )
    return db.session.scalars(query.order_by(AuditEvent.id).limit(EVENTS)).all()


def beneficiaries(proposal: Proposal) -> list[tuple[Owner, int, int]]:
    """Who gets what part of an award: (owner type, owner id, hundredths of a percent), adding up to 10,000.

    The agreed shares; without any, all goes to the agency that it is from, else to its author.
    """
    if proposal.shares:
        return [(Owner.USER, share.user_id, share.points) for share in proposal.shares]
    if proposal.organisation_id is not None:
        return [(Owner.ORGANISATION, proposal.organisation_id, WHOLE)]
    return [(Owner.USER, proposal.user_id, WHOLE)]


def visible_among(actor: Any, proposal_ids: Iterable[int]) -> set[int]:
    """The ids of those of these proposals that the person may read."""
    if not isinstance(actor, User):
        return set()
    query = sa.select(Proposal.id).where(Proposal.id.in_(set(proposal_ids)), visible_to(actor))
    return set(db.session.scalars(query))


# ---- the audit trail


def trail(*, challenge_id: int | None = None, **wanted: Any) -> sa.Select[AuditEvent]:
    """The events that match, in no order yet, without those that are sealed.

    Who asked for a hidden proposal is told at once; of which challenge it is, also by asking for that, is not.
    """
    told = is_told() if challenge_id is not None else sa.or_(is_told(), AuditEvent.verb == REFUSED)
    return audit.listed(challenge_id=challenge_id, **wanted).where(told)


def get_event(event_id: int) -> AuditEvent:
    """An event of the trail. Raises NotFound where there is none, or a sealed one."""
    event = db.session.scalar(trail().where(AuditEvent.id == event_id))
    if event is None:
        raise NotFound
    return event


def sealed_among(events: Iterable[AuditEvent]) -> set[int]:
    """The ids of those events of the trail of which challenge and facts must not be told yet."""
    attempts = [event.id for event in events if event.verb == REFUSED]
    query = sa.select(AuditEvent.id).where(AuditEvent.id.in_(attempts), sa.not_(is_told()))
    return set(db.session.scalars(query)) if attempts else set()


def sealed_jobs(jobs: Iterable[Job]) -> set[int]:
    """The ids of those jobs that would tell, by challenge and result, of proposals that are still sealed."""
    asked = {job.id: job.challenge_id for job in jobs if job.kind in TELLTALE}
    query = sa.select(Challenge.id).where(Challenge.id.in_(set(asked.values())), Challenge.closed_at.is_not(None))
    closed = set(db.session.scalars(query)) if asked else set()
    return {number for number, challenge_id in asked.items() if challenge_id and challenge_id not in closed}


# ---- a challenge's


def submitted(challenge_id: int) -> list[Proposal]:
    """The proposals that were final when the challenge closed, each with its final version, oldest first."""
    query = sa.select(Proposal).where(Proposal.challenge_id == challenge_id, Proposal.state == State.SUBMITTED)
    return list(db.session.scalars(query.order_by(Proposal.id)).unique())


def final_instants(challenge_id: int) -> Sequence[datetime]:
    """When each proposal that counts became final, the earliest first."""
    query = sa.select(Proposal.finalised_at).where(
        Proposal.challenge_id == challenge_id, Proposal.state == State.SUBMITTED, Proposal.finalised_at.is_not(None)
    )
    return [at for at in db.session.scalars(query.order_by(Proposal.finalised_at)) if at]


def participants(challenge_id: int) -> set[int]:
    """The ids of all who wrote a proposal, final or not, or have a share in one."""
    authors = sa.select(Proposal.user_id).where(Proposal.challenge_id == challenge_id)
    sharers = sa.select(Share.user_id).join(Proposal).where(Proposal.challenge_id == challenge_id)
    return set(db.session.scalars(authors.union(sharers)))


def taken_part(user_id: Any) -> sa.ColumnElement[bool]:
    """Over challenges: those in which the person is one of `participants`."""
    author = sa.exists().where(Proposal.challenge_id == Challenge.id, Proposal.user_id == user_id)
    share = sa.select(Share.id).join(Proposal).where(Proposal.challenge_id == Challenge.id, Share.user_id == user_id)
    return sa.or_(author, share.exists())


def registered(challenge_id: int) -> Sequence[int]:
    """The ids of all who take part, in the order in which they registered."""
    query = sa.select(Registration.user_id).where(Registration.challenge_id == challenge_id)
    return db.session.scalars(query.order_by(Registration.id)).all()


def drafting(challenge_id: int) -> Sequence[int]:
    """The ids of the authors whose proposal is not final."""
    query = sa.select(Proposal.user_id).where(Proposal.challenge_id == challenge_id, Proposal.state == State.DRAFT)
    return db.session.scalars(query.order_by(Proposal.id)).all()


# ---- a person's


@dataclass(frozen=True, slots=True)
class Part:
    """How a person takes part in a challenge; both are None where he does not."""

    registration: Registration | None = None
    proposal: Proposal | None = None


def part_of(actor: Any, challenge_id: int) -> Part:
    """The person's registration and own proposal."""
    if not isinstance(actor, User):
        return Part()
    mine = (Registration.challenge_id == challenge_id, Registration.user_id == actor.id)
    written = (Proposal.challenge_id == challenge_id, Proposal.user_id == actor.id)
    return Part(
        db.session.scalar(sa.select(Registration).where(*mine)),
        db.session.scalar(sa.select(Proposal).where(*written).options(*LISTED)),
    )


def numbers_of_part(actor: Any, challenge_id: int) -> tuple[int | None, int | None]:
    """`part_of` as the numbers of the two rows alone, for the pages that only lead there."""
    row = None
    if isinstance(actor, User):
        row = db.session.execute(_PART, {"challenge_id": challenge_id, "user_id": actor.id}).one_or_none()
    return (row.registration_id, row.proposal_id) if row else (None, None)


def _answers(state: ChallengeState) -> sa.ColumnElement[bool]:
    return sa.exists().where(Challenge.id == Proposal.challenge_id, Challenge.state == state)


_UNDER_WAY = sa.or_(
    sa.and_(Proposal.state != State.WITHDRAWN, _answers(ChallengeState.OPEN)),
    sa.and_(Proposal.state == State.SUBMITTED, _answers(ChallengeState.JUDGING)),
)


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Proposals whose challenge is not decided: those that ask something of the person, and those that are in."""

    needs: Sequence[Proposal]
    handed_in: Sequence[Proposal]


def under_way(actor: User) -> UnderWay:
    """The proposals that the person is behind and that may still win something, the newest first."""
    query = sa.select(Proposal).where(behind(actor), _UNDER_WAY).options(*LISTED).order_by(Proposal.id.desc())
    rows = list(db.session.scalars(query.limit(TASKS)).unique())
    asked = [row for row in rows if asks(actor, row)]
    return UnderWay(asked, [row for row in rows if row not in asked])


def asks(actor: User, proposal: Proposal) -> bool:
    """Whether an open proposal waits for something: to be made final, or for the person's answer to a share."""
    unanswered = any(share.user_id == actor.id and share.agreed_at is None for share in proposal.shares)
    opened = proposal.challenge.state == ChallengeState.OPEN
    return opened and (proposal.draft_version_id is not None or unanswered)


def over(actor: User, after: str | None = None) -> Page[Proposal]:
    """The proposals that the person is behind and that are decided, withdrawn or were not final, the newest first."""
    query = sa.select(Proposal).where(behind(actor), ~_UNDER_WAY).options(*LISTED)
    return page(query, [(Proposal.id, True)], after=after, size=limits().page_rows)


_ME = sa.bindparam("me", type_=sa.BigInteger)
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
        Challenge.state == ChallengeState.OPEN,
        Challenge.id.not_in(sa.select(Proposal.challenge_id).where(Proposal.user_id == _ME)),
    )
    .order_by(Challenge.closes_at)
    .limit(TASKS)
)
_OPEN = (
    sa.select(Proposal.id, Proposal.state, Challenge.title, Challenge.closes_at)
    .join(Challenge, Challenge.id == Proposal.challenge_id)
    .where(Challenge.state == ChallengeState.OPEN)
    .order_by(Challenge.closes_at)
    .limit(TASKS)
)
_TO_AGREE = _OPEN.where(
    Proposal.id.in_(sa.select(Share.proposal_id).where(Share.user_id == _ME, Share.agreed_at.is_(None))),
    Proposal.state == State.DRAFT,
)
_DRAFTS = _OPEN.where(  # not those of an agency that the author has left: he may not write them any more
    Proposal.user_id == _ME,
    Proposal.draft_version_id.is_not(None),
    Proposal.state != State.WITHDRAWN,
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
    return db.session.execute(_NOT_BEGUN, {"me": actor.id}).all()


def waiting(actor: User) -> list[Task]:
    """What waits for the person: shares to answer, drafts to finish, proposals to begin, each until its close."""
    tasks = [
        Task(_("Agree to your share, or refuse it"), url_for("submissions.show", id=row.id), row.title, row.closes_at)
        for row in db.session.execute(_TO_AGREE, {"me": actor.id})
    ]
    for row in db.session.execute(_DRAFTS, {"me": actor.id, "organisations": actor.organisation_ids}):
        text = _("Finalise your proposal") if row.state == State.DRAFT else _("Finalise the newer version")
        tasks.append(Task(text, url_for("submissions.edit", id=row.id), row.title, row.closes_at))
    for row in not_begun(actor):
        tasks.append(
            Task(_("Begin your proposal"), url_for("submissions.register", id=row.id), row.title, row.closes_at)
        )
    return tasks
