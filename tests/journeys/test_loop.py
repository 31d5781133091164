"""The bounty loop, whole: from signing up to money on the winner's bank account, through a real web server."""

import json
import subprocess

import pytest

from crowd.supervisor import crowd_command
from tests.journeys.actors import PRIZES, Company
from tests.processes import Platform, environment_of
from tests.visitor import over_socket

pytestmark = pytest.mark.timeout(300)

FIRST, SECOND = 20_000_000, 7_000_000  # minor units


def test_the_loop(platform: Platform) -> None:
    platform.start_workers(1)
    platform.start_clock()
    company = Company(platform, over_socket(*platform.start_web()))
    ada, bo, bea = (company.sign_up(name) for name in ("Ada", "Bo", "Bea"))
    company.ada, company.bo, company.bea = ada, bo, bea
    assert company.reviewers

    # A challenge: a draft, its cost, the screening, the money.
    luoyang = company.found(ada)
    challenge_id = company.draft(ada)
    challenge = company.challenge(challenge_id)
    stranger = company.visitor()
    stranger.get(f"/challenges/{challenge_id}", 404)
    company.submit(ada, challenge_id)
    company.approve(challenge_id)
    cost = company.challenge(challenge_id).cost
    assert cost > PRIZES
    reference = company.reference(ada, challenge_id)
    assert reference in company.letter("Ada", f"Approved: {challenge.title}")
    deposit = company.record(cost, f"Luoyang {reference}")
    assert company.state(challenge_id) == "approved"
    company.finn.press(deposit.path, "Confirm")
    company.wait_for_state(challenge_id, "open")
    assert challenge.title in stranger.get("/challenges").words

    # A proposal: hidden from everybody else until the close.
    best = company.answer(bo, challenge_id, "Two geophones and a correlator")
    good = company.answer(bea, challenge_id, "A fibre along the main")
    for rival in (bea, ada, company.eve):
        rival.get(f"/proposals/{best}", 404)
    receipt = company.letter("Bo", f"Receipt: your proposal for “{challenge.title}”")
    assert "digest" in receipt
    assert "geophones" not in receipt

    # The decision: closed by the scheduler, the panel by a job.
    platform.let_close(challenge_id)
    company.wait_for_panel(challenge_id)
    bo.get(f"/proposals/{best}/edit", 200)
    assert company.review_all(challenge_id, {"geophones": 9, "fibre": 7}) == 6
    ranking = ada.get(f"/challenges/{challenge_id}/ranking").words
    assert ranking.index("Two geophones") < ranking.index("A fibre along")
    company.award(ada, challenge_id, 1, best)
    company.award(ada, challenge_id, 2, good)
    results = company.decide(ada, challenge_id)
    assert "The best on hidden sites." in results.words
    assert "200,000" in company.letter("Bo", f"You have won: {challenge.title}")
    assert (company.state(challenge_id), company.escrow(challenge_id)) == ("decided", cost)

    # The settlement, by a job, once the window has passed.
    platform.let_appeals_pass(challenge_id)
    company.wait_for_state(challenge_id, "settled")
    fee = (cost - PRIZES) * (FIRST + SECOND) // PRIZES
    assert company.fees() == fee
    assert company.escrow(challenge_id) == 0
    assert company.free(luoyang) == cost - FIRST - SECOND - fee
    assert stranger.get(f"/challenges/{challenge_id}/transfers").words.count("200,000") >= 1
    assert "Two geophones" in stranger.get(f"/challenges/{challenge_id}/results").words

    # Money out: by a batch that a second person approves.
    company.name_account(bo, "/balance", "Bo")
    first = company.ask_for_payout(bo, "/balance", FIRST - 5_000_000)
    company.name_account(bea, "/balance", "Bea", "6222 0210 0104 0000")
    returned = company.ask_for_payout(bea, "/balance")
    batch_id = company.batch()
    company.fen.get(f"/finance/batches/{batch_id}.csv")
    platform.wait_until(lambda: platform.jobs("payout_batches.send")[0].state == "done", "the file is sent")
    platform.let_slot_come("bank_responses.fetch")
    company.wait_for_payout(bo, first)
    company.wait_for_payout(bea, returned, "Returned")

    # Account statements, line by line, and the ledger.
    mine = bo.get("/balance")
    assert "150,000.00" in mine.words
    assert "50,000.00" in mine.words
    causes = mine.links(r"/balance/transfers/\d+")
    assert len(causes) >= 2
    for cause in causes:
        bo.get(cause)
        stranger.get(cause, 200)  # asked to sign in
    assert "70,000.00" in bea.get("/balance").words
    assert company.ask_for_payout(bea, "/balance") > returned
    assert str(luoyang) in ada.get(f"/organisations/{luoyang}/balance").path
    company.adm.get("/admin/jobs")
    company.end_well()
    command, environment = crowd_command("ledger", "check", "--json"), environment_of(platform.settings)
    answer = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout.splitlines()[-1])["errors"] == 0
