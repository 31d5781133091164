"""In a browser, in both languages: a silent sponsor, a reviewer with a fee, and a voucher from the park to its use."""

from datetime import timedelta

import pytest
from babel.support import Translations
from playwright.sync_api import expect

from challenges.deciding import Silence, TieRule
from crowd.accounts.models import MemberRole, OrganisationKind
from crowd.audit import SYSTEM
from crowd.clock import now
from crowd.config import ROOT
from crowd.db import commit
from crowd.ledger import check
from scoring.silence import services as silence
from submissions import services as submissions
from tests import factories
from tests.browser.conftest import Enter
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
LANGUAGES = ["en", "zh_Hans_CN"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sponsor_is_silent_and_the_contract_decides(cast: Cast, enter: Enter, language: str) -> None:
    say = Translations.load(ROOT / "crowd" / "translations", [language]).gettext
    challenge = factories.opened(cast, silence=Silence.RANKING, tie_rule=TieRule.SHARE)
    commit()
    bo = enter(cast.bo, language)
    bo.goto(f"/challenges/{challenge.id}/register")
    expect(bo.locator("main")).to_contain_text(say("The platform distributes the prizes by ranking, at once."))
    for author in (cast.bo, cast.bea):
        factories.proposal(author, challenge)
    assert cast.reviewers()
    factories.closed(cast, challenge)
    factories.scoring.form_panel(SYSTEM, challenge.id)
    for assignment in factories.assignments(challenge):
        factories.review(assignment, 8)
    ada = enter(cast.ada, language)
    ada.goto(f"/challenges/{challenge.id}/awards")
    expect(ada.locator("body")).to_contain_text(say("If nobody decides in time"))
    past = now() - timedelta(seconds=1)
    factories.move_dates(challenge, reviews_due_at=past, decision_due_at=past, silence_at=past)
    bo.goto(f"/challenges/{challenge.id}")
    waits = say("Nobody has decided in time: what the contract says of that follows in a moment.")
    expect(bo.locator("body")).to_contain_text(waits)
    silence.carry_out(SYSTEM, challenge.id)
    commit()
    bo.goto(f"/challenges/{challenge.id}/results")
    expect(bo.locator("main")).to_contain_text("¥135,000")
    both = say("Has the same mean as others: they share the prizes of their places.")
    assert bo.locator("main").inner_text().count(both) == 2
    for one in ("By its clause the prizes went by ranking.", "奖金已按排名发放"):
        expect(bo.locator("main")).to_contain_text(one)
    assert check.errors(check.run_checks()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reviewer_knows_what_a_review_earns(cast: Cast, enter: Enter, language: str) -> None:
    say = Translations.load(ROOT / "crowd" / "translations", [language]).gettext
    challenge = factories.judging(cast, "bo", review_fee=20_000, proposals_limit=4)
    commit()
    mine = factories.assignments(challenge)[0]
    cy = enter(mine.reviewer, language)
    cy.goto(f"/reviews/{mine.id}")
    before = say(
        "You earn %(fee)s for this review if you submit it by its date. It is paid into your balance once the"
        " decision is published."
    )
    expect(cy.locator("main")).to_contain_text(before % {"fee": "¥200"})
    factories.review(mine)
    commit()
    cy.goto("/reviews")
    expect(cy.locator("body")).to_contain_text(say("Fees that you have earned"))
    assert check.errors(check.run_checks()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_voucher_is_granted_redeemed_and_confirmed(cast: Cast, enter: Enter, language: str) -> None:
    say = Translations.load(ROOT / "crowd" / "translations", [language]).gettext
    park = factories.organisation("Dahe Science Park", OrganisationKind.PARK)
    pan = factories.user("Pan", member_of=park, role=MemberRole.OWNER)
    draft = factories.challenge(cast.ada, cast.luoyang)
    commit()
    ada, grantor, bo = enter(cast.ada, language), enter(pan, language), enter(cast.bo, language)

    ada.goto(f"/challenges/{draft.id}/support")
    for name, typed in {"title": "流变仪", "quantity": "20", "unit": "小时", "grantor": park.name}.items():
        ada.fill(f"[name={name}]", typed)
    ada.select_option("[name=granted_to]", "registered")
    ada.get_by_role("button", name=say("Add support")).click()
    expect(ada.locator("main")).to_contain_text(say("Waits for the grantor"))
    grantor.goto(f"/challenges/{draft.id}/support")
    grantor.get_by_role("button", name=say("Agree to grant it")).click()
    expect(grantor.locator("main")).not_to_contain_text(say("Waits for the grantor"))

    factories.lifecycle.submit(cast.ada, draft.id)
    factories.approve(cast.eve, draft.id)
    factories.pay_in(cast, cast.luoyang, draft.cost)
    factories.lifecycle.fund(cast.ada, draft.id)
    submissions.register(cast.bo, draft.id, accepted=True)
    commit()
    bo.goto("/vouchers")
    bo.fill("[name=wish]", "下周二、周三各一天。")
    bo.get_by_role("button", name=say("Redeem the voucher")).click()
    expect(bo.locator("main")).to_contain_text("下周二、周三各一天。")
    grantor.goto("/vouchers")
    expect(grantor.locator("main")).to_contain_text("下周二、周三各一天。")
    grantor.locator("summary", has_text=say("Confirm the use")).click()
    grantor.get_by_role("button", name=say("Yes, confirm")).click()
    bo.goto("/vouchers")
    expect(bo.locator("main")).to_contain_text({"en": "Used", "zh_Hans_CN": "已使用"}[language])
    assert check.errors(check.run_checks()) == []
