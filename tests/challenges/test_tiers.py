"""Tiers of need: one need in two tiers has two outcomes, which the contract fixes."""

from dataclasses import replace

import pytest

from challenges import services
from challenges.contract import queries as contracts
from challenges.contract import services as amending
from challenges.contract.document import read_document
from challenges.models import Challenge
from challenges.rules import rules_of
from challenges.tiers import NEED_TIER, TIERS, offered
from crowd.config import limits
from crowd.errors import Invalid
from crowd.taxonomy.schemes import SCHEMES
from crowd.taxonomy.shipped import records
from submissions import services as submissions
from submissions.confirmation import services as confirmation
from submissions.models import Proposal
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.scoring.test_pages import text, words


def test_every_tier_is_a_term_that_is_shipped() -> None:
    assert NEED_TIER in SCHEMES
    assert {one.code for one in records(NEED_TIER)} == set(TIERS)


def test_one_need_in_two_tiers_has_two_outcomes(cast: Cast) -> None:
    """A standard service asks for verified organisations, the centre's confirmation and fewer reviews; a grand
    challenge is for everybody, and has more.
    """
    standard, grand = (factories.opened(cast, tier=tier) for tier in ("standard", "grand"))
    usual = limits().reviews_per_proposal
    assert [rules_of(one).reviews_per_proposal for one in (standard, grand)] == [usual - 1, usual + 1]
    with pytest.raises(Invalid, match="Only organisations may enter"):
        submissions.register(cast.bo, standard.id, accepted=True)
    assert factories.proposal(cast.bo, grand).submitted_at

    answered = enter(cast, standard)
    with pytest.raises(Invalid) as refusal:
        submissions.submit(cast.nils, answered.id)
    assert set(refusal.value.fields) == {"confirmation"}
    registration = submissions.participation_of(cast.nils, standard.id).registration
    assert registration is not None
    confirmation.confirm(cast.eve, registration.id)
    submissions.submit(cast.nils, answered.id)
    assert answered.submitted_at


def enter(cast: Cast, challenge: Challenge) -> Proposal:
    """Nils writes a proposal for Northlight, which is verified."""
    assert cast.nils.id
    assert cast.northlight.verified_at
    return factories.proposal(cast.nils, challenge, submitted=False, organisation=cast.northlight)


def test_an_organisation_that_is_not_verified_is_not_let_in(cast: Cast) -> None:
    challenge = factories.opened(cast, tier="adapted")
    cast.northlight.verified_at = None
    assert cast.nils.id
    with pytest.raises(Invalid, match="Only verified"):
        submissions.register(cast.nils, challenge.id, organisation_id=cast.northlight.id, accepted=True)


def test_the_tier_is_a_clause_and_stays(cast: Cast) -> None:
    challenge = factories.opened(cast, tier="standard")
    document = read_document(contracts.in_force(challenge).document)
    assert (document["tier"], document["admission"]) == ("standard", {"confirmed": True})
    assert (document["eligibility"]["entrants"], document["eligibility"]["verified_only"]) == ("organisations", True)
    with pytest.raises(Invalid) as opened:
        amending.plan(challenge, replace(contracts.brief_in_force(challenge), verified_only=False))
    assert set(opened.value.fields) == {"verified_only"}
    with pytest.raises(Invalid) as refusal:
        amending.plan(challenge, replace(contracts.brief_in_force(challenge), tier="grand"))
    assert set(refusal.value.fields) == {"tier"}


def test_the_contract_decides_not_the_rules_of_the_day(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    challenge = factories.opened(cast, tier="standard")
    monkeypatch.setitem(TIERS, "standard", TIERS["grand"])
    assert rules_of(challenge).centre_confirms == 1
    with pytest.raises(Invalid, match="Only organisations"):
        submissions.register(cast.bo, challenge.id, accepted=True)


def test_a_code_that_is_no_tier_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as refusal:
        services.create(cast.ada, cast.luoyang.id, brief=factories.brief(tier="huge"))
    assert set(refusal.value.fields) == {"tier"}


def test_the_page_says_it(cast: Cast, browser: Browser) -> None:
    assert [one.code for one in offered()] == list(TIERS)
    challenge = factories.opened(cast, tier="standard")
    page = words(text(browser.sign_in(cast.bo), f"/challenges/{challenge.id}/contract"))
    assert "Tier of the need Standard service" in page
    assert "Organisations Verified ones only" in page
    assert "Registration The service centre confirms each registration" in page
    page = words(text(browser, f"/challenges/{challenge.id}/register"))
    assert "Only organisations may enter, not people for themselves." in page
    assert browser.get(f"/api/v1/challenges/{challenge.id}").get_json()["challenge"]["tier"] == "standard"


def test_reviewers_fees_are_paid_in_for_the_reviews_of_the_tier(cast: Cast) -> None:
    """A tier with another number of reviews costs as many fees, so that none has to be cut."""
    clauses = {"review_fee": 10_000, "proposals_limit": 5}
    for tier, reviews in (("", 3), ("standard", 2)):
        challenge = factories.opened(cast, tier=tier, **clauses)
        assert rules_of(challenge).reviews_per_proposal == reviews
        assert challenge.honoraria == 10_000 * 5 * reviews
