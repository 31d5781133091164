"""Links with a token: what was changed or has grown old opens nothing, whatever was changed and however old it is.

Only the letters of a signature itself can be written in several ways, which all say the same.
"""

import secrets
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_security.recoverable import generate_reset_password_token, reset_password_token_status
from flask_security.utils import check_and_get_token_status
from hypothesis import given, settings
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from crowd import clock
from crowd.accounts.models import Invitation, MemberRole, SignUp
from crowd.accounts.organisations.queries import find_invitation
from crowd.accounts.security import ADDRESS_LINK
from crowd.accounts.sign_up import queries
from crowd.accounts.sign_up.queries import find_sign_up
from crowd.db import db
from crowd.errors import NotFound
from crowd.notifications import kinds, unsubscribing
from tests.cast import Cast

FEW = settings(max_examples=max(20, settings.default.max_examples // 5))
LETTER = st.sampled_from("abcXYZ019-_. %é")
AGES = st.one_of(st.integers(-3, 3), st.integers(-(10**7), 10**7)).filter(bool)  # seconds after the end of a term


@st.composite
def changes(draw: st.DrawFn, token: str) -> str:
    """The token with another letter, without its end, or with a letter before it."""
    letter, place = draw(LETTER), draw(st.integers(0, token.rfind(".") if "." in token else len(token) - 1))
    kept = letter if letter != token[place] else "~"
    return draw(st.sampled_from([token[:place] + kept + token[place + 1 :], token[:place], kept + token]))


@given(st.integers(1, 10**9), st.data())
def test_a_link_that_stops_mail_is_read_back_and_refused_when_changed(
    isolated: Flask, person: int, data: st.DataObject
) -> None:
    with isolated.test_request_context():
        groups = data.draw(st.sets(st.sampled_from(sorted(kinds.groups()))))
        token = unsubscribing.path(person, groups).rpartition("/")[2]
        assert unsubscribing.read(token) == unsubscribing.Link(person, tuple(sorted(groups)))
        with pytest.raises(NotFound):
            unsubscribing.read(data.draw(changes(token)))


@given(AGES, st.data())
@FEW
def test_a_link_to_choose_a_password_ends_with_its_term(cast: Cast, late: int, data: st.DataObject) -> None:
    """Of two hours."""
    made = int(time.time()) - int(timedelta(hours=2).total_seconds()) - late
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda _self: made)
        token = generate_reset_password_token(cast.bo)
    expired, invalid, user = reset_password_token_status(token)
    assert (expired, invalid) == (late > 0 or late < -7200, False), "one from the future is none of ours"
    assert expired or user.id == cast.bo.id
    assert reset_password_token_status(data.draw(changes(token)))[:2] == (False, True)
    assert check_and_get_token_status(token, "change_email", ADDRESS_LINK)[1], "it is of another kind"


@given(AGES, st.data())
@FEW
def test_a_sign_up_and_an_invitation_end_with_their_term(cast: Cast, late: int, data: st.DataObject) -> None:
    db.session.execute(sa.delete(SignUp))
    db.session.execute(sa.delete(Invitation))
    token, ends = secrets.token_urlsafe(24), clock.now() - timedelta(seconds=late * 10)
    facts = {"email": "new@crowd.example", "token_digest": queries.digest(token), "expires_at": ends}
    db.session.add(SignUp(name="New", locale="en", time_zone="UTC", **facts))
    db.session.add(Invitation(organisation_id=cast.luoyang.id, role=MemberRole.MEMBER, invited_by=cast.ada.id, **facts))
    db.session.flush()
    for find in (find_sign_up, find_invitation):
        assert (find(token) is None) is (late > 0)
        assert find(data.draw(changes(token))) is None
