"""Steps change hands: taken, released, assigned, handed over to a unit; and how long they have."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import clock, working_days
from crowd.accounts.models import PlatformRole
from crowd.accounts.units import services as units
from crowd.audit import AuditEvent
from crowd.cases import filing, proceedings, queries, services
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState, Finding
from crowd.config import holidays, limits, zone
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.notifications.models import Notification
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.accounts.test_units import QINGDAO, ZIBO, officer, term_id, unit
from tests.submissions.test_pages import words

ANSWERS = {"ground": "advertising", "what": "It sells pills."}


@pytest.fixture
def case(cast: Cast) -> Case:
    """About an organisation of Qingdao, and at the check of the service centre."""
    assert cast.eve.id
    assert cast.nils.id
    cast.northlight.region_id = term_id(QINGDAO)
    row = services.file_case(cast.bo, "organisation_report", str(cast.northlight.id), answers=ANSWERS)
    return services.conclude(cast.nils, row.public_id, 1, finding=Finding.GIVEN, reasons="No.")


def test_the_unit_of_the_region_has_it_first(cast: Cast, browser: Browser) -> None:
    qi, zi = officer("Qi", QINGDAO, cast), officer("Zi", ZIBO, cast)
    cast.northlight.region_id = term_id(QINGDAO)
    assert cast.nils.id
    row = services.file_case(cast.bo, "organisation_report", str(cast.northlight.id), answers=ANSWERS)
    services.conclude(cast.nils, row.public_id, 1, finding=Finding.GIVEN, reasons="No.")
    assert told("cases.step_opened") == {cast.nils.id, qi.id}
    assert row.title in browser.sign_in(qi).get("/cases/queue").text
    assert row.title not in browser.sign_in(zi).get("/cases/queue").text
    assert row.title in browser.get("/cases/queue?unit=all").text
    here = f"/cases/{row.public_id}/steps/2"
    assert browser.sign_in(qi).post(f"{here}/assign-to-me", {"holder": ""}).status_code == 303
    given = {"unit_id": str(unit(ZIBO).id), "note": "They know the firm."}
    same = browser.post(f"{here}/hand-over", {**given, "unit_id": str(unit(QINGDAO).id)})
    assert (same.status_code, row.steps[1].taken_by) == (422, qi.id)
    assert "The step is there already." in same.text
    assert browser.post(f"{here}/hand-over", {**given, "note": " "}).status_code == 422
    assert browser.post(f"{here}/hand-over", given).status_code == 303
    assert (told("cases.step_handed_over"), row.steps[1].taken_by) == ({zi.id}, None)
    assert row.title in browser.sign_in(zi).get("/cases/queue").text
    assert "They know the firm." in browser.get(f"/cases/{row.public_id}").text
    assert "They know the firm." not in browser.sign_in(cast.nils).get(f"/cases/{row.public_id}").text
    with pytest.raises(Conflict):
        units.close_unit(cast.adm, unit(ZIBO).id)
    units.hand_over_all(cast.adm, unit(ZIBO).id, to=None, note="The unit closes.")
    units.close_unit(cast.adm, unit(ZIBO).id)
    assert queries.work_on([row.steps[1]])[row.steps[1].id].unit is None


def test_a_step_is_taken_assigned_and_released(cast: Cast, case: Case) -> None:
    zoe = factories.user("Zoe")
    with pytest.raises(Invalid):
        services.assign(cast.eve, case.public_id, 2, user_id=zoe.id)
    zoe.roles = list(cast.eve.roles)
    services.assign(cast.eve, case.public_id, 2, user_id=zoe.id)
    assert told("cases.step_assigned") == {zoe.id}
    with pytest.raises(Forbidden):
        services.conclude(cast.eve, case.public_id, 2, finding=Finding.YES, reasons="Yes.")
    with pytest.raises(Forbidden):
        services.release(cast.eve, case.public_id, 2)
    services.release(zoe, case.public_id, 2)
    services.conclude(cast.eve, case.public_id, 2, finding=Finding.NO, reasons="No.")
    assert case.state == CaseState.REFUSED


def test_who_takes_a_step_over_sees_who_had_it(cast: Cast, case: Case, browser: Browser) -> None:
    zoe = factories.user("Zoe", PlatformRole.SERVICE_CENTRE)
    page, here = f"/cases/{case.public_id}", f"/cases/{case.public_id}/steps/2/assign-to-me"
    assert browser.sign_in(cast.eve).post(here, {"holder": ""}).status_code == 303
    assert browser.post(here, {"holder": ""}).status_code == 303, "a second click changes nothing"
    assert browser.sign_in(zoe).post(here, {"holder": ""}).status_code == 409
    assert (case.steps[1].taken_by, told("cases.step_taken_over")) == (cast.eve.id, set())
    shown = browser.get(page).text
    assert "Take it over from Eve" in words(shown)
    assert f'name="holder" value="{cast.eve.id}"' in shown
    assert browser.post(here, {"holder": str(cast.eve.id)}).status_code == 303
    assert (case.steps[1].taken_by, told("cases.step_taken_over")) == (zoe.id, {cast.eve.id})
    assert "Zoe now has the step that you had taken." in words(browser.sign_in(cast.eve).get("/inbox").text)
    services.assign(cast.eve, case.public_id, 2, user_id=cast.eve.id)
    assert told("cases.step_taken_over") == {cast.eve.id, zoe.id}
    actions = ("case.step_taken", "case.step_assigned")
    events = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action.in_(actions)).order_by(AuditEvent.id))
    assert [one.data["taken_from"] for one in events] == [
        "",
        {"person": [cast.eve.id, "Eve"]},
        {"person": [zoe.id, "Zoe"]},
    ]


def test_days_of_a_step_are_working_days(cast: Cast, case: Case) -> None:
    step = case.steps[1]
    assert step.working_days
    assert step.opened_at is not None
    assert step.due_at == working_days.after(step.opened_at, step.days, holidays(), zone())


def test_a_holiday_makes_a_step_longer(
    cast: Cast, case: Case, isolated: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, monday = isolated.config["CROWD"], datetime(2026, 11, 30, 1, tzinfo=UTC)
    assert proceedings.due(case.steps[1], monday) == monday + timedelta(days=7)
    monkeypatch.setitem(isolated.config, "CROWD", replace(settings, holidays=(date(2026, 12, 2),)))
    assert proceedings.due(case.steps[1], monday) == monday + timedelta(days=8)


def test_silence_of_the_centre_refuses_once(cast: Cast, case: Case) -> None:
    step = case.steps[1]
    step.due_at = clock.now() - timedelta(seconds=limits().grace_seconds + 1)
    assert proceedings.end_step(step.id) == proceedings.end_step(step.id)
    assert (case.state, case.steps[1].doer) == (CaseState.REFUSED, None)
    assert told("cases.ended") == {cast.bo.id, cast.nils.id}
    assert told("cases.warned") == set()


def test_a_person_files_so_many_in_a_day(cast: Cast, isolated: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = isolated.config["CROWD"]
    few = replace(settings, limits=replace(settings.limits, cases_per_day=2))
    monkeypatch.setitem(isolated.config, "CROWD", few)
    for person in (cast.bea, cast.dee):
        services.file_case(cast.bo, "profile_report", str(person.id), answers=ANSWERS)
    with pytest.raises(Conflict):
        services.file_case(cast.bo, "profile_report", str(cast.cy.id), answers=ANSWERS)
    services.file_case(cast.bea, "profile_report", str(cast.cy.id), answers=ANSWERS)


def test_withdrawing_again_and_again_ends(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def files() -> Case:
        return services.file_case(cast.bo, "profile_report", str(cast.bea.id), answers=ANSWERS)

    for _turn in range(limits().cases_per_subject):
        services.withdraw(cast.bo, files().public_id)
    with pytest.raises(Conflict, match="withdrawn or refused"):
        files()
    services.file_case(cast.bo, "profile_report", str(cast.dee.id), answers=ANSWERS)
    services.file_case(cast.cy, "profile_report", str(cast.bea.id), answers=ANSWERS)
    monkeypatch.setattr(filing, "IN_VAIN_FOR", timedelta(0))  # the time is over
    assert files().is_pending


def test_a_pending_case_keeps_an_organisation_open(cast: Cast, case: Case) -> None:
    assert [str(one) for one in queries.open_matters("organisation", cast.northlight.id)] == ["1 case is pending."]
    assert [str(one) for one in queries.open_matters("user", cast.bo.id)] == ["1 case is pending."]
    services.conclude(cast.eve, case.public_id, 2, finding=Finding.NO, reasons="No.")
    assert not list(queries.open_matters("organisation", cast.northlight.id))


def told(kind: str) -> set[int]:
    return set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == kind)))
