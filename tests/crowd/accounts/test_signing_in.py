"""From a new account to a signed-in person, and back: by the pages, the mails in the outbox, and the session rows."""

import re
import time
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd.accounts.models import LoginSession, SignUp, User
from crowd.accounts.organisations import services as organisations
from crowd.accounts.queries import find_by_email
from crowd.audit import AuditEvent
from crowd.background import Job
from crowd.db import commit, db
from crowd.notifications.models import OutgoingEmail
from tests.cast import Cast
from tests.client import Browser
from tests.factories import PASSWORD

NEW = {
    "name": "Lin Wei",
    "email": "Lin.Wei@Crowd.example",
    "locale": "zh_Hans_CN",
    "time_zone": "Asia/Shanghai",
    "terms": "y",
}
CHOSEN = {"name": "Lin Wei", "password": PASSWORD, "password_confirm": PASSWORD}


def mails(app: Flask) -> list[OutgoingEmail]:
    with app.app_context():
        return list(db.session.scalars(sa.select(OutgoingEmail).order_by(OutgoingEmail.id)))


def link(mail: OutgoingEmail) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/\S+)", mail.text or "")
    assert found, mail.text
    return found.group(1)


def sign_up(browser: Browser, **changes: str) -> OutgoingEmail:
    """Ask for an account; the mail that comes of it."""
    answer = browser.post("/account/register", NEW | changes)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return mails(browser.app)[-1]


def make_account(browser: Browser, **changes: str) -> None:
    """Ask for an account and choose its password behind the link; nobody is signed in afterwards."""
    answer = browser.post(link(sign_up(browser, **changes)), CHOSEN)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    browser.post("/account/logout")


def sign_in(browser: Browser, email: str = "lin.wei@crowd.example", password: str = PASSWORD, to: str = "") -> str:
    answer = browser.post("/account/login", {"email": email, "password": password, "next": to})
    return str(answer.headers.get("Location", ""))


@pytest.fixture
def lin(browser: Browser) -> Browser:
    """Lin Wei, signed up and signed in."""
    make_account(browser)
    assert sign_in(browser) == "/dashboard"
    return browser


def test_signing_up_and_choosing_the_password_behind_the_link(browser: Browser) -> None:
    mail = sign_up(browser)
    assert (mail.recipient, mail.locale) == ("lin.wei@crowd.example", "zh_Hans_CN")
    with browser.app.app_context():
        assert find_by_email("lin.wei@crowd.example") is None, "there is no account before the address is proven"
        job = db.session.scalars(sa.select(Job).where(Job.dedup_key == f"mail:{mail.id}")).one()
        assert job.kind == "emails.send"
    assert browser.get(link(mail)).status_code == 200
    answer = browser.post(link(mail), CHOSEN | {"name": "Lin Wei of Luoyang"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/dashboard")
    assert "Lin Wei of Luoyang" in browser.get("/account/profile").get_data(as_text=True)
    with browser.app.app_context():
        person = find_by_email("lin.wei@crowd.example")
        assert person
        assert (person.locale, person.time_zone) == ("zh_Hans_CN", "Asia/Shanghai")
        assert person.confirmed_at
        assert person.terms_at
        verbs = set(db.session.scalars(sa.select(AuditEvent.action)))
        assert {"user.registered", "session.opened"} <= verbs
    browser.post("/account/logout")
    assert sign_in(browser) == "/dashboard"


def test_the_forms_say_what_is_missing_and_keep_what_was_typed(browser: Browser) -> None:
    text = browser.post("/account/register", NEW | {"terms": "", "email": "nobody"}).get_data(as_text=True)
    assert "Accept the terms to create an account." in text
    assert "This is not an email address" in text
    assert 'value="Lin Wei"' in text
    assert not mails(browser.app)
    path = link(sign_up(browser))
    text = browser.post(path, {"name": "Lin the Elder", "password": "short", "password_confirm": "shorter"}).text
    assert "Use at least 10 characters." in text
    assert "The two passwords differ." in text
    assert 'value="Lin the Elder"' in text
    assert 'value="short' not in text


@pytest.mark.parametrize(
    "password", ["qwertyuiop", "12345678910", "aaaaaaaaaaaa", "Lin Wei Lin", "lin.wei@crowd.example", "abcdefghijkl"]
)
def test_a_password_that_is_tried_first_is_refused(browser: Browser, password: str) -> None:
    name = "Lin Wei Lin" if password == "Lin Wei Lin" else "Lin Wei"
    path = link(sign_up(browser))
    page = browser.post(path, {"name": name, "password": password, "password_confirm": password})
    assert page.status_code == 422
    with browser.app.app_context():
        assert find_by_email("lin.wei@crowd.example") is None
    assert browser.post(path, CHOSEN).status_code == 303, "and the link goes on"


def test_nobody_gains_rights_by_signing_up(browser: Browser) -> None:
    extra = {"active": "1", "confirmed_at": "2026-01-01", "roles": "administrator", "demonstration": "y", "id": "1"}
    mail = sign_up(browser, **extra)
    browser.post(link(mail), CHOSEN | extra | {"email": "root@crowd.example"})
    with browser.app.app_context():
        assert find_by_email("root@crowd.example") is None
        person = find_by_email("lin.wei@crowd.example")
        assert person
        assert (person.roles, person.demonstration, person.id == 1) == ([], False, False)


def test_whoever_names_an_address_first_has_nothing_of_it(browser: Browser) -> None:
    """Mallory signs up as Lin; Lin signs up afterwards, and has sole control of the account."""
    mallory = Browser(browser.app)
    first = sign_up(mallory, name="Visit http://evil.example", password="mallory has chosen it")
    assert "evil.example" not in str(first.text) + str(first.html), "what one person typed is not mailed to another"
    assert sign_in(mallory, password="mallory has chosen it") == ""
    assert mallory.post("/account/reset", {"email": NEW["email"]}).status_code == 200
    assert len(mails(browser.app)) == 1, "there is no password that a link could set"
    make_account(browser)
    assert sign_in(mallory, password="mallory has chosen it") == ""
    assert sign_in(browser) == "/dashboard"
    with browser.app.app_context():
        person = find_by_email("lin.wei@crowd.example")
        assert person
        assert person.name == "Lin Wei"
    assert mallory.get(link(first)).status_code == 404, "the link of the first sign-up has ended with the second"
    assert mallory.post(link(first), CHOSEN).status_code == 404


def test_the_owner_may_use_the_link_that_somebody_else_has_asked_for(browser: Browser) -> None:
    first = sign_up(Browser(browser.app), name="Mallory")
    second = sign_up(browser)
    assert browser.post(link(first), CHOSEN).status_code == 303
    browser.post("/account/logout")
    assert sign_in(browser) == "/dashboard"
    assert browser.post("/account/logout").status_code == 302
    assert browser.get(link(second)).status_code == 404


def test_a_link_makes_one_account_and_no_second(browser: Browser) -> None:
    mail = sign_up(browser)
    assert browser.post(link(mail), CHOSEN).status_code == 303
    other = Browser(browser.app)
    assert other.get(link(mail)).status_code == 404
    again = {"name": "Mallory", "password": "three unrelated words", "password_confirm": "three unrelated words"}
    assert other.post(link(mail), again).status_code == 404
    assert sign_in(other, password="three unrelated words") == ""
    with browser.app.app_context():
        assert not db.session.scalar(sa.select(sa.func.count()).select_from(SignUp))


def test_a_link_that_is_too_old_opens_nothing(browser: Browser) -> None:
    mail = sign_up(browser)
    with browser.app.app_context():
        db.session.execute(sa.update(SignUp).values(expires_at=sa.func.crowd_now()))
        commit()
    assert browser.get(link(mail)).status_code == 404
    assert browser.post(link(mail), CHOSEN).status_code == 404
    sign_up(browser)
    with browser.app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SignUp)) == 1, "what is too old is not kept"


def test_an_account_that_exists_is_told_so_by_mail_alone(lin: Browser) -> None:
    stranger = Browser(lin.app)
    told = sign_up(stranger, name="Mallory")
    assert (told.kind, told.recipient, told.locale) == ("sign_up_known", "lin.wei@crowd.example", "zh_Hans_CN")
    assert "Mallory" not in str(told.text)
    assert "/account/reset/" in link(told)
    with lin.app.app_context():
        assert not db.session.scalar(sa.select(sa.func.count()).select_from(SignUp))
        db.session.execute(sa.update(User).where(User.email == told.recipient).values(active=False))
        commit()
    assert "/account/reset/" not in str(sign_up(stranger).text), "a closed account is told so, too"


def test_an_address_that_somebody_signed_up_with_is_nobodys_yet(browser: Browser, cast: Cast) -> None:
    """An invitation waits for the address's owner, and a share by address finds no account."""
    email, path = "lin.wei@crowd.example", link(sign_up(browser))
    invitation = organisations.invite(cast.ada, cast.luoyang.id, email=email).id
    text = str(mails(browser.app)[-1].text)
    found = re.search(r"/invitations/\S+", text)
    assert found
    assert browser.post(f"/account/invitations/{invitation}/accept").status_code in (302, 400)
    asked = browser.get(found[0]).get_data(as_text=True)
    assert f"/account/register?next={found[0]}" in asked
    assert browser.post(path, CHOSEN).headers["Location"] == "/dashboard"
    assert "Luoyang Water Group" in browser.get("/account/organisations").get_data(as_text=True)
    assert browser.post(f"/account/invitations/{invitation}/accept").status_code == 303


def test_signing_up_leads_back_to_where_one_was_going_and_nowhere_else(browser: Browser) -> None:
    path = link(sign_up(browser, next="/invitations/abc"))
    assert path.endswith("?next=/invitations/abc")
    assert browser.post(path, CHOSEN).headers["Location"] == "/invitations/abc"
    targets = ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)")
    for number, target in enumerate(targets):
        other = Browser(browser.app)
        path = link(sign_up(other, email=f"a{number}@crowd.example", next=target))
        assert "evil" not in path
        answer = other.post(path.partition("?")[0] + f"?next={target}", CHOSEN | {"name": "Somebody"})
        assert answer.headers["Location"] == "/dashboard"


def test_who_is_signed_in_signs_up_no_second_time(lin: Browser) -> None:
    path = link(sign_up(Browser(lin.app), email="other@crowd.example"))
    assert lin.get("/account/register").headers["Location"] == "/dashboard"
    assert lin.post(path, CHOSEN).headers["Location"] == "/dashboard"
    with lin.app.app_context():
        assert find_by_email("other@crowd.example") is None


@pytest.mark.parametrize("path", ["/account/confirm", "/account/confirm/an-old-token"])
def test_links_of_the_old_way_lead_to_the_new_one(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/register")


def answers(browser: Browser, path: str, known: dict[str, str], unknown: dict[str, str]) -> list[tuple[int, str]]:
    found = []
    for data in (known, unknown):
        browser.get("/contact")  # shows the messages of what was done before
        answer = browser.post(path, data)
        shown = browser.get("/account/login") if answer.status_code in (302, 303) else answer
        text = shown.get_data(as_text=True).replace(data["email"], "ADDRESS")
        text = re.sub(r'(nonce|value|content)="[^"]*"|<time.*', "", text)
        found.append((answer.status_code, text))
    return found


def test_no_page_tells_who_has_an_account(browser: Browser) -> None:
    make_account(browser)
    known, unknown = {"email": "lin.wei@crowd.example"}, {"email": "nobody.here@crowd.example"}
    first, second = answers(browser, "/account/reset", known, unknown)
    assert first == second
    wrong = {"password": "another password"}
    first, second = answers(browser, "/account/login", known | wrong, unknown | wrong)
    assert first == second
    first, second = answers(browser, "/account/register", NEW | known, NEW | unknown)
    assert first == second
    assert {mail.kind.rpartition("/")[2] for mail in mails(browser.app)} == {
        "sign_up",
        "sign_up_known",
        "reset_instructions",
    }


def test_no_page_tells_that_somebody_signed_up(browser: Browser) -> None:
    sign_up(browser)
    known, unknown = {"email": "lin.wei@crowd.example"}, {"email": "nobody.here@crowd.example"}
    wrong = {"password": "another password"}
    for path, more in (("/account/reset", {}), ("/account/login", wrong), ("/account/register", NEW)):
        first, second = answers(browser, path, more | known, more | unknown)
        assert first == second, path


@pytest.mark.parametrize("path", ["/account/reset", "/account/register"])
def test_the_time_tells_it_neither(browser: Browser, path: str) -> None:
    make_account(browser)
    for email in ("lin.wei@crowd.example", "nobody.here@crowd.example"):
        token, started = browser.token(), time.monotonic()
        browser.client.post(path, data=NEW | {"email": email, "csrf_token": token})
        assert time.monotonic() - started >= 0.25


def test_a_reset_link_works_once_and_ends_every_session(lin: Browser) -> None:
    other = Browser(lin.app)
    other.post("/account/reset", {"email": "lin.wei@crowd.example"})
    path = link(mails(lin.app)[-1])
    assert "Set a new password" in other.get(path).get_data(as_text=True)
    new = {"password": "three unrelated words", "password_confirm": "three unrelated words"}
    assert other.post(path, new).status_code == 302
    assert lin.get("/account/profile").status_code == 302, "the old session has ended"
    assert other.get(path).headers["Location"].endswith("/account/reset"), "the link was used"
    other.post(path, {"password": "four other words here", "password_confirm": "four other words here"})
    assert sign_in(other, password="four other words here") == ""
    assert sign_in(other, password="three unrelated words") == "/dashboard"


def test_a_reset_link_dies_with_a_change_of_password(lin: Browser) -> None:
    Browser(lin.app).post("/account/reset", {"email": "lin.wei@crowd.example"})
    path = link(mails(lin.app)[-1])
    change(lin)
    assert Browser(lin.app).get(path).headers["Location"].endswith("/account/reset")


def test_a_reset_link_dies_with_a_change_of_address(lin: Browser) -> None:
    Browser(lin.app).post("/account/reset", {"email": "lin.wei@crowd.example"})
    path = link(mails(lin.app)[-1])
    lin.post("/account/change-email", {"email": "Wei@crowd.example", "password": PASSWORD})
    mail = mails(lin.app)[-1]
    assert mail.recipient == "wei@crowd.example"
    assert lin.get(link(mail)).status_code == 200
    assert mails(lin.app)[-1].recipient == "wei@crowd.example", "to look at the link changes nothing"
    assert lin.post(link(mail)).status_code == 302
    told = [(mail.recipient, mail.kind) for mail in mails(lin.app)[-2:]]
    assert told == [("wei@crowd.example", "address_changed"), ("lin.wei@crowd.example", "address_changed")]
    assert Browser(lin.app).get(path).headers["Location"].endswith("/account/reset")
    assert lin.get("/account/profile").status_code == 302
    assert sign_in(lin) == ""
    assert sign_in(lin, email="wei@crowd.example") == "/dashboard"


@pytest.mark.parametrize("password", ["", "three wrong words", "x" * 10_000])
def test_a_new_address_takes_the_password(lin: Browser, password: str) -> None:
    """Otherwise a person at an open session could send the link that sets a password to themselves."""
    before = len(mails(lin.app))
    answer = lin.post("/account/change-email", {"email": "evil@crowd.example", "password": password})
    assert answer.status_code == 422
    assert "evil@crowd.example" in answer.text, "what was typed is kept"
    assert len(mails(lin.app)) == before
    with lin.app.app_context():
        refused = db.session.scalar(sa.select(sa.func.count()).where(AuditEvent.action == "password.refused"))
    assert refused == (1 if password else 0)


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_an_address_of_another_site_is_forgotten_at_sign_in(lin: Browser, there: str) -> None:
    other = Browser(lin.app)
    sent = {"email": "lin.wei@crowd.example", "password": PASSWORD, "next": there}
    answer = other.post(f"/account/login?{urlencode({'next': there})}", sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/dashboard")


def test_a_new_address_is_taken_by_the_accounts_own_person_alone(lin: Browser, cast: Cast) -> None:
    """Lin names Dee's address. Dee, or a program that follows links in mails, opens the link: nothing changes."""
    lin.post("/account/change-email", {"email": "dee.at.home@crowd.example", "password": PASSWORD})
    path = link(mails(lin.app)[-1])
    nobody, dee = Browser(lin.app), Browser(lin.app).sign_in(cast.dee)
    assert nobody.get(path).headers["Location"].startswith("/account/login?next=")
    assert nobody.post(path).status_code == 400
    assert dee.get(path).status_code == 403
    assert dee.post(path).status_code == 403
    with lin.app.app_context():
        assert find_by_email("dee.at.home@crowd.example") is None
    make_account(nobody, email="dee.at.home@crowd.example")
    assert lin.post(path).status_code == 302
    assert sign_in(Browser(lin.app)) == "/dashboard", "the address is taken meanwhile, and Lin keeps the own"


def test_a_link_in_a_mail_leads_to_us_whatever_host_was_sent(browser: Browser) -> None:
    make_account(browser)
    evil = {"Host": "evil.example"}
    page = browser.client.get("/account/reset", headers=evil).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    data = {"email": NEW["email"], "csrf_token": token.group(1)}
    assert browser.client.post("/account/reset", data=data, headers=evil).status_code == 200
    assert mails(browser.app)[-1].kind.endswith("reset_instructions")
    assert "evil.example" not in str(mails(browser.app)[-1].text) + str(mails(browser.app)[-1].html)


def copy(browser: Browser) -> Browser:
    """The same cookie in another browser."""
    thief = Browser(browser.app)
    cookie = browser.client.get_cookie("crowd")
    assert cookie
    thief.client.set_cookie("crowd", cookie.value)
    assert thief.get("/account/profile").status_code == 200
    return thief


def change(browser: Browser) -> None:
    new = "three unrelated words"
    answer = browser.post("/account/change", {"password": PASSWORD, "new_password": new, "new_password_confirm": new})
    assert answer.status_code == 302, answer.get_data(as_text=True)


def test_a_cookie_copied_before_signing_out_is_refused(lin: Browser) -> None:
    thief = copy(lin)
    assert lin.get("/account/logout").status_code == 405
    assert lin.post("/account/logout").status_code == 302
    assert thief.get("/account/profile").status_code == 302
    assert lin.get("/account/profile").status_code == 302


def test_a_cookie_copied_before_a_change_of_password_is_refused_and_ones_own_stays(lin: Browser) -> None:
    thief = copy(lin)
    change(lin)
    assert thief.get("/account/profile").status_code == 302
    assert lin.get("/account/profile").status_code == 200


def test_sessions_are_listed_and_can_be_ended(lin: Browser) -> None:
    lin.client.set_cookie("locale", "en")  # Lin reads Chinese, this test English
    other = Browser(lin.app)
    assert sign_in(other) == "/dashboard"
    page = lin.get("/account/sessions").get_data(as_text=True)
    assert page.count("This one") == 1
    found = re.findall(r"/account/sessions/(\d+)/revoke", page)
    assert len(found) == 1
    assert lin.post(f"/account/sessions/{found[0]}/revoke").status_code == 303
    assert other.get("/account/profile").status_code == 302
    assert sign_in(other) == "/dashboard"
    lin.post("/account/sessions/revoke")
    assert other.get("/account/profile").status_code == 302
    assert lin.get("/account/profile").status_code == 200


def test_nobody_ends_the_session_of_another(lin: Browser, cast: Cast) -> None:
    with lin.app.app_context():
        row = db.session.scalars(sa.select(LoginSession.id)).first()
    eve = Browser(lin.app).sign_in(cast.eve)
    assert eve.post(f"/account/sessions/{row}/revoke").status_code == 404
    assert lin.get("/account/profile").status_code == 200


def test_a_session_that_is_too_old_signs_nobody_in(lin: Browser) -> None:
    with lin.app.app_context():
        db.session.execute(sa.update(LoginSession).values(expires_at=sa.func.crowd_now()))
        commit()
    assert lin.get("/account/profile").status_code == 302


def test_a_closed_account_is_out_at_once(lin: Browser) -> None:
    with lin.app.app_context():
        db.session.execute(sa.update(User).where(User.email == "lin.wei@crowd.example").values(active=False))
        commit()
    assert lin.get("/account/profile").status_code == 302
    assert sign_in(lin) == ""


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "http:evil.example", "javascript:alert(1)", "/\t/evil.example", "https:/evil.example", "//evil.example\\@crowd",
        "http://localhost@evil.example/", " //evil.example", "/%09/evil.example",
    ],
)  # fmt: skip
def test_signing_in_leads_to_no_other_site(browser: Browser, target: str) -> None:
    make_account(browser)
    assert host(sign_in(browser, to=target)) == "localhost"
    assert "evil" not in Browser(browser.app).get("/account/login", query_string={"next": target}).headers.get(
        "Location", ""
    )


def host(location: str) -> str | None:
    """Where a browser would go: it takes a backslash for a slash and drops tabs."""
    plain = location.replace("\\", "/").replace("\t", "").strip()
    return urlsplit(urljoin("http://localhost/account/login", plain)).hostname


def test_signing_in_leads_back_to_where_one_was_going(browser: Browser) -> None:
    make_account(browser)
    asked = browser.get("/account/sessions").headers["Location"]
    assert asked == "/account/login?next=/account/sessions"
    assert sign_in(browser, to="/account/sessions") == "/account/sessions"


def test_what_flask_security_guards_asks_to_sign_in(browser: Browser) -> None:
    for path in ("/account/change", "/account/change-email", "/account/verify"):
        assert browser.get(path).headers["Location"].startswith("/account/login?next="), path


def test_a_change_of_address_wants_a_fresh_sign_in(lin: Browser) -> None:
    assert lin.get("/account/change-email").status_code == 200
    with lin.client.session_transaction() as cookie:
        cookie["fs_paa"] = time.time() - 7200
        cookie.pop("fs_gexp", None)
    asked = lin.get("/account/change-email").headers["Location"]
    assert asked.startswith("/account/verify")
    assert lin.post(asked, {"password": "not the password"}).status_code == 422
    assert lin.post(asked, {"password": PASSWORD, "next": "/account/change-email"}).status_code == 302
    assert lin.get("/account/change-email").status_code == 200


def test_a_request_needs_one_statement_to_know_its_person(isolated: Flask, cast: Cast) -> None:
    ada = Browser(isolated).sign_in(cast.ada)
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(str(args[2]))

    with isolated.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        page = ada.get("/account/organisations").get_data(as_text=True)
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert "Luoyang Water Group" in page
    about_people = [s for s in statements if re.search(r"login_session|membership|user_role|\"user\"", s)]
    assert len(about_people) == 1, about_people
    assert len([s for s in statements if s.startswith("SELECT")]) <= 3, statements


def test_a_posted_form_survives_the_end_of_the_session(lin: Browser) -> None:
    token = lin.token()
    with lin.app.app_context():
        db.session.execute(sa.update(LoginSession).values(revoked_at=sa.func.crowd_now()))
        commit()
    typed = {"csrf_token": token, "name": "Lin the Elder", "password": "never shown"}
    answer = lin.client.post("/account/profile", data=typed, headers={"Origin": "http://localhost"})
    assert answer.status_code == 400
    page = answer.get_data(as_text=True)
    assert "Lin the Elder" in page
    assert "never shown" not in page
    foreign = lin.client.post("/account/profile", data=typed, headers={"Origin": "https://evil.example"})
    assert "Lin the Elder" not in foreign.get_data(as_text=True), "what another site sends is not offered again"


def test_every_page_is_in_chinese_too(browser: Browser) -> None:
    for path in ("login", "register", "reset"):
        page = browser.get(f"/account/{path}", headers={"Accept-Language": "zh-CN"})
        assert page.status_code == 200
        assert 'lang="zh-CN"' in page.get_data(as_text=True)


WRONG = {
    "/account/login": {"email": "lin.wei@crowd.example", "password": "another password"},
    "/account/reset": {"email": "no address"},
    "/account/change": {"password": PASSWORD, "new_password": "short", "new_password_confirm": "short"},
    "/account/change-email": {"email": "no address"},
    "/account/verify": {"password": "another password"},
}


@pytest.mark.parametrize("path", WRONG)
def test_a_wrong_form_is_told_so_by_its_status_too(path: str, browser: Browser) -> None:
    make_account(browser)
    if path not in ("/account/login", "/account/reset"):
        sign_in(browser)
    answer = browser.post(path, WRONG[path])
    assert answer.status_code == 422
    assert "data-focus" in answer.get_data(as_text=True)


def test_so_is_a_new_password_behind_a_link(lin: Browser) -> None:
    other = Browser(lin.app)
    other.post("/account/reset", {"email": "lin.wei@crowd.example"})
    answer = other.post(link(mails(lin.app)[-1]), {"password": "short", "password_confirm": "short"})
    assert answer.status_code == 422


def test_the_status_tells_nobody_whose_address_is_taken(lin: Browser, cast: Cast) -> None:
    taken, free = ({"email": email, "password": PASSWORD} for email in (cast.dee.email, "nobody.here@crowd.example"))
    first, second = answers(lin, "/account/change-email", taken, free)
    assert first == second
    assert first[0] == 200


@pytest.mark.parametrize("path", ["/account/reset", "/account/login", "/account/change-email", "/account/verify"])
def test_a_form_without_its_fields_is_wrong_and_no_fault_of_ours(path: str, browser: Browser) -> None:
    make_account(browser)
    if path not in ("/account/login", "/account/reset"):
        sign_in(browser)
    assert browser.post(path).status_code == 422


def test_what_is_said_of_the_form_is_said_once_and_leads_to_its_only_field(browser: Browser) -> None:
    page = browser.post("/account/reset", {"email": "no address"}).get_data(as_text=True)
    assert re.search('<li><a href="#email">[^<]+</a></li>', page)
    page = browser.post("/account/login", {"email": "", "password": ""}).get_data(as_text=True)
    assert page.count("do not match") == 1
