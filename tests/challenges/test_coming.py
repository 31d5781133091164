"""What is to come in a challenge: in each state the next step, who takes it, and by when."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from challenges import next_steps
from challenges.deciding import OFFERED, Silence
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.progress import deadline
from crowd import clock
from crowd.audit import SYSTEM
from scoring.awards import services as award_services
from scoring.settlement import services as settlement
from tests import factories
from tests.cast import Cast


@pytest.fixture(autouse=True)
def spoken(isolated: Flask) -> Iterator[None]:
    """What is to come is told in the reader's language."""
    with isolated.test_request_context("/", headers={"Accept-Language": "en"}):
        yield


def steps(challenge: Challenge) -> list[next_steps.Next]:
    return next_steps.coming(challenge, clock.now())


def test_each_state_names_who_is_next(cast: Cast) -> None:
    sponsor, makers = cast.luoyang.name, (factories.screened, factories.approved, factories.funded, factories.opened)
    assert steps(factories.challenge(cast.ada, cast.luoyang))[0].who == sponsor
    assert [steps(make(cast))[0].who for make in makers] == [
        "the service centre",
        sponsor,
        "the platform",
        "the platform",
    ]


def test_an_open_challenge_tells_the_whole_way_to_the_payment(cast: Cast) -> None:
    challenge = factories.opened(cast)
    close, review, decision, appeal, payment = steps(challenge)
    assert (close.by, close.planned) == (challenge.closes_at, False)
    assert [step.who for step in (review, decision, payment)] == ["the panel", cast.luoyang.name, "the platform"]
    assert all(step.planned for step in (review, decision, appeal))
    assert close.by < review.by < decision.by < appeal.by


def test_nothing_is_reviewed_where_nothing_came_in(cast: Cast) -> None:
    first = steps(factories.closed(cast))[0]
    assert first.who == cast.luoyang.name
    assert "without an award" in first.what


def test_a_silent_sponsor_is_no_longer_alone_to_decide(cast: Cast) -> None:
    challenge = factories.judging(cast)
    assert steps(challenge)[0].who == "the panel"
    assert deadline(challenge) == ("Decision due", challenge.decision_due_at)
    past = clock.now() - timedelta(days=1)
    factories.move_dates(challenge, reviews_due_at=past - timedelta(days=21), decision_due_at=past)
    decision = steps(challenge)[0]
    assert "the service centre decides now" in decision.what
    assert "the council" in decision.who
    assert decision.by == challenge.silence_at


def test_before_the_decision_a_page_says_what_follows_from_silence(cast: Cast) -> None:
    said = {one: steps(factories.opened(cast, silence=one))[2].what for one in OFFERED}
    assert "the service centre decides" in said[Silence.CENTRE]
    assert "go by ranking" in said[Silence.RANKING]
    assert "all money returns to the sponsor" in said[Silence.REFUND]


def test_where_the_contract_decides_by_itself_nobody_else_is_named(cast: Cast) -> None:
    challenge = factories.judging(cast, silence=Silence.RANKING)
    past = clock.now() - timedelta(seconds=1)
    factories.move_dates(challenge, reviews_due_at=past, decision_due_at=past, silence_at=past)
    now = steps(challenge)[0]
    assert (now.who, now.by) == ("the platform", None)


def test_after_the_decision_the_money_moves_by_itself_and_then_nothing_more(cast: Cast) -> None:
    challenge = factories.closed(cast)
    factories.scoring.form_panel(SYSTEM, challenge.id)
    award_services.decide(cast.ada, challenge.id, reason="Nothing came in.")
    appeal, payment = steps(challenge)
    assert appeal.by == challenge.appeals_until
    assert payment.who == "the platform"
    factories.move_dates(challenge, appeals_until=clock.now() - timedelta(minutes=1))
    settlement.settle(SYSTEM, challenge.id)
    assert (steps(challenge), deadline(challenge)) == ([], None)
    assert "has left escrow" in next_steps.ended(challenge)


def test_a_cancelled_challenge_says_where_its_money_went(cast: Cast) -> None:
    paid = lifecycle.cancel(cast.ada, factories.funded(cast).id, reason="No longer needed.")
    unpaid = lifecycle.cancel(cast.ada, factories.screened(cast).id, reason="No longer needed.")
    assert steps(paid) == steps(unpaid) == []
    assert "went back to the sponsor" in next_steps.ended(paid)
    assert "before any money" in next_steps.ended(unpaid)
