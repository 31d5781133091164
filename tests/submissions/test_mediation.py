"""The service centre mediates between the sponsor and those behind a proposal: over HTTP, from both sides."""

import pytest
import sqlalchemy as sa

from challenges.models import Challenge
from crowd.accounts.models import MemberRole, User
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState
from crowd.db import db
from submissions.mediation import KIND
from submissions.models import Proposal
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.submissions.test_pages import words

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
ASKED = {"what": "The sponsor names my method in its leaflet.", "tried": "Two letters.", "wanted": "My name beside it."}
LINK = {"en": "Ask the service centre to mediate", "zh_Hans_CN": "请服务中心调解"}
AGREED = {"en": "The reasons say what both sides have agreed.", "zh_Hans_CN": "双方达成的约定"}


def proposal_of(challenge: Challenge, author: User) -> Proposal:
    query = sa.select(Proposal).where(Proposal.challenge_id == challenge.id, Proposal.user_id == author.id)
    return db.session.scalars(query).one()


def asked(browser: Browser, proposal: Proposal, person: User) -> Case:
    """Somebody asks, by the link on the page of the proposal."""
    link = f"/cases/new/{KIND}/{proposal.id}"
    page = browser.sign_in(person).get(f"/proposals/{proposal.id}").text
    assert link in page
    assert LINK[person.locale] in page
    assert browser.get(link).status_code == 200
    assert browser.post(link, ASKED).status_code == 303
    return db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()


def conclude(browser: Browser, who: User, case: Case, position: int, **given: str) -> int:
    return browser.sign_in(who).post(f"/cases/{case.public_id}/steps/{position}/conclude", given).status_code


@EVERY_LANGUAGE
def test_the_author_asks_and_both_agree(cast: Cast, browser: Browser, locale: str) -> None:
    challenge = factories.settled(cast, "bo", "bea")
    for person in (cast.bo, cast.ada, cast.eve):
        person.locale = locale
    case = asked(browser, proposal_of(challenge, cast.bo), cast.bo)
    assert case.contract_version_id is not None
    assert conclude(browser, cast.bo, case, 1, finding="given", reasons="Mine.") == 403
    assert conclude(browser, cast.ada, case, 1, finding="given", reasons="We can print the name.") == 303
    assert conclude(browser, cast.ada, case, 2, finding="yes", reasons="Agreed.") == 403
    assert conclude(browser, cast.eve, case, 2, finding="yes", reasons="The next print names Bo.") == 303
    assert case.state == CaseState.GRANTED
    for person in (cast.bo, cast.ada):
        page = words(browser.sign_in(person).get(f"/cases/{case.public_id}").text)
        assert "The next print names Bo." in page
        assert AGREED[locale] in page
    for person in (cast.bea, cast.dee):
        assert browser.sign_in(person).get(f"/cases/{case.public_id}").status_code == 404


def test_the_sponsor_asks_and_nothing_is_agreed(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "bo", "bea")
    case = asked(browser, proposal_of(challenge, cast.bo), cast.abe)
    assert conclude(browser, cast.ada, case, 1, finding="given", reasons="Ours.") == 403
    assert conclude(browser, cast.bo, case, 1, finding="given", reasons="The files are complete.") == 303
    assert conclude(browser, cast.eve, case, 2, finding="no", reasons="Both keep their view.") == 303
    assert case.state == CaseState.REFUSED
    assert "Nothing was agreed; nothing changes." in words(
        browser.sign_in(cast.bo).get(f"/cases/{case.public_id}").text
    )


def test_who_asks_and_when(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast, "bo", "bea")
    proposal = proposal_of(challenge, cast.bo)
    link, page = f"/cases/new/{KIND}/{proposal.id}", f"/proposals/{proposal.id}"
    for person in (cast.bo, cast.ada):
        assert browser.sign_in(person).get(link).status_code == 409, "nothing is decided yet"
        assert link not in browser.get(page).text
    decided = factories.decided(cast, "bo", "bea")
    number = proposal_of(decided, cast.bo).id
    for person, status in ((cast.bo, 200), (cast.ada, 200), (cast.bea, 404), (cast.dee, 404), (cast.eve, 403)):
        assert browser.sign_in(person).get(f"/cases/new/{KIND}/{number}").status_code == status, person.name
    assert "/cases/new/mediation" not in browser.sign_in(cast.eve).get(f"/proposals/{number}").text
    join(cast.dee, cast.luoyang, MemberRole.FINANCE)
    assert browser.sign_in(cast.dee).get(f"/cases/new/{KIND}/{number}").status_code == 404, "posts nothing"


def test_nobody_of_a_side_mediates(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "bo", "bea")
    case = asked(browser, proposal_of(challenge, cast.bo), cast.bo)
    conclude(browser, cast.ada, case, 1, finding="given", reasons="No.")
    join(cast.eve, cast.luoyang)
    assert conclude(browser, cast.eve, case, 2, finding="yes", reasons="Of course.") == 403


def test_a_rival_who_joined_the_service_centre_does_not_mediate(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "bo", "bea")
    case = asked(browser, proposal_of(challenge, cast.bo), cast.bo)
    conclude(browser, cast.ada, case, 1, finding="given", reasons="No.")
    cast.bea.roles = list(cast.eve.roles)
    db.session.commit()
    assert conclude(browser, cast.bea, case, 2, finding="yes", reasons="Of course.") in (403, 404)
    assert case.state == CaseState.PENDING
