"""The service centre confirms registrations: the queue, who may, what is told, and what cannot be submitted."""

import pytest
import sqlalchemy as sa

from challenges.models import Challenge
from crowd.accounts.models import MemberRole, OrganisationKind, PlatformRole
from crowd.db import db
from crowd.errors import Conflict, Invalid, NotFound
from crowd.notifications.models import Notification
from submissions import services as submissions
from submissions.confirmation import queries, services
from submissions.confirmation.workflow import Confirmation
from submissions.models import Registration
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.scoring.test_pages import Counted, text, words


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return factories.opened(cast, tier="standard")


@pytest.fixture
def registration(cast: Cast, challenge: Challenge) -> Registration:
    assert cast.nils.id
    assert cast.eve.id
    return submissions.register(cast.nils, challenge.id, organisation_id=cast.northlight.id, accepted=True)


def told(user_id: int) -> list[str]:
    return list(db.session.scalars(sa.select(Notification.kind).where(Notification.user_id == user_id)))


def test_a_registration_waits_and_is_confirmed_on_the_page(
    cast: Cast, browser: Browser, challenge: Challenge, registration: Registration
) -> None:
    assert registration.confirmation == Confirmation.AWAITED
    assert "submissions.confirmation_asked" in told(cast.eve.id)
    assert "Registrations to confirm: 1" in words(text(browser.sign_in(cast.eve), "/dashboard"))
    page = words(text(browser, "/registrations"))
    assert "Northlight Sensing" in page
    assert browser.post(f"/registrations/{registration.id}/confirm").status_code == 303
    db.session.refresh(registration)
    assert registration.confirmation == Confirmation.CONFIRMED
    assert "submissions.confirmed" in told(cast.nils.id)
    assert "No registrations wait" in words(text(browser, "/registrations"))
    assert "Confirmed" in words(text(browser.sign_in(cast.nils), f"/challenges/{challenge.id}/register"))


def test_a_refusal_has_a_reason_that_its_person_reads(
    cast: Cast, browser: Browser, challenge: Challenge, registration: Registration
) -> None:
    path = f"/registrations/{registration.id}/refuse"
    assert browser.sign_in(cast.eve).post(path, {"reason": " "}).status_code == 422
    assert browser.post(path, {"reason": "No laboratory of that kind."}).status_code == 303
    page = words(text(browser.sign_in(cast.nils), f"/challenges/{challenge.id}/register"))
    assert "The service centre has refused the registration. Its reason: No laboratory of that kind." in page
    draft = submissions.start(cast.nils, challenge.id)
    submissions.save(cast.nils, draft.id, title="T", abstract="A", body="B")
    with pytest.raises(Invalid) as refusal:
        submissions.submit(cast.nils, draft.id)
    assert "No laboratory" in str(refusal.value.fields["confirmation"][0])
    services.confirm(cast.eve, registration.id)  # on second thoughts
    assert submissions.submit(cast.nils, draft.id).submitted_at


def test_nothing_is_refused_twice_or_after_it_was_confirmed(cast: Cast, registration: Registration) -> None:
    services.confirm(cast.eve, registration.id)
    with pytest.raises(Conflict):
        services.refuse(cast.eve, registration.id, reason="Late.")
    with pytest.raises(Conflict):
        services.confirm(cast.eve, registration.id)


def test_after_the_close_nothing_waits(cast: Cast, challenge: Challenge, registration: Registration) -> None:
    factories.closed(cast, challenge)
    assert not queries.queue(after=None, size=20).rows
    assert queries.waiting(cast.eve) == []
    with pytest.raises(Conflict):
        services.confirm(cast.eve, registration.id)


@pytest.mark.parametrize("who", ["ada", "bo", "nils", "fen", "adm", "aud"])
def test_nobody_else_confirms(who: str, cast: Cast, browser: Browser, registration: Registration) -> None:
    person = getattr(cast, who)
    with pytest.raises(NotFound):
        services.confirm(person, registration.id)
    browser.sign_in(person)
    assert browser.get("/registrations").status_code == 403
    for what in ("confirm", "refuse"):
        assert browser.post(f"/registrations/{registration.id}/{what}", {"reason": "No."}).status_code == 403


def test_the_centres_people_do_not_confirm_their_own_side(cast: Cast, registration: Registration) -> None:
    of_agency = factories.user("Elmo", PlatformRole.SERVICE_CENTRE, member_of=cast.northlight)
    of_sponsor = factories.user("Erna", PlatformRole.SERVICE_CENTRE, member_of=cast.luoyang)
    for person in (of_agency, of_sponsor):
        with pytest.raises(NotFound):
            services.confirm(person, registration.id)


def test_most_registrations_count_at_once(cast: Cast) -> None:
    row = submissions.register(cast.bo, factories.opened(cast).id, accepted=True)
    assert row.confirmation == Confirmation.NOT_NEEDED
    assert not queries.queue(after=None, size=20).rows


def test_the_queue_asks_no_more_for_more_rows(cast: Cast, browser: Browser, registration: Registration) -> None:
    assert registration.id
    browser.sign_in(cast.eve)
    text(browser, "/registrations")
    with Counted() as one:
        text(browser, "/registrations")
    for number in range(4):
        agency = factories.organisation(f"Agency {number}", OrganisationKind.AGENCY)
        person = factories.user(f"Person {number}", member_of=agency, role=MemberRole.OWNER)
        challenge = factories.opened(cast, tier="standard", title=f"Calibrate {number}")
        submissions.register(person, challenge.id, organisation_id=agency.id, accepted=True)
    db.session.expire_all()
    with Counted() as five:
        page = text(browser, "/registrations")
    assert page.count("<h2>") >= 5
    assert len(five.statements) <= len(one.statements) + 1, five.statements
