"""A joint case over HTTP: the first check, the departments of the region side by side, silence, and the entry."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crowd.accounts.models import Organisation, OrganisationKind, PlatformRole, User
from crowd.cases import proceedings, queries
from crowd.cases.bodies import NAMES
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState, StepState
from crowd.db import commit, db
from crowd.feature import declared
from crowd.notifications.models import Notification
from crowd.procedure import faults
from crowd.registers import queries as registers
from crowd.service_platforms.kinds import CASE_KINDS
from crowd.service_platforms.names import KIND, REGISTER
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.crowd.accounts.test_units import CHINA, JINAN, QINGDAO, SHANDONG, term_id, unit
from tests.crowd.accounts.test_units import officer as centre_officer
from tests.crowd.registers.test_views import run_jobs
from tests.submissions.test_pages import words

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
ANSWERS = {"services": "Tests of pumps and pipes", "what": "82 firms; 31 reports were used in products."}
SIGNED = {"finding": "yes", "reasons": "We know their work."}


def department(name: str, region: str) -> User:
    """The programme officer of a department."""
    row = factories.organisation(f"Department of {name}", OrganisationKind.GOVERNMENT)
    row.region_id = term_id(region)
    return factories.user(name, PlatformRole.PROGRAMME_OFFICER, member_of=row)


def theirs(officer: User) -> Organisation:
    return officer.memberships[0].organisation


@pytest.fixture
def officers(cast: Cast) -> dict[str, User]:
    """Three departments for Qingdao, and one that is not."""
    assert cast.eve.id
    cast.northlight.region_id = term_id(QINGDAO)
    found = {"Sci": QINGDAO, "Fin": SHANDONG, "Mark": CHINA, "Jin": JINAN}
    made = {name: department(name, region) for name, region in found.items()}
    commit()
    return made


def filed(cast: Cast, browser: Browser) -> Case:
    page = f"/organisations/{cast.northlight.id}"
    there = f"/cases/new/{KIND}/{cast.northlight.id}"
    assert there in browser.sign_in(cast.nils).get(page).text
    assert there not in browser.sign_in(cast.dee).get(page).text
    shown = words(browser.sign_in(cast.nils).get(there).text)
    assert "Department of Fin, Department of Mark, Department of Sci" in shown
    assert browser.post(there, ANSWERS).status_code == 303
    return latest()


def latest() -> Case:
    return db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()


def conclude(browser: Browser, who: User, case: Case, position: int, **given: str) -> int:
    return browser.sign_in(who).post(f"/cases/{case.public_id}/steps/{position}/conclude", SIGNED | given).status_code


def position_of(case: Case, officer: User) -> int:
    return next(one.position for one in case.steps if one.organisation_id == theirs(officer).id)


def time_passes(case: Case) -> None:
    """The open steps fall silent."""
    for step in [one for one in case.steps if one.is_open]:
        step.due_at -= timedelta(days=400)
        commit()
        proceedings.end_step(step.id)
    run_jobs()


def entry_of(cast: Cast) -> Any:
    found = registers.of_holder(REGISTER, cast.northlight.id)
    return found[0][0] if found else None


def test_the_kind_is_declared_right() -> None:
    assert faults(CASE_KINDS[0], declared().job_labels, NAMES) == []


@EVERY_LANGUAGE
def test_two_sign_one_is_silent_and_it_is_entered(
    cast: Cast, officers: dict[str, User], browser: Browser, locale: str
) -> None:
    case = filed(cast, browser)
    assert [(one.body, one.state.value) for one in case.steps] == [
        ("service_centre", "open"), *[("department", "ahead")] * 3,
    ]  # fmt: skip
    assert conclude(browser, officers["Sci"], case, position_of(case, officers["Sci"])) == 409, (
        "the first check comes before"
    )
    assert case.title not in browser.get("/cases/queue").text
    assert conclude(browser, cast.eve, case, 1) == 303
    for name in ("Sci", "Fin"):
        who = officers[name]
        who.locale = locale
        assert case.title in browser.sign_in(who).get("/cases/queue").text
        assert "/cases/queue" in browser.get("/dashboard").text
        page = words(browser.get(f"/cases/{case.public_id}").text)
        assert f"Department of {name}" in page
        assert ("签署" in page) == (locale != "en")
        mine, other = position_of(case, who), position_of(case, officers["Mark"])
        assert conclude(browser, who, case, other) == 403, "of another department"
        assert conclude(browser, who, case, mine) == 303
        assert case.is_pending
    time_passes(case)
    assert [one.state for one in case.steps if one.organisation_id == theirs(officers["Mark"]).id] == [StepState.SILENT]
    assert case.state == CaseState.GRANTED
    entry = entry_of(cast)
    assert entry.data == {"services": ANSWERS["services"], "departments": ["Department of Fin", "Department of Sci"]}
    shown = words(browser.sign_out().get(f"/registers/{REGISTER}/{entry.number}").text)
    assert "Department of Fin, Department of Sci" in shown
    assert "Department of Mark" not in shown
    told = set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == "cases.step_opened")))
    assert told >= {officers[name].id for name in ("Sci", "Fin", "Mark")}
    assert officers["Jin"].id not in told


def test_with_one_signature_or_one_no_nothing_is_entered(
    cast: Cast, officers: dict[str, User], browser: Browser
) -> None:
    case = filed(cast, browser)
    conclude(browser, cast.eve, case, 1)
    assert conclude(browser, officers["Sci"], case, position_of(case, officers["Sci"])) == 303
    time_passes(case)
    assert (case.state, entry_of(cast)) == (CaseState.REFUSED, None), "one signature is not enough"
    again = filed(cast, browser)
    conclude(browser, cast.eve, again, 1)
    for name, finding in (("Sci", "yes"), ("Fin", "no"), ("Mark", "yes")):
        assert again.is_pending
        assert conclude(browser, officers[name], again, position_of(again, officers[name]), finding=finding) == 303
    run_jobs()
    assert (again.state, entry_of(cast)) == (CaseState.REFUSED, None)
    assert [one.finding.value for one in again.steps[1:]] == ["no", "yes", "yes"], "the signatures stand"
    third = filed(cast, browser)
    assert conclude(browser, cast.eve, third, 1, finding="no", reasons="The evidence is missing.") == 303
    assert (third.state, {one.state for one in third.steps[1:]}) == (CaseState.REFUSED, {StepState.SKIPPED})


def test_a_step_goes_to_another_unit_and_to_another_department(
    cast: Cast, officers: dict[str, User], browser: Browser
) -> None:
    qi = centre_officer("Qi", QINGDAO, cast)
    case = filed(cast, browser)
    here = f"/cases/{case.public_id}"
    assert "They know the region." not in browser.sign_in(qi).get(here).text
    zi = centre_officer("Zi", "370300", cast)
    given = {"unit_id": str(unit("370300").id), "note": "They know the region."}
    assert browser.sign_in(qi).post(f"{here}/steps/1/hand-over", given).status_code == 303
    assert "They know the region." in browser.sign_in(zi).get(here).text
    assert conclude(browser, zi, case, 1) == 303
    sci, jin = officers["Sci"], officers["Jin"]
    position = position_of(case, sci)
    offered = browser.sign_in(sci).get(f"{here}?step={position}").text
    assert f'<option value="{theirs(jin).id}"' in offered
    assert "At least two departments have signed" not in offered, "one signature alone decides nothing"
    assert browser.sign_in(jin).get(here).status_code == 404
    note = {"unit_id": str(theirs(jin).id), "note": "It works in Jinan."}
    browser.sign_in(sci)
    for wrong in ({"note": " "}, {"unit_id": str(theirs(officers["Fin"]).id)}, {"unit_id": str(cast.luoyang.id)}):
        assert browser.post(f"{here}/steps/{position}/hand-over", note | wrong).status_code == 422
    assert browser.post(f"{here}/steps/{position}/hand-over", note).status_code == 303
    assert "It works in Jinan." in browser.sign_in(jin).get(here).text
    assert "It works in Jinan." not in browser.sign_in(cast.nils).get(here).text
    assert browser.sign_in(sci).get(here).status_code == 404
    assert conclude(browser, jin, case, position) == 303
    queries.get(case.id)
    assert case.steps[position - 1].doer is jin


def test_who_cannot_apply_reads_why(cast: Cast, officers: dict[str, User], browser: Browser) -> None:
    there = f"/cases/new/{KIND}/{cast.northlight.id}"
    browser.sign_in(cast.nils)
    assert browser.get(there).status_code == 200
    for name in ("Fin", "Mark"):
        officers[name].roles = []
    commit()
    assert browser.get(there).status_code == 409, "one department is too few"
    assert cast.ada
    assert browser.sign_in(cast.ada).get(f"/cases/new/{KIND}/{cast.luoyang.id}").status_code == 403
    join(cast.dee, cast.northlight)
    assert browser.sign_in(cast.dee).get(there).status_code == 403


def test_an_officer_of_the_applicant_does_not_sign(cast: Cast, officers: dict[str, User], browser: Browser) -> None:
    case = filed(cast, browser)
    conclude(browser, cast.eve, case, 1)
    sci = officers["Sci"]
    join(sci, cast.northlight)
    assert conclude(browser, sci, case, position_of(case, sci)) in (403, 404)
    theirs(officers["Fin"]).closed_at = case.filed_at
    commit()
    assert conclude(browser, officers["Fin"], case, position_of(case, officers["Fin"])) == 404
