"""A closed organisation keeps its books and its obligations, and does nothing new."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from challenges import policy as challenges
from challenges.lifecycle import services as lifecycle
from crowd.accounts import open_matters
from crowd.accounts.models import MemberRole, OrganisationKind
from crowd.accounts.organisations import closing, policy, services
from crowd.accounts.organisations.rights import KEPT, Right
from crowd.accounts.parks import queries as parks
from crowd.accounts.parks import services as park_services
from crowd.db import db
from crowd.errors import Conflict, Forbidden
from crowd.ledger import policy as ledger
from crowd.ledger.models import OwnerType
from crowd.notifications.models import Notification
from tests import factories
from tests.cast import Cast
from tests.client import Browser

OPEN: dict[str, Callable[[Cast], Any]] = {
    "in screening": factories.screened,
    "awaiting payment": factories.approved,
    "with money in escrow": factories.funded,
    "open": factories.opened,
    "judged": factories.closed,
    "with a balance": lambda cast: (cast.ada, factories.pay_in(cast, cast.luoyang, 5_000)),
}


@pytest.mark.parametrize("state", OPEN)
def test_while_something_is_open_it_cannot_be_closed(cast: Cast, state: str) -> None:
    OPEN[state](cast)
    assert open_matters.find("organisation", cast.luoyang.id)
    for who in (cast.ada, cast.adm):
        with pytest.raises(Conflict):
            closing.close(who, cast.luoyang.id, reason="We merge.")
    assert cast.luoyang.closed_at is None


def test_an_agency_with_a_proposal_under_way_cannot_be_closed(cast: Cast) -> None:
    row = factories.opened(cast)
    factories.proposal(cast.nils, row, organisation=cast.northlight)
    with pytest.raises(Conflict, match="proposal"):
        closing.close(cast.nils, cast.northlight.id, reason="We merge.")


def test_a_draft_does_not_keep_it_open_and_is_not_submitted_afterwards(cast: Cast) -> None:
    row = factories.challenge(cast.ada, cast.luoyang)
    closing.close(cast.ada, cast.luoyang.id, reason="We merge.")
    with pytest.raises(Forbidden):
        lifecycle.submit(cast.ada, row.id)
    assert not challenges.can_create(cast.ada, cast.luoyang)


@pytest.mark.parametrize("who", ["abe", "dee", "eve", "fen", "aud"])
def test_others_than_the_owner_and_the_administrator_cannot_close_it(cast: Cast, who: str) -> None:
    with pytest.raises(Forbidden):
        closing.close(getattr(cast, who), cast.luoyang.id, reason="Because.")


def test_closed_it_does_nothing_new_and_shows_its_books(cast: Cast) -> None:
    invitation = services.invite(cast.ada, cast.luoyang.id, email=cast.dee.email)
    colleague = cast.abe.id
    park = factories.organisation("The Park", OrganisationKind.PARK)
    pan = factories.user("Pan", member_of=park, role=MemberRole.OWNER)
    park_services.accept(cast.ada, park_services.invite(pan, park.id, firm=cast.luoyang.name).id)
    closing.close(cast.ada, cast.luoyang.id, reason="We merge.")
    assert {right for right in Right if cast.ada.may(right, cast.luoyang.id)} == set(KEPT)
    assert invitation.answered_at is not None
    told = sa.select(Notification.params).where(Notification.kind == "accounts.organisation_closed")
    assert db.session.scalar(told.where(Notification.user_id == colleague))["reason"] == "We merge."
    assert not parks.is_member(park.id, cast.luoyang.id)
    assert ledger.can_view_owner(cast.ada, OwnerType.ORGANISATION, cast.luoyang.id)
    assert ledger.can_spend(cast.ada, OwnerType.ORGANISATION, cast.luoyang.id), "a late payment can be taken back"
    assert policy.can_view_members(cast.ada, cast.luoyang)
    assert not policy.can_verify(cast.eve, cast.luoyang)
    for act in (
        lambda: services.invite(cast.ada, cast.luoyang.id, email="new@crowd.example"),
        lambda: closing.close(cast.ada, cast.luoyang.id, reason="Again."),
        lambda: closing.reopen(cast.ada, cast.luoyang.id, reason="Again."),
    ):
        with pytest.raises(Forbidden):
            act()
    closing.reopen(cast.adm, cast.luoyang.id, reason="A mistake.")
    assert cast.ada.may(Right.POST, cast.luoyang.id)


def test_the_pages_say_what_is_open_and_that_it_is_closed(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.ada)
    path = f"/organisations/{cast.luoyang.id}/close"
    factories.screened(cast)
    page = browser.get(path).text
    assert "1 challenge is not finished." in page
    assert "<textarea" not in page
    row = factories.organisation("Small Works")
    browser.sign_in(factories.user("Sol", member_of=row, role=MemberRole.OWNER))
    path = f"/organisations/{row.id}/close"
    assert browser.post(path, {"reason": ""}).status_code == 422
    assert browser.post(path, {"reason": "We stop."}).status_code == 303
    for where in (f"/organisations/{row.id}/members", f"/organisations/{row.id}"):
        assert "This organisation was closed on" in browser.get(where).text
    assert browser.get(path).status_code == 403
    adm = Browser(browser.app).sign_in(cast.adm)
    assert adm.post(f"/organisations/{row.id}/reopen", {"reason": "A mistake."}).status_code == 303
    assert "was closed on" not in browser.get(f"/organisations/{row.id}").text


@pytest.mark.parametrize("gone", ["account", "membership"])
def test_without_an_owner_it_is_not_opened_again(cast: Cast, browser: Browser, gone: str) -> None:
    row = factories.organisation("Small Works")
    sol = factories.user("Sol", member_of=row, role=MemberRole.OWNER)
    closing.close(sol, row.id, reason="We stop.")
    if gone == "account":
        sol.active = False
    else:
        db.session.delete(sol.memberships[0])
    db.session.flush()
    adm = browser.sign_in(cast.adm)
    answer = adm.post(f"/organisations/{row.id}/reopen", {"reason": "A mistake."})
    assert answer.status_code == 409
    assert "none of its owners" in answer.text
    assert row.closed_at is not None


@pytest.mark.parametrize(("locale", "badge"), [("en", "Closed"), ("zh_Hans_CN", "已停用")])
def test_closed_it_is_shown_as_closed_wherever_it_is_listed(
    cast: Cast, browser: Browser, locale: str, badge: str
) -> None:
    row = factories.organisation("Small Works")
    sol = factories.user("Sol", member_of=row, role=MemberRole.OWNER)
    closing.close(sol, row.id, reason="We stop.")
    sol.locale = cast.adm.locale = cast.eve.locale = locale
    browser.sign_in(sol)
    mine = browser.get("/account/organisations").text
    assert mine.split("<h1>")[1].count("<h2>") == 1, "only the closed ones"
    for page in (mine, browser.get(f"/organisations/{row.id}/members").text):
        assert badge in page
    members = browser.get(f"/organisations/{row.id}/members").text
    assert "only owner" not in members
    assert "唯一" not in members
    assert f"/follow/organisation/{row.id}" not in browser.get(f"/organisations/{row.id}").text
    adm, eve = Browser(browser.app).sign_in(cast.adm), Browser(browser.app).sign_in(cast.eve)
    listed = adm.get("/admin/organisations?show=all").text
    assert badge in listed
    assert f"/organisations/{row.id}/close" in listed
    assert f"/organisations/{row.id}/close" not in eve.get("/admin/organisations?show=all").text


def test_what_stands_in_the_way_is_linked_for_those_who_may_open_it(cast: Cast, browser: Browser) -> None:
    row = factories.screened(cast)
    factories.pay_in(cast, cast.luoyang, 5_000)
    path = f"/organisations/{cast.luoyang.id}/close"
    own, balance = f'href="/challenges/{row.id}"', f'<a href="/organisations/{cast.luoyang.id}/balance">Balance</a>'
    page = browser.sign_in(cast.ada).get(path).text
    assert own in page
    assert row.title in page
    assert balance in page
    page = browser.sign_in(cast.adm).get(path).text
    assert own in page
    assert balance not in page.split("It cannot be closed yet")[1].split("</ul>")[0] or cast.adm.may(
        Right.VIEW_MONEY, cast.luoyang.id
    )


def test_what_keeps_an_account_is_linked(cast: Cast, browser: Browser) -> None:
    row = factories.proposal(cast.nils, factories.opened(cast))
    page = browser.sign_in(cast.nils).get("/account/data").text
    matters = page[page.index("cannot be deleted yet") :].split("</ul>")[0]
    assert f'href="/organisations/{cast.northlight.id}/members"' in matters
    assert f'href="/proposals/{row.id}"' in matters
    judging = factories.judging(cast, "bo", "bea")
    (one, *_) = [one for one in factories.assignments(judging) if one.reviewer_id == cast.cy.id]
    assert f'href="/reviews/{one.id}"' in browser.sign_in(cast.cy).get("/account/data").text
    assert 'href="/admin/people"' in browser.sign_in(cast.adm).get("/account/data").text
