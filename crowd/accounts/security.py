"""Flask-Security over our tables: sign-in, confirmation, reset; every mail is a row, every sign-in a session row."""

import secrets
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, request, session
from flask_login import user_logged_in
from flask_security import MailUtil, Security, SQLAlchemyUserDatastore
from flask_security.signals import password_changed, password_reset

from crowd import clock
from crowd.accounts.models import LoginSession, Role, User
from crowd.config import Settings
from crowd.db import db, finish
from crowd.notifications.services import post_mail

SESSION_KEY = "sid"


class Datastore(SQLAlchemyUserDatastore):
    """Its commit is the house's one commit."""

    def commit(self) -> None:
        finish()


class OutboxMail(MailUtil):
    """Flask-Security's letters go into the outbox, so that the person and the letter commit together."""

    def send_mail(
        self, template: str, subject: str, recipient: str, sender: Any, body: str, html: str | None, **kwargs: Any
    ) -> None:
        post_mail(kind=template, recipient=recipient, locale=_locale(kwargs), subject=subject, text=body, html=html)


def _locale(kwargs: dict[str, Any]) -> str:
    return getattr(kwargs.get("user"), "locale", None) or "en"


def register(app: Flask, settings: Settings) -> None:
    """Set Flask-Security up on `app`."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SALT=app.secret_key,
        SECURITY_REGISTERABLE=True,
        SECURITY_CONFIRMABLE=True,
        SECURITY_RECOVERABLE=True,
        SECURITY_CHANGEABLE=True,
        SECURITY_TRACKABLE=False,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_USE_REGISTER_V2=True,
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_EMAIL_SENDER=settings.mail_sender,
        SECURITY_POST_LOGIN_VIEW="/desk",
        SECURITY_POST_LOGOUT_VIEW="/",
        SECURITY_URL_PREFIX="/account",
    )
    Security(app, Datastore(db, User, Role), mail_util_cls=OutboxMail)
    app.login_manager.user_loader(load_user)  # type: ignore[attr-defined]
    user_logged_in.connect(_open_session, app)
    password_changed.connect(_revoke_all, app)
    password_reset.connect(_revoke_all, app)


def load_user(uniquifier: str) -> User | None:
    """The person behind a cookie, if its session still stands: one statement, roles and memberships included."""
    now = clock.now()
    return db.session.scalar(
        sa.select(User)
        .join(LoginSession, LoginSession.user_id == User.id)
        .where(
            LoginSession.sid == session.get(SESSION_KEY, ""),
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > now,
            User.fs_uniquifier == uniquifier,
            User.active,
        )
    )


def open_session(user: User, days: int) -> LoginSession:
    """A new sign-in's row; the caller puts its `sid` into the cookie and commits."""
    now = clock.now()
    row = LoginSession(
        sid=secrets.token_urlsafe(24),
        user_id=user.id,
        seen_at=now,
        expires_at=now + timedelta(days=days),
        address=request.remote_addr or "",
        agent=request.user_agent.string[:200],
    )
    db.session.add(row)
    return row


def _open_session(app: Flask, user: User, **_: Any) -> None:
    session[SESSION_KEY] = open_session(user, app.config["CROWD"].limits.session_days).sid


def _revoke_all(app: Flask, user: User, **_: Any) -> None:
    db.session.execute(
        sa.update(LoginSession)
        .where(LoginSession.user_id == user.id, LoginSession.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
