"""Reads of public profiles: who has won what, and why the points are what they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from challenges.models import Challenge, Prize
from challenges.workflow import PUBLIC, RESULTS
from crowd.accounts.models import Membership, Organisation, User
from crowd.db import db
from crowd.errors import Invalid, NotFound
from crowd.web.paging import Page, page
from scoring import policy
from scoring.models import Award, ReputationEvent, ReputationKind
from scoring.profiles.models import Standing
from submissions.models import Proposal, Share, Version

EVENTS = 200


@dataclass(frozen=True, slots=True)
class Profile:
    """A person or an organisation as everybody may see it.

    `events` are rows (kind, points, facts, at, challenge_id, title, language), oldest first, the newest 200. What came
    from reviewing stays one sum (`reviewing`) for strangers: who judged which challenge is confidential.
    """

    party: Any
    points: int
    reviewing: int
    events: Sequence[Any]
    awards: Sequence[Any]
    organisations: Sequence[Any] = ()
    challenges: Sequence[Any] = ()


def people(*, after: str | None, size: int) -> Page[Standing]:
    """Everybody who has points, the most first."""
    points: Any = Standing.points
    return page(sa.select(Standing), [(points, True), (Standing.id, True)], after=after, size=size)


def person(actor: Any, user_id: int) -> Profile:
    """A person's profile. Raises NotFound for who has closed the account, and, to who is not signed in, for who has no
    record yet.
    """
    whole = policy.can_see_everything_of(actor, user_id)
    user = db.session.scalar(sa.select(User).where(User.id == user_id, User.active))
    by_kind = _points_by_kind(ReputationEvent.user_id == user_id)
    if user is None or not (actor is not None or by_kind):
        raise NotFound(_("There is no such person here."))
    organisations = (
        sa.select(Organisation.id, Organisation.name)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.user_id == user_id)
    )
    return Profile(
        party=user,
        points=sum(by_kind.values()),
        reviewing=by_kind.get(ReputationKind.REVIEWED, 0),
        events=_events(ReputationEvent.user_id == user_id, whole),
        awards=_awards(sa.or_(*_behind(user_id))),
        organisations=db.session.execute(organisations.order_by(Organisation.name)).all(),
    )


def _behind(user_id: int) -> list[Any]:
    """Awards are a person's where he has an agreed share, or is alone behind the proposal."""
    shared = sa.select(Share.proposal_id).where(Share.user_id == user_id, Share.agreed_at.is_not(None))
    alone = sa.and_(
        Proposal.user_id == user_id,
        Proposal.organisation_id.is_(None),
        ~sa.exists().where(Share.proposal_id == Proposal.id),
    )
    return [Proposal.id.in_(shared), alone]


def organisation(organisation_id: int) -> Profile:
    """An organisation's profile: what it has won, and the challenges that it has posted. Raises NotFound."""
    row = db.session.get(Organisation, organisation_id)
    if row is None:
        raise NotFound(_("There is no such organisation here."))
    by_kind = _points_by_kind(ReputationEvent.organisation_id == organisation_id)
    posted = sa.select(
        Challenge.id, Challenge.title, Challenge.language, Challenge.state, Challenge.currency, Challenge.prize_total,
        Challenge.posted, Challenge.origin,
    ).where(Challenge.organisation_id == organisation_id, Challenge.state.in_(PUBLIC))  # fmt: skip
    return Profile(
        party=row,
        points=sum(by_kind.values()),
        reviewing=0,
        events=_events(ReputationEvent.organisation_id == organisation_id, whole=True),
        awards=_awards(Proposal.organisation_id == organisation_id),
        challenges=db.session.execute(posted.order_by(Challenge.posted.desc(), Challenge.id.desc()).limit(50)).all(),
    )


def _points_by_kind(whose: Any) -> dict[ReputationKind, int]:
    total = sa.cast(sa.func.sum(ReputationEvent.points), sa.BigInteger)
    query = sa.select(ReputationEvent.kind, total).where(whose).group_by(ReputationEvent.kind)
    return dict(db.session.execute(query).all())


def _events(whose: Any, whole: bool) -> Sequence[Any]:
    query = (
        sa.select(
            ReputationEvent.id, ReputationEvent.kind, ReputationEvent.points, ReputationEvent.facts,
            ReputationEvent.at, Challenge.id.label("challenge_id"), Challenge.title, Challenge.language,
        )
        .join(Challenge, Challenge.id == ReputationEvent.challenge_id)
        .where(whose)
    )  # fmt: skip
    if not whole:
        query = query.where(ReputationEvent.kind != ReputationKind.REVIEWED)
    return list(reversed(db.session.execute(query.order_by(ReputationEvent.id.desc()).limit(EVENTS)).all()))


def _awards(whose: Any) -> Sequence[Any]:
    query = (
        sa.select(
            Award.id, Award.place, Award.amount, Award.state, Prize.title.label("prize"), Challenge.currency,
            Challenge.id.label("challenge_id"), Challenge.title.label("challenge"),
            Challenge.language.label("challenge_language"), Challenge.decided_at, Version.title, Version.language,
        )
        .join(Prize, Prize.id == Award.prize_id)
        .join(Challenge, Challenge.id == Award.challenge_id)
        .join(Proposal, Proposal.id == Award.proposal_id)
        .join(Version, Version.id == Proposal.final_version_id)
        .where(whose, Challenge.state.in_(RESULTS))
    )  # fmt: skip
    return db.session.execute(query.order_by(Challenge.decided_at.desc(), Award.id).limit(50)).all()


def named_party(text: str) -> dict[str, int]:
    """Whom a reviewer means: `{"user_id": ...}` by e-mail address, or `{"organisation_id": ...}` by its name.

    Raises Invalid where there is nobody of that name, or more than one.
    """
    wanted = text.strip()
    if "@" in wanted:
        name, query = "user_id", sa.select(User.id).where(User.email == wanted.casefold())
    else:
        by_name = sa.func.lower(Organisation.name) == wanted.lower()
        name, query = "organisation_id", sa.select(Organisation.id).where(by_name, Organisation.origin.is_(None))
    found = list(db.session.scalars(query.limit(2)))
    if len(found) != 1:
        message = _("Nobody here is known by this name or address.")
        raise Invalid.at("party", message)
    return {name: found[0]}
