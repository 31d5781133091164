"""Parks: both sides agree, either ends it, and the page shows the firms with what they do."""

import re

import pytest
import sqlalchemy as sa

from crowd.accounts.models import MemberRole, Organisation, OrganisationKind, User
from crowd.accounts.parks import queries, services
from crowd.accounts.parks.models import ParkMembership
from crowd.accounts.parks.policy import open_transitions
from crowd.accounts.parks.workflow import ParkState
from crowd.db import commit, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.notifications.models import Notification
from tests import factories
from tests.cast import Cast
from tests.client import Browser


@pytest.fixture
def park() -> Organisation:
    return factories.organisation("Luoyang Valley Park", OrganisationKind.PARK)


@pytest.fixture
def pan(park: Organisation) -> User:
    """The owner of the park."""
    return factories.user("Pan", member_of=park, role=MemberRole.OWNER)


def told(person: User) -> set[str]:
    return set(db.session.scalars(sa.select(Notification.kind).where(Notification.user_id == person.id)))


def test_a_firm_joins_by_its_own_consent_and_either_side_ends_it(cast: Cast, park: Organisation, pan: User) -> None:
    assert cast.ada
    row = services.invite(pan, park.id, firm=cast.luoyang.name)
    assert row.state == ParkState.INVITED
    assert "accounts.park_invited" in told(cast.ada)
    assert not queries.is_member(park.id, cast.luoyang.id)
    with pytest.raises(Forbidden):
        services.accept(pan, row.id)
    with pytest.raises(Forbidden):
        services.accept(cast.abe, row.id)  # a member does not manage it
    with pytest.raises(NotFound):
        services.accept(cast.dee, row.id)
    services.accept(cast.ada, row.id)
    assert [one.id for one in queries.firms_of(park.id)] == [cast.luoyang.id]
    assert [one.id for one in queries.parks_of(cast.luoyang.id)] == [park.id]
    assert "accounts.park_joined" in told(pan)
    services.end(cast.ada, row.id)
    assert "accounts.park_left" in told(pan)
    assert not queries.is_member(park.id, cast.luoyang.id)
    again = services.invite(pan, park.id, firm=cast.luoyang.name)
    services.accept(cast.ada, again.id)
    services.end(pan, again.id)
    assert "accounts.park_left" in told(cast.ada)
    with pytest.raises(Conflict):
        services.end(pan, again.id)


def test_an_invitation_is_declined_or_withdrawn(cast: Cast, park: Organisation, pan: User) -> None:
    assert cast.ada
    declined = services.invite(pan, park.id, firm=cast.luoyang.name)
    services.decline(cast.ada, declined.id)
    assert "accounts.park_declined" in told(pan)
    withdrawn = services.invite(pan, park.id, firm=cast.luoyang.name)
    services.withdraw(pan, withdrawn.id)
    with pytest.raises(Conflict):
        services.accept(cast.ada, withdrawn.id)
    assert queries.list_of(park.id) == []


def test_only_a_verified_park_invites_and_only_firms_that_are_here(cast: Cast, park: Organisation, pan: User) -> None:
    assert cast.ada
    for firm in ("Nobody Ltd", park.name, " "):
        with pytest.raises(Invalid):
            services.invite(pan, park.id, firm=firm)
    twins = [factories.organisation("Twin Works") for _ in range(2)]
    factories.registration(twins[1])
    commit()
    with pytest.raises(Invalid, match="Several"):
        services.invite(pan, park.id, firm="twin works")
    assert services.invite(pan, park.id, firm=twins[1].registration_number.lower()).firm_id == twins[1].id
    services.invite(pan, park.id, firm=cast.luoyang.name)
    with pytest.raises(Invalid, match="already"):
        services.invite(pan, park.id, firm=cast.luoyang.name)
    with pytest.raises(Forbidden):
        services.invite(cast.ada, cast.luoyang.id, firm="Twin Works")  # an enterprise is no park
    park.verified_at = None
    with pytest.raises(Conflict):
        services.invite(pan, park.id, firm=cast.northlight.name)


@pytest.mark.parametrize("state", ParkState)
def test_who_may_do_what_in_which_state(cast: Cast, park: Organisation, pan: User, state: ParkState) -> None:
    row = ParkMembership(park_id=park.id, firm_id=cast.luoyang.id, state=state)
    both = {ParkState.MEMBER: {"end"}}
    theirs = both | {ParkState.INVITED: {"accept", "decline"}}
    ours = both | {ParkState.INVITED: {"withdraw"}}
    assert set(open_transitions(cast.ada, row)) == theirs.get(state, set())
    assert set(open_transitions(pan, row)) == ours.get(state, set())
    for stranger in (cast.abe, cast.dee, cast.eve, cast.adm, None):
        assert open_transitions(stranger, row) == []


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_a_park_invites_a_firm_by_its_pages_and_shows_what_it_does(
    cast: Cast, park: Organisation, pan: User, browser: Browser, locale: str
) -> None:
    challenge = factories.opened(cast)
    cast.ada.locale = pan.locale = locale
    browser.sign_in(pan)
    path = f"/organisations/{park.id}/parks"
    assert browser.post(f"{path}/invite", {"firm": "Nobody Ltd"}).status_code == 422
    assert browser.post(f"{path}/invite", {"firm": cast.luoyang.name}).status_code == 303
    assert cast.luoyang.name in browser.get(path).text
    assert cast.luoyang.name not in Browser(browser.app).get(f"/organisations/{park.id}").text

    ada = Browser(browser.app).sign_in(cast.ada)
    here = f"/organisations/{cast.luoyang.id}/parks"
    assert here in ada.get("/dashboard").text
    accept = re.search(rf"{here}/\d+/accept", ada.get(here).text)
    assert accept
    assert ada.post(accept.group()).headers["Location"] == here
    assert f'<html lang="{locale[:2]}' in ada.get(here).text
    public = Browser(browser.app).get(f"/organisations/{park.id}").text
    assert cast.luoyang.name in public
    assert challenge.title in public
    assert f"/organisations/{park.id}" in Browser(browser.app).get(f"/organisations/{cast.luoyang.id}").text
    assert Browser(browser.app).sign_in(cast.dee).get(path).status_code == 403
    end = re.search(rf"{path}/\d+/end", browser.get(path).text)
    assert end
    assert browser.post(end.group()).status_code == 303
    assert cast.luoyang.name not in Browser(browser.app).get(f"/organisations/{park.id}").text


@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.parametrize("side", ["park", "firm"])
def test_the_kind_stays_what_the_membership_needs(
    cast: Cast, park: Organisation, pan: User, browser: Browser, side: str, accepted: bool
) -> None:
    row = services.invite(pan, park.id, firm=cast.luoyang.name)
    if accepted:
        services.accept(cast.ada, row.id)
    who, changed, kind = (pan, park, "enterprise") if side == "park" else (cast.ada, cast.luoyang, "park")
    data = {"name": changed.name, "kind": kind}
    browser.sign_in(who)
    path = f"/organisations/{changed.id}/edit"
    answer = browser.post(path, data)
    assert answer.status_code == 409
    assert changed.kind != kind
    if side == "firm":
        assert browser.post(path, data | {"kind": "institute"}).status_code == 303, "another kind of firm"
    if accepted:
        services.end(pan, row.id)
    else:
        services.withdraw(pan, row.id)
    assert browser.post(path, data).status_code == 303


def test_the_invitation_says_what_a_membership_means_before_the_firm_agrees(
    cast: Cast, park: Organisation, pan: User, browser: Browser
) -> None:
    path = f"/organisations/{cast.luoyang.id}/parks"
    browser.sign_in(cast.ada)
    assert "What a membership of a park means" not in browser.get(path).text
    services.invite(pan, park.id, firm=cast.luoyang.name)
    page = browser.get(path).text
    told = page[page.index("What a membership of a park means") : page.index("/accept")]
    for words in ("public page of the park", "only with your consent", "sees nothing else", "end the membership"):
        assert words in told, words
    assert "What a membership" not in browser.sign_in(pan).get(f"/organisations/{park.id}/parks").text
