"""The parties behind a proposal, and who is too close to a challenge to be one of them: one rule for every stage.

Behind a proposal are its author, everybody who has a share in it and, where it is an organisation's, all who belonged
to that organisation at any time since the challenge was published. Too close to a challenge are its insiders: the
sponsor's people by the same dates (of every organisation under its registration number), who wrote it and who screened
it. Nobody may be both. Who has left still counts, and
so does who joins later, or founds an organisation later.

`is_behind` and `is_insider` are the rule for a person; BEHIND and INSIDERS are the same rule as SQL.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import aliased

from challenges.models import Challenge
from crowd.accounts.models import MembershipPeriod, Organisation, User
from crowd.accounts.policy import STAFF
from crowd.db import db
from crowd.errors import Conflict
from submissions.models import Proposal, Share
from submissions.workflow import State

_Asked = aliased(Challenge)
_Period = aliased(MembershipPeriod)
_BELONGED = sa.or_(_Period.ended_at.is_(None), _Period.ended_at >= _Asked.published_at)
_Sponsor, _Twin = aliased(Organisation), aliased(Organisation)
_SAME_BODY = sa.and_(  # the sponsor under its number in the register, registered here once more
    _Twin.id != _Sponsor.id,
    _Twin.registration_number != "",
    _Twin.registration_number == _Sponsor.registration_number,
    _Twin.register == _Sponsor.register,
    _Twin.country == _Sponsor.country,
)

# (challenge_id, user_id): who is too close to a challenge.
INSIDERS = sa.union_all(
    sa.select(_Asked.id.label("challenge_id"), _Period.user_id.label("user_id"))
    .join(_Period, _Period.organisation_id == _Asked.organisation_id)
    .where(_BELONGED),
    sa.select(_Asked.id, _Period.user_id)
    .join(_Sponsor, _Sponsor.id == _Asked.organisation_id)
    .join(_Twin, _SAME_BODY)
    .join(_Period, _Period.organisation_id == _Twin.id)
    .where(_BELONGED),
    sa.select(_Asked.id, _Asked.created_by).where(_Asked.created_by.is_not(None)),
    sa.select(_Asked.id, _Asked.approved_by).where(_Asked.approved_by.is_not(None)),
).subquery("insiders")

# (proposal_id, challenge_id, user_id): who is behind a proposal.
BEHIND = sa.union_all(
    sa.select(
        Proposal.id.label("proposal_id"), Proposal.challenge_id.label("challenge_id"), Proposal.user_id.label("user_id")
    ),
    sa.select(Proposal.id, Proposal.challenge_id, Share.user_id)
    .join(Share, Share.proposal_id == Proposal.id)
    .where(Share.user_id.is_not(None)),
    sa.select(Proposal.id, Proposal.challenge_id, _Period.user_id)
    .join(_Asked, _Asked.id == Proposal.challenge_id)
    .join(_Period, _Period.organisation_id == Proposal.organisation_id)
    .where(_BELONGED),
).subquery("behind")


def is_insider(actor: Any, challenge: Challenge) -> bool:
    """Whether the person is too close to the challenge to be behind a proposal, or to read one before the close."""
    if not isinstance(actor, User):
        return False
    if actor.id in (challenge.created_by, challenge.approved_by):
        return True
    since, sponsor = challenge.published_at, challenge.organisation
    return any(period.reaches(since) and period.organisation.is_same_body(sponsor) for period in actor.periods)


def is_behind(actor: Any, proposal: Proposal) -> bool:
    """Whether the person is one of the parties behind the proposal."""
    if not isinstance(actor, User):
        return False
    if proposal.user_id == actor.id or any(share.user_id == actor.id for share in proposal.shares):
        return True
    if proposal.organisation_id is None:
        return False
    return actor.has_belonged(proposal.organisation_id, proposal.challenge.published_at)


def contributors(proposal: Proposal) -> list[int]:
    """The ids of the author and of all people who share, once each: who is told what becomes of the proposal."""
    shared = [share.user_id for share in proposal.shares if share.user_id is not None]
    return list(dict.fromkeys([proposal.user_id, *shared]))


def taken_part(user_id: Any, challenge_id: Any = Challenge.id) -> sa.ColumnElement[bool]:
    """Over challenges: those in which the person is behind a proposal, final or not."""
    return sa.exists().where(BEHIND.c.challenge_id == challenge_id, BEHIND.c.user_id == user_id)


def participants(challenge_id: int) -> set[int]:
    """The ids of all who are behind a proposal of this challenge, final or not."""
    return set(db.session.scalars(sa.select(BEHIND.c.user_id).where(BEHIND.c.challenge_id == challenge_id)))


def insiders_among(challenge_id: int, people: Iterable[int]) -> set[int]:
    """The ids of those of these people who are insiders of the challenge."""
    query = sa.select(INSIDERS.c.user_id).where(INSIDERS.c.challenge_id == challenge_id)
    return set(db.session.scalars(query.where(INSIDERS.c.user_id.in_(set(people)))))


def why_not(actor: User, challenge: Challenge) -> str:
    """Why the person cannot be behind a proposal for the challenge, in words for them; empty where they can."""
    if actor.is_any(*STAFF):
        return _("You hold a role of the platform’s operator, so you cannot answer challenges.")
    if not insiders_among(challenge.id, [actor.id]):
        return ""
    if actor.acts_for(challenge.organisation_id):
        return _("You belong to the organisation that posted this challenge, so you cannot answer it.")
    if actor.id == challenge.approved_by:
        return _("You screened this challenge, so you cannot answer it.")
    if actor.id == challenge.created_by:
        return _("You wrote this challenge for the organisation that posted it, so you cannot answer it.")
    return _(
        "You have belonged to the organisation that posted this challenge since it was published, so you cannot"
        " answer it."
    )


def is_close(challenge: Challenge, organisation_id: int) -> bool:
    """Whether one of those who would be behind this organisation's proposal is an insider of the challenge."""
    since = MembershipPeriod.reaching(challenge.published_at)
    members = sa.select(MembershipPeriod.user_id).where(MembershipPeriod.organisation_id == organisation_id, since)
    query = sa.exists().where(INSIDERS.c.challenge_id == challenge.id, INSIDERS.c.user_id.in_(members))
    return bool(db.session.scalar(sa.select(query)))


_CONFLICTED = (
    sa.select(BEHIND.c.proposal_id)
    .join(
        INSIDERS,
        sa.and_(INSIDERS.c.challenge_id == BEHIND.c.challenge_id, INSIDERS.c.user_id == BEHIND.c.user_id),
    )
    .where(BEHIND.c.proposal_id.in_(sa.bindparam("proposals", expanding=True)))
)


def conflicted(proposal_ids: Iterable[int]) -> set[int]:
    """The ids of those of these proposals that an insider of their challenge is behind: none of them may win."""
    wanted = sorted(set(proposal_ids))
    return set(db.session.scalars(_CONFLICTED, {"proposals": wanted})) if wanted else set()


def refuse_conflict(proposal: Proposal) -> None:
    """Raise Conflict, in words for those behind it, where an insider of its challenge is behind the proposal."""
    if conflicted([proposal.id]):
        raise Conflict(
            _(
                "Somebody behind this proposal belongs to the organisation that posted the challenge, has belonged to"
                " it since the challenge was published, or screened it. The proposal cannot go on. Your draft was kept."
            )
        )


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is behind a proposal: `contributors` (author and shares), with them all `people` of its organisation, and the
    `organisations` of the proposal and of its contributors, since the challenge was published.
    """

    proposal: int
    contributors: frozenset[int]
    people: frozenset[int]
    organisations: frozenset[int]


def parties(challenge_id: int, *, proposal_id: int | None = None) -> list[Parties]:
    """The parties behind each submitted proposal of a challenge, or behind one of them, in order."""
    wanted = [Proposal.challenge_id == challenge_id, Proposal.state == State.SUBMITTED]
    if proposal_id is not None:
        wanted.append(Proposal.id == proposal_id)
    submitted = sa.select(Proposal.id, Proposal.user_id, Proposal.organisation_id).where(*wanted)
    rows = db.session.execute(submitted.order_by(Proposal.id)).all()
    ids = [row.id for row in rows]
    people = _pairs(sa.select(BEHIND.c.proposal_id, BEHIND.c.user_id).where(BEHIND.c.proposal_id.in_(ids)))
    shares = _pairs(sa.select(Share.proposal_id, Share.user_id).where(Share.proposal_id.in_(ids), Share.user_id > 0))
    organisations = _pairs(_CONTRIBUTED.where(Proposal.id.in_(ids)))
    return [
        Parties(
            row.id, frozenset(shares[row.id] | {row.user_id}), frozenset(people[row.id]),
            frozenset(organisations[row.id] | {row.organisation_id} - {None}),
        )
        for row in rows
    ]  # fmt: skip


# (proposal, organisation) of the author and of those who have a share.
_CONTRIBUTED = (
    sa.select(Proposal.id, _Period.organisation_id)
    .join(_Asked, _Asked.id == Proposal.challenge_id)
    .join(
        _Period,
        sa.or_(
            _Period.user_id == Proposal.user_id,
            _Period.user_id.in_(sa.select(Share.user_id).where(Share.proposal_id == Proposal.id)),
        ),
    )
    .where(_BELONGED)
)


def _pairs(query: Any) -> defaultdict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for proposal_id, other in db.session.execute(query):
        found[proposal_id].add(other)
    return found


def organisations_since(challenge: Challenge, people: Iterable[int]) -> defaultdict[int, set[int]]:
    """The organisations to which each of these people belongs, or has belonged since the challenge was published."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    query = sa.select(MembershipPeriod.user_id, MembershipPeriod.organisation_id).where(
        MembershipPeriod.user_id.in_(set(people)), MembershipPeriod.reaching(challenge.published_at)
    )
    for user_id, organisation_id in db.session.execute(query):
        found[user_id].add(organisation_id)
    return found
