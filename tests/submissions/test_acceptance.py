"""Who has not accepted a changed contract: by name where the reader knows who is registered, else as numbers."""

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from challenges.contract import queries as contracts
from challenges.contract import services as amendments
from challenges.entry.clause import QuestionLine
from challenges.models import Challenge
from crowd.accounts.models import User
from crowd.db import db
from submissions import services as submissions
from submissions.acceptance import queries, services
from submissions.models import Proposal
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.scoring.test_pages import words


def amended(cast: Cast, challenge: Challenge) -> None:
    """A material change."""
    brief = replace(contracts.brief_in_force(challenge), rights="A transfer.")
    shown = amendments.plan(challenge, brief).digest
    amendments.amend(cast.ada, challenge.id, brief=brief, reason="Clearer.", shown=shown)
    factories.run_jobs("registrations.notify_amended")


def page(browser: Browser, person: User, challenge: Challenge) -> str:
    return words(browser.sign_in(person).get(f"/challenges/{challenge.id}/contract").text)


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    """With a draft of an agency, and a submitted proposal of a person."""
    challenge = factories.opened(cast)
    submissions.register(cast.nils, challenge.id, organisation_id=cast.northlight.id, accepted=True)
    factories.proposal(cast.bo, challenge)
    return challenge


def test_the_sponsor_and_the_centre_see_how_many_and_what_follows(
    cast: Cast, challenge: Challenge, browser: Browser
) -> None:
    assert "has not accepted" not in page(browser, cast.ada, challenge)
    amended(cast, challenge)
    for person in (cast.ada, cast.eve):
        said = page(browser, person, challenge)
        assert "2 registered people and organisations have not accepted version 2 yet." in said
        assert "What they have submitted before is set aside unopened" in said
        assert "The challenge closes on" in said
        assert "The next reminder goes out on" in said
        assert cast.northlight.name not in said, "nobody knows before the close who takes part, as nothing is asked"
        state = queries.state_of(person, challenge)
        assert state is not None
        assert state.missing is not None
        assert not state.missing.names
    services.accept(cast.bo, challenge.id, contract=2)
    said = page(browser, cast.ada, challenge)
    assert "1 registered person or organisation has not accepted version 2 yet." in said
    services.accept(cast.nils, challenge.id, contract=2)
    assert "has not accepted" not in page(browser, cast.ada, challenge)


def test_who_has_submitted_is_sealed_until_the_close(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    amended(cast, challenge)
    told = {person.id: note(page(browser, person, challenge)) for person in (cast.ada, cast.eve)}
    mine = db.session.scalars(sa.select(Proposal).where(Proposal.user_id == cast.bo.id)).one()
    submissions.withdraw(cast.bo, mine.id)
    assert {person.id: note(page(browser, person, challenge)) for person in (cast.ada, cast.eve)} == told


def note(said: str) -> str:
    """What a page says of who has not accepted."""
    found = re.search(r"\d+ registered people and organisations.*?The next reminder goes out on .*? \d\d:\d\d", said)
    assert found
    return found[0]


def test_others_see_only_how_many_have_accepted(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    amended(cast, challenge)
    for person in (cast.bo, cast.cy, cast.finn):
        said = page(browser, person, challenge)
        assert "not accepted version" not in said
        assert "Accepted by 0 of 2 registered" in said
        state = queries.state_of(person, challenge)
        assert state is not None
        assert state.missing is None


def test_names_are_shown_where_the_contract_asks_for_answers(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast, questions=[QuestionLine(text="Since when?", required=False)])
    submissions.register(cast.nils, challenge.id, organisation_id=cast.northlight.id, accepted=True)
    submissions.register(cast.bo, challenge.id, accepted=True)
    amended(cast, challenge)
    for person in (cast.ada, cast.eve):
        said = page(browser, person, challenge)
        assert cast.northlight.name in said
    state = queries.state_of(cast.ada, challenge)
    assert state is not None
    assert state.missing is not None
    assert list(state.missing.names) == sorted([cast.bo.name, cast.northlight.name])
    services.accept(cast.bo, challenge.id, contract=2)
    state = queries.state_of(cast.ada, challenge)
    assert state is not None
    assert state.missing is not None
    assert list(state.missing.names) == [cast.northlight.name]
