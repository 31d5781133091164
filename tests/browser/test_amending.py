"""A published challenge is changed in a browser, in both languages, and who is registered accepts the change."""

import pytest
from babel.support import Translations
from playwright.sync_api import expect

from challenges.contract import queries
from crowd.config import ROOT
from crowd.db import commit, db
from submissions import services as submissions
from tests import factories
from tests.browser.conftest import Enter
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_a_sponsor_changes_the_rights_and_a_solver_accepts(cast: Cast, enter: Enter, language: str) -> None:
    say = Translations.load(ROOT / "crowd" / "translations", [language]).gettext
    challenge = factories.opened(cast)
    submissions.register(cast.bo, challenge.id, accepted=True)
    commit()
    ada, bo = enter(cast.ada, language), enter(cast.bo, language)

    ada.goto(f"/challenges/{challenge.id}/contract")
    ada.get_by_role("link", name=say("Change the contract")).click()
    ada.fill("[name=rights]", "全部权利转让给发榜单位。")
    ada.fill("[name=reason]", "法务部门要求。")
    ada.get_by_role("button", name=say("See what it changes")).last.click()
    check = ada.locator("#check")
    expect(check).to_contain_text(say("Material change"))
    expect(check.locator("ins").first).to_contain_text("全部权利转让给发榜单位。")
    check.get_by_role("button", name=say("Publish this version")).click()
    expect(ada.locator("main")).to_contain_text(say("Version %(number)s") % {"number": 2})

    bo.goto(f"/challenges/{challenge.id}/contract")
    expect(bo.locator("main")).to_contain_text(say("The contract has changed and must be accepted again."))
    bo.get_by_role("link", name=say("What version %(number)s changed") % {"number": 2}).click()
    expect(bo.locator("ins").first).to_contain_text("全部权利转让给发榜单位。")
    bo.go_back()
    bo.locator("summary", has_text=say("Accept this contract")).click()
    bo.get_by_role("button", name=say("Yes, accept")).click()
    expect(bo.locator("main")).not_to_contain_text(say("The contract has changed and must be accepted again."))
    db.session.expire_all()
    assert queries.in_force(challenge).number == 2
    counted = say("Accepted by %(accepted)s of %(registered)s registered.") % {"accepted": 1, "registered": 1}
    expect(bo.locator("main")).to_contain_text(counted)
