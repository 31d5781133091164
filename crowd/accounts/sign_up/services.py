"""Every write of signing up. The response is the same whether the email address has an account or not."""

import secrets
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.accounts.models import SignUp, User
from crowd.accounts.queries import find_by_email
from crowd.accounts.sign_up import notifications
from crowd.accounts.sign_up.queries import digest, find_sign_up
from crowd.audit import record
from crowd.db import atomic, db
from crowd.errors import NotFound

LINK = timedelta(days=2)


@atomic
def begin(*, email: str, name: str, locale: str, time_zone: str, back_to: str = "") -> None:
    """Mail a link to an email address that a person has given; nothing else happens.

    Where the address has an account, its owner is notified instead. `back_to` is the path to continue to afterwards.
    Anybody may ask: there is no actor yet.
    """
    db.session.execute(sa.delete(SignUp).where(SignUp.expires_at <= clock.now()))
    account = find_by_email(email)
    if account is not None:
        notifications.has_account(account)
        return
    token = secrets.token_urlsafe(24)
    row = SignUp(
        email=email,
        name=name,
        locale=locale,
        time_zone=time_zone,
        token_digest=digest(token),
        expires_at=clock.now() + LINK,
    )
    db.session.add(row)
    notifications.begun(row, token, back_to)


@atomic
def complete(token: str, *, name: str, password_hash: str) -> User:
    """Create the account of the person who opened a sign-up's link and accepts the terms; other links to it end.

    Raises NotFound where the link is used or expired, or where its address has an account by now.
    """
    found = find_sign_up(token, lock=True)
    if found is None:
        raise NotFound(_("This link is not valid, or it was used before. Please request a new one."))
    row = User(
        email=found.email, name=name, password=password_hash, fs_uniquifier=secrets.token_hex(32),
        confirmed_at=clock.now(), terms_at=clock.now(), locale=found.locale, time_zone=found.time_zone,
    )  # fmt: skip
    db.session.add(row)
    db.session.execute(sa.delete(SignUp).where(SignUp.email == found.email))
    record(row, "user.registered", row)
    return row
