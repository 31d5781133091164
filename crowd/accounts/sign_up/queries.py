"""Reads about sign-ups: they can only be read by their link."""

import hashlib

import sqlalchemy as sa

from crowd import clock
from crowd.accounts.models import SignUp, User
from crowd.db import db


def digest(token: str) -> str:
    """The stored digest of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_sign_up(token: str, *, lock: bool = False) -> SignUp | None:
    """The sign-up of an email's link; None where it is used or expired, or where its address has an account."""
    taken = sa.exists().where(User.email == SignUp.email)
    query = sa.select(SignUp).where(SignUp.token_digest == digest(token), SignUp.expires_at > clock.now(), ~taken)
    return db.session.scalar(query.with_for_update() if lock else query)
