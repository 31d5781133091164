"""A park posts a challenge for a member firm: only with its consent, to the words that are submitted."""

import re

import pytest

from challenges import policy, services
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.on_behalf import services as on_behalf
from crowd.accounts.models import MemberRole, Organisation, OrganisationKind, User
from crowd.accounts.parks import services as parks
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from scoring.candidates import load
from submissions import services as submissions
from submissions.parties import insiders_among, is_insider
from tests import factories
from tests.cast import Cast
from tests.client import Browser


@pytest.fixture
def park(cast: Cast) -> Organisation:
    """A park with Luoyang as a member."""
    row = factories.organisation("Luoyang Valley Park", OrganisationKind.PARK)
    pan = factories.user("Pan", member_of=row, role=MemberRole.OWNER)
    parks.accept(cast.ada, parks.invite(pan, row.id, firm=cast.luoyang.name).id)
    cast.__dict__["pan"] = pan
    return row


def pan(cast: Cast) -> User:
    return cast.__dict__["pan"]


@pytest.fixture
def draft(cast: Cast, park: Organisation) -> Challenge:
    """The park's draft for Luoyang."""
    row = factories.challenge(pan(cast), park)
    return on_behalf.choose_firm(pan(cast), row.id, firm_id=cast.luoyang.id)


def test_without_consent_it_is_not_submitted(cast: Cast, draft: Challenge) -> None:
    with pytest.raises(Conflict, match="consented"):
        lifecycle.submit(pan(cast), draft.id)
    on_behalf.consent(cast.ada, draft.id)
    assert lifecycle.submit(pan(cast), draft.id).submitted_at
    with pytest.raises(Conflict):
        on_behalf.withdraw_consent(cast.ada, draft.id)


def test_a_change_of_the_text_asks_again(cast: Cast, draft: Challenge) -> None:
    on_behalf.consent(cast.ada, draft.id)
    services.edit(pan(cast), draft.id, brief=factories.brief(title="Other words"))
    with pytest.raises(Conflict, match="consented"):
        lifecycle.submit(pan(cast), draft.id)


def test_consent_is_withdrawn_and_the_firm_can_be_left_out(cast: Cast, draft: Challenge) -> None:
    on_behalf.consent(cast.ada, draft.id)
    on_behalf.withdraw_consent(cast.ada, draft.id)
    with pytest.raises(Conflict):
        on_behalf.withdraw_consent(cast.ada, draft.id)
    on_behalf.choose_firm(pan(cast), draft.id, firm_id=None)
    assert lifecycle.submit(pan(cast), draft.id).consented_at is None
    assert not policy.can_view_internal(cast.ada, draft)


def test_only_a_park_chooses_and_only_a_member_firm_and_only_the_firm_consents(cast: Cast, draft: Challenge) -> None:
    other = factories.organisation("No Member")
    with pytest.raises(Invalid):
        on_behalf.choose_firm(pan(cast), draft.id, firm_id=other.id)
    own = factories.challenge(cast.ada, cast.luoyang)
    with pytest.raises(Forbidden):
        on_behalf.choose_firm(cast.ada, own.id, firm_id=other.id)
    with pytest.raises(Forbidden):
        on_behalf.consent(pan(cast), draft.id)
    with pytest.raises(NotFound):
        on_behalf.consent(cast.dee, draft.id)
    assert policy.can_view(cast.abe, draft), "the firm's people read what they consent to"
    assert not policy.can_edit(cast.abe, draft)


def test_the_firms_people_have_a_conflict_of_interest(cast: Cast, draft: Challenge, park: Organisation) -> None:
    on_behalf.consent(cast.ada, draft.id)
    assert lifecycle.submit(pan(cast), draft.id)
    lifecycle.approve(cast.eve, draft.id)
    factories.pay_in(cast, park, draft.cost, draft.currency)
    row = lifecycle.fund(pan(cast), draft.id)
    assert is_insider(cast.abe, row)
    assert insiders_among(row.id, [cast.abe.id, cast.bo.id]) == {cast.abe.id}
    with pytest.raises(Invalid, match="for which this challenge was posted"):
        submissions.register(cast.abe, row.id, organisation_id=None, accepted=True)
    colleague = factories.user("Carla", member_of=cast.luoyang)
    cast.cy.expertise = list(row.tags)
    factories.proposal(cast.bo, row)
    factories.closed(cast, row)
    colleague.roles = cast.cy.roles
    pool = load(row)
    assert {kind for (judge, _proposal), kind in pool.conflicts.items() if judge == colleague.id} == {"sponsor"}


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_by_the_pages_and_shown_on_the_challenge(
    cast: Cast, draft: Challenge, park: Organisation, browser: Browser, locale: str
) -> None:
    cast.ada.locale = pan(cast).locale = locale
    ada, path = Browser(browser.app).sign_in(cast.ada), f"/challenges/{draft.id}/firm"
    browser.sign_in(pan(cast))
    assert path in browser.get(f"/challenges/{draft.id}").text
    assert browser.post(path, {"firm_id": ""}).status_code == 303
    assert ada.get(path).status_code == 404
    assert browser.post(path, {"firm_id": "999999"}).status_code == 422
    assert browser.post(path, {"firm_id": str(cast.luoyang.id)}).status_code == 303
    assert re.search(r"/challenges/\d+/consent", ada.get(path).text)
    assert ada.post(f"/challenges/{draft.id}/consent").status_code == 303
    assert cast.luoyang.name in browser.get(f"/challenges/{draft.id}").text.split("<h1")[1].split("</p>")[0]
    assert ada.post(f"/challenges/{draft.id}/consent/withdraw").status_code == 303
