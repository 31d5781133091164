"""Complaints about agencies over HTTP: what is upheld stands on the public page for a time."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from crowd.accounts import complaints
from crowd.accounts.complaints import KIND, STANDS
from crowd.accounts.models import Organisation
from crowd.audit import AuditEvent
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState
from crowd.db import db
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.submissions.test_pages import words

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
WHAT = "The report came ten weeks late."
SAID = {"en": "after a complaint: Work that was late, or not delivered", "zh_Hans_CN": "因投诉被警告"}


def decided(cast: Cast, browser: Browser, finding: str) -> Case:
    """Bo complains about Northlight, which replies; Eve decides."""
    assert cast.eve.id
    page, link = f"/organisations/{cast.northlight.id}", f"/cases/new/{KIND}/{cast.northlight.id}"
    assert link not in browser.sign_in(cast.nils).get(page).text
    assert link in browser.sign_in(cast.bo).get(page).text
    assert browser.post(link, {"ground": "late", "what": WHAT}).status_code == 303
    case = db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()
    here = f"/cases/{case.public_id}"
    assert WHAT in browser.sign_in(cast.nils).get(here).text
    reply = {"finding": "given", "reasons": "The samples came late, too."}
    assert browser.post(f"{here}/steps/1/conclude", reply).status_code == 303
    given = {"finding": finding, "reasons": "The contract says four weeks."}
    assert browser.sign_in(cast.eve).post(f"{here}/steps/2/conclude", given).status_code == 303
    return case


def shown(browser: Browser, row: Organisation, locale: str = "en") -> str:
    browser.sign_out().get(f"/language/{locale}?next=/")
    return words(browser.get(f"/organisations/{row.id}").text)


@EVERY_LANGUAGE
def test_upheld_it_stands_on_the_public_page_for_a_time(
    cast: Cast, browser: Browser, locale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = decided(cast, browser, "yes")
    assert case.state == CaseState.GRANTED
    page = shown(browser, cast.northlight, locale)
    assert SAID[locale] in page
    assert WHAT not in page
    assert db.session.scalar(sa.select(sa.func.count()).where(AuditEvent.action == "organisation.warned")) == 1
    monkeypatch.setattr(complaints, "STANDS", timedelta(0))
    assert SAID[locale] not in shown(browser, cast.northlight, locale)
    assert timedelta(days=365) < STANDS


def test_in_part_or_refused_the_page_says_nothing(cast: Cast, browser: Browser) -> None:
    for finding, warnings in (("partly", 1), ("no", 1)):
        decided(cast, browser, finding)
        assert "complaint" not in shown(browser, cast.northlight)
        found = db.session.scalar(sa.select(sa.func.count()).where(AuditEvent.action == "organisation.warned"))
        assert found == warnings, finding


def test_about_whom_one_complains(cast: Cast, browser: Browser) -> None:
    assert cast.ada
    for row, status in ((cast.luoyang, 404), (cast.northlight, 200)):
        assert browser.sign_in(cast.bo).get(f"/cases/new/{KIND}/{row.id}").status_code == status
    assert browser.sign_in(cast.nils).get(f"/cases/new/{KIND}/{cast.northlight.id}").status_code == 403
    cast.northlight.closed_at = factories.now()
    assert browser.sign_in(cast.bo).get(f"/cases/new/{KIND}/{cast.northlight.id}").status_code == 403
