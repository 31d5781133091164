"""The screening goes to the unit of the sponsor's region; units hand it over; everybody of the centre may act."""

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.screening import queries, services
from challenges.workflow import ChallengeState
from crowd.accounts.models import User
from crowd.accounts.units.queries import Queue
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.notifications.models import Notification
from tests import factories
from tests.cast import Cast, commit
from tests.client import Browser
from tests.crowd.accounts.test_units import QINGDAO, ZIBO, officer, term_id, unit


@pytest.fixture
def qi(cast: Cast) -> User:
    """Of the unit of Qingdao."""
    return officer("Qi", QINGDAO, cast)


@pytest.fixture
def zi(cast: Cast) -> User:
    """Of the unit of Zibo."""
    return officer("Zi", ZIBO, cast)


def submitted(cast: Cast, code: str, **changes: str) -> Challenge:
    """Ada's challenge in screening, of a sponsor in a region."""
    cast.luoyang.region_id = term_id(code)
    commit()
    row = factories.challenge(cast.ada, cast.luoyang, **changes)
    return lifecycle.submit(cast.ada, row.id)


def told(kind: str) -> set[int]:
    return set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == f"challenges.{kind}")))


def test_new_work_is_told_to_the_unit_and_waits_in_its_queue(cast: Cast, qi: User, zi: User, browser: Browser) -> None:
    assert cast.eve
    submitted(cast, QINGDAO, title="Find leaks")
    assert told("screening_asked") == {qi.id}
    assert "Find leaks" in browser.sign_in(qi).get("/screening").text
    assert "Find leaks" not in browser.sign_in(zi).get("/screening").text
    assert "Find leaks" in browser.get("/screening?unit=all").text
    assert "Find leaks" in browser.sign_in(cast.eve).get("/screening").text
    assert "Find leaks" not in browser.get("/screening?unit=none").text


def test_without_a_unit_everybody_of_the_centre_is_told(cast: Cast, qi: User, zi: User, isolated: Flask) -> None:
    eve = cast.eve
    submitted(cast, "410300")
    assert told("screening_asked") == {eve.id, qi.id, zi.id}
    counts = queries.queues(qi).counts
    assert counts == {Queue.MINE: 0, Queue.NONE: 1, Queue.ALL: 1}
    with isolated.test_request_context():
        assert [task.count for task in queries.waiting(qi)] == [1]


def test_the_unit_is_no_right(cast: Cast, qi: User) -> None:
    row = submitted(cast, QINGDAO)
    assert factories.approve(cast.eve, row.id).state == ChallengeState.APPROVED


def test_the_screening_is_handed_over_and_those_who_take_over_are_told(
    cast: Cast, qi: User, zi: User, browser: Browser
) -> None:
    row = submitted(cast, QINGDAO, title="Find leaks")
    path = f"/screening/{row.id}/hand-over"
    browser.sign_in(qi)
    assert "Zibo crowdsourcing centre" in browser.get(f"/screening/{row.id}").text
    assert browser.post(path, {"unit_id": str(unit(ZIBO).id), "note": ""}).status_code == 422
    assert browser.post(path, {"unit_id": str(unit(ZIBO).id), "note": "The pipes are in Zibo."}).status_code == 303
    assert told("screening_handed_over") == {zi.id}
    assert "Find leaks" not in browser.get("/screening").text
    page = browser.sign_in(zi).get("/screening").text
    assert "Find leaks" in page
    assert "The pipes are in Zibo." in page
    public = browser.sign_in(cast.ada).get(f"/challenges/{row.id}/history").text
    assert "The pipes are in Zibo." not in public  # for the service centre and the audit trail
    services.hand_over(zi, row.id, unit_id=None, note="Back to you.")
    assert queries.work_on([row])[row.id].unit is None
    assert told("screening_handed_over") == {zi.id, qi.id}


def test_only_the_service_centre_hands_over_and_only_in_screening(cast: Cast, qi: User) -> None:
    row = submitted(cast, QINGDAO)
    for actor in (cast.ada, cast.adm):
        with pytest.raises(Forbidden):
            services.hand_over(actor, row.id, unit_id=None, note="Mine.")
    with pytest.raises(Invalid):
        services.hand_over(qi, row.id, unit_id=unit(ZIBO).id, note="Nobody works there.")
    factories.approve(cast.eve, row.id)
    with pytest.raises(Conflict):
        services.hand_over(qi, row.id, unit_id=None, note="Too late.")
