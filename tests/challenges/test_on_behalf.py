"""A park posts a challenge for a member firm: only with its consent, to the words that are submitted."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from challenges import policy, services
from challenges.brief import PrizeLine
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.on_behalf import services as on_behalf
from crowd.accounts.models import MemberRole, Organisation, OrganisationKind, User
from crowd.accounts.organisations import closing
from crowd.accounts.parks import queries as park_queries
from crowd.accounts.parks import services as parks
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.notifications.models import Notification
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


def agree(actor: User, draft: Challenge) -> Challenge:
    return on_behalf.consent(actor, draft.id, seen=draft.changed_at)


def leave(cast: Cast, draft: Challenge) -> None:
    (row,) = park_queries.list_of(cast.luoyang.id)
    parks.end(cast.ada, row.id)


def close_firm(cast: Cast, draft: Challenge) -> None:
    closing.close(cast.ada, cast.luoyang.id, reason="We stop.")


def close_park(cast: Cast, draft: Challenge) -> None:
    closing.close(cast.adm, draft.organisation_id, reason="It stops.")


ENDS: dict[str, Callable[[Cast, Challenge], None]] = {
    "the firm leaves": leave,
    "the firm closes": close_firm,
    "the park closes": close_park,
}


@pytest.fixture
def draft(cast: Cast, park: Organisation) -> Challenge:
    """The park's draft for Luoyang."""
    row = factories.challenge(pan(cast), park)
    return on_behalf.choose_firm(pan(cast), row.id, firm_id=cast.luoyang.id)


def test_without_consent_it_is_not_submitted(cast: Cast, draft: Challenge) -> None:
    with pytest.raises(Conflict, match="consented"):
        lifecycle.submit(pan(cast), draft.id)
    agree(cast.ada, draft)
    assert lifecycle.submit(pan(cast), draft.id).submitted_at
    with pytest.raises(Conflict):
        on_behalf.withdraw_consent(cast.ada, draft.id)


def test_a_change_of_the_text_asks_again(cast: Cast, draft: Challenge) -> None:
    agree(cast.ada, draft)
    services.edit(pan(cast), draft.id, changes={"title": "Other words"})
    with pytest.raises(Conflict, match="consented"):
        lifecycle.submit(pan(cast), draft.id)


CHANGES: dict[str, Callable[[Cast, Challenge], object]] = {
    "text": lambda cast, draft: services.edit(pan(cast), draft.id, changes={"title": "Other words"}),
    "prize": lambda cast, draft: services.edit(
        pan(cast), draft.id, changes={"prizes": [PrizeLine(title="One", amount=9_000)]}
    ),
    "firm, and back": lambda cast, draft: [
        on_behalf.choose_firm(pan(cast), draft.id, firm_id=firm) for firm in (None, cast.luoyang.id)
    ],
    "screening": lambda cast, draft: [
        agree(cast.ada, draft),
        lifecycle.submit(pan(cast), draft.id),
        lifecycle.return_for_changes(cast.eve, draft.id, reason="Say more."),
        on_behalf.withdraw_consent(cast.ada, draft.id),
    ],
}


@pytest.mark.parametrize("what", CHANGES)
def test_consent_is_to_what_was_shown(cast: Cast, draft: Challenge, browser: Browser, what: str) -> None:
    shown = draft.changed_at.isoformat()
    CHANGES[what](cast, draft)
    browser.sign_in(cast.ada)
    for seen in (shown, "", "now"):
        assert browser.post(f"/challenges/{draft.id}/consent", {"seen": seen}).status_code == 409
    assert draft.consented_at is None


@pytest.mark.parametrize("how", ENDS)
def test_a_park_posts_for_nobody_who_has_left_it(cast: Cast, draft: Challenge, browser: Browser, how: str) -> None:
    agree(cast.ada, draft)
    ENDS[how](cast, draft)
    with pytest.raises((Conflict, Forbidden)):
        lifecycle.submit(pan(cast), draft.id)
    assert factories.run_jobs("challenges.end_consents") == 1
    db.session.refresh(draft)
    assert draft.consented_at is None
    with pytest.raises((Conflict, Forbidden, NotFound)):
        agree(cast.ada, draft)
    reader = cast.ada if how == "the park closes" else pan(cast)
    page = browser.sign_in(reader).get(f"/challenges/{draft.id}/firm").text
    assert "is no longer a member" in page


def test_a_firm_that_leaves_takes_its_consent_out_of_the_screening(
    cast: Cast, draft: Challenge, browser: Browser
) -> None:
    agree(cast.ada, draft)
    lifecycle.submit(pan(cast), draft.id)
    leave(cast, draft)
    with pytest.raises(Conflict, match="not a member"):
        factories.approve(cast.eve, draft.id)  # the job that ends the consent has not run yet
    assert factories.run_jobs("challenges.end_consents") == 1
    db.session.refresh(draft)
    assert (draft.state, draft.consented_at) == ("draft", None)
    for person in (cast.ada, pan(cast)):
        kinds = sa.select(Notification.kind).where(Notification.user_id == person.id)
        assert list(db.session.scalars(kinds)).count("challenges.consent_ended") == 1, person.name
    assert "is no longer a member of the park" in browser.sign_in(pan(cast)).get(f"/challenges/{draft.id}/firm").text
    with pytest.raises(Conflict):
        lifecycle.submit(pan(cast), draft.id)


def test_what_was_approved_stays_when_the_firm_leaves(cast: Cast, draft: Challenge) -> None:
    agree(cast.ada, draft)
    lifecycle.submit(pan(cast), draft.id)
    factories.approve(cast.eve, draft.id)
    leave(cast, draft)
    factories.run_jobs("challenges.end_consents")
    db.session.refresh(draft)
    assert draft.state == "approved"
    assert draft.consented_at


def test_a_firm_that_is_a_member_again_consents_again(cast: Cast, draft: Challenge) -> None:
    agree(cast.ada, draft)
    leave(cast, draft)
    parks.accept(cast.ada, parks.invite(pan(cast), draft.organisation_id, firm=cast.luoyang.name).id)
    factories.run_jobs("challenges.end_consents")
    with pytest.raises(Conflict, match="consented"):
        lifecycle.submit(pan(cast), draft.id)
    agree(cast.ada, draft)
    assert lifecycle.submit(pan(cast), draft.id).submitted_at


def test_a_firm_is_not_closed_while_a_parks_challenge_for_it_is_open(cast: Cast, draft: Challenge) -> None:
    agree(cast.ada, draft)
    lifecycle.submit(pan(cast), draft.id)
    with pytest.raises(Conflict, match="not finished"):
        close_firm(cast, draft)


def test_consent_is_withdrawn_and_the_firm_can_be_left_out(cast: Cast, draft: Challenge) -> None:
    agree(cast.ada, draft)
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
        agree(pan(cast), draft)
    with pytest.raises(NotFound):
        agree(cast.dee, draft)
    assert policy.can_view(cast.abe, draft), "the firm's people read what they consent to"
    assert not policy.can_edit(cast.abe, draft)


def test_the_firms_people_have_a_conflict_of_interest(cast: Cast, draft: Challenge, park: Organisation) -> None:
    agree(cast.ada, draft)
    assert lifecycle.submit(pan(cast), draft.id)
    factories.approve(cast.eve, draft.id)
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
    seen = {"seen": draft.changed_at.isoformat()}
    assert f'value="{seen["seen"]}"' in ada.get(path).text
    assert ada.post(f"/challenges/{draft.id}/consent", seen).status_code == 303
    assert cast.luoyang.name in browser.get(f"/challenges/{draft.id}").text.split("<h1")[1].split("</p>")[0]
    assert ada.post(f"/challenges/{draft.id}/consent/withdraw").status_code == 303
