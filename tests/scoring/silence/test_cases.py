"""The case about a silent sponsor: opened by the decision's clock, seen by who may decide, ended by the decision."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from challenges.deciding import AfterCentre, Silence
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd.accounts.models import PlatformRole
from crowd.audit import SYSTEM
from crowd.cases import policy, services
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState, Finding, StepState
from crowd.clock import now
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from crowd.ledger import check
from crowd.procedure import COUNCIL, SERVICE_CENTRE
from scoring import services as scoring
from scoring.awards import services as awards
from scoring.silence import services as silence
from scoring.silence.kind import KIND
from submissions import queries as submissions
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.submissions.test_pages import words

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
DAY = timedelta(days=1)


def overdue(cast: Cast, **changes: object) -> Challenge:
    """The sponsor's date passed an hour ago; the last date of the contract is ahead."""
    challenge = factories.judged(cast, "bo", "bea", **changes)
    hour = timedelta(hours=1)
    dates = {"reviews_due_at": now() - 2 * hour, "decision_due_at": now() - hour}
    last = {"silence_at": now() + 13 * DAY} if challenge.silence == Silence.CENTRE else {}
    return factories.move_dates(challenge, **dates, **last)


def case_of(challenge: Challenge) -> Case:
    return db.session.scalars(sa.select(Case).where(Case.kind == KIND, Case.subject_id == challenge.id)).one()


def states(case: Case) -> dict[str, StepState]:
    return {step.name: step.state for step in case.steps}


@EVERY_LANGUAGE
def test_the_contract_is_carried_out(cast: Cast, browser: Browser, locale: str) -> None:
    """From the sponsor's date to the last one: everybody reads who is to decide by when, then the contract decides."""
    for person in (cast.ada, cast.eve, cast.gu):
        person.locale = locale
    challenge = overdue(cast, centre_silence=AfterCentre.RANKING)
    assert scoring.notify_overdue(SYSTEM, challenge.id)
    assert scoring.notify_overdue(SYSTEM, challenge.id) == set(), "nobody twice"
    case = case_of(challenge)
    page = f"/cases/{case.public_id}"
    assert {step.due_at for step in case.steps} == {challenge.silence_at}
    ed = factories.user("Ed", PlatformRole.SERVICE_CENTRE, locale=locale)
    said = "The prizes go by ranking" if locale == "en" else "按排名"
    for person in (cast.ada, ed, cast.gu):
        seen = browser.sign_in(person).get(page)
        assert seen.status_code == 200
        assert challenge.title in words(seen.text)
        assert f'href="/challenges/{challenge.id}/awards"' in seen.text, "to where the decision is made"
        assert page in browser.get(f"/challenges/{challenge.id}").text
        assert "/conclude" not in seen.text, "the decision ends it, and no form"
    assert said in words(seen.text)
    for person in (cast.bo, cast.dee, cast.cy):
        assert browser.sign_in(person).get(page).status_code == 404
        assert page not in browser.get(f"/challenges/{challenge.id}").text
    assert case.title in words(browser.sign_in(ed).get("/cases/queue").text)
    factories.move_dates(challenge, silence_at=now() - timedelta(minutes=1))
    assert silence.carry_out(SYSTEM, challenge.id) == AfterCentre.RANKING
    assert silence.carry_out(SYSTEM, challenge.id) is None
    assert (case.state, set(states(case).values())) == (CaseState.CARRIED_OUT, {StepState.SILENT})
    shown = words(browser.sign_in(cast.ada).get(page).text)
    assert ("was carried out" if locale == "en" else "已按契约执行") in shown
    assert check.errors(check.run_checks()) == []


@EVERY_LANGUAGE
def test_the_sponsor_decides_after_all(cast: Cast, browser: Browser, locale: str) -> None:
    cast.ada.locale = cast.eve.locale = locale
    challenge = overdue(cast)
    scoring.notify_overdue(SYSTEM, challenge.id)
    case = case_of(challenge)
    awards.decide(cast.ada, challenge.id, reason="Nothing fits.")
    assert case.state == CaseState.LAPSED
    assert states(case) == {
        "sponsor": StepState.CONCLUDED, "centre": StepState.SKIPPED, "council": StepState.SKIPPED,
    }  # fmt: skip
    assert case.steps[0].done_by == cast.ada.id
    shown = words(browser.sign_in(cast.ada).get(f"/cases/{case.public_id}").text)
    assert cast.ada.name in shown
    assert ("has decided" if locale == "en" else "已作出决定") in shown
    assert silence.carry_out(SYSTEM, challenge.id) is None


@pytest.mark.parametrize("body", [SERVICE_CENTRE, COUNCIL])
def test_others_decide_in_the_sponsors_place(cast: Cast, body: str) -> None:
    challenge = overdue(cast)
    scoring.notify_overdue(SYSTEM, challenge.id)
    awards.decide(cast.eve if body == SERVICE_CENTRE else cast.gu, challenge.id, reason="Nothing fits.")
    case = case_of(challenge)
    assert case.state == CaseState.CARRIED_OUT
    assert [step.body for step in case.steps if step.state == StepState.CONCLUDED] == [body]


@pytest.mark.parametrize("rule", [Silence.RANKING, Silence.REFUND])
def test_where_the_contract_decides_at_once_the_case_says_so(cast: Cast, rule: Silence) -> None:
    challenge = overdue(cast, silence=rule)
    factories.move_dates(challenge, silence_at=challenge.decision_due_at)
    silence.carry_out(SYSTEM, challenge.id)
    case = case_of(challenge)
    assert (case.state, case.answers["then"], case.filed_by) == (CaseState.CARRIED_OUT, str(rule), None)


def test_under_an_older_contract_it_has_no_last_date(cast: Cast) -> None:
    challenge = overdue(cast, silence=Silence.CENTRE_OR_COUNCIL)
    scoring.notify_overdue(SYSTEM, challenge.id)
    assert {step.due_at for step in case_of(challenge).steps} == {challenge.decision_due_at}


def test_it_lapses_with_its_challenge(cast: Cast) -> None:
    challenge = overdue(cast)
    scoring.notify_overdue(SYSTEM, challenge.id)
    lifecycle.cancel(cast.gu, challenge.id, reason="The programme has ended.")
    assert challenge.state == ChallengeState.CANCELLED
    assert factories.run_jobs("decisions.lapse_silence") == 1
    assert case_of(challenge).state == CaseState.LAPSED


def test_a_second_decision_that_is_late_has_a_case_of_its_own(cast: Cast) -> None:
    challenge = overdue(cast)
    scoring.notify_overdue(SYSTEM, challenge.id)
    awards.decide(cast.ada, challenge.id, reason="Nothing fits.")
    lifecycle.reopen(SYSTEM, challenge.id, reviews=False)
    factories.move_dates(challenge, decision_due_at=now() - timedelta(hours=1), silence_at=now() + DAY)
    scoring.notify_overdue(SYSTEM, challenge.id)
    rows = db.session.scalars(sa.select(Case).where(Case.kind == KIND).order_by(Case.id)).all()
    assert [row.state for row in rows] == [CaseState.LAPSED, CaseState.PENDING]


def test_nobody_files_it_or_concludes_its_steps(cast: Cast) -> None:
    challenge = overdue(cast)
    scoring.notify_overdue(SYSTEM, challenge.id)
    case = case_of(challenge)
    people = [cast.ada, cast.eve, cast.gu, cast.bo, cast.dee, cast.adm, cast.aud]
    for person in people:
        with pytest.raises(NotFound):
            services.file_case(person, KIND, str(challenge.id), answers={})
        assert not any(policy.can_conclude(person, step) for step in case.steps)
        assert not policy.can_withdraw(person, case)
    ed = factories.user("Ed", PlatformRole.SERVICE_CENTRE)
    assert services.take(ed, case.public_id, 2, holder=None).taken_by == ed.id, "who works on it is still seen"
    with pytest.raises(Forbidden):
        services.conclude(ed, case.public_id, 2, finding=Finding.YES, reasons="So.")


def test_its_dates_are_those_of_the_challenge(cast: Cast) -> None:
    challenge = overdue(cast)
    scoring.notify_overdue(SYSTEM, challenge.id)
    assert check.run_checks() == []
    factories.move_dates(challenge, silence_at=now() + 2 * DAY)
    assert [one.name for one in check.run_checks()] == ["silence_case_wrong"]
    factories.move_dates(challenge, decision_due_at=now() + DAY, silence_at=now() + 14 * DAY)
    assert "silence_case_wrong" in [one.name for one in check.run_checks()]
    assert len(submissions.submitted(challenge.id)) == 2
