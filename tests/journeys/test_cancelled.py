"""A sponsor cancels a paid challenge: the escrow is refunded completely, and paid out by the ordinary queue."""

import pytest

from tests.journeys.actors import Company
from tests.processes import Platform

pytestmark = pytest.mark.timeout(300)


def test_what_is_called_off_is_refunded_and_can_be_taken_out(platform: Platform, company: Company) -> None:
    platform.start_workers(1)
    platform.start_clock()
    challenge_id = company.opened()
    challenge = company.challenge(challenge_id)
    luoyang = challenge.organisation_id
    assert (company.escrow(challenge_id), company.free(luoyang)) == (challenge.cost, 0)
    company.register(company.bo, challenge_id)
    draft = company.write(company.bo, challenge_id, "A promise that nobody will keep")

    page = company.ada.press(
        f"/challenges/{challenge_id}/cancel", "Cancel the challenge", reason="The mains are replaced this year."
    )
    assert "The mains are replaced this year." in page.words
    assert company.state(challenge_id) == "cancelled"
    assert (company.escrow(challenge_id), company.free(luoyang)) == (0, challenge.cost)
    assert company.transfers(challenge_id) == [f"fund:{challenge_id}", f"refund:{challenge_id}"]
    assert "The mains are replaced" in company.letter("Bo", f"“{challenge.title}” was cancelled")
    refused = company.bo.get(f"/proposals/{draft}/submit")
    assert "Submit version 1" not in refused.words

    statement = f"/organisations/{luoyang}/balance"
    company.name_account(company.ada, statement, "Luoyang Water Group")
    payout_id = company.ask_for_payout(company.ada, statement)
    company.batch()
    platform.wait_until(lambda: platform.jobs("payout_batches.send")[0].state == "done", "the file is sent")
    platform.let_slot_come("bank_responses.fetch")
    company.wait_for_payout(company.ada, payout_id)
    assert company.free(luoyang) == 0
    company.end_well()
