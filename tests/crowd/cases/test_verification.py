"""Verification of organisations as a case, over HTTP: granted, refused, expired, reminded of and renewed; what an
organisation cannot do without it.
"""

import io
import re
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from challenges.drafting.steps import STEPS
from challenges.lifecycle import services as lifecycle
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts import entries
from crowd.accounts.entries import ORGANISATIONS
from crowd.accounts.models import MemberRole, Organisation, User
from crowd.accounts.organisations import closing
from crowd.accounts.organisations import services as organisations
from crowd.accounts.verification import queries as verification
from crowd.audit import SYSTEM
from crowd.cases import policy, queries, services
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState, Finding
from crowd.db import commit, db
from crowd.errors import Conflict
from crowd.files import StoredFile
from crowd.notifications.models import Notification
from crowd.registers import jobs
from crowd.registers import queries as registers
from crowd.registers import services as register_services
from crowd.registers.models import RegisterEvent
from crowd.registers.workflow import EntryState, EventKind
from scoring import jobs as scoring_jobs
from scoring.awards import queries as award_queries
from scoring.awards import services as awards
from submissions import queries as submissions
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.submissions.test_pages import words

KIND = "organisation_verification"
EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"


def unverified(cast: Cast) -> Organisation:
    """Ada's organisation with a registration number and a contact, not verified."""
    assert cast.ada
    cast.luoyang.verified_at = None
    factories.registration(cast.luoyang)
    commit()
    return cast.luoyang


def filed(browser: Browser, person: User, row: Organisation, **more: object) -> Case:
    given = {"what": "It pumps water.", **more}
    answer = browser.sign_in(person).post(f"/cases/new/{KIND}/{row.id}", given)
    assert answer.status_code == 303, answer.text
    return db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()


def conclude(browser: Browser, person: User, case: Case, finding: str) -> None:
    given = {"finding": finding, "reasons": "Compared with the register."}
    browser.sign_in(person)
    assert browser.post(f"/cases/{case.public_id}/steps/1/conclude", given).status_code == 303


def granted(browser: Browser, cast: Cast, row: Organisation) -> Case:
    case = filed(browser, cast.ada, row)
    conclude(browser, cast.eve, case, "yes")
    assert factories.run_jobs("accounts.enter_verified") == 1
    db.session.expire_all()
    return case


def told(kind: str) -> set[int]:
    return set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == kind)))


@EVERY_LANGUAGE
def test_from_the_page_to_the_entry(cast: Cast, browser: Browser, locale: str) -> None:
    row = unverified(cast)
    for person in (cast.ada, cast.eve):
        person.locale = locale
    page = browser.sign_in(cast.ada).get(f"/organisations/{row.id}/verification").text
    link = re.search(rf'href="(/cases/new/{KIND}/{row.id})"', page)
    assert link
    form = browser.get(link[1]).text
    assert row.registration_number in form
    assert "registration_number" not in re.findall(r'name="(\w+)"', form), "the number is shown, not typed"
    case = filed(browser, cast.ada, row, documents=(io.BytesIO(PDF), "licence.pdf"))
    assert ("核验" in words(browser.get(f"/cases/{case.public_id}").text)) == (locale != "en")
    assert case.answers["registration_number"] == row.registration_number
    assert [one.file.name for one in queries.entries(cast.eve, case) if one.file] == ["licence.pdf"]
    pending = browser.get(f"/organisations/{row.id}/verification").text
    assert f"/cases/{case.public_id}" in pending
    assert link[1] not in pending
    assert case.title in words(browser.sign_in(cast.eve).get("/cases/queue").text)
    conclude(browser, cast.eve, case, "yes")
    assert factories.run_jobs("accounts.enter_verified") == 1
    db.session.expire_all()
    ((entry, last),) = registers.of_holder(ORGANISATIONS, row.id)
    assert (case.state, last.case_id, entry.data["name"]) == (CaseState.GRANTED, case.id, row.name)
    assert row.verified_at is not None
    assert last.valid_until is not None
    assert told("accounts.verified") == told("registers.granted") == {cast.ada.id}
    assert (
        f"/cases/{case.public_id}" in browser.sign_in(cast.ada).get(f"/registers/{ORGANISATIONS}/{entry.number}").text
    )


@EVERY_LANGUAGE
def test_refused_nothing_changes(cast: Cast, browser: Browser, locale: str) -> None:
    row = unverified(cast)
    cast.ada.locale = locale
    case = filed(browser, cast.ada, row)
    conclude(browser, cast.eve, case, "no")
    assert factories.run_jobs("accounts.enter_verified") == 0
    db.session.expire_all()
    assert (case.state, row.verified_at) == (CaseState.REFUSED, None)
    assert registers.of_holder(ORGANISATIONS, row.id) == []
    assert told("cases.ended") == {cast.ada.id}
    assert "Compared with the register." in words(browser.sign_in(cast.ada).get(f"/cases/{case.public_id}").text)
    assert filed(browser, cast.ada, row).is_pending, "it can apply again"


def test_who_may_apply(cast: Cast, browser: Browser) -> None:
    row = unverified(cast)
    manager, finance = factories.user("Mo", member_of=row, role=MemberRole.MANAGER), factories.user("Fi")
    join(finance, row, MemberRole.FINANCE)
    found = {
        person.name: browser.sign_in(person).get(f"/cases/new/{KIND}/{row.id}").status_code
        for person in (cast.ada, manager, cast.abe, finance, cast.dee, cast.eve, cast.gu, cast.cy, cast.adm)
    }
    assert found == {
        "Ada": 200, "Mo": 200, "Abe": 403, "Fi": 403, "Dee": 403, "Eve": 403, "Gu": 403, "Cy": 403, "Adm": 403,
    }  # fmt: skip
    case = filed(browser, manager, row)
    assert policy.can_withdraw(cast.ada, case), "the application is the organisation's"
    assert not policy.can_view(cast.abe, case), "as documents and contact are not for every member"
    assert browser.sign_in(cast.ada).post(f"/cases/new/{KIND}/{row.id}", {"what": "Again."}).status_code == 409
    join(cast.eve, row)
    db.session.expire_all()
    assert not policy.can_act(cast.eve, case.steps[0]), "nobody verifies their own organisation"


def test_what_is_checked_stays_as_it_is_meanwhile(cast: Cast, browser: Browser) -> None:
    row = unverified(cast)
    contact = {"contact_name": "Ma", "contact_email": "ma@luoyang.example", "contact_phone": ""}
    filed(browser, cast.ada, row)
    here = f"/organisations/{row.id}/verification"
    other = {"registration_number": "91350100M000100Y43", **contact}
    assert browser.post(here, other).status_code == 409
    assert browser.post(here, {"registration_number": row.registration_number, **contact}).status_code == 303
    with pytest.raises(Conflict, match="pending under this name"):
        organisations.edit(
            cast.ada, row.id, name="Another", kind=row.kind, country=row.country, city="", website="", about=""
        )
    assert organisations.edit(
        cast.ada, row.id, name=row.name, kind=row.kind, country=row.country, city="", website="", about="Pumps"
    )
    with pytest.raises(Conflict, match="pending"):
        organisations.verify(cast.eve, row.id, reason="Known to us.")


def test_without_number_or_contact_nobody_applies(cast: Cast, browser: Browser) -> None:
    assert cast.ada
    cast.luoyang.verified_at = None
    refused = browser.sign_in(cast.ada).get(f"/cases/new/{KIND}/{cast.luoyang.id}")
    entered = f"/organisations/{cast.luoyang.id}/verification"
    assert (refused.status_code, f'href="{entered}"' in refused.text) == (409, True), "it leads to where it is entered"
    assert f"/cases/new/{KIND}" not in browser.get(entered).text


def test_a_file_where_the_form_asks_for_none_is_refused(cast: Cast, browser: Browser) -> None:
    before = db.session.scalar(sa.select(sa.func.count()).select_from(StoredFile))
    given = {"ground": "advertising", "what": "It sells pills.", "documents": (io.BytesIO(PDF), "a.pdf")}
    assert cast.nils
    browser.sign_in(cast.bo).post(f"/cases/new/organisation_report/{cast.northlight.id}", given)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StoredFile)) == before


def test_another_one_verified_under_the_number_meanwhile(cast: Cast, browser: Browser) -> None:
    row = unverified(cast)
    case = filed(browser, cast.ada, row)
    other = factories.organisation("Luoyang Water, again")
    other.registration_number = row.registration_number
    commit()
    conclude(browser, cast.eve, case, "yes")
    assert factories.run_jobs("accounts.enter_verified") == 1
    db.session.expire_all()
    assert row.verified_at is None
    assert told("accounts.not_verified") == {cast.ada.id}


def until_of(row: Organisation) -> datetime:
    ((_entry, last),) = registers.of_holder(ORGANISATIONS, row.id)
    assert last.valid_until is not None
    return last.valid_until


def test_reminded_expired_and_renewed(cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    row = unverified(cast)
    granted(browser, cast, row)
    ((entry, _last),), until = registers.of_holder(ORGANISATIONS, row.id), until_of(row)
    assert jobs.remind(entry.id, until.isoformat()) == {"soon": 1}
    reminder = db.session.scalars(sa.select(Notification).where(Notification.kind == "registers.ends")).one()
    page = browser.sign_in(cast.ada).get(reminder.path).text
    assert f'href="/cases/new/{KIND}/{row.id}"' in page, "the reminder leads to the renewal"
    monkeypatch.setattr(clock, "db_now", lambda: until)
    monkeypatch.setattr(clock, "now", lambda: until)
    assert jobs.expire(entry.id, until.isoformat()) == {"expired": 1}
    db.session.expire_all()
    assert row.verified_at is None
    case = services.file_case(cast.ada, KIND, str(row.id), answers={"what": "As before."})
    services.conclude(cast.eve, case.public_id, 1, finding=Finding.YES, reasons="Compared again.")
    assert factories.run_jobs("accounts.enter_verified") == 1
    db.session.expire_all()
    ((_entry, last),) = registers.of_holder(ORGANISATIONS, row.id)
    assert (last.state, last.case_id, last.valid_until) == (
        EntryState.VALID,
        case.id,
        until + (until - entry.valid_from),
    )
    assert row.verified_at is not None


def test_a_valid_verification_is_extended_from_its_end(cast: Cast, browser: Browser) -> None:
    row = unverified(cast)
    granted(browser, cast, row)
    before = until_of(row)
    granted(browser, cast, row)
    assert until_of(row) - before > timedelta(days=300)


def test_what_has_applied_waits_as_a_case_and_not_in_the_old_queue(cast: Cast, browser: Browser) -> None:
    """Else it could be handed over twice, to two units."""
    row = unverified(cast)
    listed, hand_over = "/admin/organisations?unit=all", f"/organisations/{row.id}/verification/hand-over"
    assert row.name in browser.sign_in(cast.eve).get(listed).text
    assert "Not verified, without an application (1)" in words(browser.get(listed).text)
    case = filed(browser, cast.ada, row)
    browser.sign_in(cast.eve)
    assert verification.count_waiting() == 0
    assert f"/cases/{case.public_id}" in browser.get("/admin/organisations?show=all").text
    assert hand_over not in browser.get(f"/organisations/{row.id}/verification").text
    sent = browser.post(hand_over, {"unit_id": "", "note": "Elsewhere."})
    assert sent.status_code == 409
    assert "is pending" in words(sent.text)
    services.withdraw(cast.ada, case.public_id)
    assert verification.count_waiting() == 1
    assert f"/cases/{case.public_id}" not in browser.get("/admin/organisations?show=all").text


# ---- what an organisation cannot do without it


def test_it_drafts_and_neither_submits_nor_is_approved_nor_funds(cast: Cast, browser: Browser) -> None:
    for make, act in (
        (lambda all: factories.challenge(all.ada, all.luoyang), lambda row: lifecycle.submit(cast.ada, row.id)),
        (factories.screened, lambda row: factories.approve(cast.eve, row.id)),
        (factories.approved, lambda row: lifecycle.fund(cast.ada, row.id)),
    ):
        cast.luoyang.verified_at = clock.now()
        row = make(cast)
        cast.luoyang.verified_at = None
        commit()
        with pytest.raises(Conflict, match="not verified"):
            act(row)
    draft = factories.challenge(cast.ada, cast.luoyang)
    check = browser.sign_in(cast.ada).get(f"/challenges/{draft.id}/edit/check")
    assert f'href="/organisations/{cast.luoyang.id}/verification"' in check.text
    assert "Agree and submit" not in check.text


@EVERY_LANGUAGE
def test_a_draft_says_that_the_verification_is_missing(cast: Cast, browser: Browser, locale: str) -> None:
    """On each of its pages, with the link, and nowhere that it is ready."""
    cast.ada.locale = cast.abe.locale = locale
    missing, ready, complete, applies = {
        "en": ("verification missing", "Check and submit ready", "can go to screening", "An owner or a manager"),
        "zh_Hans_CN": ("尚未核验", "核对并提交 可以提交", "内容完整，可以提交审核", "由该机构的所有者或管理者"),
    }[locale]
    draft = factories.challenge(cast.ada, cast.luoyang)
    path = f"/challenges/{draft.id}"
    link = f'href="/organisations/{cast.luoyang.id}/verification"'
    edit = f"{path}/edit/{STEPS[0].name}"
    page = words(browser.sign_in(cast.ada).get(f"{path}/edit/check").text)
    assert (ready in page, missing in page) == (True, False)
    assert complete in words(browser.get(edit).text)
    unverified(cast)
    for page in (path, edit, f"{path}/edit/check"):
        assert link in browser.get(page).text, page
    for page in (edit, f"{path}/edit/check"):
        text = words(browser.get(page).text)
        assert (missing in text, ready in text, complete in text) == (True, False, False), page
    for page in (path, edit, f"{path}/edit/check"):
        text = browser.sign_in(cast.abe).get(page).text
        assert (link in text, applies in words(text)) == (False, True), page


def test_nothing_is_funded_that_would_open_after_the_verification_has_ended(cast: Cast) -> None:
    row = factories.approved(cast, opens_at=clock.now() + timedelta(days=4))
    factories.pay_in(cast, cast.luoyang, row.cost)
    known, until = entries.data_of(cast.luoyang), clock.now() + timedelta(days=3)
    entry = register_services.grant(SYSTEM, ORGANISATIONS, cast.luoyang.id, known, valid_until=until)
    with pytest.raises(Conflict, match="ends before the challenge opens"):
        lifecycle.fund(cast.ada, row.id)
    register_services.act(SYSTEM, entry, "renew")
    assert lifecycle.fund(cast.ada, row.id).state == ChallengeState.FUNDED


def test_what_is_open_stays_open(cast: Cast) -> None:
    row = factories.opened(cast)
    unverified(cast)
    factories.closed(cast, row)
    assert row.state != ChallengeState.OPEN


@EVERY_LANGUAGE
def test_an_award_waits_for_the_verification_and_holds_no_other(cast: Cast, browser: Browser, locale: str) -> None:
    for reviewer in cast.reviewers():
        assert reviewer.id
    challenge = factories.opened(cast)
    factories.proposal(cast.nils, challenge, organisation=cast.northlight)
    factories.proposal(cast.bea, challenge)
    factories.closed(cast, challenge)
    assert factories.run_jobs("panels.form") == 1
    for assignment in factories.assignments(challenge):
        factories.review(assignment)
    for prize, proposal in zip(challenge.prizes, submissions.submitted(challenge.id), strict=False):
        awards.select_award(cast.ada, challenge.id, prize_id=prize.id, proposal_id=proposal.id, reason="Good.")
    awards.decide(cast.ada, challenge.id)
    cast.northlight.verified_at = None
    factories.registration(cast.northlight)
    factories.move_dates(challenge, appeals_until=clock.now() - timedelta(minutes=1))
    assert scoring_jobs.settle(challenge.id)() == {"held": 0, "unverified": 1}
    paid = {award.proposal.user_id: award.paid_at is not None for award in award_queries.awards(challenge.id)}
    assert paid == {cast.nils.id: False, cast.bea.id: True}
    assert challenge.unverified_at is not None
    assert told("scoring.unverified") == {cast.nils.id}
    for person in (cast.nils, cast.ada, cast.bea):
        person.locale = locale
        assert "Northlight" in words(browser.sign_in(person).get(f"/challenges/{challenge.id}/results").text)
    case = services.file_case(cast.nils, KIND, str(cast.northlight.id), answers={"what": "Sensors."})
    services.conclude(cast.eve, case.public_id, 1, finding=Finding.YES, reasons="Compared.")
    assert factories.run_jobs("accounts.enter_verified") == 1
    assert factories.run_jobs("settlement.settle_verified") == 1
    assert factories.run_jobs("settlement.settle") >= 1
    db.session.expire_all()
    assert (challenge.state, challenge.unverified_at) == (ChallengeState.SETTLED, None)
    assert all(award.paid_at for award in award_queries.awards(challenge.id))


def state_of(cast: Cast, browser: Browser, state: str) -> Organisation:
    """An organisation that is not verified, and then what `state` says."""
    row = unverified(cast)
    if state == "pending":
        filed(browser, cast.ada, row)
    elif state == "carried over":
        entry = entries.services.grant(SYSTEM, ORGANISATIONS, row.id, entries.data_of(row), cause=entries.VERIFIED)
        db.session.add(
            RegisterEvent(
                entry_id=entry.id, number=2, kind=EventKind.RENEWED, state=EntryState.VALID, valid_until=None
            )
        )  # fmt: skip
        db.session.flush()
        db.session.expire_all()
    elif state != "new":
        granted(browser, cast, row)
        ((entry, _last),) = registers.of_holder(ORGANISATIONS, row.id)
        if state in ("suspend", "revoke"):
            entries.services.act(SYSTEM, entry, state, reason="It moved.")
    if state == "closed":
        closing.close(cast.ada, row.id, reason="Sold.")
    db.session.expire_all()
    return row


@pytest.mark.parametrize(
    ("state", "offered", "answer"),
    [
        ("new", True, 200),
        ("pending", False, 200),  # the form opens, and says on submission that one is pending
        ("valid", True, 200),
        ("carried over", False, 409),
        ("suspend", False, 409),
        ("revoke", True, 200),
        ("closed", False, 403),
    ],
)
def test_in_which_state_it_applies(cast: Cast, browser: Browser, state: str, offered: bool, answer: int) -> None:
    row = state_of(cast, browser, state)
    link = f"/cases/new/{KIND}/{row.id}"
    assert browser.sign_in(cast.ada).get(link).status_code == answer
    page = browser.get(f"/organisations/{row.id}/verification")
    assert (f'href="{link}"' in page.text) == offered
    for other in (cast.dee, cast.gu, cast.fen):
        assert browser.sign_in(other).get(link).status_code == 403
