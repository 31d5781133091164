"""Money that is too little, nameless or too much: each has its next step, and none is lost."""

import pytest

from tests.journeys.actors import Company
from tests.processes import Platform

pytestmark = pytest.mark.timeout(300)


def test_short_then_nameless_then_too_much(platform: Platform, company: Company) -> None:
    platform.start_workers(1)
    challenge_id = company.approved()
    challenge = company.challenge(challenge_id)
    funding = f"/challenges/{challenge_id}/funding"
    reference = company.reference(company.ada, challenge_id)

    company.pay_in(challenge.cost - 12_000_000, f"Prize money {reference.lower()} thank you")
    assert company.state(challenge_id) == "approved"
    assert "120,000" in company.ada.get(funding).words
    assert company.free(challenge.organisation_id) == challenge.cost - 12_000_000

    nameless = company.pay_in(12_000_000 + 250_000, "thank you")
    assert "Owner of the money" in nameless.words
    assert company.state(challenge_id) == "approved"
    assert company.free(challenge.organisation_id) == challenge.cost - 12_000_000
    company.fen.press(nameless.path, "Yes, credit it", payment_reference=f"no such {reference[:-4]}", status=422)
    waits = company.finn.press(nameless.path, "Yes, credit it", payment_reference=reference)
    assert company.state(challenge_id) == "approved"
    (approval,) = waits.links(r"/finance/approvals/\d+")
    company.fen.press(approval, "Approve")
    company.wait_for_state(challenge_id, "open")
    assert company.escrow(challenge_id) == challenge.cost
    assert company.free(challenge.organisation_id) == 250_000
    assert company.transfers(challenge_id) == [f"fund:{challenge_id}"]

    statement = company.ada.get(f"/organisations/{challenge.organisation_id}/balance")
    assert "2,500.00" in statement.words
    platform.start_clock()
    assert company.letter("Ada", challenge.title)
    company.end_well()


def test_money_that_came_without_the_challenge_is_moved_by_the_sponsor(platform: Platform, company: Company) -> None:
    """Paid before the approval, with a name but no reference: a free balance, which an owner puts into escrow."""
    organisation_id = company.found(company.ada)
    challenge_id = company.draft(company.ada)
    company.submit(company.ada, challenge_id)
    cost = company.challenge(challenge_id).cost
    page = company.record(cost, "for the leak challenge", organisation_id=str(organisation_id))
    assert "Confirm" not in [button.text for form in company.fen.get(page.path).forms for button in form.buttons]
    company.finn.press(page.path, "Confirm")
    assert company.free(organisation_id) == cost
    company.approve(challenge_id)
    assert company.state(challenge_id) == "approved"
    page = company.ada.press(f"/challenges/{challenge_id}/funding", "Move into escrow")
    assert "now held in escrow" in page.words
    assert company.state(challenge_id) == "open"
    assert (company.free(organisation_id), company.escrow(challenge_id)) == (0, cost)
    platform.start_workers(1)
    platform.start_clock()
    company.end_well()
