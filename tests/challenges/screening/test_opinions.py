"""In the screening the service centre asks the expert committee for an opinion: over HTTP, with both outcomes."""

import pytest
import sqlalchemy as sa

from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.screening.names import OPINION
from challenges.workflow import ChallengeState
from crowd.accounts.models import PlatformRole, User
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState
from crowd.db import db
from crowd.errors import Conflict
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
ASKED = {"what": "Can two microphones do it at all?"}


def asked(cast: Cast, browser: Browser) -> tuple[Challenge, Case]:
    """A challenge in screening, about which Eve has asked."""
    assert cast.cy
    challenge = factories.screened(cast)
    challenge.problem_statement = "## Background\n\nTwo pipes leak."
    db.session.flush()
    link = f"/cases/new/{OPINION}/{challenge.id}"
    assert link in browser.sign_in(cast.eve).get(f"/screening/{challenge.id}").text
    form = browser.get(link).text
    assert ("Background" in form, "Two pipes leak." in form, "##" in form) == (True, True, False)
    assert browser.post(link, ASKED).status_code == 303
    return challenge, db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()


def evi() -> User:
    """Another person of the service centre: who has asked is a party."""
    return factories.user("Evi", PlatformRole.SERVICE_CENTRE)


def conclude(browser: Browser, who: User, case: Case, position: int, **given: str) -> int:
    return browser.sign_in(who).post(f"/cases/{case.public_id}/steps/{position}/conclude", given).status_code


@EVERY_LANGUAGE
def test_the_opinion_stands_in_the_screening_which_goes_on(cast: Cast, browser: Browser, locale: str) -> None:
    for person in (cast.cy, cast.eve):
        person.locale = locale
    challenge, case = asked(cast, browser)
    page = browser.get(f"/screening/{challenge.id}").text
    assert ASKED["what"] in page
    assert ("专家委员会" in page, f"/cases/new/{OPINION}/" in page) == (locale != "en", False)
    with pytest.raises(Conflict):
        lifecycle.approve(cast.eve, challenge.id)
    assert case.title in browser.sign_in(cast.cy).get("/cases/queue").text
    assert conclude(browser, cast.cy, case, 1, finding="given", reasons="Yes, within three metres.") == 303
    assert "Yes, within three metres." in browser.sign_in(cast.ada).get(f"/cases/{case.public_id}").text
    assert conclude(browser, cast.eve, case, 2, finding="yes", reasons="It goes on.") == 403
    assert conclude(browser, evi(), case, 2, finding="yes", reasons="It goes on.") == 303
    assert (case.state, factories.run_jobs("screening.send_back")) == (CaseState.GRANTED, 0)
    shown = browser.sign_in(cast.eve).get(f"/screening/{challenge.id}").text
    assert "Yes, within three metres." in shown
    assert f"/cases/new/{OPINION}/{challenge.id}" in shown, "another question can be asked"
    assert challenge.state == ChallengeState.SCREENING


@EVERY_LANGUAGE
def test_with_a_no_the_challenge_returns_to_its_sponsor(cast: Cast, browser: Browser, locale: str) -> None:
    cast.ada.locale = locale
    challenge, case = asked(cast, browser)
    conclude(browser, cast.cy, case, 1, finding="given", reasons="Not without the pipe's material.")
    assert conclude(browser, evi(), case, 2, finding="no", reasons="Say what the pipes are made of.") == 303
    assert (case.state, factories.run_jobs("screening.send_back")) == (CaseState.REFUSED, 1)
    db.session.expire_all()
    assert (challenge.state, challenge.screening_note) == (ChallengeState.DRAFT, "Say what the pipes are made of.")
    assert (
        "Say what the pipes are made of."
        in browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}/edit/check").text
    )


def test_a_no_comes_too_late_for_a_challenge_that_its_sponsor_has_withdrawn(cast: Cast, browser: Browser) -> None:
    challenge, case = asked(cast, browser)
    lifecycle.withdraw_from_screening(cast.ada, challenge.id)
    conclude(browser, cast.cy, case, 1, finding="given", reasons="No.")
    conclude(browser, evi(), case, 2, finding="no", reasons="No.")
    assert factories.run_jobs("screening.send_back") == 1
    db.session.expire_all()
    assert (challenge.state, challenge.screening_note) == (ChallengeState.DRAFT, "")


def test_who_asks_and_who_answers(cast: Cast, browser: Browser) -> None:
    challenge = factories.screened(cast)
    for person, status in ((cast.ada, 403), (cast.cy, 404), (cast.dee, 404), (cast.eve, 200)):
        assert browser.sign_in(person).get(f"/cases/new/{OPINION}/{challenge.id}").status_code == status
    join(cast.cleo, cast.luoyang)
    assert browser.sign_in(cast.eve).post(f"/cases/new/{OPINION}/{challenge.id}", ASKED).status_code == 303
    case = db.session.scalars(sa.select(Case)).one()
    assert conclude(browser, cast.cleo, case, 1, finding="given", reasons="Of course.") == 403, "of the sponsor"
    assert browser.sign_in(cast.eve).get(f"/cases/new/{OPINION}/{challenge.id}").status_code == 200
    assert browser.post(f"/cases/new/{OPINION}/{challenge.id}", ASKED).status_code == 409, "one at a time"
