"""The payment of a decided challenge is held and released: by whom, what is paid meanwhile, and how it goes on."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.models import Challenge
from challenges.next_steps import Phase, phase_of
from challenges.workflow import ChallengeState
from crowd import background, clock
from crowd.accounts.models import Role
from crowd.audit import SYSTEM
from crowd.background import Job, JobState
from crowd.config import limits
from crowd.db import commit, db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.notifications import emails
from crowd.notifications.models import Notification
from crowd.notifications.questions import Recipient
from scoring import jobs
from scoring.awards import queries as award_queries
from scoring.holds import services
from scoring.settlement import services as settlement
from scoring.workflow import AwardState
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.submissions.test_pages import words

SECOND = timedelta(seconds=1)


def over(challenge: Challenge) -> Challenge:
    return factories.move_dates(challenge, appeals_until=clock.now() - SECOND)


def told(kind: str) -> set[int]:
    return set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == kind)))


def settlements(challenge: Challenge) -> list[Job]:
    query = sa.select(Job).where(Job.kind == "settlement.settle", Job.challenge_id == challenge.id).order_by(Job.id)
    return list(db.session.scalars(query))


def run(job: Job) -> dict[str, object] | None:
    job.run_at = clock.now() - SECOND
    db.session.flush()
    assert background.run(job.id)
    db.session.refresh(job)
    return job.result


def test_a_held_job_ends_as_skipped_and_the_release_asks_again(cast: Cast) -> None:
    challenge = factories.decided(cast)
    row = services.hold(cast.gu, challenge.id, reason="A participant has shown that two reviews were exchanged.")
    over(challenge)
    (asked,) = settlements(challenge)
    assert run(asked) == {"skipped": "The payment is held."}
    assert asked.state == JobState.DONE
    assert challenge.state == ChallengeState.DECIDED
    assert ledger.in_escrow(challenge.id, "CNY") == challenge.cost
    assert jobs.settle_due() == {"due": 0}, "nothing to find while it is held"
    assert check.errors(check.run_checks()) == []
    services.release(cast.gu, row.id, reason="The reviews were checked; they stand.")
    _asked, again = settlements(challenge)
    assert again.dedup_key == f"settle:{challenge.id}:v1:released:{row.id}"
    assert run(again) == {"state": {"term": ["settled", "challenge"]}}
    db.session.refresh(challenge)
    assert challenge.state == ChallengeState.SETTLED
    assert ledger.in_escrow(challenge.id, "CNY") == 0
    assert check.errors(check.run_checks()) == []


def test_everybody_whom_it_concerns_is_notified_and_not_who_did_it(cast: Cast) -> None:
    assert cast.eve.id
    challenge = factories.decided(cast)
    row = services.hold(cast.gu, challenge.id, reason="It is checked.")
    concerned = {cast.ada.id, cast.bo.id, cast.eve.id}
    assert told("scoring.payment_held") == concerned, "neither the one without an award nor who placed it"
    services.release(cast.gu, row.id, reason="It was checked.")
    assert told("scoring.payment_released") == concerned


def test_two_holds_hold_until_both_are_released(cast: Cast) -> None:
    challenge = factories.decided(cast)
    first = services.hold(cast.gu, challenge.id, reason="One reason.")
    since = challenge.payment_held_at
    second = services.hold(cast.eve, challenge.id, reason="Another one.")
    assert challenge.payment_held_at == since
    services.release(cast.gu, first.id, reason="Checked.")
    assert challenge.payment_held_at == since
    assert told("scoring.payment_hold_released")
    assert not told("scoring.payment_released")
    assert len(settlements(challenge)) == 1, "the one of the decision"
    over(challenge)
    with pytest.raises(settlement.PaymentHeld):
        settlement.settle(SYSTEM, challenge.id)
    services.release(cast.gu, second.id, reason="Checked, too.")
    assert challenge.payment_held_at is None
    assert settlement.settle(SYSTEM, challenge.id).state == ChallengeState.SETTLED


def test_a_hold_between_two_awards_stops_what_is_open(cast: Cast) -> None:
    challenge = over(factories.decided(cast, "bo", "bea", awards=2))
    first, second = award_queries.awards(challenge.id)
    settlement.pay_award(SYSTEM, first.id)
    services.hold(cast.gu, challenge.id, reason="The second award is checked.")
    with pytest.raises(settlement.PaymentHeld):
        settlement.pay_award(SYSTEM, second.id)
    with pytest.raises(settlement.PaymentHeld):
        settlement.finish(SYSTEM, challenge.id)
    assert (first.state, second.state) == (AwardState.POSTED, AwardState.ANNOUNCED)
    assert check.errors(check.run_checks()) == []


def test_reviewers_are_paid_while_the_awards_are_held(cast: Cast) -> None:
    challenge = factories.decided(cast, review_fee=100_00)
    services.hold(cast.gu, challenge.id, reason="It is checked.")
    assert jobs.pay_reviewers(challenge.id)["reviews_paid"] != 0
    assert ledger.in_escrow(challenge.id, "CNY") < challenge.cost
    assert check.errors(check.run_checks()) == []


def test_where_nothing_was_awarded_the_refund_is_held(cast: Cast) -> None:
    challenge = factories.decided(cast, awards=0)
    row = services.hold(cast.gu, challenge.id, reason="It is checked.")
    over(challenge)
    assert jobs.settle(challenge.id)() == {"skipped": "The payment is held."}
    assert ledger.free_balance(cast.luoyang.id, "CNY") == 0
    services.release(cast.gu, row.id, reason="It was checked.")
    settlement.settle(SYSTEM, challenge.id)
    assert ledger.free_balance(cast.luoyang.id, "CNY") == challenge.cost


def test_only_a_decision_that_is_not_settled_is_held(cast: Cast) -> None:
    judged = factories.judged(cast)
    with pytest.raises(Conflict):
        services.hold(cast.gu, judged.id, reason="Too early.")
    settled = factories.settled(cast, "nils")
    with pytest.raises(Conflict):
        services.hold(cast.gu, settled.id, reason="Too late.")
    decided = factories.decided(cast, "dee")
    for reason in ("", "  ", "x" * (limits().max_reason_length + 1)):
        with pytest.raises(Invalid):
            services.hold(cast.gu, decided.id, reason=reason)
    row = services.hold(cast.gu, decided.id, reason="x" * limits().max_reason_length)
    services.release(cast.gu, row.id, reason="Checked.")
    with pytest.raises(Conflict):
        services.release(cast.gu, row.id, reason="Again.")


def test_nobody_holds_or_releases_where_they_have_an_interest(cast: Cast) -> None:
    challenge = factories.decided(cast)
    for who in (cast.ada, cast.bo, cast.cy, cast.fen):
        with pytest.raises(Forbidden):
            services.hold(who, challenge.id, reason="I want to.")
    row = services.hold(cast.gu, challenge.id, reason="It is checked.")
    with pytest.raises(Forbidden):
        services.release(cast.eve, row.id, reason="The centre releases no hold of the council.")
    join(cast.gu, cast.luoyang)
    db.session.expire_all()
    for act in (
        lambda: services.hold(cast.gu, challenge.id, reason="For my firm."),
        lambda: services.release(cast.gu, row.id, reason="For my firm."),
    ):
        with pytest.raises(Forbidden):
            act()


def test_who_takes_part_neither_holds_nor_releases(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "dee")
    row = services.hold(cast.gu, challenge.id, reason="It is checked.")
    cast.dee.roles.append(db.session.scalars(sa.select(Role).where(Role.name == "council")).one())
    commit()
    with pytest.raises(Forbidden, match="behind a proposal"):
        services.hold(cast.dee, challenge.id, reason="I should have won.")
    with pytest.raises(Forbidden, match="behind a proposal"):
        services.release(cast.dee, row.id, reason="Enough.")


def test_the_check_finds_what_was_paid_while_it_was_held(cast: Cast) -> None:
    challenge = factories.settled(cast)
    db.session.execute(
        sa.text(
            "INSERT INTO payment_hold (challenge_id, round_id, reason, held_by, held_at)"
            " SELECT challenge_id, round_id, '', :gu, paid_at - interval '1 minute' FROM award WHERE challenge_id = :id"
        ),
        {"gu": cast.gu.id, "id": challenge.id},
    )
    found = {(one.name, one.subject.split()[0]) for one in check.errors(check.run_checks())}
    assert found == {("paid_while_held", "award"), ("paid_while_held", "challenge")}


def test_a_hold_of_a_month_is_said_to_stand_still(cast: Cast) -> None:
    challenge = factories.decided(cast)
    row = services.hold(cast.gu, challenge.id, reason="It is checked.")
    over(challenge)
    stuck = f"challenge {challenge.id}"
    factories.move_dates(challenge, appeals_until=clock.now() - timedelta(days=2))
    assert stuck not in {one.subject for one in check.run_checks() if one.name == "stuck"}
    row.held_at = challenge.payment_held_at = clock.now() - timedelta(days=29)
    db.session.flush()
    assert stuck in {one.subject for one in check.run_checks() if one.name == "stuck"}


# ---- pages


def test_the_pages_say_what_is_held_since_when_and_why(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast)
    results, reason = f"/challenges/{challenge.id}/results", "Two reviews may have been exchanged."
    row = services.hold(cast.gu, challenge.id, reason=reason)
    assert phase_of(challenge, clock.now()) == Phase.PAYMENT_HELD
    page = browser.get(results).text
    for said in (reason, "The payment is held", "Not paid while the payment is held", "How to appeal"):
        assert said in page, said
    assert "Will be paid after" not in page
    assert reason in browser.get(f"/challenges/{challenge.id}/history").text
    assert "held; the results say why" in browser.sign_in(cast.bo).get(f"/proposals/{_own(cast)}").text
    task = "Decide whether a held payment is released"
    assert task in browser.sign_in(cast.gu).get("/dashboard").text
    assert task not in browser.sign_in(cast.ada).get("/dashboard").text
    services.release(cast.gu, row.id, reason="They were not.")
    page = browser.get(results).text
    assert "Not paid while the payment is held" not in page
    assert "Held because: Two reviews may have been exchanged." in page
    assert "Released because: They were not." in page
    assert task not in browser.sign_in(cast.gu).get("/dashboard").text


def _own(cast: Cast) -> int:
    return db.session.scalar(sa.text("SELECT id FROM proposal WHERE user_id = :id"), {"id": cast.bo.id})


def test_the_council_holds_and_releases_on_the_page(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast)
    path = f"/challenges/{challenge.id}/holds"
    assert path not in browser.sign_in(cast.bo).get(f"/challenges/{challenge.id}/results").text
    assert browser.get(path).status_code == 403
    browser.sign_in(cast.gu)
    assert path in browser.get(f"/challenges/{challenge.id}/results").text
    assert browser.post(path, {"hold-reason": " ", "confirmed": "yes"}).status_code == 422
    assert browser.post(path, {"hold-reason": "To be checked.", "confirmed": "yes"}).status_code == 303
    (row,) = db.session.scalars(sa.select(services.PaymentHold))
    assert "To be checked." in browser.get(path).text
    assert (
        browser.post(f"/holds/{row.id}/release", {f"release-{row.id}-reason": "", "confirmed": "yes"}).status_code
        == 422
    )
    assert (
        browser.post(
            f"/holds/{row.id}/release", {f"release-{row.id}-reason": "Checked.", "confirmed": "yes"}
        ).status_code
        == 303
    )
    db.session.refresh(row)
    assert row.release_reason == "Checked."


def test_of_two_holds_each_has_a_form_of_its_own(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast)
    first, second = (services.hold(cast.gu, challenge.id, reason=reason) for reason in ("One.", "Another."))
    browser.sign_in(cast.gu)
    long = "x" * 5000
    page = browser.post(f"/holds/{second.id}/release", {f"release-{second.id}-reason": long, "confirmed": "yes"}).text
    assert page.count(long) == 1, "what was typed stands in the form of the second alone"
    for row in (first, second):
        assert page.count(f'id="release-{row.id}-reason"') == 1


@pytest.mark.parametrize(
    ("locale", "foretold", "impossible"),
    [
        ("en", "the council or the service centre may hold what is not paid yet", "No hold is possible now."),
        ("zh_Hans_CN", "理事会或服务中心可以暂停", "目前不能暂停支付。"),
    ],
)
def test_pages_foretell_a_hold_and_say_when_none_is_possible(
    cast: Cast, browser: Browser, locale: str, foretold: str, impossible: str
) -> None:
    cast.gu.locale = locale
    judged, decided = factories.judged(cast), factories.decided(cast, "dee")
    browser.sign_in(cast.gu)
    for page in ("/how-it-works", f"/challenges/{judged.id}/contract"):
        assert words(browser.get(page).text).count(foretold) == 1, page
    assert foretold not in browser.get(f"/challenges/{judged.id}/contract.json").text
    assert impossible in words(browser.get(f"/challenges/{judged.id}/holds").text)
    assert impossible not in words(browser.get(f"/challenges/{decided.id}/holds").text)


def test_in_the_mail_about_a_hold_what_comes_next_has_a_line_of_its_own(cast: Cast, isolated: Flask) -> None:
    challenge = factories.decided(cast)
    services.hold(cast.gu, challenge.id, reason="Two reviews were exchanged")
    query = sa.select(Notification).where(
        Notification.kind == "scoring.payment_held", Notification.user_id == cast.ada.id
    )
    ada = Recipient(cast.ada.id, cast.ada.name, cast.ada.email, cast.ada.locale, "UTC")
    mail = emails.of_notifications(ada, [db.session.scalars(query).one()], isolated.config["CROWD"])
    assert "The reason: Two reviews were exchanged\nNext: " in mail.text
    assert mail.html
    assert "exchanged</p>" in mail.html
    assert "<p>Next: " in mail.html
