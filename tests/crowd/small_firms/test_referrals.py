"""Referrals of SMEs: who makes one, who notes what becomes of it, who reads it; the public reads totals."""

import pytest
import sqlalchemy as sa

from crowd.accounts.models import MemberRole, OrganisationKind, PlatformRole, User
from crowd.accounts.parks import services as parks
from crowd.audit import SYSTEM, AuditEvent
from crowd.db import commit, db
from crowd.notifications.models import Notification
from crowd.registers import services as registers
from crowd.registers.models import RegisterEntry
from crowd.small_firms.referrals import queries, services
from crowd.small_firms.referrals.models import Referral
from crowd.small_firms.referrals.workflow import ReferralState, Target
from crowd.small_firms.register import FIRST, REGISTER
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.submissions.test_pages import words

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
GIVEN = {"target": "fund", "institution": "Luoyang Seed Fund", "note": "Ask for Ms Lin."}


@pytest.fixture
def entry(cast: Cast) -> RegisterEntry:
    """Ada's firm is in the register."""
    assert cast.ada.id
    data: dict[str, object] = {"year": 2026, "points": 80}
    row = registers.ensure_valid(SYSTEM, REGISTER, cast.luoyang.id, data, cause=FIRST)
    commit()
    return row


@pytest.fixture
def park(cast: Cast) -> User:
    """Who manages a park of which the firm is a member."""
    row = factories.organisation("Park One", OrganisationKind.PARK)
    manager = factories.user("Par", member_of=row, role=MemberRole.OWNER)
    parks.accept(cast.ada, parks.invite(manager, row.id, firm=cast.luoyang.name).id)
    commit()
    return manager


def referred(browser: Browser, who: User, entry: RegisterEntry, **changes: str) -> int:
    return browser.sign_in(who).post(f"/small-firms/referrals/new/{entry.number}", GIVEN | changes).status_code


def noted(browser: Browser, who: User, row: Referral, operation: str, said: str = "They called.") -> int:
    given = {f"referral-{row.id}-operation": operation, f"referral-{row.id}-said": said}
    return browser.sign_in(who).post(f"/small-firms/referrals/{row.id}/note", given).status_code


def only() -> Referral:
    db.session.expire_all()
    return db.session.scalars(sa.select(Referral)).one()


def told(kind: str) -> list[int]:
    return list(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == kind)))


@EVERY_LANGUAGE
def test_from_the_entry_to_the_outcome(cast: Cast, browser: Browser, entry: RegisterEntry, locale: str) -> None:
    for person in (cast.ada, cast.eve):
        person.locale = locale
    link = f"/small-firms/referrals/new/{entry.number}"
    assert link in browser.sign_in(cast.eve).get(f"/registers/{REGISTER}/{entry.number}").text
    assert link not in browser.sign_in(cast.dee).get(f"/registers/{REGISTER}/{entry.number}").text
    assert ("推介" in browser.sign_in(cast.eve).get(link).text) == (locale != "en")
    assert referred(browser, cast.eve, entry) == 303
    assert referred(browser, cast.eve, entry) == 409, "it is open there already"
    row = only()
    assert (row.park_id, row.state, told("small_firms.referred")) == (None, ReferralState.MADE, [cast.ada.id])
    assert "Ask for Ms Lin." in browser.sign_in(cast.ada).get("/small-firms/referrals").text
    assert noted(browser, cast.eve, row, "answer") == 303
    assert noted(browser, cast.eve, row, "answer") in (409, 422), "only once"
    assert noted(browser, cast.eve, row, "take_up", "They invest two million.") == 303
    assert noted(browser, cast.eve, row, "decline") in (409, 422), "it has ended"
    assert only().state == ReferralState.TAKEN_UP
    assert "They invest two million." in words(browser.sign_in(cast.ada).get("/small-firms/referrals").text)
    actions = sa.select(AuditEvent.action).where(AuditEvent.action.startswith("referral."))
    assert list(db.session.scalars(actions)) == ["referral.made", "referral.noted", "referral.noted"]
    assert len(told("small_firms.referral_noted")) == 2


def test_the_public_reads_totals_only(cast: Cast, browser: Browser, entry: RegisterEntry) -> None:
    referred(browser, cast.eve, entry)
    page = browser.sign_out().get("/small-firms").text
    assert "Luoyang Seed Fund" not in page
    assert queries.totals()[Target.FUND][ReferralState.MADE] == 1
    assert "Investment by a fund 1 0 0 0" in words(page)
    assert browser.get("/small-firms/referrals").status_code == 302


def test_a_park_refers_its_member_and_notes_it(cast: Cast, browser: Browser, entry: RegisterEntry, park: User) -> None:
    assert referred(browser, park, entry, target="listing") == 303
    row = only()
    assert row.park is not None
    assert (row.park.name, noted(browser, cast.eve, row, "answer")) == ("Park One", 404)
    assert noted(browser, cast.ada, row, "answer") == 403, "the firm reads it"
    assert noted(browser, park, row, "decline") == 303
    assert "Luoyang Seed Fund" not in browser.sign_in(cast.eve).get("/small-firms/referrals").text


@pytest.mark.parametrize("who", ["ada", "abe", "bo", "cy", "fen", "gu", "pia", "aud", "adm"])
def test_nobody_else_refers_or_notes(cast: Cast, browser: Browser, entry: RegisterEntry, who: str) -> None:
    person = getattr(cast, who)
    assert referred(browser, person, entry) == 403
    row = services.refer(cast.eve, entry.number, target="fund", institution="Luoyang Seed Fund")
    commit()
    assert noted(browser, person, row, "answer") == (403 if who in ("ada", "abe") else 404)
    page = browser.sign_in(person).get("/small-firms/referrals").text
    assert ("Luoyang Seed Fund" in page) == (who in ("ada", "abe"))


def test_only_a_valid_entry_and_nobody_close_to_the_firm(cast: Cast, browser: Browser, entry: RegisterEntry) -> None:
    assert referred(browser, cast.eve, entry, institution=" ") == 422
    join(cast.eve, cast.luoyang)
    assert referred(browser, cast.eve, entry) == 403
    ena = factories.user("Ena", PlatformRole.SERVICE_CENTRE)
    registers.act(SYSTEM, entry, "suspend", cause=FIRST)
    commit()
    assert referred(browser, ena, entry) == 409
    assert browser.sign_in(ena).get("/small-firms/referrals/new/SM-2222-2222-2").status_code == 404
