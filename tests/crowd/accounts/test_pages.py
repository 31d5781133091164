"""Pages of people, their organisations and their inbox over HTTP, in both languages: what they offer, and what not."""

import re

import pytest

from crowd.accounts.models import Invitation, MemberRole, User
from crowd.accounts.organisations import policy, services
from crowd.accounts.organisations.queries import digest, list_members
from crowd.db import commit, db
from crowd.feature import declared
from crowd.notifications import services as notifications
from tests.cast import Cast, join
from tests.client import Browser

LANGUAGES = {"en": "en", "zh-CN": "zh_Hans_CN"}
PAGES = {  # URL: the person; `{me}` is the number of that person's account, `{us}` of Luoyang
    "/account/login": "", "/account/register": "", "/account/reset": "",
    "/account/change": "ada", "/account/change-email": "ada", "/account/verify": "ada",
    "/account/profile": "ada", "/account/sessions": "ada", "/account/organisations": "ada",
    "/account/organisations/new": "dee", "/organisations/{us}/members": "ada", "/organisations/{us}/edit": "ada",
    "/organisations/{us}/parks": "ada", "/organisations/{us}/close": "ada", "/account/data": "ada",
    "/inbox": "ada", "/inbox/preferences": "ada", "/admin/people": "adm", "/admin/people/{me}": "adm",
    "/admin/organisations": "eve", "/admin": "eve", "/admin/jobs": "eve", "/admin/audit": "aud",
    "/demo": "", "/demo/mail": "",
}  # fmt: skip


def words(page: str) -> str:
    """What a person reads of the page itself, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2].partition("</main>")[0]).split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES)
def test_every_page_speaks_both_languages(cast: Cast, browser: Browser, address: str, language: str) -> None:
    us, who = cast.luoyang.id, PAGES[address]
    person: User | None = getattr(cast, who) if who else None
    me = person.id if person else 0
    if person:
        browser.sign_in(person)
    browser.client.set_cookie("locale", LANGUAGES[language])
    answer = browser.get(address.format(us=us, me=me))
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    if "{" not in address:  # whose heading is a name
        heading = answer.text.partition("<h1>")[2].partition("</h1>")[0]
        assert bool(re.search("[一-鿿]", heading)) == (language != "en")


def test_the_only_owner_is_not_offered_what_would_be_refused(cast: Cast, browser: Browser) -> None:
    house = cast.luoyang.id
    assert cast.abe.id
    page = browser.sign_in(cast.ada).get(f"/organisations/{house}/members").text
    assert "Step down" not in page
    assert f'action="/organisations/{house}/leave"' not in page
    assert "You are the only owner" in page
    assert words(page).count("Change role") == 2  # Abe: what unfolds the question, and what answers it


def test_stepping_down_is_asked_twice_where_another_owner_stays(cast: Cast, browser: Browser) -> None:
    house = cast.luoyang.id
    join(cast.dee, cast.luoyang, MemberRole.OWNER)
    page = browser.sign_in(cast.ada).get(f"/organisations/{house}/members").text
    assert "Only another owner can make you an owner again" in page
    assert f'action="/organisations/{house}/leave"' in page
    answer = browser.post(f"/organisations/{house}/members/{cast.ada.id}/role", {"role": "member"})
    assert answer.status_code == 303


def test_only_owners_with_open_accounts_count(cast: Cast) -> None:
    join(cast.dee, cast.luoyang, MemberRole.OWNER)
    assert cast.ada.id
    assert not policy.is_only_owner(cast.ada, list_members(cast.luoyang.id))
    cast.dee.active = False
    commit()
    assert policy.is_only_owner(cast.ada, list_members(cast.luoyang.id))
    assert not policy.is_only_owner(None, list_members(cast.luoyang.id))


@pytest.mark.parametrize(("who", "money"), [("ada", True), ("abe", True), ("aud", True), ("eve", False)])
def test_an_organisation_leads_to_what_is_its_own(cast: Cast, browser: Browser, who: str, money: bool) -> None:
    """Profile, challenges, and for those who may see it the money: no link leads to an error."""
    house = cast.luoyang.id
    assert cast.ada.id
    page = browser.sign_in(getattr(cast, who)).get(f"/organisations/{house}/members").text
    assert (f'href="/organisations/{house}/balance"' in page) == money
    links = set(re.findall(r'href="(/[^"#]+)"', page.partition("<main")[2].partition("</main>")[0]))
    assert {f"/organisations/{house}"} <= links
    for address in links:
        assert browser.get(address.replace("&amp;", "&")).status_code == 200, address


def test_an_invitation_says_who_invites_and_what_the_role_may_do(cast: Cast, browser: Browser) -> None:
    services.invite(cast.ada, cast.luoyang.id, email=cast.dee.email, role=MemberRole.OWNER)
    db.session.query(Invitation).one().token_digest = digest("known")
    commit()
    text = words(browser.sign_in(cast.dee).get("/invitations/known").text)
    assert "Ada asks you to act for Luoyang Water Group" in text
    assert "Hand the organisation over" in text
    assert "Request payouts" in text


def test_a_person_who_acts_alone_is_told_so_in_plain_words(cast: Cast, browser: Browser) -> None:
    page = browser.sign_in(cast.eve).get("/account/organisations").text
    assert "You act for yourself." in page
    assert 'class="empty"' not in page


def test_an_inbox_that_is_read_leads_to_nothing_unread(cast: Cast, browser: Browser) -> None:
    kind, sentences = next(iter(declared().notifications.items()))
    browser.sign_in(cast.dee)
    assert "show=unread" not in browser.get("/inbox").text
    params = dict.fromkeys(re.findall(r"%\((\w+)\)", f"{sentences.subject} {sentences.text}"), "x")
    notifications.notify(cast.dee.id, kind=kind, key="one", path="/dashboard", params=params)
    commit()
    page = browser.get("/inbox").text
    assert "show=unread" in page
    assert page.index("Mark all as read") < page.index('class="rows"')
    browser.post("/inbox/read")
    page = browser.get("/inbox?show=unread").text
    assert "show=unread" not in page.partition("<main")[2]
    assert 'class="rows"' in page


def test_the_password_is_asked_for_by_name_of_the_act(cast: Cast, browser: Browser) -> None:
    page = browser.sign_in(cast.dee).get("/account/verify?next=/account/change-email").text
    assert "Before you change your email address" in page
    assert 'href="/account/profile">Cancel</a>' in page
    assert "Before you continue" in browser.get("/account/verify?next=/dashboard").text


def test_the_terms_are_linked_where_they_are_accepted(browser: Browser) -> None:
    page = browser.get("/account/register").text
    label = re.search(r'<label for="terms">(.*?)</label>', page, re.S)
    assert label
    assert set(re.findall(r'href="([^"]+)"', label[1])) == {"/terms", "/privacy"}
    assert "nobody else sees it" not in page
