"""Three kinds of work belong to jobs and to nothing else: with the workers stopped they stay due, and the site works.

Once workers are started, each happens exactly once: the close with its panel, the settlement, the payout.
"""

import pytest

from tests.journeys.actors import Company
from tests.processes import Platform, Process

pytestmark = pytest.mark.timeout(300)

PAGES = ("/", "/challenges", "/results", "/how-it-works", "/healthz", "/readyz", "/api/v1/challenges")


def site_works(company: Company, challenge_id: int) -> None:
    """The public pages answer, and so do a sponsor's and a solver's own."""
    stranger = company.visitor()
    for path in (*PAGES, f"/challenges/{challenge_id}"):
        stranger.get(path)
    for who in (company.ada, company.bo):
        who.get("/dashboard")
        who.get("/inbox")


def until_all_is_done(platform: Platform, rounds: int = 1) -> None:
    """Start a worker and the scheduler, let them run some rounds and do what is due, and stop them."""
    running: list[Process] = []
    for _round in range(rounds):
        for schedule in ("challenges.open_and_close_due", "bank_responses.fetch"):
            platform.let_slot_come(schedule)
        before = {job.id for job in platform.jobs("challenges.open_and_close_due")}
        running = running or [*platform.start_workers(1), platform.start_clock()]
        _wait_for_tick(platform, before)
        platform.wait_for_quiet(90)
    platform.stop(*running)


def _wait_for_tick(platform: Platform, before: set[int]) -> None:
    def ticked() -> set[int]:
        return {job.id for job in platform.jobs("challenges.open_and_close_due")} - before

    platform.wait_until(ticked, "the clock has ticked", 90)


def test_what_belongs_to_jobs_waits_for_workers_and_then_happens_once(platform: Platform, company: Company) -> None:
    challenge_id = company.opened()
    assert company.reviewers
    challenge = company.challenge(challenge_id)
    best = company.answer(company.bo, challenge_id, "Two geophones and a correlator")
    company.register(company.bea, challenge_id)
    late = company.write(company.bea, challenge_id, "A moment too late")
    check = company.bea.get(f"/proposals/{late}/submit")

    platform.let_close(challenge_id)
    refused = company.bea.press(check, "Submit version 1", status=409)
    assert "Your draft was kept" in refused.words
    site_works(company, challenge_id)
    assert company.state(challenge_id) == "open"
    assert ("challenges.close", "ready") in platform.due()
    assert company.times("panel.formed") == 0

    until_all_is_done(platform)
    assert company.state(challenge_id) == "judging"
    assert [company.times(action, challenge_id) for action in ("challenge.closed", "panel.formed")] == [1, 1]
    assert company.review_all(challenge_id, {"geophones": 9}) == 3

    company.award(company.ada, challenge_id, 1, best)
    company.decide(company.ada, challenge_id)
    platform.let_appeals_pass(challenge_id)
    assert ("settlement.settle", "ready") in platform.due()
    site_works(company, challenge_id)
    assert company.state(challenge_id) == "decided"
    assert company.escrow(challenge_id) == challenge.cost
    assert "No proposal of yours has been paid yet" in company.bo.get("/balance").words

    until_all_is_done(platform)
    assert company.state(challenge_id) == "settled"
    assert company.escrow(challenge_id) == 0
    assert company.times("challenge.settled", challenge_id) == company.times("awards.paid", challenge_id) == 1
    assert len(company.transfers(challenge_id)) == 3  # in, the award with its fee, and the rest back

    company.name_account(company.bo, "/balance", "Bo")
    payout_id = company.ask_for_payout(company.bo, "/balance")
    batch_id = company.batch()
    site_works(company, challenge_id)
    sent_file = platform.settings.data_dir / "bank" / "out" / f"batch-{batch_id}.csv"
    assert not sent_file.exists()
    assert ("payout_batches.send", "ready") in platform.due()

    until_all_is_done(platform, rounds=2)  # in the second, the bank has had the time to answer
    assert sent_file.read_text().count("PAYOUT-") == 1
    company.wait_for_payout(company.bo, payout_id)
    assert [company.times(action) for action in ("batch.sent", "payout.paid", "batch.settled")] == [1, 1, 1]
    company.end_well()
