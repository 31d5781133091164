"""Every write about people: accounts, sessions, profiles and platform roles."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd import clock, email_address
from crowd.accounts import entries, notifications
from crowd.accounts.events import ExpertLeft
from crowd.accounts.models import LoginSession, PlatformRole, Role, User
from crowd.accounts.policy import can_administer, can_close, can_edit_profile, can_grant, can_reopen, can_revoke
from crowd.accounts.profiles.visibility import USUAL, Audience
from crowd.accounts.queries import access, find_by_email, get_role, get_session
from crowd.accounts.sanctions import queries as sanctions
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.events import publish
from crowd.languages import DEFAULT, LANGUAGES
from crowd.taxonomy import services as taxonomy
from crowd.taxonomy import vocabulary
from crowd.values import term

AT_ONCE = 500  # people per transaction


@atomic
def create_user(
    actor: Actor,
    *,
    email: str,
    name: str,
    roles: Sequence[PlatformRole] = (),
    password_hash: str | None = None,
    locale: str = DEFAULT,
    time_zone: str = "Asia/Shanghai",
    bio: str = "",
    expertise: Sequence[str] = (),
    demonstration: bool = False,
) -> User:
    """Create a confirmed account, as the platform itself does for its first administrator and for the demonstration.

    `password_hash` is Flask-Security's; without one the person sets a password with a link. Raises Forbidden, Conflict
    where the email address is taken, Invalid for an unknown language.
    """
    if not can_administer(actor):
        raise Forbidden
    email = email_address.normal(email)
    if locale not in LANGUAGES:
        raise Invalid(fields={"locale": [_("This language is not supported.")]})
    if find_by_email(email) is not None:
        raise Conflict(_("There is an account with this address."))
    row = User(
        email=email, name=name, password=password_hash, fs_uniquifier=secrets.token_hex(32), confirmed_at=clock.now(),
        locale=locale, time_zone=time_zone, bio=bio, expertise=vocabulary.current().kept(expertise),
        demonstration=demonstration, roles=[get_role(role) for role in roles],
    )  # fmt: skip
    db.session.add(row)
    record(actor, "user.created", row, email=email, roles=[term(role, "platform_role") for role in roles])
    if PlatformRole.EXPERT in roles:
        entries.enter(actor, row, entries.ROLE)
    return row


@atomic
def open_session(user: User, *, days: int, ip_address: str, user_agent: str) -> LoginSession:
    """Create the row of a new sign-in; the caller puts its `sid` into the cookie."""
    now = clock.now()
    row = LoginSession(
        sid=secrets.token_urlsafe(24),
        user_id=user.id,
        last_active_at=now,
        expires_at=now + timedelta(days=days),
        ip_address=ip_address,
        user_agent=user_agent[:200],
    )
    db.session.add(row)
    record(user, "session.opened", row, ip_address=ip_address)
    return row


@atomic
def close_session(user: User, sid: str) -> None:
    """Sign out: the session's cookie, and every copy of it, stops working."""
    row = db.session.scalar(sa.select(LoginSession).where(LoginSession.sid == sid, LoginSession.user_id == user.id))
    if row is not None and row.revoked_at is None:
        row.revoked_at = clock.now()
        record(user, "session.closed", row)


@atomic
def touch_session(session_id: int) -> None:
    """Record that the session was used just now."""
    db.session.execute(sa.update(LoginSession).where(LoginSession.id == session_id).values(last_active_at=clock.now()))


@atomic
def revoke_session(actor: User, session_id: int) -> LoginSession:
    """End one of the actor's sessions. Raises NotFound for another person's."""
    row = get_session(actor.id, session_id)
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        record(actor, "session.revoked", row)
    return row


@atomic
def revoke_sessions(actor: User, *, keep: str | None) -> int:
    """End all of the actor's sessions but the one with this `sid`; returns how many ended."""
    number = _end_sessions(actor, keep)
    if number:
        record(actor, "sessions.revoked", actor, number=number)
    return number


def _end_sessions(user: User, keep: str | None) -> int:
    statement = (
        sa.update(LoginSession)
        .where(LoginSession.user_id == user.id, LoginSession.revoked_at.is_(None), LoginSession.sid != (keep or ""))
        .values(revoked_at=clock.now())
    )
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


@atomic
def is_password(actor: User, password: str) -> bool:
    """Whether this is the person's password, asked for again before a sensitive operation. A wrong one is recorded."""
    right = bool(actor.verify_and_update_password(password))
    if not right:
        record(actor, "password.refused", actor)
    return right


@atomic
def password_changed(user: User, *, keep: str | None) -> None:
    """After a password change: end every session but `keep`."""
    record(user, "password.changed", user, ended=_end_sessions(user, keep))


@atomic
def address_changed(user: User, *, old_email: str) -> None:
    """After a change of the email address: links sent to the old one and all sessions end, and the old one is
    notified.
    """
    user.fs_uniquifier = secrets.token_hex(32)
    record(user, "email.changed", user, before=old_email, after=user.email, ended=_end_sessions(user, None))
    notifications.address_changed(user, old_email)


@dataclass(frozen=True, slots=True)
class ProfileDetails:
    """What else a person says: `languages` as ISO 639 codes, a region's term, `links` as URLs.

    `visibility` is by field, of those in USUAL (`crowd.accounts.profiles.visibility`).
    """

    languages: Sequence[str] = ()
    region_id: int | None = None
    links: Sequence[str] = ()
    cv: str = ""
    availability: str = ""
    visibility: Mapping[str, str] = field(default_factory=dict)

    def write(self, row: User) -> None:
        """Put them into the row; what is seen as usual is not stored."""
        row.languages, row.links, row.region_id = list(self.languages), list(self.links), self.region_id
        row.cv, row.availability = self.cv, self.availability
        chosen = {name: Audience(audience) for name, audience in self.visibility.items()}
        row.visibility = {name: audience for name, audience in chosen.items() if audience != USUAL[name]}


@atomic
def edit_profile(
    actor: Actor, user_id: int, *, name: str, locale: str, time_zone: str, bio: str, expertise: Sequence[str],
    details: ProfileDetails | None = None,
) -> User:  # fmt: skip
    """Change what a person says about themselves; without `details` those stay. Raises NotFound, Forbidden."""
    row = access(actor, user_id, to=can_edit_profile, lock=True)
    row.name, row.locale, row.time_zone, row.bio = name, locale, time_zone, bio
    row.expertise = vocabulary.current().kept(expertise)
    if details is not None:
        details.write(row)
    if row.visibility.get("expertise", USUAL["expertise"]) == Audience.EVERYBODY:
        taxonomy.note_free(row.expertise)
    record(actor, "profile.edited", row)
    return row


@atomic
def clear_profile(actor: Actor, user_id: int) -> User:
    """Delete what a person has written about themselves, as a case has decided; they can write again."""
    row = db.session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    row.bio, row.cv, row.availability, row.links = "", "", "", []
    record(actor, "profile.cleared", row)
    return row


@atomic
def choose_language(actor: User, *, locale: str) -> User:
    """Use this language for the person's pages and emails. Raises Invalid for an unknown one."""
    if locale not in LANGUAGES:
        raise Invalid(fields={"locale": [_("This language is not supported.")]})
    row = access(actor, actor.id, to=can_edit_profile, lock=True)
    row.locale = locale
    record(actor, "profile.edited", row)
    return row


@atomic
def keep_fields(*, after: int) -> tuple[int | None, int]:
    """Store the expertise of the next people after an id by the present names of fields.

    Returns the id from which to go on (None at the end), and how many people have other names now.
    """
    vocabulary.forget()
    query = sa.select(User).where(User.id > after, User.expertise != []).order_by(User.id).limit(AT_ONCE)
    people = db.session.scalars(query.with_for_update(key_share=True, of=User)).all()
    changed = 0
    for row in people:
        kept = vocabulary.current().kept(row.expertise)
        changed += kept != row.expertise
        row.expertise = kept
    return (people[-1].id if len(people) == AT_ONCE else None), changed


@atomic
def grant(actor: Actor, user_id: int, *, role: PlatformRole) -> User:
    """Grant a platform role. Raises NotFound, Forbidden, Conflict where the person has it."""
    actor_role, row = _locked(actor, user_id, role)
    if not can_grant(actor, row):
        raise Forbidden
    if row.is_any(role):
        raise Conflict(_("This person has the role already."))
    row.roles.append(actor_role)
    record(actor, "role.granted", row, role=term(role, "platform_role"))
    notifications.role_granted(row, role)
    if role == PlatformRole.EXPERT:
        entries.enter(actor, row, entries.ROLE)
    return row


@atomic
def revoke(actor: Actor, user_id: int, *, role: PlatformRole) -> User:
    """Revoke a platform role; administrators keep their own administrator role, so that one always remains.

    Raises NotFound, Forbidden, Conflict where the person does not have it.
    """
    the_role, row = _locked(actor, user_id, role)
    if not can_revoke(actor, row, role):
        raise Forbidden
    if not row.is_any(role):
        raise Conflict(_("This person does not have the role."))
    row.roles.remove(the_role)
    record(actor, "role.revoked", row, role=term(role, "platform_role"))
    notifications.role_revoked(row, role)
    if role == PlatformRole.EXPERT:
        publish(ExpertLeft(row.id))
        entries.leave(actor, row, entries.ROLE)
    return row


def _locked(actor: Actor, user_id: int, role: PlatformRole) -> tuple[Role, User]:
    """The role and the person under lock. Grants and revocations wait for one another: two administrators who revoke
    each other's role at once would leave none, so the actor's own roles are read again under the lock.
    """
    get_role(PlatformRole.ADMINISTRATOR, lock=True)
    if isinstance(actor, User):
        db.session.refresh(actor, ["roles"])
    row = access(actor, user_id, to=can_administer, lock=True)
    db.session.refresh(row, ["roles"])
    return get_role(role), row


@atomic
def close_account(actor: Actor, user_id: int, *, reason: str) -> User:
    """Close an account: its person is signed out and cannot sign in; what they did stays.

    Raises NotFound, Forbidden (also for the actor's own), Conflict where it is closed.
    """
    _role, row = _locked(actor, user_id, PlatformRole.ADMINISTRATOR)
    if not can_close(actor, row):
        raise Forbidden
    if not row.active:
        raise Conflict(_("This account is closed already."))
    row.active = False
    record(actor, "account.closed", row, reason=reason, ended=_end_sessions(row, None))
    entries.pause(actor, row)
    return row


@atomic
def reopen_account(actor: Actor, user_id: int, *, reason: str) -> User:
    """Open a closed account again. Raises NotFound, Forbidden, Conflict where it is open."""
    row = access(actor, user_id, to=can_reopen, lock=True)
    if row.active:
        raise Conflict(_("This account is open."))
    if sanctions.in_force(row):
        raise Conflict(_("The council has closed this account. It cannot be opened while that decision is in force."))
    entries.go_on(actor, row)
    row.active = True
    record(actor, "account.reopened", row, reason=reason)
    return row
