"""A sponsor does not decide: what its contract says of that is carried out by recurring jobs, once, also where the
workers were stopped meanwhile.
"""

from typing import Any

import pytest

from challenges.models import Challenge
from tests.journeys.actors import PRIZES, Company
from tests.processes import Platform

pytestmark = pytest.mark.timeout(300)


def judged(platform: Platform, company: Company, points: tuple[int, int], **clauses: str) -> Challenge:
    """Bo's and Bea's proposals, reviewed; the sponsor has read them and says nothing."""
    assert company.reviewers
    challenge_id = company.opened(**clauses)
    contract = company.visitor().get(f"/challenges/{challenge_id}/contract").words
    assert "Where the sponsor does not decide in time" in contract
    assert "If nobody decides in time" in company.bo.get(f"/challenges/{challenge_id}/register").words
    company.answer(company.bo, challenge_id, "Two geophones and a correlator")
    company.answer(company.bea, challenge_id, "Listening with the bare ear")
    platform.let_close(challenge_id)
    company.wait_for_panel(challenge_id)
    company.review_all(challenge_id, {"geophones": points[0], "bare ear": points[1]})
    return company.challenge(challenge_id)


def settled(platform: Platform, company: Company, challenge: Challenge) -> list[str]:
    """After the appeals; the transfers of the challenge."""
    platform.let_appeals_pass(challenge.id)
    company.wait_for_state(challenge.id, "settled")
    assert company.escrow(challenge.id) == 0
    return [key.partition(":")[0] for key in company.transfers(challenge.id)]


def earned(company: Company, name: str) -> str:
    who: Any = getattr(company, name)
    return str(who.get("/balance").words)


def test_the_prizes_go_by_ranking_once_the_workers_are_back(platform: Platform, company: Company) -> None:
    """Equal means: they share the first two prizes, 135,000 yuan each."""
    running = [*platform.start_workers(1), platform.start_clock()]
    challenge = judged(platform, company, (8, 8), silence="ranking", tie_rule="share")
    platform.stop(*running)
    platform.let_silence_pass(challenge.id)
    page = company.bo.get(f"/challenges/{challenge.id}").words
    assert "what the contract says of that follows in a moment" in page
    assert company.state(challenge.id) == "judging"
    platform.start_workers(2)
    platform.start_clock()
    company.wait_for_state(challenge.id, "decided")
    results = company.visitor().get(f"/challenges/{challenge.id}/results").words
    assert "By its clause the prizes went by ranking." in results
    assert "奖金已按排名发放" in results
    assert results.count("they share the prizes of their places") == 2
    history = company.visitor().get(f"/challenges/{challenge.id}/history").words
    assert "Nobody had decided in time" in history
    assert company.letter("Bo", f"Decided by the contract: {challenge.title}")
    assert company.letter("Ada", f"Decided by the contract: {challenge.title}")
    assert settled(platform, company, challenge) == ["fund", "award", "award", "refund"]
    assert "¥135,000.00" in earned(company, "bo")
    assert "¥135,000.00" in earned(company, "bea")
    assert (company.times("challenge.silent", challenge.id), company.times("challenge.decided", challenge.id)) == (1, 1)
    company.end_well()


@pytest.mark.long
def test_everything_is_refunded(platform: Platform, company: Company) -> None:
    platform.start_workers(1)
    platform.start_clock()
    challenge = judged(platform, company, (9, 8), silence="refund")
    platform.let_silence_pass(challenge.id)
    company.wait_for_state(challenge.id, "decided")
    results = company.visitor().get(f"/challenges/{challenge.id}/results").words
    assert "Nothing was awarded." in results
    assert "all money returns to the sponsor" in results
    assert settled(platform, company, challenge) == ["fund", "refund"]
    assert company.free(challenge.organisation_id) == challenge.cost
    company.end_well()


@pytest.mark.long
def test_the_service_centre_decides(platform: Platform, company: Company) -> None:
    platform.start_workers(1)
    platform.start_clock()
    challenge = judged(platform, company, (7, 9), silence="centre")
    awards = f"/challenges/{challenge.id}/awards"
    assert "The sponsor decides, by:" in company.eve.get(awards).words
    platform.let_date_pass(challenge.id)
    assert company.letter("Eve", f"The service centre decides: {challenge.title}")
    (best,) = company.eve.get(f"/challenges/{challenge.id}/ranking").links(r"/proposals/\d+")[:1]
    company.award(company.eve, challenge.id, 1, int(best.rpartition("/")[2]))
    company.decide(company.eve, challenge.id)
    platform.let_silence_pass(challenge.id)  # too late: it is decided
    assert settled(platform, company, challenge) == ["fund", "award", "refund"]
    assert company.times("challenge.silent", challenge.id) == 0
    company.end_well()


@pytest.mark.long
def test_where_the_service_centre_is_silent_too(platform: Platform, company: Company) -> None:
    platform.start_workers(1)
    platform.start_clock()
    challenge = judged(platform, company, (7, 9), silence="centre", centre_silence="ranking")
    platform.let_date_pass(challenge.id)
    assert company.letter("Eve", f"The service centre decides: {challenge.title}")
    platform.let_silence_pass(challenge.id)
    company.wait_for_state(challenge.id, "decided")
    assert settled(platform, company, challenge) == ["fund", "award", "award", "refund"]
    assert challenge.prize_total == PRIZES
    assert "¥200,000.00" in earned(company, "bea")
    assert "¥70,000.00" in earned(company, "bo")
    company.end_well()
