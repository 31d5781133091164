"""Reviewers have a fee: two come in time and are paid, one is late and is not; the rest returns to the sponsor."""

import pytest

from tests.journeys.actors import Company
from tests.processes import Platform

pytestmark = pytest.mark.timeout(300)
FEE = 20_000


def test_who_comes_in_time_is_paid_and_the_rest_returns(platform: Platform, company: Company) -> None:
    platform.start_workers(1)
    platform.start_clock()
    assert company.reviewers
    challenge_id = company.opened(review_fee="200", proposals_limit="5")
    challenge = company.challenge(challenge_id)
    assert challenge.honoraria == 3 * 5 * FEE
    proposal_id = company.answer(company.bo, challenge_id, "Two geophones and a correlator")
    platform.let_close(challenge_id)
    company.wait_for_panel(challenge_id)
    offered = company.reviewers[0].get("/reviews")
    assert "Fee, where it comes in time: ¥200" in offered.words
    platform.as_owner(
        "UPDATE assignment SET due_at = now() - interval '1 minute' WHERE reviewer_id ="
        " (SELECT id FROM \"user\" WHERE name = 'Carl')"
    )
    assert company.review_all(challenge_id, {"geophones": 8}) == 3
    company.award(company.ada, challenge_id, 1, proposal_id)
    company.decide(company.ada, challenge_id)
    assert company.letter("Cy", f"Your fee for reviewing: {challenge.title}")
    assert company.letter("Ada", f"Reviewers are paid: {challenge.title}")
    assert company.escrow(challenge_id) == challenge.cost - 2 * FEE
    platform.let_appeals_pass(challenge_id)
    company.wait_for_state(challenge_id, "settled")
    kinds = [key.partition(":")[0] for key in company.transfers(challenge_id)]
    assert kinds == ["fund", "honorarium", "honorarium", "award", "refund"]
    first = challenge.prizes[0].amount
    fee = company.fees()
    assert company.free(challenge.organisation_id) == challenge.cost - 2 * FEE - first - fee
    cy, _cleo, carl = company.reviewers
    assert "¥200.00" in cy.get("/balance").words
    assert "¥200.00" not in carl.get("/balance").words
    public = company.visitor().get(f"/challenges/{challenge_id}/transfers").words
    assert public.count("A reviewer") == 2
    company.name_account(cy, "/balance", "Cy")
    company.ask_for_payout(cy, "/balance", FEE)
    assert company.batch()
    platform.wait_for_quiet()
    assert company.check() == []
