"""Reads about organisations; `access` is the only function that reads one by its id."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from crowd import clock
from crowd.access import Rule, access_row, id_in
from crowd.accounts.models import Invitation, MemberRole, Membership, Organisation, User
from crowd.accounts.organisations.policy import can_answer, can_view
from crowd.accounts.organisations.rights import Right
from crowd.accounts.questions import ORGANISATION_PAGE
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Conflict, Forbidden, NotFound
from crowd.feature import Followed
from crowd.web.paging import Page, page


def access(
    actor: Actor | None, organisation_id: int, to: Rule[Organisation] = can_view, *, lock: bool = False
) -> Organisation:
    """The organisation with this id, if `actor` may do `to` to it. Raises NotFound, Forbidden.

    With `lock` its members cannot change meanwhile, and the actor's own memberships are read again under the lock.
    """
    row = access_row(actor, Organisation, organisation_id, view=can_view, to=None, lock=lock)
    if lock and isinstance(actor, User):
        db.session.refresh(actor, ["memberships"])
    if not to(actor, row):
        raise Forbidden
    return row


def for_whom(actor: Actor | None) -> Sequence[Organisation]:
    """The open organisations for which the person applies: those that they manage, by name."""
    if not isinstance(actor, User):
        return []
    query = sa.select(Organisation).where(Organisation.id.in_(actor.organisations_with(Right.DESCRIBE)))
    return db.session.scalars(query.where(Organisation.closed_at.is_(None)).order_by(Organisation.name)).all()


def applicant(actor: Actor | None, key: str) -> Organisation:
    """The organisation for which a person applies, by the key in a URL.

    Raises NotFound, Forbidden for who does not manage it, Conflict where it is closed.
    """
    row = access(actor, id_in(key))
    if not isinstance(actor, User) or not actor.may(Right.DESCRIBE, row.id):
        raise Forbidden(_("Those who manage the organisation apply for it."))
    if row.closed_at is not None:
        raise Conflict(_("This organisation is closed."))
    return row


def followed(_actor: Actor | None, organisation_ids: Iterable[int]) -> dict[int, Followed]:
    """These organisations for the page of those who follow them: what they say of themselves is public."""
    query = sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(list(organisation_ids)))
    return {
        number: Followed(name, url_for(ORGANISATION_PAGE(), organisation_id=number))
        for number, name in db.session.execute(query)
    }


def digest(token: str) -> str:
    """The stored digest of an invitation's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_invitation(token: str) -> Invitation | None:
    """The open invitation of an email's link, or None where it is answered, expired or unknown."""
    return db.session.scalar(_standing().where(Invitation.token_digest == digest(token)))


def inviter_of(invitation: Invitation) -> str:
    """The name of the person who invites."""
    return str(db.session.scalar(sa.select(User.name).where(User.id == invitation.invited_by)))


def access_invitation(actor: Actor | None, invitation_id: int) -> Invitation:
    """An open invitation to `actor`, its organisation locked. Raises NotFound for another person's and for expired
    ones.
    """
    found = db.session.scalar(_standing().where(Invitation.id == invitation_id))
    if found is None or not can_answer(actor, found):
        raise NotFound
    access(actor, found.organisation_id, lock=True)
    db.session.refresh(found)
    if found.answered_at is not None:
        raise NotFound
    return found


def get_invitation(organisation_id: int, invitation_id: int) -> Invitation:
    """An open invitation of this organisation. Raises NotFound."""
    row = db.session.scalar(
        sa.select(Invitation).where(
            Invitation.id == invitation_id,
            Invitation.organisation_id == organisation_id,
            Invitation.answered_at.is_(None),
        )
    )
    if row is None:
        raise NotFound
    return row


def find_open_invitation(organisation_id: int, email: str) -> Invitation | None:
    """The unanswered invitation of this organisation to an address, also where it has expired."""
    return db.session.scalar(
        sa.select(Invitation).where(
            Invitation.organisation_id == organisation_id,
            Invitation.email == email,
            Invitation.answered_at.is_(None),
        )
    )


def invitations_to(actor: User) -> Sequence[Invitation]:
    """The open invitations to a person's email address."""
    return db.session.scalars(_standing().where(Invitation.email == actor.email).order_by(Invitation.id)).all()


def invitations_of(organisation_id: int) -> Sequence[Invitation]:
    """The open invitations of an organisation."""
    query = _standing().where(Invitation.organisation_id == organisation_id)
    return db.session.scalars(query.order_by(Invitation.id)).all()


def _standing() -> sa.Select[Invitation]:
    return sa.select(Invitation).where(Invitation.answered_at.is_(None), Invitation.expires_at > clock.now())


def list_members(organisation_id: int) -> Sequence[Membership]:
    """The members with their people, owners first."""
    query = sa.select(Membership).where(Membership.organisation_id == organisation_id)
    owners_first = sa.case((Membership.role == MemberRole.OWNER, 0), else_=1)
    return db.session.scalars(query.options(joinedload(Membership.user)).order_by(owners_first, Membership.id)).all()


def get_membership(organisation_id: int, user_id: int) -> Membership:
    """The membership of a person, locked. Raises NotFound."""
    query = sa.select(Membership).where(Membership.organisation_id == organisation_id, Membership.user_id == user_id)
    row = db.session.scalar(query.with_for_update(of=Membership).execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row


def count_owners(organisation_id: int) -> int:
    """How many owners with open accounts there are."""
    query = (
        sa.select(sa.func.count())
        .select_from(Membership)
        .join(User, Membership.user_id == User.id)
        .where(Membership.organisation_id == organisation_id, Membership.role == MemberRole.OWNER, User.active)
    )
    return int(db.session.scalar(query) or 0)


def count_people(organisation_id: int) -> int:
    """How many belong to it or are invited."""
    members = sa.select(sa.func.count()).where(Membership.organisation_id == organisation_id)
    invited = _standing().where(Invitation.organisation_id == organisation_id).subquery()
    return int(db.session.scalar(members) or 0) + int(
        db.session.scalar(sa.select(sa.func.count()).select_from(invited)) or 0
    )


def last_verified() -> datetime | None:
    """When an organisation registered here was verified last."""
    return db.session.scalar(sa.select(sa.func.max(Organisation.verified_at)).where(Organisation.origin.is_(None)))


def list_organisations(
    *, within: sa.ColumnElement[bool] | None, words: str | None, after: str | None, size: int
) -> Page[Organisation]:
    """One page of the organisations created here, newest first, for the service centre; those that are
    `within` a clause.
    """
    query = sa.select(Organisation).where(Organisation.origin.is_(None))
    if within is not None:
        query = query.where(within)
    if words:
        query = query.where(Organisation.called(words))
    return page(query, [(Organisation.id, True)], name="organisations", after=after, size=size)
