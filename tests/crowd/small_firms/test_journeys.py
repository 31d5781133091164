"""SMEs: conditions checked before and at the filing, the time for objections, both ways an objection ends, renewal."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import clock
from crowd.accounts.models import MemberRole, OrganisationKind, User
from crowd.cases import proceedings
from crowd.cases.bodies import NAMES
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState, StepState
from crowd.config import limits
from crowd.db import commit, db
from crowd.feature import declared
from crowd.notifications.models import Notification
from crowd.procedure import faults
from crowd.registers import jobs as register_jobs
from crowd.registers import queries, services
from crowd.registers.models import RegisterEntry, RegisterEvent
from crowd.registers.workflow import EntryState, EventKind
from crowd.small_firms import services as small_firms
from crowd.small_firms.kinds import APPLICATION, CASE_KINDS, OBJECTION
from crowd.small_firms.register import REGISTER
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.crowd.registers.test_views import run_jobs, text_of
from tests.submissions.test_pages import words

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
OBJECTED = {"ground": "figures", "what": "Their report says otherwise."}


def filled(**changes: object) -> dict[str, Any]:
    """A firm with 20 + 50 + 6 points."""
    return {
        "staff": "100", "rd_staff": "30", "revenue": "1000万", "assets": "5,000,000", "costs": "8000000",
        "rd_expenses": "600000", "class_one": "0", "class_two": "1", "allowed": "yes", "clean": "yes",
        "evidence": (io.BytesIO(b"%PDF-1.4 report"), "report.pdf"),
    } | changes  # fmt: skip


def page_of(cast: Cast) -> str:
    assert cast.ada
    return f"/cases/new/{APPLICATION}/{cast.luoyang.id}"


def filed(browser: Browser, cast: Cast, **changes: object) -> Case:
    sent = browser.sign_in(cast.ada).post(page_of(cast), filled(**changes))
    assert sent.status_code == 303, words(sent.text)
    return latest()


def latest() -> Case:
    return db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()


def time_passes(case: Case) -> None:
    """The open step's time is over."""
    (step,) = [one for one in case.steps if one.state == StepState.OPEN]
    step.due_at -= timedelta(days=400)
    commit()
    proceedings.end_step(step.id)
    run_jobs()


def entries(cast: Cast) -> list[tuple[RegisterEntry, Any]]:
    return queries.of_holder(REGISTER, cast.luoyang.id)


@pytest.mark.parametrize("kind", CASE_KINDS, ids=lambda kind: kind.name)
def test_the_kinds_are_declared_right(kind: Any) -> None:
    assert faults(kind, declared().job_labels, NAMES) == []


@EVERY_LANGUAGE
def test_a_firm_is_published_and_entered(cast: Cast, browser: Browser, locale: str) -> None:
    cast.ada.locale = locale
    offered = browser.sign_in(cast.ada).get("/small-firms").text
    assert page_of(cast) in offered
    assert ("申请" in words(offered), "应用" in words(offered)) == (locale != "en", False)
    assert ("条件" in words(browser.get(page_of(cast)).text)) == (locale != "en")
    case = filed(browser, cast)
    shown = words(browser.get(f"/cases/{case.public_id}").text)
    assert "¥10,000,000.00" in shown
    assert "Luoyang Water Group" in words(browser.sign_out().get("/small-firms").text)
    assert "10,000,000" not in browser.get("/small-firms").text
    time_passes(case)
    ((entry, last),) = entries(cast)
    assert (entry.data["points"], last.case_id) == (76, case.id)
    assert entry.valid_until == entry.valid_from + timedelta(days=limits().small_firm_days)
    assert "Luoyang Water Group" not in words(browser.get("/small-firms").text)
    for language in ("en", "zh_Hans_CN"):
        pdf = browser.get(f"/registers/{REGISTER}/{entry.number}/certificate-{language}.pdf")
        assert entry.number in text_of(pdf.data)
        assert "76" not in text_of(pdf.data).replace(entry.number, "").split("SHA-256")[0]
    assert "Luoyang Water Group" in words(browser.get(f"/verify/{entry.number}").text)


FAILING = {
    "staff": {"staff": "501", "rd_staff": "400"},
    "revenue": {"revenue": "200000000.01", "rd_expenses": "2亿", "costs": "2亿"},
    "assets": {"assets": "200000000.01"}, "allowed": {"allowed": "no"}, "clean": {"clean": "no"},
    "points": {"class_two": "0", "rd_expenses": "400000"}, "rd_staff": {"rd_staff": "9", "class_one": "1"},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(FAILING))
@EVERY_LANGUAGE
def test_a_condition_that_fails_is_seen_before_and_at_the_filing(
    cast: Cast, browser: Browser, name: str, locale: str
) -> None:
    cast.ada.locale = locale
    fails = "Does not hold" if locale == "en" else "不符合"
    browser.sign_in(cast.ada)
    assert fails not in words(browser.get(page_of(cast)).text)
    tried = browser.post(page_of(cast), filled(**FAILING[name], **{"try": "yes"}))
    assert (tried.status_code, words(tried.text).count(fails)) == (200, 1), words(tried.text)
    sent = browser.post(page_of(cast), filled(**FAILING[name]))
    assert (sent.status_code, words(sent.text).count(fails)) == (422, 1)
    assert db.session.scalars(sa.select(Case)).all() == []


def test_what_holds_is_seen_before_the_filing_and_nothing_is_filed(cast: Cast, browser: Browser) -> None:
    tried = browser.sign_in(cast.ada).post(page_of(cast), filled(**{"try": "yes"}))
    assert tried.status_code == 200
    assert "Does not hold" not in words(tried.text)
    assert "76: 20 for" in words(tried.text)
    assert db.session.scalars(sa.select(Case)).all() == []


def test_only_enterprises_of_mainland_china(cast: Cast, browser: Browser) -> None:
    assert cast.ada
    for country, kind, failing in (("DE", OrganisationKind.ENTERPRISE, 1), ("CN", OrganisationKind.INSTITUTE, 1),
                                   ("HK", OrganisationKind.PARK, 2)):  # fmt: skip
        cast.luoyang.country, cast.luoyang.kind = country, kind
        commit()
        tried = browser.sign_in(cast.ada).post(page_of(cast), filled())
        assert (tried.status_code, words(tried.text).count("Does not hold")) == (422, failing)


def test_the_figures_are_settings(
    cast: Cast, browser: Browser, isolated: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = isolated.config["CROWD"]
    for name, held, missed in (("staff", 100, 99), ("revenue", 10_000_000, 9_999_999), ("assets", 5_000_000, 4_999_999),
                               ("points", 76, 77)):  # fmt: skip
        for value, failing in ((held, 0), (missed, 1)):
            changed = replace(settings, limits=replace(settings.limits, **{f"small_firm_{name}": value}))
            monkeypatch.setitem(isolated.config, "CROWD", changed)
            tried = browser.sign_in(cast.ada).post(page_of(cast), filled(**{"try": "yes"}))
            assert words(tried.text).count("Does not hold") == failing, name


@pytest.mark.parametrize("wrong", [{"staff": "0", "rd_staff": "0"}, {"rd_staff": "101"}, {"staff": "many"},
                                   {"revenue": "60.000"}, {"rd_expenses": "8000000.01"}, {"allowed": ""}])  # fmt: skip
def test_what_cannot_be_right_is_said(cast: Cast, browser: Browser, wrong: dict[str, str]) -> None:
    browser.sign_in(cast.ada)
    for more in ({}, {"try": "yes"}):
        sent = browser.post(page_of(cast), filled(**wrong, **more))
        assert sent.status_code == 422
        assert "Does not hold" not in words(sent.text) or "staff" in wrong or "rd_staff" in wrong
        assert ("more than all costs" in words(sent.text)) == ("rd_expenses" in wrong)


def test_the_conditions_are_checked_without_evidence_and_nothing_is_filed_without_it(
    cast: Cast, browser: Browser
) -> None:
    tried = browser.sign_in(cast.ada).post(page_of(cast), filled(evidence="", **{"try": "yes"}))
    assert (tried.status_code, "76: 20 for" in words(tried.text)) == (200, True)
    sent = browser.post(page_of(cast), filled(evidence=""))
    assert (sent.status_code, "This is needed." in words(sent.text)) == (422, True)
    assert db.session.scalars(sa.select(Case)).all() == []


def test_nobody_ends_the_time_for_objections_with_a_yes(cast: Cast, browser: Browser) -> None:
    case = filed(browser, cast)
    browser.sign_in(cast.eve)
    assert 'value="yes"' not in browser.get(f"/cases/{case.public_id}").text.split("conclude")[1].split("</form>")[0]
    given = {"finding": "yes", "reasons": "They are known."}
    assert browser.post(f"/cases/{case.public_id}/steps/1/conclude", given).status_code == 422
    no = {"finding": "no", "reasons": "The report is not theirs."}
    assert browser.post(f"/cases/{case.public_id}/steps/1/conclude", no).status_code == 303
    run_jobs()
    db.session.expire_all()
    assert (case.state, entries(cast)) == (CaseState.REFUSED, [])
    shown = browser.sign_in(cast.ada).get(f"/cases/{case.public_id}").text
    assert f"{page_of(cast)}?from={case.public_id}" in shown


@EVERY_LANGUAGE
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_objection_is_upheld_before_or_after_the_entry(cast: Cast, browser: Browser, locale: str, when: str) -> None:
    for person in (cast.ada, cast.dee):
        person.locale = locale
    application = filed(browser, cast)
    link = f"/cases/new/{OBJECTION}/{cast.luoyang.id}"
    assert link not in browser.get("/small-firms").text, "nobody objects to themselves"
    assert browser.get(link).status_code == 403, "the form says it, not only what is sent"
    assert browser.post(link, OBJECTED).status_code == 403
    assert link in browser.sign_in(cast.dee).get("/small-firms").text
    assert browser.post(link, OBJECTED).status_code == 303
    objection = latest()
    assert cast.dee.name not in words(browser.sign_in(cast.ada).get(f"/cases/{objection.public_id}").text)
    reply = {"finding": "given", "reasons": "Our report is right."}
    assert browser.post(f"/cases/{objection.public_id}/steps/1/conclude", reply).status_code == 303
    if when == "after":
        time_passes(application)
        assert [last.state for _row, last in entries(cast)] == [EntryState.VALID]
    given = {"finding": "yes", "reasons": "It is so."}
    browser.sign_in(cast.eve).post(f"/cases/{objection.public_id}/steps/2/conclude", given)
    run_jobs()
    db.session.expire_all()
    assert entries(cast) == []
    assert application.state == (CaseState.REFUSED if when == "before" else CaseState.GRANTED)
    if when == "before":
        told = words(browser.sign_in(cast.ada).get(f"/cases/{application.public_id}").text)
        assert ("An objection to this application was upheld." in told) == (locale == "en")
        time_is_over = [one.id for one in application.steps]
        assert proceedings.end_step(time_is_over[0])
        assert entries(cast) == []


def objected(browser: Browser, cast: Cast) -> Case:
    assert browser.sign_in(cast.dee).post(f"/cases/new/{OBJECTION}/{cast.luoyang.id}", OBJECTED).status_code == 303
    return latest()


def upheld(browser: Browser, cast: Cast, objection: Case) -> None:
    reply = {"finding": "given", "reasons": "Our report is right."}
    browser.sign_in(cast.ada).post(f"/cases/{objection.public_id}/steps/1/conclude", reply)
    given = {"finding": "yes", "reasons": "It is so."}
    browser.sign_in(cast.eve).post(f"/cases/{objection.public_id}/steps/2/conclude", given)
    run_jobs()
    db.session.expire_all()


def test_an_objection_upheld_before_the_entry_is_made_leaves_none(cast: Cast, browser: Browser) -> None:
    """The application is granted, and the job that enters the firm has not run."""
    application = filed(browser, cast)
    objection = objected(browser, cast)
    (step,) = application.steps
    step.due_at = clock.now() - timedelta(hours=1)
    db.session.flush()
    proceedings.end_step(step.id)
    assert application.state == CaseState.GRANTED
    upheld(browser, cast, objection)
    assert objection.state == CaseState.GRANTED
    assert entries(cast) == []


def test_nobody_gets_around_an_objection_by_filing_again(cast: Cast, browser: Browser) -> None:
    application = filed(browser, cast)
    objection = objected(browser, cast)
    here = f"/cases/{application.public_id}"
    link = f"/cases/{objection.public_id}"
    assert link in browser.sign_in(cast.eve).get(here).text
    assert link not in browser.sign_in(cast.ada).get(here).text
    assert browser.post(f"{here}/withdraw").status_code == 303
    refused = browser.get(page_of(cast))
    assert (refused.status_code, "An objection to an application of this firm" in words(refused.text)) == (409, True)
    assert browser.post(page_of(cast), filled()).status_code == 409
    upheld(browser, cast, objection)
    assert "has withdrawn the application, nothing else follows" in words(browser.get(link).text)
    assert entries(cast) == []
    assert filed(browser, cast).is_pending, "what was decided is no obstacle"


def test_an_objection_that_is_upheld_meets_the_application_that_is_pending(cast: Cast, browser: Browser) -> None:
    """Also where it is another one than that to which somebody objected: both were filed at the same moment."""
    first = filed(browser, cast)
    objection = objected(browser, cast)
    browser.sign_in(cast.ada).post(f"/cases/{first.public_id}/withdraw")
    objection.state, objection.ended_at = CaseState.WITHDRAWN, clock.db_now()
    commit()
    second = filed(browser, cast)
    small_firms.uphold(objection.id, first.id)
    commit()
    assert second.state == CaseState.REFUSED


def test_an_entry_that_was_suspended_meanwhile_is_revoked_too(cast: Cast, browser: Browser) -> None:
    application = filed(browser, cast)
    objection = objected(browser, cast)
    time_passes(application)
    ((row, _last),) = entries(cast)
    services.act(cast.eve, row, "suspend", reason="Checked.")
    commit()
    upheld(browser, cast, objection)
    assert (entries(cast), queries.last_event(row.id).state) == ([], EntryState.REVOKED)


def test_an_objection_that_is_refused_changes_nothing(cast: Cast, browser: Browser) -> None:
    application = filed(browser, cast)
    browser.sign_in(cast.dee).post(f"/cases/new/{OBJECTION}/{cast.luoyang.id}", OBJECTED)
    objection = latest()
    browser.sign_in(cast.ada).post(f"/cases/{objection.public_id}/steps/1/conclude",
                                   {"finding": "given", "reasons": "It is right."})  # fmt: skip
    browser.sign_in(cast.eve).post(f"/cases/{objection.public_id}/steps/2/conclude",
                                   {"finding": "no", "reasons": "It is right."})  # fmt: skip
    run_jobs()
    assert application.is_pending
    time_passes(application)
    assert len(entries(cast)) == 1
    assert browser.sign_in(cast.dee).get(f"/cases/new/{OBJECTION}/{cast.luoyang.id}").status_code == 404


def test_the_next_year_takes_the_place_of_this_one(cast: Cast, browser: Browser) -> None:
    time_passes(filed(browser, cast))
    ((first, _last),) = entries(cast)
    assert browser.sign_in(cast.ada).get(page_of(cast)).status_code == 409, "the end is far"
    ends_soon(first)
    register_jobs.remind(first.id, queries.last_event(first.id).valid_until.isoformat())
    kinds = set(db.session.scalars(sa.select(Notification.kind).where(Notification.user_id == cast.ada.id)))
    assert "registers.ends" in kinds
    assert page_of(cast) in browser.get(f"/registers/{REGISTER}/{first.number}").text, "the holder renews from the page"
    case = filed(browser, cast, class_two="4")
    assert browser.get(page_of(cast)).status_code == 409, "one application at a time"
    time_passes(case)
    ((second, last),) = entries(cast)
    assert second.number != first.number
    assert (second.data["points"], last.state) == (94, EntryState.VALID)
    assert queries.last_event(first.id).state == EntryState.REVOKED
    page = f"/registers/{REGISTER}"
    once = words(browser.get(f"{page}/{first.number}").text)
    assert "Granted An application was granted." in once
    assert "Revoked A later application was granted." in once
    assert "Granted A later application was granted." in words(browser.get(f"{page}/{second.number}").text)
    assert f"{page}/{second.number}" in browser.get(f"/cases/{case.public_id}").text, "the case leads to its entry"
    listed = words(browser.get("/account/register-entries").text)
    assert f"Year of the application: {second.data['year']}" in listed


def ends_soon(row: RegisterEntry) -> None:
    """The end of an entry comes near: by an event, since rows of registers are not changed."""
    end = clock.db_now() + timedelta(days=limits().register_reminder_days - 1)
    db.session.add(RegisterEvent(entry_id=row.id, number=2, kind=EventKind.RENEWED, state=EntryState.VALID,
                                 valid_until=end))  # fmt: skip
    commit()


def test_a_suspended_firm_does_not_apply_around_it(cast: Cast, browser: Browser) -> None:
    time_passes(filed(browser, cast))
    ((row, _last),) = entries(cast)
    services.act(cast.eve, row, "suspend", reason="Checked.")
    assert browser.sign_in(cast.ada).get(page_of(cast)).status_code == 409


PEOPLE = ("ada", "abe", "bo", "dee", "eve", "fen", "gu", "aud", "adm", "cy")


@pytest.mark.parametrize("state", ["pending", "granted", "refused"])
def test_who_sees_the_figures(cast: Cast, browser: Browser, state: str) -> None:
    """Role by state: those who manage the firm, the service centre and the auditor; nobody else."""
    manager = factories.user("Mia")
    join(manager, cast.luoyang, MemberRole.MANAGER)
    case = filed(browser, cast)
    if state == "granted":
        time_passes(case)
    elif state == "refused":
        browser.sign_in(cast.eve).post(f"/cases/{case.public_id}/steps/1/conclude",
                                       {"finding": "no", "reasons": "No."})  # fmt: skip
    readers = {cast.ada, cast.eve, cast.aud, manager}
    people: list[User] = [*(getattr(cast, name) for name in PEOPLE), manager]
    for person in people:
        answer = browser.sign_in(person).get(f"/cases/{case.public_id}")
        assert answer.status_code == (200 if person in readers else 404), person.name
        mine = person in (cast.ada, manager)
        assert browser.get(page_of(cast)).status_code == ((409 if state != "refused" else 200) if mine else 403)
