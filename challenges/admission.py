"""Who may read a challenge for invited people only, besides its sponsor and the platform's staff: one rule, as SQL.

Those who hold an invitation, themselves or through an organisation for which they may answer; those who take part; and
its reviewers. The last two are known in upper packages.
"""

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from challenges.invitations.models import ChallengeInvitation
from challenges.invitations.workflow import HELD
from challenges.models import Challenge
from challenges.questions import REVIEWS, TAKES_PART, Id
from crowd.accounts.models import Membership, User
from crowd.accounts.organisations.rights import Right, roles_with
from crowd.db import db

_Person = aliased(User)


def is_holder(user_id: Id) -> sa.ColumnElement[bool]:
    """Over invitations: those of a person, in whatever state. One that no account has accepted belongs to the account
    with its address.
    """
    address = sa.select(_Person.email).where(_Person.id == user_id).scalar_subquery()
    answers = sa.exists().where(
        Membership.organisation_id == ChallengeInvitation.organisation_id,
        Membership.user_id == user_id,
        Membership.role.in_(roles_with(Right.ANSWER)),
    )
    return sa.or_(
        ChallengeInvitation.user_id == user_id,
        sa.and_(ChallengeInvitation.user_id.is_(None), ChallengeInvitation.address == address),
        answers,
    )


def admitted(user_id: Id, challenge_id: Id = Challenge.id) -> sa.ColumnElement[bool]:
    """Over people and challenges: whether the one may read the other because they are invited, take part or review."""
    invited = sa.exists().where(
        ChallengeInvitation.challenge_id == challenge_id,
        ChallengeInvitation.state.in_(sorted(HELD)),
        is_holder(user_id),
    )
    return sa.or_(invited, TAKES_PART()(user_id, challenge_id), REVIEWS()(user_id, challenge_id))


def is_admitted(actor: User, challenge: Challenge) -> bool:
    """The same for one person and one challenge."""
    return bool(db.session.scalar(sa.select(admitted(actor.id, challenge.id))))
