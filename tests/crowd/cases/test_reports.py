"""Each kind of case has its shortest journey over HTTP, in both languages; of a report, who reported stays hidden."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from challenges.discussion import services as discussion
from challenges.discussion.models import ChallengeQuestion
from challenges.discussion.workflow import QuestionState
from challenges.workflow import ChallengeState
from crowd.accounts.models import User
from crowd.audit import SYSTEM, AuditEvent
from crowd.cases import queries, queues, services
from crowd.cases.bodies import NAMES
from crowd.cases.models import Case, Side
from crowd.cases.workflow import CaseState
from crowd.db import db
from crowd.feature import declared
from crowd.notifications.models import Notification
from crowd.procedure import RESPONDENT, SERVICE_CENTRE, faults
from submissions import queries as proposals
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.submissions.test_pages import words
from tests.turns import by_turns, share


@dataclass
class About:
    """What is reported: by whom, on which page and by which key, who answers, and whether the effect has come."""

    reporter: User
    respondent: User
    page: str
    key: str
    happened: Callable[[], bool]


def challenge(cast: Cast) -> About:
    row = factories.opened(cast)
    return About(cast.bo, cast.ada, f"/challenges/{row.id}", str(row.id), lambda: row.state == ChallengeState.CANCELLED)


def question(cast: Cast) -> About:
    row = factories.opened(cast)
    asked = discussion.ask(cast.bo, row.id, text="Is the sponsor a fool?")
    discussion.publish_question(cast.eve, row.id, asked.public_id)
    hidden = QuestionState.HIDDEN
    return About(cast.ada, cast.bo, f"/challenges/{row.id}/questions", asked.public_id, lambda: asked.state == hidden)


def proposal(cast: Cast) -> About:
    row = proposals.submitted(factories.judging(cast, "bo", "bea").id)[0]
    return About(cast.ada, cast.bo, f"/proposals/{row.id}", str(row.id), lambda: True)  # its effect is the warning


def profile(cast: Cast) -> About:
    cast.bea.bio, cast.bea.links = "Cheap pills", ["https://pills.example"]
    return About(
        cast.bo,
        cast.bea,
        f"/people/{cast.bea.id}",
        str(cast.bea.id),
        lambda: (cast.bea.bio, cast.bea.links) == ("", []),
    )


def organisation(cast: Cast) -> About:
    cast.northlight.about = "Cheap pills"
    assert cast.nils
    number = cast.northlight.id
    return About(cast.bo, cast.nils, f"/organisations/{number}", str(number), lambda: cast.northlight.about == "")


JOURNEYS: dict[str, Callable[[Cast], About]] = {
    "challenge_report": challenge,
    "question_report": question,
    "proposal_report": proposal,
    "profile_report": profile,
    "organisation_report": organisation,
}
ANSWERS = {"ground": "advertising", "what": "It sells pills."}
EVERY_KIND = pytest.mark.parametrize("kind", sorted(JOURNEYS))
EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])


def test_every_kind_of_report_has_a_journey() -> None:
    assert set(JOURNEYS) == {kind for kind in declared().case_kinds if kind.endswith("_report")}


def test_every_kind_is_declared_right() -> None:
    found = {kind.name: faults(kind, declared().job_labels, NAMES) for kind in declared().case_kinds.values()}
    assert set(map(tuple, found.values())) == {()}, found


def filed(browser: Browser, kind: str, about: About) -> Case:
    answer = browser.sign_in(about.reporter).post(f"/cases/new/{kind}/{about.key}", ANSWERS)
    assert answer.status_code == 303, answer.text
    return db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()


def conclude(browser: Browser, case: Case, position: int, finding: str, reasons: str) -> int:
    given = {"finding": finding, "reasons": reasons}
    return browser.post(f"/cases/{case.public_id}/steps/{position}/conclude", given).status_code


@EVERY_KIND
@EVERY_LANGUAGE
def test_from_the_link_to_the_effect(cast: Cast, browser: Browser, kind: str, locale: str) -> None:
    about, new = JOURNEYS[kind](cast), f"/cases/new/{kind}/"
    for person in (about.reporter, about.respondent, cast.eve):
        person.locale = locale
    assert new not in browser.sign_in(about.respondent).get(about.page).text
    link = re.search(rf'href="({new}[^"]+)"', browser.sign_in(about.reporter).get(about.page).text)
    assert link, "the page has the link"
    page = words(browser.get(link[1]).text)
    assert re.search(rf'<a href="{about.page}(#[^"]*)?">[^<]+</a>', browser.get(link[1]).text), "back to the subject"
    assert ("举报" in page) == (locale != "en")
    assert browser.post(link[1], {**ANSWERS, "what": ""}).status_code == 422
    case = filed(browser, kind, about)
    own = words(browser.get("/cases").text)
    assert str(case.title) in own
    browser.sign_in(about.respondent)
    assert conclude(browser, case, 1, "given", "It is no advertising.") == 303
    browser.sign_in(cast.eve)
    assert case.title in words(browser.get("/cases/queue").text)
    assert browser.post(f"/cases/{case.public_id}/steps/2/assign-to-me", {"holder": ""}).status_code == 303
    assert conclude(browser, case, 2, "yes", "It is.") == 303
    for job in declared().case_kinds[kind].effects.values():
        assert factories.run_jobs(job) == 1
    db.session.expire_all()
    assert (case.state, about.happened()) == (CaseState.GRANTED, True)
    assert told("cases.ended") >= {about.reporter.id, about.respondent.id}
    assert told("cases.warned") == {about.respondent.id}
    for reader in (about.reporter, about.respondent, cast.eve):
        shown = words(browser.sign_in(reader).get(f"/cases/{case.public_id}").text)
        assert "It is." in shown
        assert ("支持" in shown) == (locale != "en")


@EVERY_KIND
def test_refused_over_http(cast: Cast, browser: Browser, kind: str) -> None:
    about = JOURNEYS[kind](cast)
    case = filed(browser, kind, about)
    before = about.happened()
    assert conclude(browser.sign_in(about.respondent), case, 1, "given", "It is no advertising.") == 303
    assert conclude(browser.sign_in(cast.eve), case, 2, "no", "It is none.") == 303
    for job in declared().case_kinds[kind].effects.values():
        assert factories.run_jobs(job) == 0
    assert (case.state, about.happened()) == (CaseState.REFUSED, before)
    assert told("cases.warned") == set()


def test_a_question_that_became_part_of_the_contract_meanwhile_is_not_hidden(cast: Cast, browser: Browser) -> None:
    about = question(cast)
    case = filed(browser, "question_report", about)
    row = db.session.scalars(sa.select(ChallengeQuestion).where(ChallengeQuestion.public_id == about.key)).one()
    moderated_at = row.moderated_at
    discussion.answer(cast.ada, row.challenge_id, about.key, text="One site is enough.", clarification=True)
    conclude(browser.sign_in(about.respondent), case, 1, "given", "It is no advertising.")
    browser.sign_in(cast.eve).post(f"/cases/{case.public_id}/steps/2/assign-to-me")
    assert conclude(browser, case, 2, "yes", "It is.") == 303
    assert factories.run_jobs("challenges.hide_question") == 1
    db.session.expire_all()
    assert (case.state, row.state) == (CaseState.GRANTED, QuestionState.ANSWERED)
    assert row.moderated_at == moderated_at
    assert "One site is enough." in words(browser.get(about.page).text)


def test_a_question_that_is_hidden_keeps_when_it_was_let_through(cast: Cast) -> None:
    about = question(cast)
    row = db.session.scalars(sa.select(ChallengeQuestion).where(ChallengeQuestion.public_id == about.key)).one()
    moderated_at, row.moderated_at = row.moderated_at, row.moderated_at - timedelta(hours=1)
    db.session.flush()
    assert discussion.hide(SYSTEM, row.id).state == QuestionState.HIDDEN
    assert row.moderated_at == moderated_at - timedelta(hours=1)


@EVERY_KIND
def test_who_reports_is_nowhere_for_whom_it_is_about(cast: Cast, browser: Browser, kind: str) -> None:
    about = JOURNEYS[kind](cast)
    about.reporter.name = "Xanthippe Zwillinger"
    case = filed(browser, kind, about)
    browser.post(f"/cases/{case.public_id}/entries", {"text": "A price list is on the page."})
    browser.sign_in(about.respondent)
    for path in (f"/cases/{case.public_id}", "/cases", "/inbox"):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert "Xanthippe" not in answer.text
    assert "A price list is on the page." in words(browser.get(f"/cases/{case.public_id}").text)
    assert "Xanthippe" in browser.sign_in(cast.eve).get(f"/cases/{case.public_id}").text
    about_case = sa.select(AuditEvent.actor_name).where(AuditEvent.subject_type == "case")
    assert set(db.session.scalars(about_case)) == {"Not shown"}
    trail = words(browser.sign_in(cast.aud).get("/admin/audit?subject=case").text)
    assert trail.count("not shown Filed a case") == 1
    assert "(automatic)" not in trail


@EVERY_LANGUAGE
def test_a_file_of_the_hidden_side_is_for_those_who_decide(cast: Cast, browser: Browser, locale: str) -> None:
    about = question(cast)
    hint = "A file can say who you are" if locale == "en" else "文件可能暴露您的身份"
    for person in (about.reporter, about.respondent):
        person.locale = locale
    case = filed(browser, "question_report", about)
    page = f"/cases/{case.public_id}"
    for author, other in ((about.reporter, about.respondent), (about.respondent, about.reporter)):
        told_before = told("cases.entry_added")
        name = f"zwillinger-{author.id}.pdf"
        assert hint in words(browser.sign_in(author).get(page).text)
        sent = {"text": f"See page {author.id}.", "file": (io.BytesIO(b"%PDF-1.4 by Zwillinger"), name)}
        assert browser.post(f"{page}/entries", sent).status_code == 303
        link = re.search(rf'href="({page}/files/\d+)">{name}', browser.get(page).text)
        assert link, "who has added it reads it"
        shown = browser.sign_in(other).get(page).text
        assert name not in shown
        assert f"See page {author.id}." not in shown
        assert browser.get(link[1]).status_code == 404
        assert told("cases.entry_added") == told_before, "the other side is not told of what it cannot read"
        assert name in browser.sign_in(cast.eve).get(page).text
        assert browser.get(link[1]).status_code == 200
    assert hint not in words(browser.get(page).text)


def test_who_is_known_to_the_other_side_shows_it_their_files(cast: Cast, browser: Browser) -> None:
    about = profile(cast)
    case = filed(browser, "profile_report", about)
    page = browser.sign_in(about.respondent).get(f"/cases/{case.public_id}").text
    assert "A file can say who you are" not in page
    browser.post(f"/cases/{case.public_id}/entries", {"file": (io.BytesIO(b"%PDF-1.4 x"), "invoice.pdf")})
    assert "invoice.pdf" in browser.sign_in(about.reporter).get(f"/cases/{case.public_id}").text


def test_the_blackened_version_replaces_a_file_for_its_author_too(cast: Cast, browser: Browser) -> None:
    case = filed(browser, "profile_report", profile(cast))
    browser.post(f"/cases/{case.public_id}/entries", {"file": (io.BytesIO(b"%PDF-1.4 x"), "list.pdf")})
    (entry,) = queries.entries(cast.bo, case)
    services.blacken(cast.eve, case.public_id, entry.entry.id, text="A list.")
    (shown,) = queries.entries(cast.bo, case)
    assert (shown.text, shown.file, shown.instead.author) == ("A list.", None, cast.eve)
    assert queries.entries(cast.bea, case) == []


def test_an_official_has_no_case_in_the_queue_that_they_filed_or_that_is_about_them(
    cast: Cast, browser: Browser
) -> None:
    centre = db.session.merge(cast.eve).roles
    for person in (cast.bo, cast.bea):
        person.roles = list(centre)
    case = filed(browser, "profile_report", profile(cast))
    browser.sign_in(cast.bea)
    assert conclude(browser, case, 1, "given", "No.") == 303
    for person in (cast.bo, cast.bea):
        assert case.public_id not in browser.sign_in(person).get("/cases/queue").text
        assert sum(queues.queues(person).counts.values()) == 0
    assert case.public_id in browser.sign_in(cast.eve).get("/cases/queue").text


def test_a_case_that_was_withdrawn_has_no_reasons(cast: Cast, browser: Browser) -> None:
    case = filed(browser, "profile_report", profile(cast))
    page = words(browser.get(f"/cases/{case.public_id}").text)
    assert "pending" not in page
    assert "Ended" not in page
    services.withdraw(cast.bo, case.public_id)
    assert "Ended" in words(browser.get(f"/cases/{case.public_id}").text)
    assert told("cases.withdrawn") == {cast.bo.id, cast.bea.id}
    assert told("cases.ended") == set()
    assert "reasons" not in words(browser.get("/inbox").text)


def test_a_warning_is_mailed_with_the_result(cast: Cast, browser: Browser) -> None:
    case = filed(browser, "profile_report", profile(cast))
    browser.sign_in(cast.bea)
    conclude(browser, case, 1, "given", "Sorry.")
    conclude(browser.sign_in(cast.eve), case, 2, "partly", "First time.")
    inbox = words(browser.sign_in(cast.bea).get("/inbox").text)
    assert "ended with a warning. The result is: Granted in part." in inbox
    assert "upheld" not in inbox


def test_chinese_says_whom_a_case_is_about(cast: Cast, browser: Browser) -> None:
    cast.bo.locale = "zh_Hans_CN"
    case = filed(browser, "profile_report", profile(cast))
    page = words(browser.get(f"/cases/{case.public_id}").text)
    assert "涉及对象" in page
    assert "简介" not in page


@EVERY_KIND
def test_a_warning_names_in_the_trail_only_whom_the_kind_does_not_hide(cast: Cast, browser: Browser, kind: str) -> None:
    about = JOURNEYS[kind](cast)
    case = filed(browser, kind, about)
    browser.sign_in(about.respondent)
    assert conclude(browser, case, 1, "given", "Sorry.") == 303
    browser.sign_in(cast.eve)
    assert conclude(browser, case, 2, "yes", "It is.") == 303
    hides = declared().case_kinds[kind].hides_respondent
    warned = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action.endswith(".warned"))).all()
    parties = {(party.user_id, party.organisation_id) for party in case.parties if party.side == Side.RESPONDENT}
    named = {(None, one.subject_id) if one.subject_type == "organisation" else (one.subject_id, None) for one in warned}
    assert (named == {(case.id, None)}) if hides else (named == parties)
    assert {one.action for one in warned} <= ({"case.warned"} if hides else {"account.warned", "organisation.warned"})
    if hides:
        trail = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.id >= first_of(case))).all()
        person = about.respondent.id
        assert person not in {one.subject_id for one in trail if one.subject_type == "user"}
        assert person not in {one.actor_id for one in trail}


def first_of(case: Case) -> int:
    """The number of the event by which the case was filed."""
    filed = sa.select(AuditEvent.id).where(AuditEvent.action == "case.filed", AuditEvent.subject_id == case.id)
    return db.session.scalars(filed).one()


def test_who_asked_is_nowhere_for_who_reports(cast: Cast, browser: Browser) -> None:
    about = question(cast)
    cast.bo.name = "Xanthippe Zwillinger"
    case = filed(browser, "question_report", about)
    browser.sign_in(cast.bo)
    assert conclude(browser, case, 1, "given", "I meant it well.") == 303
    browser.post(f"/cases/{case.public_id}/entries", {"text": "I have asked before."})
    shown = browser.sign_in(about.reporter).get(f"/cases/{case.public_id}").text
    assert "I meant it well." in words(shown)
    assert "I have asked before." in words(shown)
    assert "Xanthippe" not in shown
    assert "Xanthippe" in browser.sign_in(cast.eve).get(f"/cases/{case.public_id}").text


PEOPLE = ("bo", "bea", "dee", "eve", "fen", "gu", "pia", "aud", "adm", "cy")


ACTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("conclude", {"reasons": "No."}), ("assign-to-me", {}), ("release", {}), ("assign", {}),
    ("hand-over", {"unit_id": "", "note": "Yours."}),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "turn"), by_turns(sorted(JOURNEYS), range(len(ACTS))))
def test_who_sees_a_case_and_who_acts_in_each_step(cast: Cast, browser: Browser, kind: str, turn: int) -> None:
    """Role by kind by step: the parties and those who oversee read, and in each step only its body acts.

    In the short form each person tries one of the acts, by turns.
    """
    about = JOURNEYS[kind](cast)
    case = filed(browser, kind, about)
    people = {about.reporter, about.respondent, *(getattr(cast, name) for name in PEOPLE)}
    readers = {about.reporter, about.respondent, cast.eve, cast.aud}
    acting = {RESPONDENT: about.respondent, SERVICE_CENTRE: cast.eve}
    for step in range(1, len(case.steps) + 1):
        mine = acting[case.steps[step - 1].body]
        for place, person in enumerate(sorted(people - {mine}, key=lambda one: one.id)):
            browser.sign_in(person)
            assert browser.get(f"/cases/{case.public_id}").status_code == (200 if person in readers else 404)
            refused = 403 if person in readers else 404
            ((path, given),) = share(ACTS, place + turn, len(ACTS))
            own = {"finding": "given" if step == 1 else "yes", "user_id": str(person.id)}
            answer = browser.post(f"/cases/{case.public_id}/steps/{step}/{path}", own | given)
            unknown = path == "assign" and person in readers  # whoever reads it is told that nobody can be chosen
            assert answer.status_code == (422 if unknown else refused), (person.name, path)
        browser.sign_in(mine)
        assert conclude(browser, case, step, "given" if step == 1 else "yes", "So it is.") == 303
    assert case.state == CaseState.GRANTED


@EVERY_KIND
def test_nobody_reports_what_they_answer_for_or_cannot_read(cast: Cast, browser: Browser, kind: str) -> None:
    about = JOURNEYS[kind](cast)
    assert browser.sign_in(about.respondent).post(f"/cases/new/{kind}/{about.key}", ANSWERS).status_code == 403
    assert browser.sign_in(about.reporter).post(f"/cases/new/{kind}/999999", ANSWERS).status_code == 404
    assert browser.get(f"/cases/new/{kind}/x").status_code == 404
    assert browser.sign_out().get(f"/cases/new/{kind}/{about.key}").status_code in (302, 303)


def test_a_sealed_proposal_cannot_be_reported(cast: Cast, browser: Browser) -> None:
    row = factories.proposal(cast.bo, factories.opened(cast))
    for person in (cast.ada, cast.dee, cast.eve):
        assert browser.sign_in(person).get(f"/cases/new/proposal_report/{row.id}").status_code == 404


def test_a_party_of_a_rival_in_the_centre_neither_sees_nor_decides(cast: Cast, browser: Browser) -> None:
    about = proposal(cast)
    case = filed(browser, "proposal_report", about)
    rival = db.session.merge(cast.bea)
    rival.roles = list(cast.eve.roles)
    assert browser.sign_in(rival).get(f"/cases/{case.public_id}").status_code == 404
    browser.sign_in(about.respondent)
    assert conclude(browser, case, 1, "given", "It is mine.") == 303
    assert case.public_id in browser.sign_in(cast.eve).get("/cases/queue").text
    assert case.public_id not in browser.sign_in(rival).get("/cases/queue").text
    assert case.public_id not in browser.get("/dashboard").text


def test_a_warning_stands_with_the_next_case(cast: Cast, browser: Browser) -> None:
    about = profile(cast)
    for finding in ("partly", "no"):
        case = filed(browser, "profile_report", about)
        browser.sign_in(about.respondent)
        conclude(browser, case, 1, "given", "Sorry.")
        browser.sign_in(cast.eve)
        conclude(browser, case, 2, finding, "First time.")
    assert factories.run_jobs("accounts.clear_profile") == 0, "a warning leaves the page"
    case = filed(browser, "profile_report", about)
    assert [one.case.state for one in queries.earlier(cast.eve, case)] == [CaseState.PARTLY_GRANTED]
    first = db.session.scalars(sa.select(Case.public_id).order_by(Case.id)).first()
    assert f"/cases/{first}" in browser.sign_in(cast.eve).get(f"/cases/{case.public_id}").text
    assert f"/cases/{first}" not in browser.sign_in(about.reporter).get(f"/cases/{case.public_id}").text
    assert told("cases.warned") == {about.respondent.id}


def test_the_name_in_a_case_about_a_person_is_theirs_of_today(cast: Cast, browser: Browser) -> None:
    case = filed(browser, "profile_report", profile(cast))
    cast.bea.name = "Somebody else"
    assert (case.stated_title, case.title) == ("", "Somebody else")
    titles = db.session.scalars(sa.select(Notification.params).where(Notification.kind.startswith("cases."))).all()
    assert titles
    assert all(one["title"] == {"person": [cast.bea.id, "Bea"]} for one in titles)


def told(kind: str) -> set[int]:
    return set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == kind)))
