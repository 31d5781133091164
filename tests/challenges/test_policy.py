"""Who acts on a challenge for the platform: nobody who belongs to its sponsor, or has since it was published."""

from datetime import timedelta

import pytest

from challenges import policy
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd.accounts.models import MemberRole, User
from crowd.accounts.organisations import services as organisations
from crowd.clock import now
from crowd.db import db
from tests import factories
from tests.cast import Cast, join


def steps_in(person: User, challenge: Challenge) -> set[bool]:
    """Whether the person may decide in the sponsor's place, and may cancel."""
    db.session.expire_all()
    return {policy.can_decide(person, challenge), policy.can_cancel(person, challenge)}


@pytest.mark.parametrize("name", ["gu", "eve"])
def test_an_officer_who_was_the_sponsors_meanwhile_does_not_step_in(cast: Cast, name: str) -> None:
    challenge, officer = factories.opened(cast), getattr(cast, name)
    assert steps_in(officer, challenge) == {True}
    join(officer, cast.luoyang)
    organisations.leave(officer, cast.luoyang.id)
    assert steps_in(officer, challenge) == {False}


def test_who_left_the_sponsor_before_the_publication_steps_in(cast: Cast) -> None:
    join(cast.gu, cast.luoyang)
    organisations.leave(cast.gu, cast.luoyang.id)
    challenge = factories.opened(cast)
    factories.move_dates(challenge, published_at=now() + timedelta(minutes=1))
    assert steps_in(cast.gu, challenge) == {True}


@pytest.mark.parametrize("name", ["ada", "bo", "cy", "aud", "adm", "fen", "dee"])
def test_nobody_else_steps_in(cast: Cast, name: str) -> None:
    challenge = factories.closed(cast)
    person = getattr(cast, name)
    assert not policy.can_cancel(person, challenge)
    assert policy.can_decide(person, challenge) is (name == "ada"), "the sponsor decides by right"


def test_a_member_of_the_sponsor_does_not_screen(cast: Cast) -> None:
    challenge = factories.screened(cast)
    assert policy.can_screen(cast.eve, challenge)
    join(cast.eve, cast.luoyang)
    db.session.refresh(cast.eve)
    assert not policy.can_screen(cast.eve, challenge)
    assert not policy.can_screen(cast.ada, challenge)


def test_another_sponsor_copies_what_was_published_and_nothing_else(cast: Cast) -> None:
    other = factories.user("Olga", member_of=factories.organisation("Zhengzhou Pumps"), role=MemberRole.OWNER)
    draft, challenge = factories.challenge(cast.ada, cast.luoyang), factories.opened(cast)
    assert [policy.can_copy(other, row) for row in (draft, challenge)] == [False, True]
    assert [policy.can_copy(cast.ada, row) for row in (draft, challenge)] == [True, True]
    for row in (draft, challenge):
        lifecycle.cancel(cast.ada, row.id, reason="The mains are replaced.")
    assert [policy.can_copy(other, row) for row in (draft, challenge)] == [False, True]
    assert not policy.can_copy(cast.bo, challenge), "who posts for nobody has nowhere to copy it to"
