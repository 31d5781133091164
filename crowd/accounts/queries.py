"""Reads about people; `access` is the only function that reads an account by its id."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload

from crowd import clock, email_address
from crowd.access import Rule, access_row
from crowd.accounts.models import (
    ERASED,
    Invitation,
    LoginSession,
    Membership,
    Organisation,
    PlatformRole,
    Role,
    User,
)
from crowd.accounts.organisations.rights import Right, roles_with
from crowd.accounts.policy import can_view
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import NotFound
from crowd.notifications.questions import Recipient
from crowd.web.organisations import labels
from crowd.web.paging import Page, page
from crowd.web.tasks import Task

T = TypeVar("T", User, Organisation)


def access(actor: Actor | None, user_id: int, to: Rule[User] = can_view, *, lock: bool = False) -> User:
    """The account with this id, if `actor` may see it and do `to` to it. Raises NotFound, Forbidden."""
    return access_row(actor, User, user_id, view=can_view, to=to, lock=lock)


def find_by_email(email: str) -> User | None:
    """The account of an email address."""
    return db.session.scalar(sa.select(User).where(User.email == email_address.normal(email)))


def get_role(name: PlatformRole, *, lock: bool = False) -> Role:
    """The row of a platform role; with `lock`, others who lock it wait."""
    query = sa.select(Role).where(Role.name == str(name))
    return db.session.scalars(query.with_for_update() if lock else query).one()


def people_with_right(organisation_id: int, right: Right, *others: Right) -> Sequence[User]:
    """The people with open accounts who have at least one of these rights in an organisation, oldest first: they get
    its notifications.
    """
    query = sa.select(User).join(Membership, Membership.user_id == User.id).order_by(User.id)
    theirs = Membership.role.in_(roles_with(right, *others))
    return db.session.scalars(query.where(Membership.organisation_id == organisation_id, theirs, User.active)).all()


def recipients(user_ids: Iterable[int]) -> dict[int, Recipient]:
    """The people of these ids whose accounts are open, as recipients of emails, by id."""
    query = sa.select(User.id, User.name, User.email, User.locale, User.time_zone).order_by(User.id)
    rows = db.session.execute(query.where(User.id.in_(list(user_ids)), User.active))
    return {row.id: Recipient(*row) for row in rows}


def names(user_ids: Iterable[int]) -> dict[int, str]:
    """The names of people by the numbers of their accounts, without those whose data was erased."""
    query = sa.select(User.id, User.name).where(User.id.in_(list(user_ids)), User.name != ERASED)
    return {row.id: row.name for row in db.session.execute(query)}


def namesakes(row: T, limit: int = 5) -> list[T]:
    """Others whose name is, or looks like, this one's: verified and older ones first."""
    kind = type(row)
    query = sa.select(kind).where(kind.name_keys.overlap(row.name_keys), kind.id != row.id)
    query = query.where(User.active) if isinstance(row, User) else query.order_by(Organisation.verified_at.is_(None))
    return list(db.session.scalars(query.order_by(kind.id).limit(limit)))


def list_sessions(user_id: int) -> Sequence[LoginSession]:
    """A person's valid sessions, the latest first."""
    query = sa.select(LoginSession).where(
        LoginSession.user_id == user_id, LoginSession.revoked_at.is_(None), LoginSession.expires_at > clock.now()
    )
    return db.session.scalars(query.order_by(LoginSession.last_active_at.desc(), LoginSession.id.desc())).all()


def get_session(user_id: int, session_id: int) -> LoginSession:
    """A session of this person, locked. Raises NotFound for anybody else's."""
    query = sa.select(LoginSession).where(LoginSession.id == session_id, LoginSession.user_id == user_id)
    row = db.session.scalar(query.with_for_update())
    if row is None:
        raise NotFound
    return row


def list_people(*, words: str | None, role: str | None, after: str | None, size: int) -> Page[User]:
    """One page of all accounts for the administrator, newest first; by part of name or email address, and by role."""
    query = sa.select(User).options(selectinload(User.roles))
    if words:
        query = query.where(sa.or_(User.called(words), User.email.contains(words.lower(), autoescape=True)))
    if role:
        query = query.where(User.roles.any(Role.name == role))
    return page(query, [(User.id, True)], name="accounts", after=after, size=size)


def waiting(actor: User) -> list[Task]:
    """Invitations to me."""
    return [
        Task(_("Respond to an invitation"), url_for("accounts.organisations"), organisation, due_at=until)
        for organisation, until in _invitations_to(actor)
    ]


_STANDING = (
    sa.select(Organisation.name, Invitation.expires_at)
    .join(Organisation, Invitation.organisation_id == Organisation.id)
    .where(
        Invitation.email == sa.bindparam("email"),
        Invitation.answered_at.is_(None),
        Invitation.expires_at > sa.bindparam("now"),
    )
    .order_by(Invitation.id)
)


def _invitations_to(actor: User) -> Sequence[sa.Row[str, datetime]]:
    return db.session.execute(_STANDING, {"email": actor.email, "now": clock.now()}).all()


def label(row: Organisation) -> str:
    """An organisation's name, distinguished from all others of the platform."""
    return labels([row, *namesakes(row)])[row.id]
