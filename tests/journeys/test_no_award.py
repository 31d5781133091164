"""No proposal is good enough: the sponsor decides for no award, and everything is refunded with its fee."""

import pytest

from tests.journeys.actors import Company
from tests.processes import Platform

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]  # the short form has a cancellation: money goes back, too


def test_without_an_award_prizes_and_fee_return_to_the_sponsor(platform: Platform, company: Company) -> None:
    platform.start_workers(1)
    platform.start_clock()
    challenge_id = company.opened()
    assert company.reviewers
    challenge = company.challenge(challenge_id)
    company.answer(company.bo, challenge_id, "Listening with the bare ear")
    platform.let_close(challenge_id)
    company.wait_for_panel(challenge_id)
    assert company.review_all(challenge_id, {"bare ear": 1}) == 3

    awards = f"/challenges/{challenge_id}/awards"
    refused = company.ada.press(awards, "Yes, publish it", {"decision-reason": ""}, status=422)
    assert "Give a reason" in refused.words
    assert company.state(challenge_id) == "judging"
    results = company.decide(company.ada, challenge_id, "Not one of them finds a leak that we know of.")
    assert "Not one of them finds a leak that we know of." in results.words
    assert company.escrow(challenge_id) == challenge.cost

    platform.let_appeals_pass(challenge_id)
    company.wait_for_state(challenge_id, "settled")
    assert company.escrow(challenge_id) == 0
    assert company.free(challenge.organisation_id) == challenge.cost
    assert company.fees() == 0
    assert company.transfers(challenge_id) == [f"fund:{challenge_id}", f"refund:{challenge_id}"]
    assert company.times("challenge.not_awarded", challenge_id) == 1
    assert company.letter("Bo", f"Decided: {challenge.title}")
    company.visitor().get(f"/challenges/{challenge_id}/transfers")
    company.end_well()
