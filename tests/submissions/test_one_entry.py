"""An agency has one entry in a challenge: the database decides, and colleagues are told whose it is."""

import pytest
import sqlalchemy as sa

from challenges.models import Challenge
from crowd.accounts.organisations import services as organisations
from crowd.db import db
from crowd.errors import Invalid
from submissions import services
from submissions.models import Proposal, Registration
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    """Open, with Nils and Bea on Northlight's staff."""
    join(cast.bea, cast.northlight)
    assert cast.nils.id
    return factories.opened(cast)


def enter(cast: Cast, person: str, challenge: Challenge) -> Registration:
    actor = getattr(cast, person)
    return services.register(actor, challenge.id, organisation_id=cast.northlight.id, accepted=True)


def test_the_second_of_an_agency_is_told_who_has_entered(cast: Cast, challenge: Challenge) -> None:
    enter(cast, "nils", challenge)
    with pytest.raises(Invalid, match="Nils has already registered for Northlight Sensing") as refused:
        enter(cast, "bea", challenge)
    assert set(refused.value.fields) == {"organisation_id"}
    assert services.register(cast.bea, challenge.id, accepted=True).organisation_id is None
    assert challenge.registrations_count == 2


def test_the_database_takes_no_second_entry(cast: Cast, challenge: Challenge) -> None:
    enter(cast, "nils", challenge)
    services.register(cast.bea, challenge.id, accepted=True)
    proposals = [services.start(person, challenge.id) for person in (cast.nils, cast.bea)]
    for table in (Registration, Proposal):
        twice = sa.update(table).where(table.user_id == cast.bea.id).values(organisation_id=cast.northlight.id)
        with pytest.raises(sa.exc.IntegrityError, match="organisation_id"), db.session.begin_nested():
            db.session.execute(twice)
    assert [row.organisation_id for row in proposals] == [cast.northlight.id, None]


def test_an_entry_that_its_person_has_left_unbegun_is_free_again(cast: Cast, challenge: Challenge) -> None:
    left = enter(cast, "bea", challenge)
    organisations.leave(cast.bea, cast.northlight.id)
    assert enter(cast, "nils", challenge).organisation_id == cast.northlight.id
    db.session.refresh(left)
    assert left.organisation_id is None, "they take part personally"


def test_an_entry_that_was_begun_stays_the_agencys(cast: Cast, challenge: Challenge) -> None:
    factories.proposal(cast.bea, challenge, submitted=False, organisation=cast.northlight)
    organisations.leave(cast.bea, cast.northlight.id)
    with pytest.raises(Invalid):
        enter(cast, "nils", challenge)


def test_the_page_tells_colleagues_and_nobody_else(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    proposal = factories.proposal(cast.bea, challenge, submitted=False, organisation=cast.northlight)
    here = f"/challenges/{challenge.id}/register"
    page = browser.sign_in(cast.nils).get(here).text
    assert "Bea has already registered for Northlight Sensing" in page
    assert f"/proposals/{proposal.id}" in page, "an owner reads it"
    assert 'name="organisation_id"' not in page, "only the own entry is left"
    late = factories.user("Lena", member_of=cast.northlight)
    page = browser.sign_in(late).get(here).text
    assert "Bea has already registered" in page
    assert f"/proposals/{proposal.id}" not in page, "a member does not"
    assert "Bea" not in browser.sign_in(cast.dee).get(here).text
    db.session.refresh(cast.nils)
    join(cast.nils, cast.luoyang)
    assert "Bea" not in browser.sign_in(cast.nils).get(here).text, "an insider is told nothing"


def test_a_stale_form_is_refused_in_words(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    enter(cast, "bea", challenge)
    asked = {"organisation_id": str(cast.northlight.id), "accepted": "y", "contract": "1"}
    page = browser.sign_in(cast.nils).post(f"/challenges/{challenge.id}/register", asked)
    assert page.status_code == 422
    assert "Bea has already registered for Northlight Sensing" in page.text
