"""In a browser: an appeal is filed, answered, upheld three to one, and the page shows both versions of the result."""

import re

import pytest
from babel.support import Translations
from playwright.sync_api import Page, expect

from crowd.accounts.models import PlatformRole
from crowd.audit import SYSTEM
from crowd.cases.models import Case
from crowd.clock import now
from crowd.config import ROOT
from crowd.db import commit, db
from crowd.ledger import check
from scoring.awards import queries as award_queries
from scoring.settlement import services as settlement
from scoring.workflow import AssignmentState
from tests import factories
from tests.browser.conftest import Enter
from tests.cast import Cast
from tests.scoring.appeals.appealing import council, proposal_of
from tests.turns import all_but_first

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.mark.parametrize("language", all_but_first(["en", "zh_Hans_CN"]))
def test_an_appeal_is_upheld_and_another_version_published(cast: Cast, enter: Enter, language: str) -> None:
    say = Translations.load(ROOT / "crowd" / "translations", [language]).gettext
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    for name in ("Nat", "Noa", "Ned"):
        factories.user(name, PlatformRole.EXPERT, expertise=["water"])
    una, ugo, uta, ulf, uri = council()
    commit()
    bea = enter(cast.bea, language)
    bea.goto(f"/challenges/{challenge.id}/results")
    bea.get_by_role("link", name=say("File an appeal")).first.click()
    bea.get_by_label(say("A review shows that it is about something else than the proposal")).check()
    bea.fill("[name=why]", "The second review is about another proposal.")
    bea.get_by_role("button", name=say("File it")).click()
    expect(bea).to_have_url(re.compile("/cases/[^/]+$"))
    here = bea.url
    for person, step in ((cast.cy, 1), (cast.ada, 2)):
        page = enter(person, language)
        page.goto(here)
        form = page.locator(f"#step-{step} form").filter(has=page.locator("[name=reasons]"))
        form.locator("[name=reasons]").fill("We have read it again.")
        form.get_by_role("button").click()
        expect(page.locator(f"#step-{step}")).to_contain_text("We have read it again.")
        expect(page.locator(f"#step-{step} textarea")).to_have_count(0)
    for person, choice in ((uta, "recused"), (una, "for"), (ugo, "against"), (ulf, "for"), (uri, "for")):
        _vote(enter(person, language), here, choice)
    assert factories.run_jobs("appeals.carry_out") == 1
    commit()
    bea.goto(f"/challenges/{challenge.id}/results")
    expect(bea.locator("main")).to_contain_text(
        say("The decision was opened again: what was published no longer counts.")
    )
    for row in factories.assignments(challenge):
        if row.state == AssignmentState.PENDING:
            factories.review(row, points=10)
    factories.award_services.select_award(
        cast.ada, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=proposal_of(challenge, cast.bea).id,
        reason="After new reviews.",
    )  # fmt: skip
    factories.award_services.decide(cast.ada, challenge.id)
    commit()
    bea.reload()
    expect(bea.locator("#changed")).to_have_text(say("What version %(number)s has changed") % {"number": 2})
    bea.get_by_role("link", name=say("Version %(number)s") % {"number": 1}).click()
    expect(bea.locator("main")).to_contain_text(say("This version no longer counts: the decision was opened again."))
    (award,) = award_queries.awards(challenge.id)
    assert award.proposal.user_id == cast.bea.id
    assert db.session.query(Case).one().outcome == "granted"
    factories.move_dates(challenge, appeals_until=now())
    settlement.settle(SYSTEM, challenge.id)
    commit()
    bea.goto("/balance")
    expect(bea.locator("main")).to_contain_text("200,000.00")
    assert check.run_checks() == []


def _vote(page: Page, here: str, choice: str) -> None:
    page.goto(here)
    form = page.locator("#step-3 form").filter(has=page.locator("[name=choice]"))
    form.locator(f"[name=choice][value={choice}]").check()
    form.locator("[name=reasons]").fill("As the file shows.")
    form.get_by_role("button").click()
    expect(page.locator("main form [name=choice]")).to_have_count(0)
