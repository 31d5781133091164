"""Sanctions from the proposal of the service centre to their end, with each outcome, and the appeal against one."""

import io
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from crowd import clock
from crowd.accounts import services as accounts
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.organisations import closing
from crowd.accounts.personal_data import services as personal_data
from crowd.accounts.sanctions import jobs, services
from crowd.accounts.sanctions.models import Sanction
from crowd.accounts.sanctions.rules import SANCTIONS
from crowd.accounts.sanctions.workflow import SanctionState
from crowd.audit import SYSTEM
from crowd.background import Job, JobState
from crowd.cases import queries
from crowd.cases import services as cases
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState
from crowd.db import db
from crowd.errors import Conflict
from crowd.feature import declared
from crowd.notifications.models import Notification, OutgoingEmail
from crowd.procedure import RESPONDENT, faults
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.crowd.rules.adopting import adopted
from tests.submissions.test_pages import words

BODIES = [RESPONDENT, "council", "service_centre"]
JOURNEYS = ("person_sanction", "organisation_sanction", "sanction_appeal")
EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])


@pytest.fixture
def council(cast: Cast) -> list[User]:
    """The whole council: three people."""
    cast.gu.roles = []
    assert cast.eve.id
    assert cast.nils.id
    return [factories.user(name, PlatformRole.COUNCIL) for name in ("Una", "Ugo", "Uta")]


def newest() -> Case:
    return db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()


def filed(cast: Cast, browser: Browser, kind: str, measure: str) -> Case:
    key = cast.bea.id if kind == "person_sanction" else cast.northlight.id
    sent = {"measure": measure, "what": "Copied reports, see the file."}
    assert browser.sign_in(cast.eve).post(f"/cases/new/{kind}/{key}", sent).status_code == 303
    row = newest()
    evidence = {"text": "Both reports.", "file": (io.BytesIO(b"%PDF-1.4 reports"), "reports.pdf")}
    assert browser.post(f"/cases/{row.public_id}/entries", evidence).status_code == 303
    return row


def replied(cast: Cast, browser: Browser, case: Case) -> None:
    browser.sign_in(cast.bea if case.kind == "person_sanction" else cast.nils)
    assert "reports.pdf" in browser.get(f"/cases/{case.public_id}").text, "who is to reply reads the evidence"
    sent = {"finding": "given", "reasons": "I wrote both."}
    assert browser.post(f"/cases/{case.public_id}/steps/1/conclude", sent).status_code == 303


def voted(browser: Browser, case: Case, members: list[User], choice: str) -> None:
    for member in members:
        sent = {"choice": choice, "reasons": "So I see it."}
        assert browser.sign_in(member).post(f"/cases/{case.public_id}/steps/2/vote", sent).status_code == 303


def decided(cast: Cast, browser: Browser, council: list[User], kind: str, measure: str, choice: str) -> Sanction | None:
    case = filed(cast, browser, kind, measure)
    replied(cast, browser, case)
    voted(browser, case, council, choice)
    assert not case.is_pending
    for job in set(declared().case_kinds[kind].effects.values()):
        factories.run_jobs(job)
        factories.run_jobs(job)
    return db.session.scalars(sa.select(Sanction)).one_or_none()


def come(row: Sanction, date: str, job: str) -> None:
    """A date of a sanction has come; its job runs twice."""
    past = clock.now() - timedelta(seconds=1)
    setattr(row, date, past)
    db.session.flush()
    waiting = sa.update(Job).where(Job.kind == job, Job.state == JobState.READY)
    db.session.execute(waiting.values(run_at=past))
    factories.run_jobs(job)
    (services.begin if job == "sanctions.begin" else services.end)(row.id)
    db.session.expire_all()


def is_open(cast: Cast, kind: str) -> bool:
    return cast.bea.active if kind == "person_sanction" else cast.northlight.closed_at is None


def told(kind: str) -> set[int]:
    return set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == kind)))


@pytest.mark.parametrize("kind", JOURNEYS)
def test_every_kind_is_declared_right(kind: str) -> None:
    assert faults(declared().case_kinds[kind], declared().job_labels, BODIES) == []


@EVERY_LANGUAGE
@pytest.mark.parametrize("kind", JOURNEYS[:2])
def test_a_suspension_begins_after_the_time_for_an_appeal_and_ends_by_itself(
    cast: Cast, browser: Browser, council: list[User], kind: str, locale: str
) -> None:
    other = cast.bea if kind == "person_sanction" else cast.nils
    for person in (other, cast.eve):
        person.locale = locale
    row = decided(cast, browser, council, kind, "suspension_30", "for")
    assert row is not None
    assert (row.state, is_open(cast, kind)) == (SanctionState.DECIDED, True)
    assert told("sanctions.decided") == {other.id}
    page = words(browser.sign_in(other).get(f"/sanctions/{row.id}").text)
    assert ("Suspension for 30 days" if locale == "en" else "暂停30天") in page
    assert f"/cases/new/sanction_appeal/{row.id}" in browser.get(f"/sanctions/{row.id}").text
    come(row, "begins_at", "sanctions.begin")
    assert (row.state, is_open(cast, kind), row.closed) == (SanctionState.IN_FORCE, False, True)
    if kind == "person_sanction":
        mails = db.session.scalars(sa.select(OutgoingEmail).where(OutgoingEmail.kind == "sanction_begun")).all()
        assert [(mail.recipient, "30" in mail.text) for mail in mails] == [(cast.bea.email, True)]
        with pytest.raises(Conflict):
            accounts.reopen_account(cast.adm, cast.bea.id, reason="By mistake.")
    else:
        assert told("sanctions.begun") == {cast.nils.id}
        with pytest.raises(Conflict):
            closing.reopen(cast.adm, cast.northlight.id, reason="By mistake.")
    come(row, "ends_at", "sanctions.end")
    assert (row.state, is_open(cast, kind)) == (SanctionState.ENDED, True)
    assert told("sanctions.ended") == {other.id, cast.eve.id}


@pytest.mark.parametrize("kind", JOURNEYS[:2])
def test_an_exclusion_does_not_end(cast: Cast, browser: Browser, council: list[User], kind: str) -> None:
    row = decided(cast, browser, council, kind, "exclusion", "for")
    assert row is not None
    come(row, "begins_at", "sanctions.begin")
    assert (row.state, row.ends_at, is_open(cast, kind)) == (SanctionState.IN_FORCE, None, False)
    assert db.session.scalars(sa.select(Job).where(Job.kind == "sanctions.end")).all() == []
    if kind == "person_sanction":
        assert browser.sign_in(cast.bo).get(f"/people/{cast.bea.id}").status_code == 404


@pytest.mark.parametrize(("measure", "choice"), [("warning", "for"), ("exclusion", "partly")])
@pytest.mark.parametrize("kind", JOURNEYS[:2])
def test_a_warning_closes_nothing(
    cast: Cast, browser: Browser, council: list[User], kind: str, measure: str, choice: str
) -> None:
    """As it was proposed, or instead of what was proposed."""
    row = decided(cast, browser, council, kind, measure, choice)
    assert row is not None
    assert row.measure == "warning"
    come(row, "begins_at", "sanctions.begin")
    assert (row.state, is_open(cast, kind), row.closed) == (SanctionState.IN_FORCE, True, False)
    assert told("sanctions.begun") == {cast.bea.id if kind == "person_sanction" else cast.nils.id}


@pytest.mark.parametrize("kind", JOURNEYS[:2])
def test_what_the_council_refuses_leaves_nothing(cast: Cast, browser: Browser, council: list[User], kind: str) -> None:
    assert decided(cast, browser, council, kind, "exclusion", "against") is None
    assert newest().state == CaseState.REFUSED
    assert is_open(cast, kind)


@pytest.mark.parametrize(("choice", "state", "opened"), [("for", "lifted", True), ("against", "in_force", False)])
@EVERY_LANGUAGE
def test_an_appeal_is_decided_by_others_and_nothing_begins_before(
    cast: Cast, browser: Browser, council: list[User], choice: str, state: str, opened: bool, locale: str
) -> None:
    cast.bea.locale = locale
    council = [*council, factories.user("Uri", PlatformRole.COUNCIL)]
    case = filed(cast, browser, "person_sanction", "suspension_90")
    replied(cast, browser, case)
    voted(browser, case, council[3:], "recused")
    voted(browser, case, council[:3], "for")
    factories.run_jobs("sanctions.decide_person")
    row = db.session.scalars(sa.select(Sanction)).one()
    page = browser.sign_in(cast.bea).get(f"/cases/new/sanction_appeal/{row.id}")
    assert ("Appeal against a sanction" if locale == "en" else "对处分的异议") in words(page.text)
    assert browser.post(f"/cases/new/sanction_appeal/{row.id}", {"what": "Others wrote it."}).status_code == 303
    appeal = newest()
    come(row, "begins_at", "sanctions.begin")
    assert (row.state, cast.bea.active) == (SanctionState.DECIDED, True), "an appeal is pending"
    sent = {"finding": "given", "reasons": "The dates do not fit."}
    browser.sign_in(cast.eve)
    assert browser.post(f"/cases/{appeal.public_id}/steps/1/conclude", sent).status_code == 303
    assert queries.voters(appeal.steps[1]) == [], "all of the council have voted, or are recused"
    for member in council:
        assert browser.sign_in(member).get(f"/cases/{appeal.public_id}").status_code == 404
    assert queries.needs_substitute(appeal.steps[1])
    experts = [factories.user(name, PlatformRole.EXPERT) for name in ("Exa", "Exo", "Exu")]
    for expert in experts:
        here = f"/cases/{appeal.public_id}/steps/2/substitutes"
        assert browser.sign_in(cast.eve).post(here, {"user_id": str(expert.id)}).status_code == 303
    voted(browser, appeal, experts, choice)
    assert not appeal.is_pending
    factories.run_jobs("sanctions.lift")
    come(row, "begins_at", "sanctions.begin")
    assert (row.state, cast.bea.active) == (state, opened)
    assert (told("sanctions.lifted") == {cast.bea.id, cast.eve.id}) == opened


PEOPLE = ("bo", "bea", "dee", "eve", "fen", "gu", "aud", "adm", "cy", "nils", "ada")


def test_who_proposes_who_reads_and_who_acts_in_each_step(cast: Cast, browser: Browser, council: list[User]) -> None:
    """Role by step: only the service centre files; whom it is about replies, and the council votes."""
    people = {getattr(cast, name) for name in PEOPLE} | set(council)
    sent = {"measure": "warning", "what": "Copied reports."}
    for person in sorted(people - {cast.eve}, key=lambda one: one.id):
        browser.sign_in(person)
        assert browser.get(f"/cases/new/person_sanction/{cast.bea.id}").status_code == 403, person.name
        assert browser.post(f"/cases/new/person_sanction/{cast.bea.id}", sent).status_code == 403
        assert "/cases/new/person_sanction/" not in browser.get(f"/people/{cast.bea.id}").text
    assert f"/cases/new/person_sanction/{cast.bea.id}" in browser.sign_in(cast.eve).get(f"/people/{cast.bea.id}").text
    case = filed(cast, browser, "person_sanction", "exclusion")
    readers = {cast.bea, cast.eve, cast.aud, *council}
    acting = ({cast.bea}, set(council))
    for step, mine in enumerate(acting, start=1):
        path = f"/cases/{case.public_id}/steps/{step}/{'conclude' if step == 1 else 'vote'}"
        given = {"finding": "given", "choice": "for", "reasons": "So it is."}
        for person in sorted(people - mine, key=lambda one: one.id):
            browser.sign_in(person)
            assert browser.get(f"/cases/{case.public_id}").status_code == (200 if person in readers else 404)
            assert browser.post(path, given).status_code in ((403, 422) if person in readers else (404,)), person.name
        for person in sorted(mine, key=lambda one: one.id):
            assert browser.sign_in(person).post(path, given).status_code == 303
    factories.run_jobs("sanctions.decide_person")
    row = db.session.scalars(sa.select(Sanction)).one()
    for person in sorted(people, key=lambda one: one.id):
        reads = person in {cast.bea, cast.eve, cast.aud, cast.adm, *council}
        assert browser.sign_in(person).get(f"/sanctions/{row.id}").status_code == (200 if reads else 404), person.name
        appeal = browser.post(f"/cases/new/sanction_appeal/{row.id}", {"what": ""}).status_code
        assert appeal == (422 if person == cast.bea else 403 if reads else 404), person.name


def earlier(browser: Browser, person: User, case: Case) -> str:
    """What the page says of earlier cases."""
    page = browser.sign_in(person).get(f"/cases/{case.public_id}").text
    return page.partition("Earlier cases about them")[2].partition("</ul>")[0]


def test_who_votes_sees_earlier_warnings_and_never_who_reported(
    cast: Cast, browser: Browser, council: list[User]
) -> None:
    cast.bea.bio, cast.bo.name = "Cheap pills", "Xanthippe Zwillinger"
    sent = {"ground": "advertising", "what": "Pills."}
    assert browser.sign_in(cast.bo).post(f"/cases/new/profile_report/{cast.bea.id}", sent).status_code == 303
    report = newest()
    for person, step, finding in ((cast.bea, 1, "given"), (cast.eve, 2, "partly")):
        given = {"finding": finding, "reasons": "Not again."}
        here = f"/cases/{report.public_id}/steps/{step}/conclude"
        assert browser.sign_in(person).post(here, given).status_code == 303
    case = filed(cast, browser, "person_sanction", "warning")
    label = str(declared().case_kinds["profile_report"].label)
    for person, opens in ((factories.user("Zoe", PlatformRole.SERVICE_CENTRE), True), (council[0], False)):
        shown = earlier(browser, person, case)
        assert label in shown
        assert "Granted in part" in shown
        assert (f"/cases/{report.public_id}" in shown) == opens
        assert "Xanthippe" not in shown
    assert browser.sign_in(council[0]).get(f"/cases/{report.public_id}").status_code == 404
    assert earlier(browser, cast.bea, case) == ""


@pytest.mark.parametrize("lifted", [True, False])
def test_what_was_lifted_does_not_count_in_the_next_case(
    cast: Cast, browser: Browser, council: list[User], lifted: bool
) -> None:
    row = decided(cast, browser, council, "person_sanction", "suspension_30", "for")
    assert row is not None
    before = newest()
    if lifted:
        services.lift(row.id)
    case = filed(cast, browser, "person_sanction", "warning")
    assert (f"/cases/{before.public_id}" in earlier(browser, council[0], case)) == (not lifted)


def test_after_its_beginning_nobody_appeals(cast: Cast, browser: Browser, council: list[User]) -> None:
    row = decided(cast, browser, council, "organisation_sanction", "warning", "for")
    assert row is not None
    come(row, "begins_at", "sanctions.begin")
    page = browser.sign_in(cast.nils).get(f"/sanctions/{row.id}").text
    assert not re.search("/cases/new/sanction_appeal", page)
    assert browser.post(f"/cases/new/sanction_appeal/{row.id}", {"what": "Wrong."}).status_code == 409


def test_a_deleted_account_is_not_opened_again(cast: Cast, browser: Browser, council: list[User]) -> None:
    row = decided(cast, browser, council, "person_sanction", "suspension_30", "for")
    assert row is not None
    come(row, "begins_at", "sanctions.begin")
    personal_data.erase_account(SYSTEM, cast.bea.id)
    db.session.expire_all()
    come(row, "ends_at", "sanctions.end")
    assert (row.state, cast.bea.active) == (SanctionState.ENDED, False)


@pytest.mark.parametrize("kind", JOURNEYS[:2])
def test_one_sanction_is_proposed_at_a_time(cast: Cast, browser: Browser, council: list[User], kind: str) -> None:
    """Whoever of the service centre proposes it."""
    first = filed(cast, browser, kind, "warning")
    other = factories.user("Eli", PlatformRole.SERVICE_CENTRE)
    sent = {"measure": "exclusion", "what": "Copied reports, see the file."}
    second = browser.sign_in(other).post(f"/cases/new/{kind}/{first.subject_id}", sent)
    assert second.status_code == 409
    assert "pending already" in words(second.text)
    assert newest() is first


def appealed(browser: Browser, by: User, row: Sanction) -> Case:
    sent = {"what": "Others wrote it."}
    assert browser.sign_in(by).post(f"/cases/new/sanction_appeal/{row.id}", sent).status_code == 303
    return newest()


@EVERY_LANGUAGE
def test_the_page_says_where_it_stands(cast: Cast, browser: Browser, council: list[User], locale: str) -> None:
    """Decided, appealed against, lifted: what the page says, offers and links, to whom it is about and to others."""
    cast.bea.locale = locale
    said = {
        "en": ("Begins, unless", "An appeal is pending", "It was lifted", "cannot sign in", "Reasons of the council"),
        "zh_Hans_CN": ("异议成立除外", "异议正在处理", "处分已撤销", "无法登录", "理事会的理由"),
    }[locale]
    row = decided(cast, browser, council, "person_sanction", "suspension_30", "for")
    assert row is not None
    first, link = newest(), f"/cases/new/sanction_appeal/{row.id}"
    here = lambda: browser.sign_in(cast.bea).get(f"/sanctions/{row.id}").text  # noqa: E731
    page = here()
    assert [text in words(page) for text in said] == [True, False, False, True, True]
    assert "So I see it." in words(page)
    assert (link in page, f"/cases/{first.public_id}" in page) == (True, True)
    appeal = appealed(browser, cast.bea, row)
    page = here()
    assert [text in words(page) for text in said] == [False, True, False, True, True]
    assert (link in page, f"/cases/{appeal.public_id}" in page) == (False, True)
    assert browser.post(link, {"what": "Once more."}).status_code == 409
    administrator = browser.sign_in(cast.adm).get(f"/sanctions/{row.id}").text
    assert "/cases/" not in administrator, "the administrator opens neither case"
    assert "So I see it." not in administrator
    services.lift(row.id)
    cases.withdraw(cast.bea, appeal.public_id)
    page = here()
    assert [text in words(page) for text in said] == [False, False, True, True, True]
    assert link not in page


def test_the_page_of_a_warning_explains_a_warning(cast: Cast, browser: Browser, council: list[User]) -> None:
    row = decided(cast, browser, council, "person_sanction", "warning", "for")
    assert row is not None
    page = words(browser.sign_in(cast.bea).get(f"/sanctions/{row.id}").text)
    assert "A warning closes nothing" in page
    assert "cannot sign in" not in page


@pytest.mark.parametrize("kind", JOURNEYS[:2])
def test_who_decides_an_appeal_reads_what_it_is_against(
    cast: Cast, browser: Browser, council: list[User], kind: str
) -> None:
    """The evidence with its file, the reply and the reasons; neither what is for the bodies, nor anything to act in."""
    case = filed(cast, browser, kind, "suspension_90")
    canary = {"text": "Canary.", "for_bodies": "y"}
    assert browser.sign_in(council[0]).post(f"/cases/{case.public_id}/entries", canary).status_code == 303
    replied(cast, browser, case)
    voted(browser, case, council, "for")
    for job in set(declared().case_kinds[kind].effects.values()):
        factories.run_jobs(job)
    row = db.session.scalars(sa.select(Sanction)).one()
    exa, close = (factories.user(name, PlatformRole.EXPERT) for name in ("Exa", "Exo"))
    db.session.delete(join(close, cast.northlight))
    for person in (exa, close):
        assert browser.sign_in(person).get(f"/cases/{case.public_id}").status_code == 404
    appeal = appealed(browser, cast.bea if kind == "person_sanction" else cast.nils, row)
    opinion = {"finding": "given", "reasons": "The dates do not fit."}
    assert browser.sign_in(cast.eve).post(f"/cases/{appeal.public_id}/steps/1/conclude", opinion).status_code == 303
    named = f"/cases/{appeal.public_id}/steps/2/substitutes"
    assert browser.post(named, {"user_id": str(exa.id)}).status_code == 303
    if kind == "organisation_sanction":
        assert browser.post(named, {"user_id": str(close.id)}).status_code == 422, "close to whom it is about"
    browser.sign_in(exa)
    assert f"/sanctions/{row.id}" in browser.get(f"/cases/{appeal.public_id}").text
    assert f"/cases/{case.public_id}" in browser.get(f"/sanctions/{row.id}").text
    page = browser.get(f"/cases/{case.public_id}").text
    for text in ("Copied reports, see the file.", "Both reports.", "reports.pdf", "I wrote both.", "So I see it."):
        assert text in words(page), text
    assert "Canary." not in page
    (entry, _canary) = queries.entries(SYSTEM, case)
    assert browser.get(f"/cases/{case.public_id}/files/{entry.entry.id}").status_code == 200
    assert browser.post(f"/cases/{case.public_id}/entries", {"text": "Mine."}).status_code == 403


def test_a_case_keeps_the_days_with_which_it_was_filed(cast: Cast, browser: Browser, council: list[User]) -> None:
    before = filed(cast, browser, "person_sanction", "suspension_30")
    usual = [step.days for step in before.steps]
    adopted(SANCTIONS, appeal_days=30, reply_days=2, vote_days=3)
    replied(cast, browser, before)
    voted(browser, before, council, "for")
    factories.run_jobs("sanctions.decide_person")
    row = db.session.scalars(sa.select(Sanction)).one()
    assert ([step.days for step in before.steps], (row.begins_at - row.decided_at).days) == (usual, 10)
    after = filed(cast, browser, "organisation_sanction", "suspension_30")
    assert [step.days for step in after.steps] == [2, 3]
    assert after.contract_version_id != before.contract_version_id
    replied(cast, browser, after)
    voted(browser, after, council, "for")
    factories.run_jobs("sanctions.decide_organisation")
    row = db.session.scalars(sa.select(Sanction).where(Sanction.case_id == after.id)).one()
    assert (row.begins_at - row.decided_at).days == 30


def test_a_case_from_before_the_rules_has_the_days_of_then(cast: Cast) -> None:
    assert jobs._days({"measure": "warning"}) == 10
    assert jobs._days({"measure": "warning", "appeal_days": "3"}) == 3
