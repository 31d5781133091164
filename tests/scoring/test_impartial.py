"""Who is behind a proposal does nothing for the platform with its challenge, whatever role they hold."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd.accounts.models import MemberRole, User
from crowd.accounts.organisations import services as organisations
from crowd.audit import SYSTEM, AuditEvent
from crowd.clock import now
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from crowd.notifications.models import Notification
from scoring import queries as scoring
from scoring import services
from scoring.awards import services as award_services
from scoring.feedback import queries as feedback
from scoring.settlement import services as settlement
from submissions import queries as submissions
from submissions.sealing import queries as sealing
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.turns import in_turn
from tests.worlds import remembered

REASON = "You are behind a proposal for this challenge"


def own(person: User, cast: Cast) -> None:
    join(person, cast.northlight, MemberRole.OWNER)
    db.session.expire_all()


def belong(person: User, cast: Cast) -> None:
    join(person, cast.northlight)
    db.session.expire_all()


def leave(person: User, cast: Cast) -> None:
    join(person, cast.northlight)
    organisations.leave(person, cast.northlight.id)
    db.session.expire_all()


def join_a_twin(person: User, cast: Cast) -> None:
    """The agency once more, under its number."""
    twin = factories.organisation("Northlight Branch")
    for row in (cast.northlight, twin):
        row.registration_number, row.verified_at = "91410300000000017X", None
    join(person, twin)
    db.session.expire_all()


TIES: dict[str, Callable[[User, Cast], None]] = {
    "owns the agency": own,
    "is on its staff": belong,
    "was on its staff": leave,
    "is on the staff of its other row": join_a_twin,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    in_turn(metafunc, "has_conflict", TIES)


@pytest.fixture
def has_conflict(request: pytest.FixtureRequest) -> Callable[[User, Cast], None]:
    return TIES[request.param]


def silent(challenge: Challenge) -> Challenge:
    """The sponsor has let the date of the decision pass."""
    return factories.move_dates(challenge, decision_due_at=now() - timedelta(days=1))


@pytest.fixture
def overdue(cast: Cast) -> Challenge:
    """Northlight's proposal and Dee's, reviewed; the sponsor is silent."""
    challenge = silent(factories.judged(cast, "nils", "dee"))
    assert cast.eve.id != cast.gu.id
    return challenge


@pytest.fixture
def agencys(cast: Cast) -> Challenge:
    """The same, where Northlight itself has answered."""
    return judged_with_agency(cast)


@remembered
def judged_with_agency(cast: Cast) -> Challenge:
    for reviewer in cast.reviewers():
        assert reviewer.id
    challenge = factories.opened(cast)
    factories.proposal(cast.nils, challenge, organisation=cast.northlight)
    factories.proposal(cast.dee, challenge)
    factories.closed(cast, challenge)
    services.form_panel(SYSTEM, challenge.id)
    for row in factories.assignments(challenge):
        factories.review(row)
    return silent(challenge)


def award(actor: User, challenge: Challenge) -> None:
    first = submissions.submitted(challenge.id)[0]
    award_services.select_award(
        actor, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=first.id, reason="The best."
    )


@pytest.mark.parametrize("name", ["eve", "gu"])
def test_they_do_not_act(cast: Cast, agencys: Challenge, has_conflict: Callable[[User, Cast], None], name: str) -> None:
    """Neither award nor decide nor cancel nor look for reviewers."""
    officer = getattr(cast, name)
    has_conflict(officer, cast)
    acts: list[Callable[[], object]] = [
        lambda: award(officer, agencys),
        lambda: award_services.decide(officer, agencys.id, reason="None fits."),
        lambda: lifecycle.cancel(officer, agencys.id, reason="No need any more."),
    ]
    if name == "eve":
        acts.append(lambda: services.fill_vacancies(officer, agencys.id))
    for act in acts:
        with pytest.raises(Forbidden, match=REASON):
            act()
    assert agencys.state == ChallengeState.JUDGING


def test_others_of_their_office_act(cast: Cast, agencys: Challenge, has_conflict: Callable[[User, Cast], None]) -> None:
    has_conflict(cast.gu, cast)
    award(cast.eve, agencys)
    award_services.decide(cast.eve, agencys.id)
    assert agencys.state == ChallengeState.DECIDED


def test_they_do_not_cancel_a_challenge_that_is_open(cast: Cast, has_conflict: Callable[[User, Cast], None]) -> None:
    challenge = factories.opened(cast)
    factories.proposal(cast.nils, challenge, submitted=False, organisation=cast.northlight)
    has_conflict(cast.gu, cast)
    with pytest.raises(Forbidden, match=REASON):
        lifecycle.cancel(cast.gu, challenge.id, reason="No need any more.")
    assert lifecycle.cancel(cast.eve, challenge.id, reason="No need any more.").state == ChallengeState.CANCELLED


@pytest.mark.parametrize("name", ["eve", "gu"])
def test_nor_does_who_was_the_sponsors_meanwhile(cast: Cast, overdue: Challenge, name: str) -> None:
    officer = getattr(cast, name)
    join(officer, cast.luoyang)
    organisations.leave(officer, cast.luoyang.id)
    db.session.expire_all()
    with pytest.raises(Forbidden):
        lifecycle.cancel(officer, overdue.id, reason="No need any more.")
    with pytest.raises(Forbidden):
        award(officer, overdue)


def test_they_do_not_clear_an_award(cast: Cast, agencys: Challenge, has_conflict: Callable[[User, Cast], None]) -> None:
    award(cast.eve, agencys)
    award_services.decide(cast.eve, agencys.id)
    factories.move_dates(agencys, appeals_until=now() - timedelta(minutes=1))
    join(cast.abe, cast.northlight)
    has_conflict(cast.gu, cast)
    assert settlement.hold(SYSTEM, agencys.id) == 1
    held = settlement.queries.held(agencys.id)[0]
    with pytest.raises(Forbidden, match=REASON):
        settlement.clear(cast.gu, held.id, reason="It is far away.")
    assert settlement.queries.waiting(cast.gu) == []
    told = db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == "awards.held"))
    assert cast.gu.id not in set(told)


# ---- what they see


def test_the_judging_stays_closed_to_them_after_the_decision(
    cast: Cast, agencys: Challenge, has_conflict: Callable[[User, Cast], None]
) -> None:
    """As to everybody behind a proposal: neither who reviewed, nor what rivals wrote, nor the trail of it."""
    award(cast.gu, agencys)
    award_services.decide(cast.gu, agencys.id)
    rival = submissions.submitted(agencys.id)[1]
    has_conflict(cast.aud, cast)
    with pytest.raises(Forbidden, match="closed to you"):
        scoring.access_judging(cast.aud, agencys.id)
    with pytest.raises(NotFound):
        submissions.access(cast.aud, rival.id)
    with pytest.raises(Forbidden, match="closed to you"):
        feedback.access_feedback(cast.aud, rival.id)
    assert rival.id not in submissions.visible_among(cast.aud, [rival.id])
    seen = {row.subject_type for row in db.session.scalars(sealing.trail(cast.aud, challenge_id=agencys.id))}
    assert seen == {"challenge"}
    other = {row.subject_type for row in db.session.scalars(sealing.trail(cast.adm, challenge_id=agencys.id))}
    assert {"award", "panel", "proposal"} <= other


def test_an_event_by_its_number_is_not_theirs_to_read_either(cast: Cast, agencys: Challenge, browser: Browser) -> None:
    award(cast.eve, agencys)
    chosen = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "award.selected")).one()
    own(cast.gu, cast)
    browser.sign_in(cast.gu)
    assert browser.get(f"/admin/audit/{chosen.id}").status_code == 404
    assert "award.selected" not in browser.get("/admin/audit.csv").text
    assert browser.sign_in(cast.aud).get(f"/admin/audit/{chosen.id}").status_code == 200


@pytest.mark.parametrize("name", ["eve", "gu"])
def test_pages_show_the_reason_and_no_button(cast: Cast, agencys: Challenge, browser: Browser, name: str) -> None:
    officer, address = getattr(cast, name), f"/challenges/{agencys.id}"
    page = browser.sign_in(officer).get(address).text
    assert f'href="{address}/cancel"' in page
    assert REASON not in page
    own(officer, cast)
    page = browser.sign_in(officer).get(address).text
    assert REASON in page
    for button in ("cancel", "awards", "panel", "ranking"):
        assert f'href="{address}/{button}"' not in page
    for path in ("cancel", "awards", "panel", "ranking"):
        refused = browser.get(f"{address}/{path}")
        assert refused.status_code == 403
        assert REASON in refused.text
    for path, form in (("cancel", {"reason": "x"}), ("awards", {}), ("decision", {})):
        assert browser.post(f"{address}/{path}", form).status_code == 403
    assert REASON in browser.get(f"{address}/results").text


def test_a_participant_without_a_role_is_not_told_of_acts_that_are_not_theirs(
    cast: Cast, agencys: Challenge, browser: Browser
) -> None:
    assert REASON not in browser.sign_in(cast.nils).get(f"/challenges/{agencys.id}").text
