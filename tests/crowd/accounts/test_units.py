"""Crowdsourcing centres: whose work it is, who works there, and how it is handed over."""

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.lifecycle import services as lifecycle
from challenges.screening import queries as screening
from crowd.accounts import services as accounts
from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.accounts.units import queries, services
from crowd.accounts.units.models import OperatorUnit
from crowd.accounts.verification import queries as verification
from crowd.audit import AuditEvent
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.taxonomy.vocabulary import current
from tests import factories
from tests.cast import Cast, commit
from tests.client import Browser

QINGDAO, ZIBO, JINAN, SHANDONG, CHINA = "370200", "370300", "370100", "370000", "CN"


def term_id(code: str) -> int:
    entry = current().get("region", code)
    assert entry is not None
    return entry.id


def unit(code: str) -> OperatorUnit:
    """The unit of a region."""
    return next(one for one in queries.list_units() if one.region_id == term_id(code))


def code(row: OperatorUnit) -> str:
    """The code of a unit's region."""
    entry = current().by_id(row.region_id)
    return entry.code if entry else ""


def waiting(name: str, code: str | None) -> Organisation:
    """An organisation of a region that awaits verification."""
    row = factories.organisation(name)
    row.verified_at = None
    row.region_id = term_id(code) if code else None
    commit()
    return row


def officer(name: str, code: str, cast: Cast) -> User:
    """A person of the service centre on the staff of a unit."""
    person = factories.user(name, PlatformRole.SERVICE_CENTRE)
    services.add_member(cast.adm, unit(code).id, user_id=person.id)
    return person


def unit_code(row: Organisation) -> str:
    """The region of the unit to which the verification belongs; empty for the service centre."""
    found = verification.work_on([row])[row.id].unit
    entry = current().by_id(found.region_id) if found else None
    return entry.code if entry else ""


def names(browser: Browser, queue: str) -> set[str]:
    """Which of the organisations are in a queue of the page."""
    page = browser.get(f"/admin/organisations?unit={queue}").text
    return {name for name in ("Alpha", "Beta", "Gamma") if name in page}


@pytest.mark.usefixtures("cast")
def test_five_centres_are_shipped_without_staff() -> None:
    assert [one.name("en").split()[0] for one in queries.list_units()] == [
        "Qingdao", "Zibo", "Yantai", "Weifang", "Weihai",
    ]  # fmt: skip
    entries = [current().by_id(one.region_id) for one in queries.list_units()]
    assert [entry.code for entry in entries if entry] == ["370200", "370300", "370600", "370700", "371000"]
    assert queries.staff() == {}


def test_work_belongs_to_the_unit_of_the_nearest_region_that_has_staff(cast: Cast) -> None:
    here, there, far = waiting("Alpha", QINGDAO), waiting("Beta", JINAN), waiting("Gamma", None)
    assert [unit_code(row) for row in (here, there, far)] == ["", "", ""]  # nobody works in a unit yet
    officer("Qi", QINGDAO, cast)
    assert [unit_code(row) for row in (here, there, far)] == [QINGDAO, "", ""]
    services.add_unit(cast.adm, names={"en": "Shandong", "zh_Hans_CN": "山东"}, region_id=term_id(SHANDONG))
    officer("Shan", SHANDONG, cast)
    assert [unit_code(row) for row in (here, there, far)] == [QINGDAO, SHANDONG, ""]


def test_a_nearer_unit_without_staff_leaves_the_work_to_the_service_centre(cast: Cast) -> None:
    row = waiting("Alpha", ZIBO)
    services.add_unit(cast.adm, names={"en": "China", "zh_Hans_CN": "中国"}, region_id=term_id(CHINA))
    officer("Chi", CHINA, cast)
    assert unit_code(row) == ""
    assert unit_code(waiting("Beta", JINAN)) == CHINA


def test_who_loses_the_role_or_the_account_is_not_on_the_staff(cast: Cast) -> None:
    row = waiting("Alpha", QINGDAO)
    qi = officer("Qi", QINGDAO, cast)
    accounts.revoke(cast.adm, qi.id, role=PlatformRole.SERVICE_CENTRE)
    assert unit_code(row) == ""
    accounts.grant(cast.adm, qi.id, role=PlatformRole.SERVICE_CENTRE)
    assert unit_code(row) == QINGDAO
    accounts.close_account(cast.adm, qi.id, reason="Left.")
    assert unit_code(row) == ""


def test_only_the_administrator_appoints_and_only_people_of_the_service_centre(cast: Cast) -> None:
    qingdao = unit(QINGDAO)
    for actor in (cast.eve, cast.dee):
        with pytest.raises(Forbidden):
            services.add_member(actor, qingdao.id, user_id=cast.eve.id)
        with pytest.raises(Forbidden):
            services.add_unit(actor, names={"en": "Jinan"}, region_id=term_id(JINAN))
    with pytest.raises(Invalid):
        services.add_member(cast.adm, qingdao.id, user_id=cast.dee.id)
    services.add_member(cast.adm, qingdao.id, user_id=cast.eve.id)
    with pytest.raises(Invalid):  # of one unit at a time
        services.add_member(cast.adm, unit(ZIBO).id, user_id=cast.eve.id)
    with pytest.raises(NotFound):
        services.remove_member(cast.adm, unit(ZIBO).id, user_id=cast.eve.id)
    with pytest.raises(Invalid):
        services.add_unit(cast.adm, names={"en": "Again"}, region_id=term_id(QINGDAO))


def test_the_queues_show_a_persons_unit_what_has_none_and_all(cast: Cast, browser: Browser) -> None:
    waiting("Alpha", QINGDAO), waiting("Beta", ZIBO), waiting("Gamma", None)
    qi, _zi = officer("Qi", QINGDAO, cast), officer("Zi", ZIBO, cast)
    browser.sign_in(qi)
    assert [names(browser, queue) for queue in ("mine", "none", "all")] == [
        {"Alpha"}, {"Gamma"}, {"Alpha", "Beta", "Gamma"},
    ]  # fmt: skip
    page = browser.get("/admin/organisations").text
    assert "Alpha" in page  # the person's unit comes first
    assert "Beta" not in page
    for label in ("My unit (1)", "Without a unit (1)", "All (3)"):
        assert label in page
    browser.sign_in(cast.eve)  # of no unit
    assert [names(browser, queue) for queue in ("mine", "none", "all")] == [
        {"Alpha", "Beta", "Gamma"}, {"Gamma"}, {"Alpha", "Beta", "Gamma"},
    ]  # fmt: skip
    assert "My unit" not in browser.get("/admin/organisations").text


def test_the_dashboard_counts_what_waits_for_ones_unit_and_what_has_none(cast: Cast, isolated: Flask) -> None:
    waiting("Alpha", QINGDAO), waiting("Beta", ZIBO), waiting("Gamma", None), waiting("Delta", None)
    qi = officer("Qi", QINGDAO, cast)
    officer("Zi", ZIBO, cast)
    with isolated.test_request_context():
        assert [task.count for task in verification.waiting(qi)] == [1, 2]
        assert [task.count for task in verification.waiting(cast.eve)] == [4]
        assert verification.waiting(cast.dee) == []


def test_a_verification_is_handed_over_and_back_with_a_note(cast: Cast, browser: Browser) -> None:
    row = waiting("Alpha", QINGDAO)
    qi, zi = officer("Qi", QINGDAO, cast), officer("Zi", ZIBO, cast)
    browser.sign_in(qi)
    path = f"/organisations/{row.id}/verification/hand-over"
    assert browser.post(path, {"unit_id": str(unit(ZIBO).id), "note": ""}).status_code == 422
    assert browser.post(path, {"unit_id": str(unit(ZIBO).id), "note": "Works in Zibo."}).status_code == 303
    assert unit_code(row) == ZIBO
    browser.sign_in(zi)
    assert "Works in Zibo." in browser.get("/admin/organisations?unit=mine").text
    services.hand_over_organisation(zi, row.id, unit_id=None, note="Nobody here knows them.")
    assert unit_code(row) == ""
    events = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "verification.handed_over")).all()
    assert [event.data["reason"] for event in events] == ["Works in Zibo.", "Nobody here knows them."]
    page = browser.sign_in(cast.adm).get(f"/admin/audit/{events[0].id}").text
    assert "Works in Zibo." in page
    assert "Zibo crowdsourcing centre" in page


def test_work_goes_only_to_a_unit_with_staff_and_only_while_it_waits(cast: Cast) -> None:
    row = waiting("Alpha", QINGDAO)
    qi = officer("Qi", QINGDAO, cast)
    with pytest.raises(Invalid):
        services.hand_over_organisation(qi, row.id, unit_id=unit(ZIBO).id, note="Take it.")
    with pytest.raises(Forbidden):
        services.hand_over_organisation(cast.dee, row.id, unit_id=None, note="Take it.")
    zi = officer("Zi", ZIBO, cast)
    with pytest.raises(Invalid):
        services.hand_over_organisation(qi, row.id, unit_id=unit(ZIBO).id, note=" \n")
    services.hand_over_organisation(qi, row.id, unit_id=unit(ZIBO).id, note="Take it.")
    services.remove_member(cast.adm, unit(ZIBO).id, user_id=zi.id)
    assert unit_code(row) == ""  # nobody is left there: all of the service centre see it
    factories.registration(row)
    row.verified_at = factories.now()
    commit()
    with pytest.raises(Conflict):
        services.hand_over_organisation(qi, row.id, unit_id=None, note="Too late.")


def test_the_administrator_adds_units_and_staff_on_pages(cast: Cast, browser: Browser) -> None:
    eve = cast.eve
    browser.sign_in(cast.adm)
    assert "Qingdao crowdsourcing centre" in browser.get("/admin/units").text
    names = {"name_en": "Jinan centre", "name_zh_Hans_CN": "济南中心"}
    assert browser.post("/admin/units", {**names, "region_id": "Nowhere"}).status_code == 422
    answer = browser.post("/admin/units", {**names, "region_id": "济南"})
    assert answer.status_code == 303
    jinan = unit(JINAN)
    assert answer.location.endswith(f"/admin/units/{jinan.id}")
    assert browser.post(f"/admin/units/{jinan.id}/staff", {"user_id": str(eve.id)}).status_code == 303
    assert queries.staff() == {jinan.id: [eve.id]}
    assert eve.name in browser.get(f"/admin/units/{jinan.id}").text
    changed = names | {"name_en": "Jinan crowdsourcing centre", "region_id": "Jinan"}
    assert browser.post(f"/admin/units/{jinan.id}", changed).status_code == 303
    assert "Jinan crowdsourcing centre" in browser.get("/admin/units").text
    assert browser.post(f"/admin/units/{jinan.id}/staff/remove", {"user_id": str(eve.id)}).status_code == 303
    assert queries.staff() == {}
    assert browser.sign_in(eve).get("/admin/units").status_code == 403


def test_a_unit_with_work_is_closed_once_the_work_is_handed_over(cast: Cast, browser: Browser) -> None:
    row, challenge = waiting("Alpha", QINGDAO), factories.challenge(cast.ada, cast.luoyang)
    cast.luoyang.region_id = term_id(QINGDAO)
    lifecycle.submit(cast.ada, challenge.id)
    qi, zi = officer("Qi", QINGDAO, cast), officer("Zi", ZIBO, cast)
    number, zibo = unit(QINGDAO).id, unit(ZIBO).id
    browser.sign_in(cast.adm)
    page = browser.get(f"/admin/units/{number}").text
    for work in ("1 organisation to verify", "1 challenge to screen"):
        assert work in page, work
    assert f'action="/admin/units/{number}/close"' not in page
    assert browser.post(f"/admin/units/{number}/close").status_code == 409
    assert unit_code(row) == QINGDAO
    to = f"/admin/units/{number}/hand-over"
    assert f'<option value="{number}"' not in page  # not to itself
    assert browser.post(to, {"unit_id": str(number), "note": "Take it."}).status_code == 422
    assert browser.post(to, {"unit_id": str(zibo), "note": ""}).status_code == 422
    assert browser.post(to, {"unit_id": str(zibo), "note": "Qingdao closes."}).status_code == 303
    assert unit_code(row) == ZIBO
    assert screening.people_for(challenge) == [zi.id]
    assert browser.post(f"/admin/units/{number}/close").status_code == 303
    assert QINGDAO not in {unit_of for one in queries.list_units() if (unit_of := code(one))}
    assert queries.unit_of_person(qi) is None
    assert browser.get(f"/admin/units/{number}").status_code == 404
    assert unit_code(waiting("Beta", QINGDAO)) == ""
    (event,) = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "unit.closed"))
    assert event.data["members"] == [qi.id]


def test_a_closed_unit_s_region_gets_a_new_one_and_others_do_not_close_it(cast: Cast, browser: Browser) -> None:
    number = unit(QINGDAO).id
    for actor in (cast.eve, cast.dee):
        with pytest.raises(Forbidden):
            services.close_unit(actor, number)
        with pytest.raises(Forbidden):
            services.hand_over_all(actor, number, to=None, note="Mine.")
    assert browser.sign_in(cast.adm).post(f"/admin/units/{number}/close", {"confirmed": None}).status_code == 422
    services.close_unit(cast.adm, number)
    with pytest.raises(NotFound):
        services.close_unit(cast.adm, number)
    again = services.add_unit(cast.adm, names={"en": "Qingdao again"}, region_id=term_id(QINGDAO))
    assert unit(QINGDAO).id == again.id != number


def test_an_administrator_names_the_lead_of_a_unit(cast: Cast, browser: Browser) -> None:
    person, here = officer("Qi", QINGDAO, cast), f"/admin/units/{unit(QINGDAO).id}"
    typed = {"user_id": str(person.id), "leads": "y"}
    assert browser.sign_in(cast.eve).post(f"{here}/staff/lead", typed).status_code == 403
    browser.sign_in(cast.adm)
    assert browser.post(f"{here}/staff/lead", typed).status_code == 303
    assert queries.led_by(person) == unit(QINGDAO).id
    assert "Leads the unit" in browser.get(here).text
    assert browser.post(f"{here}/staff/lead", typed | {"leads": ""}).status_code == 303
    assert queries.led_by(person) is None
    assert browser.post(f"{here}/staff/lead", {"user_id": str(cast.eve.id), "leads": "y"}).status_code == 404
    with pytest.raises(Forbidden):
        services.set_lead(cast.eve, unit(QINGDAO).id, user_id=person.id, leads=True)
