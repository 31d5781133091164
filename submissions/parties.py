"""The parties of a proposal, and the insiders of a challenge, who cannot be parties: one rule for every stage.

The parties of a proposal are its author, everybody who ever had a share in it and, where an organisation is its author
or ever had a share, all who belonged to that organisation at any time since the challenge was published. The insiders
of a challenge are the sponsor's people by the same dates (where a park posts it for a firm, the firm's, too), the
people who wrote it and those who screened it. An organisation counts with every other one under its registration
number. Nobody may be both. People who have left still count, and so do people who refused a share or lost it, who joins
later, or founds an organisation later.

`is_behind` and `is_insider` are the rule for a person; BEHIND and INSIDERS are the same rule as SQL.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import aliased

from challenges.impartiality import party_rule
from challenges.models import Challenge
from crowd.accounts.models import MembershipPeriod, Organisation, User
from crowd.accounts.policy import STAFF
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Conflict, Sentence
from submissions.models import Proposal, SharePeriod
from submissions.workflow import ProposalState

_Asked = aliased(Challenge)
_Period = aliased(MembershipPeriod)
_BELONGED = sa.or_(_Period.ended_at.is_(None), _Period.ended_at >= _Asked.published_at)
_Body, _Twin = aliased(Organisation), aliased(Organisation)
_SAME_BODY = sa.and_(  # an organisation under its number in the register, registered here once more
    _Twin.id != _Body.id,
    _Twin.registration_number != "",
    _Twin.registration_number == _Body.registration_number,
    _Twin.register == _Body.register,
    _Twin.country == _Body.country,
)

# (challenge_id, user_id): the insiders of a challenge.
INSIDERS = sa.union_all(
    sa.select(_Asked.id.label("challenge_id"), _Period.user_id.label("user_id"))
    .join(_Period, _Period.organisation_id == _Asked.organisation_id)
    .where(_BELONGED),
    sa.select(_Asked.id, _Period.user_id)
    .join(_Period, _Period.organisation_id == _Asked.for_organisation_id)
    .where(_BELONGED),
    sa.select(_Asked.id, _Period.user_id)
    .join(_Body, _Body.id.in_((_Asked.organisation_id, _Asked.for_organisation_id)))
    .join(_Twin, _SAME_BODY)
    .join(_Period, _Period.organisation_id == _Twin.id)
    .where(_BELONGED),
    sa.select(_Asked.id, _Asked.created_by).where(_Asked.created_by.is_not(None)),
    sa.select(_Asked.id, _Asked.approved_by).where(_Asked.approved_by.is_not(None)),
).subquery("insiders")

# (proposal_id, challenge_id, organisation_id): the organisation of a proposal, and those that ever had a share in it.
_AGENCIES = sa.union_all(
    sa.select(
        Proposal.id.label("proposal_id"),
        Proposal.challenge_id.label("challenge_id"),
        Proposal.organisation_id.label("organisation_id"),
    ).where(Proposal.organisation_id.is_not(None)),
    sa.select(Proposal.id, Proposal.challenge_id, SharePeriod.organisation_id)
    .join(SharePeriod, SharePeriod.proposal_id == Proposal.id)
    .where(SharePeriod.organisation_id.is_not(None)),
).subquery("agencies")

# (proposal_id, challenge_id, user_id): the author of a proposal, and who ever had a share in it.
_CONTRIBUTORS = sa.union_all(
    sa.select(
        Proposal.id.label("proposal_id"), Proposal.challenge_id.label("challenge_id"), Proposal.user_id.label("user_id")
    ),
    sa.select(Proposal.id, Proposal.challenge_id, SharePeriod.user_id)
    .join(SharePeriod, SharePeriod.proposal_id == Proposal.id)
    .where(SharePeriod.user_id.is_not(None)),
).subquery("contributors")

# (proposal_id, challenge_id, user_id): the parties of a proposal.
BEHIND = sa.union_all(
    sa.select(_CONTRIBUTORS),
    sa.select(_AGENCIES.c.proposal_id, _AGENCIES.c.challenge_id, _Period.user_id)
    .join(_Asked, _Asked.id == _AGENCIES.c.challenge_id)
    .join(_Period, _Period.organisation_id == _AGENCIES.c.organisation_id)
    .where(_BELONGED),
    sa.select(_AGENCIES.c.proposal_id, _AGENCIES.c.challenge_id, _Period.user_id)
    .join(_Asked, _Asked.id == _AGENCIES.c.challenge_id)
    .join(_Body, _Body.id == _AGENCIES.c.organisation_id)
    .join(_Twin, _SAME_BODY)
    .join(_Period, _Period.organisation_id == _Twin.id)
    .where(_BELONGED),
).subquery("behind")


def is_insider(actor: Actor | None, challenge: Challenge) -> bool:
    """Whether the person is an insider of the challenge, and so neither a party nor a reader of sealed proposals."""
    if not isinstance(actor, User):
        return False
    if actor.id in (challenge.created_by, challenge.approved_by):
        return True
    return any(actor.has_belonged(one, challenge.published_at) for one in challenge.sponsors)


def is_behind(actor: Actor | None, proposal: Proposal) -> bool:
    """Whether the person is a party of the proposal."""
    if not isinstance(actor, User):
        return False
    if proposal.user_id == actor.id or any(period.user_id == actor.id for period in proposal.share_periods):
        return True
    shared = [period.organisation for period in proposal.share_periods if period.organisation is not None]
    agencies = [*shared, proposal.organisation] if proposal.organisation is not None else shared
    return any(actor.has_belonged(agency, proposal.challenge.published_at) for agency in agencies)


def contributors(proposal: Proposal) -> list[int]:
    """The distinct ids of the author and of all people with a share: they are notified of the outcome."""
    shared = [share.user_id for share in proposal.shares if share.user_id is not None]
    return list(dict.fromkeys([proposal.user_id, *shared]))


def taken_part(
    user_id: int | sa.SQLColumnExpression[int], challenge_id: int | sa.SQLColumnExpression[int] = Challenge.id
) -> sa.ColumnElement[bool]:
    """Over challenges: those in which the person is a party of a proposal, final or not."""
    return sa.exists().where(BEHIND.c.challenge_id == challenge_id, BEHIND.c.user_id == user_id)


# Statements that every draft, proposal and review asks are built once: building takes longer than the database does.
_TAKES_PART = sa.select(
    sa.exists().where(BEHIND.c.challenge_id == sa.bindparam("challenge"), BEHIND.c.user_id == sa.bindparam("user"))
)
_PART_IN = sa.select(BEHIND.c.challenge_id).where(
    BEHIND.c.challenge_id.in_(sa.bindparam("challenges", expanding=True)), BEHIND.c.user_id == sa.bindparam("user")
)
_PARTICIPANTS = sa.select(BEHIND.c.user_id).where(BEHIND.c.challenge_id == sa.bindparam("challenge"))
_INSIDERS_AMONG = sa.select(INSIDERS.c.user_id).where(
    INSIDERS.c.challenge_id == sa.bindparam("challenge"),
    INSIDERS.c.user_id.in_(sa.bindparam("people", expanding=True)),
)


def takes_part(user_id: int, challenge_id: int) -> bool:
    """Whether the person is a party of a proposal of this challenge, final or not."""
    return bool(db.session.scalar(_TAKES_PART, {"challenge": challenge_id, "user": user_id}))


@party_rule
def part_in(user_id: int, challenge_ids: Collection[int]) -> set[int]:
    """The ids of those of these challenges of which the person is a party of a proposal, final or not."""
    if len(challenge_ids) == 1:  # of one, the statement that stops at the first
        return {one for one in challenge_ids if takes_part(user_id, one)}
    return set(db.session.scalars(_PART_IN, {"challenges": sorted(challenge_ids), "user": user_id}))


def participants(challenge_id: int) -> set[int]:
    """The ids of all parties of proposals of this challenge, final or not."""
    return set(db.session.scalars(_PARTICIPANTS, {"challenge": challenge_id}))


def insiders_among(challenge_id: int, people: Iterable[int]) -> set[int]:
    """The ids of those of these people who are insiders of the challenge."""
    return set(db.session.scalars(_INSIDERS_AMONG, {"challenge": challenge_id, "people": sorted(set(people))}))


def why_not(actor: User, challenge: Challenge) -> Sentence:
    """Why the person cannot be a party of a proposal for the challenge, as a sentence for them; empty where
    they can.
    """
    if actor.is_any(*STAFF):
        return _("You hold a role of the platform’s operator, so you cannot answer challenges.")
    if not insiders_among(challenge.id, [actor.id]):
        return ""
    if actor.acts_for(challenge.organisation_id):
        return _("You belong to the organisation that posted this challenge, so you cannot answer it.")
    if actor.acts_for(challenge.for_organisation_id):
        return _("You belong to the organisation for which this challenge was posted, so you cannot answer it.")
    if actor.id == challenge.approved_by:
        return _("You screened this challenge, so you cannot answer it.")
    if actor.id == challenge.created_by:
        return _("You wrote this challenge for the organisation that posted it, so you cannot answer it.")
    return _(
        "You have belonged to the organisation that posted this challenge since it was published, so you cannot"
        " answer it."
    )


def is_close(challenge: Challenge, organisation_id: int) -> bool:
    """Whether one of the parties of this organisation's proposal would be an insider of the challenge."""
    since = MembershipPeriod.reaching(challenge.published_at)
    twins = sa.select(_Twin.id).join(_Body, _SAME_BODY).where(_Body.id == organisation_id)
    theirs = sa.or_(MembershipPeriod.organisation_id == organisation_id, MembershipPeriod.organisation_id.in_(twins))
    members = sa.select(MembershipPeriod.user_id).where(theirs, since)
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
    """The ids of those of these proposals with an insider of their challenge as a party: none of them may win."""
    wanted = sorted(set(proposal_ids))
    return set(db.session.scalars(_CONFLICTED, {"proposals": wanted})) if wanted else set()


def refuse_conflict(proposal: Proposal) -> None:
    """Raise Conflict, with a sentence for its parties, where an insider of its challenge is a party of the proposal."""
    if conflicted([proposal.id]):
        raise Conflict(
            _(
                "Somebody behind this proposal belongs to the organisation that posted the challenge, has belonged to"
                " it since the challenge was published, or screened it. The proposal cannot go on. Your draft was kept."
            )
        )


@dataclass(frozen=True, slots=True)
class Parties:
    """The parties of a proposal: `contributors` (the author, and who ever had a share), with them all `people` of its
    organisation, and the `organisations` of the proposal and of its contributors, since the challenge was published.
    """

    proposal: int
    contributors: frozenset[int]
    people: frozenset[int]
    organisations: frozenset[int]


def parties(challenge_id: int, *, proposal_id: int | None = None) -> list[Parties]:
    """The parties of each submitted proposal of a challenge, or of one of them, in order."""
    wanted = [Proposal.challenge_id == challenge_id, Proposal.state == ProposalState.SUBMITTED]
    if proposal_id is not None:
        wanted.append(Proposal.id == proposal_id)
    return parties_of(db.session.scalars(sa.select(Proposal.id).where(*wanted).order_by(Proposal.id)))


def parties_of(proposal_ids: Iterable[int]) -> list[Parties]:
    """The parties of each of these proposals, in their order."""
    ids = list(proposal_ids)
    people, contributed, organisations = (_pairs(one, ids) for one in (_PEOPLE, _CONTRIBUTED, _ORGANISATIONS))
    return [
        Parties(one, frozenset(contributed[one]), frozenset(people[one]), frozenset(organisations[one])) for one in ids
    ]


def _of(table: Any, column: Any) -> sa.Select[Any]:
    return sa.select(table.c.proposal_id, column).where(table.c.proposal_id.in_(_THESE))


_THESE: sa.BindParameter[Any] = sa.bindparam("proposals", expanding=True)
_PEOPLE = _of(BEHIND, BEHIND.c.user_id)
_CONTRIBUTED = _of(_CONTRIBUTORS, _CONTRIBUTORS.c.user_id)
_ORGANISATIONS = sa.union_all(  # of the proposal, of shares in it, and those of its contributors
    _of(_AGENCIES, _AGENCIES.c.organisation_id),
    sa.select(_CONTRIBUTORS.c.proposal_id, _Period.organisation_id)
    .join(_Asked, _Asked.id == _CONTRIBUTORS.c.challenge_id)
    .join(_Period, _Period.user_id == _CONTRIBUTORS.c.user_id)
    .where(_BELONGED, _CONTRIBUTORS.c.proposal_id.in_(_THESE)),
)


def _pairs(query: Any, proposals: list[int]) -> defaultdict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for proposal_id, other in db.session.execute(query, {"proposals": proposals}):
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
