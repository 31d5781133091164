"""What is said of a proposal follows from its state, its challenge's state and its award: on its page, in the list."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd import clock
from crowd.audit import SYSTEM
from crowd.web.templating import instant
from scoring import services as scoring
from submissions import services
from submissions.models import Proposal
from submissions.status import ProposalStatus as Status
from submissions.status import status_of
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.turns import by_turns
from tests.worlds import remembered

DAY = timedelta(days=1)
Made = tuple[Proposal, bool]
APPEALS = {"en": "Appeal period", "zh-CN": "公示异议期"}


@remembered
def entry(cast: Cast, submitted: bool) -> Proposal:
    """Nils's proposal for Northlight, in an open challenge that Bea answers, too."""
    challenge = factories.opened(cast)
    for reviewer in cast.reviewers():
        assert reviewer.id
    mine = factories.proposal(cast.nils, challenge, submitted=submitted, organisation=cast.northlight)
    factories.proposal(cast.bea, challenge)
    return mine


@remembered
def judged_entry(cast: Cast, submitted: bool) -> Proposal:
    """The same, before a panel."""
    mine = entry(cast, submitted)
    factories.closed(cast, mine.challenge)
    scoring.form_panel(SYSTEM, mine.challenge_id)
    return mine


def entered(cast: Cast, submitted: bool = True) -> tuple[Challenge, Proposal]:
    mine = entry(cast, submitted)
    return mine.challenge, mine


def judged(cast: Cast, submitted: bool = True) -> tuple[Challenge, Proposal]:
    mine = judged_entry(cast, submitted)
    return mine.challenge, mine


def decided(cast: Cast, mine_wins: bool, appeals: bool = True) -> Made:
    challenge, mine = judged(cast)
    for assignment in factories.assignments(challenge):
        factories.review(assignment)
    rows = factories.submission_queries.submitted(challenge.id)
    (winner,) = [row for row in rows if (row.id == mine.id) == mine_wins]
    factories.award_services.select_award(
        cast.ada, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=winner.id, reason="The best on all sites."
    )
    factories.award_services.decide(cast.ada, challenge.id)
    if not appeals:
        factories.move_dates(challenge, appeals_until=clock.now() - timedelta(minutes=1))
    return mine, mine_wins


def cancelled(cast: Cast) -> Made:
    challenge, mine = entered(cast)
    lifecycle.cancel(cast.eve, challenge.id, reason="No longer needed.")
    return mine, False


def withdrawn(cast: Cast) -> Made:
    challenge, mine = entered(cast)
    services.withdraw(cast.nils, mine.id)
    factories.closed(cast, challenge)
    return mine, False


def closing(cast: Cast) -> Made:
    """The deadline has passed; the job that closes has not run."""
    challenge, mine = entered(cast, submitted=False)
    factories.move_dates(challenge, opens_at=clock.now() - 30 * DAY, closes_at=clock.now() - timedelta(seconds=1))
    return mine, False


MADE: dict[str, tuple[Status, Callable[[Cast], Made]]] = {
    "writing": (Status.WRITING, lambda cast: (entered(cast, submitted=False)[1], False)),
    "submitted": (Status.SUBMITTED, lambda cast: (entered(cast)[1], False)),
    "judged": (Status.JUDGED, lambda cast: (judged(cast)[1], False)),
    "won": (Status.WON, lambda cast: decided(cast, True)),
    "not won": (Status.NOT_WON, lambda cast: decided(cast, False)),
    "not won, appeals over": (Status.NOT_WON, lambda cast: decided(cast, False, appeals=False)),
    "missed": (Status.MISSED, lambda cast: (judged(cast, submitted=False)[1], False)),
    "missed, closing": (Status.MISSED, closing),
    "withdrawn": (Status.WITHDRAWN, withdrawn),
    "cancelled": (Status.CANCELLED, cancelled),
}
HEADINGS = {
    "en": {
        Status.WON: "Decided", Status.NOT_WON: "Decided", Status.MISSED: "Not submitted in time",
        Status.WITHDRAWN: "Withdrawn", Status.CANCELLED: "Challenge cancelled", Status.WRITING: "To do",
        Status.SUBMITTED: "Submitted", Status.JUDGED: "Submitted",
    },
    "zh-CN": {
        Status.WON: "已作出授奖决定", Status.NOT_WON: "已作出授奖决定", Status.MISSED: "未按时提交",
        Status.WITHDRAWN: "已撤回",
        Status.CANCELLED: "榜题取消", Status.WRITING: "待办", Status.SUBMITTED: "已提交", Status.JUDGED: "已提交",
    },
}  # fmt: skip
SAID = {  # by language: an award that is, one that may be, a payment to come, sealed until the close
    "en": ("The award goes to", "An award would go to", "Payment", "until the challenge has closed"),
    "zh-CN": ("该奖项归", "如获奖，奖项归", "付款", "密封：截止前"),
}


@pytest.mark.parametrize(("name", "language"), by_turns(MADE, tuple(HEADINGS)))
def test_a_proposal_s_page_and_list_say_what_has_become_of_it(
    name: str, language: str, cast: Cast, browser: Browser
) -> None:
    status, make = MADE[name]
    proposal, won = make(cast)
    assert status_of(proposal, won=won, now=clock.now()) == status
    cast.nils.locale = {"en": "en", "zh-CN": "zh_Hans_CN"}[language]
    factories.commit()
    page = html.unescape(browser.sign_in(cast.nils).get(f"/proposals/{proposal.id}").text)
    is_award, may_be, payment, sealed = SAID[language]
    over = status in (Status.NOT_WON, Status.MISSED, Status.WITHDRAWN, Status.CANCELLED)
    assert (is_award in page) == (status == Status.WON)
    assert (may_be in page) == (status in (Status.WRITING, Status.SUBMITTED, Status.JUDGED))
    assert (payment in steps(page)) == (not over)
    assert (sealed in page) == (status in (Status.WRITING, Status.SUBMITTED))
    assert (APPEALS[language] in now(page)) == (name in ("won", "not won"))
    listed = html.unescape(browser.get("/proposals").text).split('id="main"')[1]
    assert re.findall(r"<h2>(.*?)</h2>", listed) == [HEADINGS[language][status]]


def steps(page: str) -> str:
    """The data table of the chart of a proposal's steps."""
    return page.partition("<figure")[2].partition("</figure>")[0]


def now(page: str) -> str:
    """The row of what goes on now."""
    rows = re.findall(r"<tr>.*?</tr>", steps(page), re.DOTALL)
    return "".join(row for row in rows if re.search(r">\s*(now|进行中|现在|当前)\s*<", row))


def test_a_deadline_is_told_as_the_deadline_and_a_cancellation_as_one(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.nils)
    proposal, _won = cancelled(cast)
    page = browser.get(f"/proposals/{proposal.id}").text
    assert "Has passed" not in page
    assert "The challenge was cancelled before it" in page
    challenge, mine = judged(cast)
    with browser.app.test_request_context("/", headers={"Accept-Language": "en"}):
        card = str(instant(challenge.closes_at))
    assert f"Has passed: {card}"[:11] in browser.get(f"/proposals/{mine.id}").text
    passed = browser.get(f"/proposals/{mine.id}").text.partition("Has passed:")[2].partition("</p>")[0]
    assert challenge.closes_at is not None
    assert challenge.closes_at.strftime("%Y-%m-%dT%H:%M") in passed


def test_what_comes_next_for_what_does_not_count_is_nothing(cast: Cast, browser: Browser) -> None:
    for proposal in (judged(cast, submitted=False)[1], withdrawn(cast)[0]):
        page = browser.sign_in(cast.nils).get(f"/proposals/{proposal.id}").text
        card = page.rpartition("What comes next")[2].partition("</section>")[0]
        assert "so it does not count" in card
        assert "By:" not in card
