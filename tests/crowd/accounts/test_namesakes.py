"""Whoever takes a name that somebody has, or that looks like it, is warned, and so is who verifies it."""

from crowd.accounts.organisations import services as organisations
from crowd.accounts.queries import namesakes
from crowd.db import db
from scoring.profiles.queries import named_party
from tests.cast import Cast
from tests.client import Browser

WARNING = "same name or one that looks like it"


def other_spelling(name: str) -> str:
    """The name in full width, as a careless eye reads the same."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in name)


def test_a_new_organisation_with_anothers_name_is_warned_of(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    typed = {"name": other_spelling(cast.luoyang.name), "kind": "enterprise", "country": "CN"}
    page = browser.get(browser.post("/account/organisations/new", typed).location).get_data(as_text=True)
    assert WARNING in page
    assert cast.luoyang.name in page
    typed["name"] = "Something of its own"
    assert WARNING not in browser.get(browser.post("/account/organisations/new", typed).location).get_data(as_text=True)


def test_a_new_name_is_warned_of_and_the_service_centre_sees_it(cast: Cast, browser: Browser) -> None:
    copy = organisations.found(cast.bo, name="Nordkraft", kind="enterprise")  # type: ignore[arg-type]
    browser.sign_in(cast.bo)
    typed = {"name": cast.luoyang.name.upper(), "kind": "enterprise", "country": "CN"}
    edited = browser.post(f"/organisations/{copy.id}/edit", typed)
    assert WARNING in browser.get(edited.location).get_data(as_text=True)
    again = browser.post(f"/organisations/{copy.id}/edit", {**typed, "city": "Oslo"})
    assert WARNING not in browser.get(again.location).get_data(as_text=True), "said once for a name"
    browser.sign_in(cast.eve)
    assert WARNING in browser.get(f"/organisations/{copy.id}/verification").get_data(as_text=True)
    browser.sign_in(cast.bo)
    assert WARNING not in browser.get(f"/organisations/{copy.id}/verification").get_data(as_text=True)


def test_a_person_with_anothers_name_is_warned_of_without_naming_them(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    typed = {
        "name": cast.ada.name.replace("a", "\u0430"), "locale": "en", "time_zone": "UTC", "bio": "", "expertise": "",
    }  # fmt: skip
    page = browser.get(browser.post("/account/profile", typed).location).get_data(as_text=True)
    assert WARNING in page
    assert cast.ada.email not in page
    db.session.expire_all()
    assert [row.id for row in namesakes(cast.bo)] == [cast.ada.id]
    browser.sign_in(cast.adm)
    assert cast.ada.email in browser.get(f"/admin/people/{cast.bo.id}").get_data(as_text=True)


def test_a_reviewer_names_an_organisation_in_any_case_but_not_by_its_looks(cast: Cast) -> None:
    organisations.found(cast.bo, name="Luоyang", kind="enterprise")  # type: ignore[arg-type]  # a Cyrillic letter
    assert named_party(other_spelling(cast.luoyang.name).upper()) == {"organisation_id": cast.luoyang.id}
    assert named_party(cast.ada.email.upper()) == {"user_id": cast.ada.id}
