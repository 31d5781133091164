"""Inspections of entries: begun by one person of the service centre, answered by the holder, decided by another."""

import re

import pytest
import sqlalchemy as sa

from crowd.accounts.kept_registers import MANAGERS
from crowd.accounts.models import PlatformRole, User
from crowd.cases.bodies import NAMES
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState
from crowd.db import db
from crowd.feature import declared
from crowd.procedure import faults
from crowd.registers import queries, services
from crowd.registers.inspections import INSPECTION
from crowd.registers.models import RegisterEntry
from crowd.registers.workflow import EntryState
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.registers.test_services import verified
from tests.crowd.registers.test_views import run_jobs
from tests.submissions.test_pages import words

GIVEN = {"occasion": "periodic", "what": "The certificate of training."}
EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])


def entered(cast: Cast) -> RegisterEntry:
    """Dee is a technology manager."""
    data = {"grade": "senior", "field": "Water networks", "basis": "Certificate 17"}
    return services.grant(cast.eve, MANAGERS, cast.dee.id, data)


def zoe(locale: str = "en") -> User:
    return factories.user("Zoe", PlatformRole.SERVICE_CENTRE, locale=locale)


def begun(browser: Browser, cast: Cast, row: RegisterEntry) -> Case:
    sent = browser.sign_in(cast.eve).post(f"/cases/new/{INSPECTION}/{row.number}", GIVEN)
    assert sent.status_code == 303, words(sent.text)
    return db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()


def concluded(browser: Browser, case: Case, position: int, finding: str, reasons: str) -> int:
    given = {"finding": finding, "reasons": reasons}
    return browser.post(f"/cases/{case.public_id}/steps/{position}/conclude", given).status_code


def test_the_kind_is_declared_right() -> None:
    assert faults(declared().case_kinds[INSPECTION], declared().job_labels, NAMES) == []


@EVERY_LANGUAGE
@pytest.mark.parametrize("finding", ["yes", "no"])
def test_an_entry_is_inspected(cast: Cast, browser: Browser, locale: str, finding: str) -> None:
    row, other = entered(cast), zoe(locale)
    cast.dee.locale = cast.eve.locale = locale
    here = f"/registers/{MANAGERS}/{row.number}"
    assert f"/cases/new/{INSPECTION}/{row.number}" in browser.sign_in(cast.eve).get(here).text
    case = begun(browser, cast, row)
    assert concluded(browser.sign_in(cast.dee), case, 1, "given", "It is attached.") == 303
    assert concluded(browser.sign_in(cast.eve), case, 2, finding, "Seen.") == 403, "who began it does not decide"
    page = words(browser.sign_in(other).get(f"/cases/{case.public_id}").text)
    assert ("中止登记" in page) == (locale != "en")
    assert concluded(browser, case, 2, finding, "Seen.") == 303
    run_jobs()
    found = queries.view(row)
    assert found.state == (EntryState.SUSPENDED if finding == "yes" else EntryState.VALID)
    assert found.last.case_id == (case.id if finding == "yes" else None)
    said = {"en": ("confirmed", "suspended after it"), "zh_Hans_CN": ("确认有效", "检查后中止")}[locale]
    shown = words(browser.sign_out().get(here, headers={"Accept-Language": locale[:2]}).text)
    assert (said[0] in shown) == (finding == "no")
    assert (said[1] in shown) == (finding == "yes")
    assert "The certificate of training." not in shown


def test_silence_confirms_and_an_entry_that_ended_meanwhile_stays_so(cast: Cast, browser: Browser) -> None:
    row, other = entered(cast), zoe()
    case = begun(browser, cast, row)
    concluded(browser.sign_in(cast.dee), case, 1, "given", "No.")
    concluded(browser.sign_in(other), case, 2, "yes", "It is not theirs.")
    services.act(cast.eve, row, "revoke", reason="They asked for it.")
    run_jobs()
    assert queries.last_event(row.id).state == EntryState.REVOKED
    assert case.state == CaseState.GRANTED


def test_who_begins_one(cast: Cast, browser: Browser) -> None:
    row = entered(cast)
    page = f"/cases/new/{INSPECTION}/{row.number}"
    for person in (cast.dee, cast.bo, cast.adm, cast.aud, cast.gu, cast.fen, cast.cy, cast.ada):
        assert browser.sign_in(person).get(page).status_code == 403, person.name
        assert page not in browser.get(f"/registers/{MANAGERS}/{row.number}").text
    assert browser.sign_out().get(page).status_code in (302, 303)
    browser.sign_in(cast.eve)
    assert browser.get(page).status_code == 200
    assert browser.get(f"/cases/new/{INSPECTION}/TM-2").status_code == 404
    services.act(cast.eve, row, "suspend", reason="Later.")
    assert browser.get(page).status_code == 409
    assert browser.get(f"/registers/{MANAGERS}/{row.number}").status_code == 200, "what cannot be filed closes no page"
    assert page not in browser.get(f"/registers/{MANAGERS}/{row.number}").text
    cast.dee.roles = list(cast.eve.roles)
    services.act(cast.eve, row, "resume", reason="Now.")
    assert browser.sign_in(cast.dee).get(page).status_code == 403, "their own"


@pytest.mark.parametrize("state", ["open", "decided"])
def test_who_reads_an_inspection(cast: Cast, browser: Browser, state: str) -> None:
    """Role by state: the holder, the service centre and the auditor."""
    row, other = entered(cast), zoe()
    case = begun(browser, cast, row)
    if state == "decided":
        concluded(browser.sign_in(cast.dee), case, 1, "given", "It is attached.")
        concluded(browser.sign_in(other), case, 2, "no", "Seen.")
    for person in (cast.dee, other, cast.eve, cast.aud, cast.bo, cast.adm, cast.gu, cast.fen, cast.cy):
        opens = person in (cast.dee, other, cast.eve, cast.aud)
        answer = browser.sign_in(person).get(f"/cases/{case.public_id}")
        assert answer.status_code == (200 if opens else 404), person.name


def test_those_who_post_for_an_organisation_reply_for_it(cast: Cast, browser: Browser) -> None:
    assert cast.ada
    row = verified(cast, cast.luoyang)
    case = begun(browser, cast, row)
    assert concluded(browser.sign_in(cast.ada), case, 1, "given", "It is attached.") == 303
    assert re.fullmatch(r"VF-.*", case.title)
