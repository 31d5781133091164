"""Accounts, roles and profiles, by the services and the administrator's pages."""

from typing import Any

import pytest
import sqlalchemy as sa

from crowd.accounts import queries, services
from crowd.accounts.models import PlatformRole, Role
from crowd.accounts.organisations.queries import list_organisations
from crowd.audit import SYSTEM, AuditEvent
from crowd.db import db, joined
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.notifications.models import Notification
from tests.cast import Cast
from tests.client import Browser


def test_every_database_has_the_seven_roles(cast: Cast) -> None:
    assert set(db.session.scalars(sa.select(Role.name))) == {role.value for role in PlatformRole}


def test_the_first_administrator_is_made_by_the_platform(cast: Cast) -> None:
    row = services.create_user(SYSTEM, email=" Root@Crowd.example ", name="Root", roles=[PlatformRole.ADMINISTRATOR])
    assert (row.email, row.confirmed_at is not None) == ("root@crowd.example", True)
    assert row.is_any(PlatformRole.ADMINISTRATOR)
    with pytest.raises(Conflict):
        services.create_user(SYSTEM, email="root@crowd.example", name="Again")
    with pytest.raises(Forbidden):
        services.create_user(cast.bo, email="other@crowd.example", name="Other")
    with pytest.raises(Invalid):
        services.create_user(SYSTEM, email="other@crowd.example", name="Other", locale="tlh")


def test_a_profile_is_ones_own(cast: Cast) -> None:
    new: dict[str, Any] = {
        "name": "Bo Li",
        "locale": "zh_Hans_CN",
        "time_zone": "UTC",
        "bio": "",
        "expertise": ["水务"],
    }
    assert services.edit_profile(cast.bo, cast.bo.id, **new).expertise == ["水务"]
    with pytest.raises(NotFound):
        services.edit_profile(cast.dee, cast.bo.id, **new)
    with pytest.raises(Forbidden):
        services.edit_profile(cast.adm, cast.bo.id, **new)


def test_a_role_is_given_and_taken_and_its_person_is_told(cast: Cast) -> None:
    services.grant(cast.adm, cast.bo.id, role=PlatformRole.EXPERT)
    assert cast.bo.is_any(PlatformRole.EXPERT)
    with pytest.raises(Conflict):
        services.grant(cast.adm, cast.bo.id, role=PlatformRole.EXPERT)
    services.revoke(cast.adm, cast.bo.id, role=PlatformRole.EXPERT)
    assert not cast.bo.is_any(PlatformRole.EXPERT)
    with pytest.raises(Conflict):
        services.revoke(cast.adm, cast.bo.id, role=PlatformRole.EXPERT)
    told = db.session.scalars(sa.select(Notification.kind).where(Notification.user_id == cast.bo.id)).all()
    roles = {"accounts.role_granted", "accounts.role_revoked"}
    assert set(told) == roles | {"registers.granted", "registers.revoked"}, "an expert is in a register, too"
    verbs = db.session.scalars(sa.select(AuditEvent.action).where(AuditEvent.subject_id == cast.bo.id)).all()
    assert {"role.granted", "role.revoked"} <= set(verbs)


def test_others_hardly_know_that_there_are_accounts(cast: Cast) -> None:
    for person in (cast.bo, cast.eve, cast.aud):
        with pytest.raises(NotFound):
            services.grant(person, cast.dee.id, role=PlatformRole.FINANCE)
        with pytest.raises(NotFound):
            services.close_account(person, cast.dee.id, reason="no")


def test_the_administrators_cannot_leave_none(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        services.revoke(cast.adm, cast.adm.id, role=PlatformRole.ADMINISTRATOR)
    with pytest.raises(Forbidden):
        services.close_account(cast.adm, cast.adm.id, reason="tired")


def test_who_was_demoted_meanwhile_gives_no_more_roles(cast: Cast) -> None:
    assert cast.adm.is_any(PlatformRole.ADMINISTRATOR)  # as it was read at the start of the request
    db.session.execute(sa.text("DELETE FROM user_role WHERE user_id = :id"), {"id": cast.adm.id})
    with pytest.raises(NotFound):
        services.grant(cast.adm, cast.bo.id, role=PlatformRole.FINANCE)


def test_a_closed_account_is_signed_out_and_can_be_opened_again(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    assert browser.get("/account/profile").status_code == 200
    services.close_account(cast.adm, cast.bo.id, reason="asked for it")
    assert browser.get("/account/profile").status_code == 302
    with pytest.raises(Conflict):
        services.close_account(cast.adm, cast.bo.id, reason="again")
    services.reopen_account(cast.adm, cast.bo.id, reason="came back")
    assert browser.get("/account/profile").status_code == 302, "the old session stays ended"
    assert browser.sign_in(cast.bo).get("/account/profile").status_code == 200


def test_a_refused_act_leaves_nothing(cast: Cast) -> None:
    adm, bo = cast.adm, cast.bo.id

    def twice() -> None:
        with joined():
            services.grant(adm, bo, role=PlatformRole.EXPERT)
            services.grant(adm, bo, role=PlatformRole.EXPERT)

    with pytest.raises(Conflict):
        twice()
    db.session.refresh(cast.bo)
    assert not cast.bo.roles


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Émilie Müller", "emilie muller"),
        ("Emilie Muller", "ÉMILIE"),
        ("河南水務有限公司", "河南水务"),
        ("Ｔｈｅｏ　Ｂｅｒｇ", "theo berg"),
        ("Bo-Peter O’Neil", "bo peter oneil"),
        ("100%_sure", "0%_s"),
    ],
)
def test_a_name_is_found_however_it_is_typed(name: str, asked: str, cast: Cast) -> None:
    cast.bo.name = cast.luoyang.name = name
    db.session.flush()
    people = queries.list_people(words=asked, role=None, after=None, size=9)
    assert [row.id for row in people.rows] == [cast.bo.id]
    found = list_organisations(within=None, words=asked, after=None, size=9)
    assert [row.id for row in found.rows] == [cast.luoyang.id]


def test_the_administrators_pages(cast: Cast, browser: Browser) -> None:
    bo = cast.bo.id
    browser.sign_in(cast.adm)
    page = browser.get("/admin/people?q=bo&role=").get_data(as_text=True)
    assert f"/admin/people/{bo}" in page
    assert "No people match" in browser.get("/admin/people?q=zzz").get_data(as_text=True)
    assert browser.post(f"/admin/people/{bo}/roles", {"role": "finance"}).status_code == 303
    assert "Finance" in browser.get(f"/admin/people/{bo}").get_data(as_text=True)
    assert browser.post(f"/admin/people/{bo}/roles", {"role": "king"}).status_code == 422
    assert browser.post(f"/admin/people/{bo}/roles/revoke", {"role": "finance"}).status_code == 303
    assert browser.post(f"/admin/people/{bo}/close", {"reason": ""}).status_code == 422
    assert browser.post(f"/admin/people/{bo}/close", {"reason": "asked"}).status_code == 303
    page = browser.get(f"/admin/people/{bo}").get_data(as_text=True)
    assert "Open the account again" in page, page
    assert browser.post(f"/admin/people/{bo}/reopen", {"reason": "asked"}).status_code == 303
    for path in ("/admin/people", f"/admin/people/{bo}"):
        assert Browser(browser.app).sign_in(cast.eve).get(path).status_code == 403
        assert Browser(browser.app).get(path).status_code == 302


def test_the_profile_page_saves_and_refuses(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    good = {"name": "Bo Li", "locale": "en", "time_zone": "Europe/Berlin", "bio": "", "expertise": "acoustics, water"}
    assert browser.post("/account/profile", good | {"email": "x@crowd.example", "active": ""}).status_code == 303
    row = queries.find_by_email(cast.bo.email)
    assert row is not None
    db.session.refresh(row)
    assert (row.name, row.expertise, row.active) == ("Bo Li", ["acoustics", "water"], True)
    refused = browser.post("/account/profile", good | {"name": "", "time_zone": "Mars/Olympus", "expertise": "x" * 50})
    assert refused.status_code == 422
    assert "Please fill this in." in refused.get_data(as_text=True)
