"""The history of a challenge: all readers see the roles, internal readers the people; never more than they may."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from challenges import history, services
from challenges.lifecycle import services as lifecycle
from crowd import clock
from crowd.audit import SYSTEM
from scoring.awards import services as award_services
from tests import factories
from tests.cast import Cast
from tests.client import Browser


@pytest.fixture
def spoken(isolated: Flask) -> Iterator[None]:
    """What happened is told in the reader's language."""
    with isolated.test_request_context("/", headers={"Accept-Language": "en"}):
        yield


@pytest.mark.usefixtures("spoken")
def test_everybody_reads_what_the_platform_did_and_why(cast: Cast) -> None:
    challenge = factories.judging(cast)
    public = {one.action: one for one in history.history_entries(challenge, inside=False)}
    assert list(public) == ["challenge.funded", "challenge.opened", "challenge.closed", "panel.formed"]
    assert public["challenge.funded"].who == cast.luoyang.name
    assert public["challenge.closed"].who == "the platform"
    assert "date had come" in public["challenge.closed"].reason
    assert public["challenge.closed"].result == "2 proposals"
    assert history.last_transition(challenge, inside=False) == public["challenge.closed"]


@pytest.mark.usefixtures("spoken")
def test_those_inside_read_the_people_and_the_remarks(cast: Cast) -> None:
    challenge = factories.screened(cast)
    lifecycle.return_for_changes(cast.eve, challenge.id, reason="An inner remark.")
    last = history.last_transition(challenge, inside=True)
    assert last is not None
    assert (last.who, last.reason) == ("Eve, Service centre", "An inner remark.")
    services.edit(cast.abe, challenge.id, changes={"title": "Another title"})
    assert history.last_transition(challenge, inside=True) == last, "an edit moves nothing"
    assert history.last_transition(challenge, inside=False) is None
    assert history.history_entries(challenge, inside=False) == []


@pytest.mark.usefixtures("spoken")
def test_who_decides_for_a_silent_sponsor_is_told_as_the_organ(cast: Cast) -> None:
    challenge = factories.closed(cast)
    factories.scoring.form_panel(SYSTEM, challenge.id)
    factories.move_dates(challenge, decision_due_at=clock.now() - timedelta(days=1))
    award_services.decide(cast.eve, challenge.id, reason="Nothing came in.")
    last = history.last_transition(challenge, inside=False)
    assert last is not None
    assert (last.who, last.made) == ("Service centre", history.RESULTS)
    assert last.reason == "Nothing came in.", "the results say it to everybody, too"


def test_the_page_of_the_history_leads_to_what_an_act_has_made(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast)
    path = f"/challenges/{challenge.id}/history"
    public = browser.get(path).get_data(as_text=True)
    assert f"/challenges/{challenge.id}/transfers" in public
    assert f"/challenges/{challenge.id}/panel" not in public
    assert "The panel reviews the proposals." in public
    inner = browser.sign_in(cast.ada).get(path).get_data(as_text=True)
    assert f"/challenges/{challenge.id}/panel" in inner


def test_how_far_the_panel_is_only_those_read_who_see_the_judging(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast)
    path = f"/challenges/{challenge.id}"
    result = "Reviews submitted"
    assert result in browser.sign_in(cast.ada).get(path).get_data(as_text=True)
    assert result in browser.sign_in(cast.eve).get(path).get_data(as_text=True)
    for person in (cast.bo, cast.dee, cast.cy):
        assert result not in browser.sign_in(person).get(path).get_data(as_text=True), person.name
    assert result not in browser.sign_out().get(path).get_data(as_text=True)
