"""Tiers of need: one need in two tiers has two outcomes, which the contract fixes."""

from dataclasses import replace

import pytest

from challenges import services
from challenges.contract import queries as contracts
from challenges.contract import services as amending
from challenges.contract.document import read_document
from challenges.contract.draft import draft_document
from challenges.cost import cost_now
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.rules import rules_of
from challenges.tier_rules import FIRST, NEEDS
from challenges.tiers import NEED_TIER, TIERS, offered
from crowd import clock
from crowd.audit import SYSTEM
from crowd.canonical import Document
from crowd.config import limits
from crowd.errors import Invalid
from crowd.rules import queries as rules
from crowd.taxonomy.schemes import SCHEMES
from crowd.taxonomy.shipped import records
from submissions import services as submissions
from submissions.confirmation import services as confirmation
from submissions.models import Proposal
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.rules.adopting import adopted
from tests.scoring.test_pages import text, words


def test_every_tier_is_a_term_that_is_shipped() -> None:
    assert NEED_TIER in SCHEMES
    assert {one.code: one.names["en"] for one in records(NEED_TIER)} == {
        code: str(tier.name) for code, tier in TIERS.items()
    }
    assert set(FIRST) == set(NEEDS.rules), "the first version has a value of every part of every tier"


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


def opened_to_all() -> None:
    """The council opens the tier of standard services to everybody."""
    adopted(NEEDS, standard_more_reviews=1, standard_verified=0, standard_confirmed=0)


def test_the_contract_decides_not_the_rules_of_the_day(cast: Cast) -> None:
    challenge = factories.opened(cast, tier="standard")
    opened_to_all()
    assert rules_of(challenge).centre_confirms == 1
    with pytest.raises(Invalid, match="Only organisations"):
        submissions.register(cast.bo, challenge.id, accepted=True)
    with pytest.raises(Invalid) as refusal:
        amending.plan(challenge, replace(contracts.brief_in_force(challenge), verified_only=False))
    assert set(refusal.value.fields) == {"verified_only"}


def test_what_was_submitted_keeps_its_version_and_drafts_follow_the_next(cast: Cast) -> None:
    paid, draft = factories.funded(cast, tier="standard"), factories.challenge(cast.ada, cast.luoyang, tier="standard")
    cost, usual = paid.cost, limits().reviews_per_proposal
    opened_to_all()
    assert (rules_of(paid).reviews_per_proposal, rules_of(paid).centre_confirms) == (usual - 1, 1)
    assert (rules_of(draft).reviews_per_proposal, rules_of(draft).centre_confirms) == (usual + 1, 0)
    assert draft_document(draft)["eligibility"]["verified_only"] is False
    assert draft_document(paid)["eligibility"]["verified_only"] is True
    paid.opens_at = clock.now()
    opened = lifecycle.open(SYSTEM, paid.id)
    document = read_document(contracts.in_force(opened).document)
    assert (document["reviews"]["of_each"], document["admission"], opened.cost) == (
        usual - 1, {"confirmed": True}, cost,
    )  # fmt: skip
    assert document["eligibility"]["verified_only"] is True
    assert names_of(document) == [("fees", 1), ("challenges", 1), ("tiers", 1)]
    assert document["rules"][2]["sha256"] == rules.get_adoption("tiers", 1).version.digest
    assert lifecycle.submit(cast.ada, draft.id).tiers_version == 2


def names_of(document: Document) -> list[tuple[str, int]]:
    return [(one["set"], one["number"]) for one in document["rules"]]


def test_a_contract_without_a_tier_names_no_version_of_the_tiers(cast: Cast) -> None:
    document = read_document(contracts.in_force(factories.opened(cast)).document)
    assert names_of(document) == [("fees", 1), ("challenges", 1)]


def test_what_was_submitted_before_there_were_versions_follows_the_first(cast: Cast) -> None:
    submitted = factories.screened(cast, tier="grand")
    submitted.tiers_version = None
    adopted(NEEDS, grand_more_reviews=-1)
    assert rules_of(submitted).reviews_per_proposal == limits().reviews_per_proposal + 1


def test_the_reviewers_fees_of_a_draft_are_by_the_version_in_force(cast: Cast) -> None:
    adopted(NEEDS, standard_more_reviews=2)
    challenge = factories.challenge(cast.ada, cast.luoyang, tier="standard", review_fee=10_000, proposals_limit=5)
    assert cost_now(challenge).honoraria == 10_000 * 5 * (limits().reviews_per_proposal + 2)


@pytest.mark.parametrize(
    ("locale", "nothing", "fewer", "verified"),
    [
        ("en", "Nothing but what every challenge follows.", "Reviews of each proposal: 2 fewer.",
         "Only verified organisations take part."),
        ("zh-CN", "没有其他要求", "每份方案的评审数：少2份。", "仅限已核验机构参与。"),
    ],
)  # fmt: skip
def test_pages_say_what_follows_now(
    cast: Cast, browser: Browser, locale: str, nothing: str, fewer: str, verified: str
) -> None:
    cast.ada.locale = {"en": "en", "zh-CN": "zh_Hans_CN"}[locale]
    headers = {"Accept-Language": locale}
    page = browser.get("/how-it-works", headers=headers).text
    assert (nothing in page, fewer in page) == (True, False)
    adopted(NEEDS, research_verified=1, grand_more_reviews=-2)
    page = browser.get("/how-it-works", headers=headers).text
    assert (nothing in page, fewer in page) == (False, True)
    choice = browser.sign_in(cast.ada).get("/challenges/new").text
    assert fewer in choice
    assert choice.count(verified) == page.count(verified) == 3
    shown = browser.get("/rules/tiers", headers=headers).text
    assert "grand_more_reviews" not in shown
    assert {"en": "<del>1 more</del>", "zh-CN": "<del>多1份</del>"}[locale] in shown


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
