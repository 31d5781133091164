"""One challenge frozen in each of its phases: page, lists, dashboard and mail say the same next step, to everybody who
may see it and in both languages. In the short form, by turns: each phase in one language, its pages to two of eight
people, its mail to all.
"""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_babel import gettext as _

from challenges import next_steps, policy
from challenges.deciding import Silence
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.next_steps import NOW, Phase
from challenges.workflow import PUBLIC
from crowd import clock
from crowd.accounts.models import MemberRole, User
from crowd.audit import SYSTEM
from crowd.db import commit, db
from crowd.ledger import check
from crowd.notifications import emails
from crowd.notifications.emails import in_locale
from crowd.notifications.models import Notification
from crowd.notifications.questions import RECIPIENTS
from scoring import jobs
from scoring import services as scoring
from scoring.awards import services as awards
from scoring.holds import services as holds
from scoring.settlement import queries as settlement_queries
from scoring.settlement import services as settlement
from submissions import queries as submissions
from tests import factories
from tests.cast import Cast, join
from tests.challenges.importing.test_services import LATER, ROW, imported, take
from tests.client import Browser
from tests.turns import by_turns, share

LOCALES = ("en", "zh_Hans_CN")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
Maker = Callable[[Cast], Challenge]
PAIRS = range(4)  # of the eight people
WAYS = tuple(product(LOCALES, PAIRS))


def passed(make: Maker, **dates: timedelta) -> Maker:
    """A challenge some of whose dates were so long ago; the jobs for them have not run yet."""
    return lambda cast: factories.move_dates(make(cast), **{name: clock.now() - ago for name, ago in dates.items()})


def answered(cast: Cast) -> Challenge:
    """Closed with a proposal; the panel is not formed yet."""
    row = factories.opened(cast)
    factories.proposal(cast.bo, row)
    return factories.closed(cast, row)


def silent(cast: Cast) -> Challenge:
    """The sponsor has let the date pass, others may decide, and the job has notified everybody."""
    return overdue(cast, Silence.CENTRE_OR_COUNCIL)


def overdue(cast: Cast, silence: Silence) -> Challenge:
    row = factories.judging(cast, silence=silence)
    factories.move_dates(row, reviews_due_at=clock.now() - 22 * DAY, decision_due_at=clock.now() - DAY)
    scoring.notify_overdue(SYSTEM, row.id)
    return row


def held(cast: Cast) -> Challenge:
    """Somebody behind an award has joined the sponsor since, and the settlement has found it."""
    row = passed(factories.decided, appeals_until=SECOND)(cast)
    join(cast.bo, cast.luoyang, MemberRole.MEMBER)
    db.session.expire_all()
    assert jobs.settle(row.id)() == {"held": 1}
    return row


def unverified(cast: Cast) -> Challenge:
    """An award goes to an agency that is not verified, and the settlement has found it."""
    for reviewer in cast.reviewers():
        assert reviewer.id
    join(cast.bo, cast.northlight, MemberRole.OWNER)
    row = factories.opened(cast)
    factories.proposal(cast.bo, row, organisation=cast.northlight)
    factories.proposal(cast.bea, row)
    factories.closed(cast, row)
    scoring.form_panel(SYSTEM, row.id)
    for assignment in factories.assignments(row):
        factories.review(assignment)
    best = submissions.submitted(row.id)
    for prize, won in zip(row.prizes, best, strict=False):
        awards.select_award(cast.ada, row.id, prize_id=prize.id, proposal_id=won.id, reason="The best.")
    awards.decide(cast.ada, row.id)
    cast.northlight.verified_at = None
    factories.move_dates(row, appeals_until=clock.now() - SECOND)
    assert jobs.settle(row.id)() == {"held": 0, "unverified": 1}
    return row


def unopened(cast: Cast) -> Challenge:
    """The verification has ended between the payment and the opening."""
    row = factories.funded(cast)
    cast.luoyang.verified_at = None
    factories.move_dates(row, opens_at=clock.now() - SECOND)
    return lifecycle.open(SYSTEM, row.id)


def payment_held(cast: Cast) -> Challenge:
    """The council holds the payment, while appeals are possible."""
    row = factories.decided(cast)
    holds.hold(cast.gu, row.id, reason="It is being checked.")
    return row


MAKERS: dict[Phase, Maker] = {
    Phase.DRAFT: lambda cast: factories.challenge(cast.ada, cast.luoyang),
    Phase.SCREENING: factories.screened,
    Phase.PAYING: factories.approved,
    Phase.UNPAID: passed(factories.approved, funding_due_at=SECOND),
    Phase.WAITING: factories.funded,
    Phase.OPENING: passed(factories.funded, opens_at=SECOND),
    Phase.UNOPENED: unopened,
    Phase.OPEN: factories.opened,
    Phase.CLOSING: passed(factories.opened, opens_at=30 * DAY, closes_at=SECOND),
    Phase.FORMING: answered,
    Phase.REVIEWING: factories.judging,
    Phase.LATE: passed(factories.judging, reviews_due_at=SECOND),
    Phase.EMPTY: factories.closed,
    Phase.DECIDING: factories.judged,
    Phase.OVERDUE: silent,
    Phase.CENTRE: lambda cast: overdue(cast, Silence.CENTRE),
    Phase.SILENT: passed(factories.judging, reviews_due_at=22 * DAY, decision_due_at=15 * DAY, silence_at=SECOND),
    Phase.APPEALS: factories.decided,
    Phase.SETTLING: passed(factories.decided, appeals_until=SECOND),
    Phase.HELD: held,
    Phase.UNVERIFIED: unverified,
    Phase.PAYMENT_HELD: payment_held,
    Phase.SETTLED: factories.settled,
    Phase.CANCELLED: lambda cast: lifecycle.cancel(cast.ada, factories.screened(cast).id, reason="No longer needed."),
    Phase.STOPPED: lambda cast: lifecycle.cancel(
        cast.eve, factories.judging(cast, "bo", review_fee=1_000).id, reason="The mains were replaced."
    ),
    Phase.REFUNDED: lambda cast: lifecycle.cancel(cast.ada, factories.funded(cast).id, reason="No longer needed."),
}
FOREIGN = {Phase.LISTED: LATER, Phase.ENDED: LATER, Phase.ARCHIVED: ROW}
# Phases that begin with a date, not with an operation: there is no notification.
SILENT = {Phase.DRAFT, Phase.UNPAID, Phase.OPENING, Phase.CLOSING, Phase.LATE, Phase.SILENT, Phase.SETTLING, *FOREIGN}


def people(cast: Cast, locale: str) -> dict[str, User]:
    """Eight roles that read this language; they exist before the challenge does, so that they are told of it."""
    found = {
        "sponsor": cast.ada, "solver": cast.bo, "reviewer": cast.cy, "service centre": cast.eve, "finance": cast.fen,
        "council": cast.gu, "programme officer": cast.pia, "auditor": cast.aud,
    }  # fmt: skip
    for person in found.values():
        person.locale = locale
    commit()
    return found


def said(text: str, locale: str) -> set[Phase]:
    """The phases whose sentence stands in a text."""
    with in_locale(locale):
        return {phase for phase, sentence in NOW.items() if str(sentence) in html.unescape(text)}


def first_step(page: str, locale: str) -> set[Phase]:
    """What the card of a challenge's page says comes next, without the later steps."""
    heading = {"en": "What comes next", "zh_Hans_CN": "后续步骤"}[locale]
    assert heading in page
    return said(page.rpartition(f"<h2>{heading}")[2].partition("<details")[0], locale)


def checked(challenge: Challenge, person: User, phase: Phase, locale: str, browser: Browser) -> None:
    browser.sign_in(person)
    page = browser.get(f"/challenges/{challenge.id}")
    assert (page.status_code == 200) == policy.can_view(person, challenge)
    if page.status_code == 200 and not challenge.external:
        assert first_step(page.text, locale) == {phase}
    listed = browser.get(f"/challenges?state={challenge.state}&filtered=1").text
    assert said(listed, locale) == ({phase} if challenge.state in PUBLIC or challenge.published_at else set())
    mine = browser.get("/challenges/mine").text
    assert said(mine, locale) == ({phase} if policy.is_sponsor(person, challenge) else set())
    assert said(browser.get("/dashboard").text.rpartition('id="changed"')[0], locale) <= {phase}


def mailed(app: Flask, challenge: Challenge, person: User, locale: str) -> set[Phase] | None:
    """What the last mail about the challenge says comes next; None where there was none that says it."""
    query = sa.select(Notification).where(Notification.challenge_id == challenge.id, Notification.user_id == person.id)
    told = [row for row in db.session.scalars(query.order_by(Notification.id.desc())) if "next" in row.params]
    if not told:
        return None
    with app.test_request_context("/"):
        recipient = RECIPIENTS()([person.id])[person.id]
        return said(emails.of_notifications(recipient, told[:1], app.config["CROWD"]).text.replace("\n", " "), locale)


@pytest.mark.parametrize(("phase", "way"), by_turns(MAKERS, WAYS))
def test_a_frozen_challenge_says_one_next_step_to_everybody(
    phase: Phase, way: tuple[str, int], cast: Cast, browser: Browser, isolated: Flask
) -> None:
    locale, pair = way
    everybody = people(cast, locale)
    challenge = MAKERS[phase](cast)
    assert next_steps.phase_of(challenge, clock.now()) == phase
    for person in share(everybody.values(), pair, of=len(PAIRS)):
        checked(challenge, person, phase, locale, browser)
    mails = [mailed(isolated, challenge, person, locale) for person in everybody.values()]
    if phase not in SILENT:
        assert {phase} in mails


@pytest.mark.parametrize(("phase", "way"), by_turns(FOREIGN, WAYS))
def test_a_record_of_another_platform_does_too(
    phase: Phase, way: tuple[str, int], cast: Cast, browser: Browser, tmp_path: Path
) -> None:
    locale, pair = way
    take(tmp_path, FOREIGN[phase])  # forgets all rows that were read before
    everybody = people(cast, locale)
    challenge, _source = imported(FOREIGN[phase]["challenge-id"])
    if phase == Phase.ENDED:
        factories.move_dates(challenge, closes_at=clock.now() - SECOND)
    assert next_steps.phase_of(challenge, clock.now()) == phase
    for person in share(everybody.values(), pair, of=len(PAIRS)):
        checked(challenge, person, phase, locale, browser)


def test_every_phase_is_frozen_here() -> None:
    assert set(MAKERS) | set(FOREIGN) == set(Phase) == set(NOW)


# ---- who must act sees it on the dashboard


TAKES: dict[Phase, set[str]] = {
    Phase.DRAFT: {"sponsor"},
    Phase.PAYING: {"sponsor"},
    Phase.UNPAID: set(),
    Phase.OPEN: set(),
    Phase.CLOSING: set(),
    Phase.REVIEWING: {"reviewer"},
    Phase.LATE: {"sponsor", "reviewer", "service centre"},
    Phase.DECIDING: {"sponsor"},
    Phase.OVERDUE: {"sponsor", "reviewer", "service centre", "council"},
    Phase.CENTRE: {"sponsor", "reviewer", "service centre", "council"},
    Phase.APPEALS: set(),
    Phase.SETTLING: set(),
    Phase.HELD: {"council"},
    Phase.UNVERIFIED: set(),
    Phase.PAYMENT_HELD: {"council"},
}


@pytest.mark.parametrize(("phase", "turn"), by_turns(TAKES, PAIRS))
def test_the_next_step_stands_on_the_dashboard_of_those_who_take_it(
    phase: Phase, turn: int, cast: Cast, browser: Browser
) -> None:
    """On theirs always, on that of the others by turns in the short form."""
    everybody = people(cast, "en")
    challenge = MAKERS[phase](cast)
    if phase == Phase.LATE:
        for assignment in factories.assignments(challenge):
            assignment.due_at = clock.now() - SECOND
        commit()
    found = {
        role
        for role in {*TAKES[phase], *share(everybody, turn, of=len(PAIRS))}
        if said(browser.sign_in(everybody[role]).get("/dashboard").text.rpartition('id="changed"')[0], "en") == {phase}
    }
    assert found == TAKES[phase]


def test_a_draft_of_a_proposal_is_nobody_s_task_once_its_deadline_has_passed(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    factories.proposal(cast.bo, challenge, submitted=False)
    assert "Submit your proposal" in browser.sign_in(cast.bo).get("/dashboard").text
    passed(lambda _cast: challenge, opens_at=30 * DAY, closes_at=SECOND)(cast)
    for path in ("/dashboard", "/proposals"):
        assert not re.search("Submit your proposal|Continue writing|Start your proposal", browser.get(path).text)


def test_money_that_comes_too_late_has_no_button(cast: Cast, browser: Browser) -> None:
    challenge = MAKERS[Phase.UNPAID](cast)
    factories.pay_in(cast, cast.luoyang, challenge.cost)
    page = browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}/funding").text
    assert Phase.UNPAID in said(page, "en")
    assert "Move into escrow" not in page


# ---- an award that waits for the council

LATER_THAN = {"en": "Will be paid after", "zh_Hans_CN": "日后支付"}


def test_the_council_is_named_as_who_comes_next_and_no_date_is(cast: Cast, isolated: Flask) -> None:
    with isolated.test_request_context("/", headers={"Accept-Language": "en"}):
        step = next_steps.next_of(held(cast), clock.now())
    assert (step.who, step.by) == ("the council", None)


@pytest.mark.parametrize(("early", "locale"), by_turns((True, False), LOCALES))
def test_no_page_promises_the_day_of_a_payment_that_waits_for_the_council(
    early: bool, locale: str, cast: Cast, browser: Browser
) -> None:
    """Neither once the settlement has found it, nor, to who sees the judging, before the time to appeal has passed."""
    people(cast, locale)
    cast.bea.locale = locale
    challenge = held(cast)
    (proposal,) = [one for one in submissions.submitted(challenge.id) if one.user_id == cast.bo.id]
    if early:
        factories.move_dates(challenge, held_at=None, appeals_until=clock.now() + DAY)
    results, own = f"/challenges/{challenge.id}/results", f"/proposals/{proposal.id}"
    seen = [(cast.gu, results), (cast.ada, results)]
    if not early:
        seen += [(cast.bo, results), (cast.bo, own), (cast.bo, "/proposals"), (cast.bea, results)]
    with in_locale(locale):
        waits = str(_("Not paid before the council has reviewed it"))
        card = str(_("%(amount)s held in escrow until the council has reviewed an award.", amount="")).strip()
    for person, path in seen:
        page = html.unescape(browser.sign_in(person).get(path).text)
        assert LATER_THAN[locale] not in page, (person.name, path)
        assert waits in page, (person.name, path)
        assert path != results or card in page
    appeal = {"en": "How to appeal", "zh_Hans_CN": "如何提出异议"}[locale]
    assert (appeal in browser.get(results).text) == early


def test_once_cleared_it_is_paid_and_says_so(cast: Cast, browser: Browser) -> None:
    challenge = held(cast)
    (award,) = settlement_queries.held(challenge.id)
    settlement.clear(cast.gu, award.id, reason="Hired long after the decision.")
    assert next_steps.phase_of(challenge, clock.now()) == Phase.SETTLING
    assert "Will be paid in a moment" in browser.get(f"/challenges/{challenge.id}/results").text
    assert jobs.settle(challenge.id)() == {"state": {"term": ["settled", "challenge"]}}
    assert next_steps.phase_of(challenge, clock.now()) == Phase.SETTLED


def test_who_waits_for_the_council_is_not_said_to_stand_still(cast: Cast) -> None:
    challenge = held(cast)
    factories.move_dates(challenge, appeals_until=clock.now() - DAY)
    stuck = [finding.detail for finding in check.run_checks() if finding.name == "stuck"]
    assert stuck == []
    factories.move_dates(challenge, held_at=clock.now() - 8 * DAY)
    assert [finding.detail for finding in check.run_checks() if finding.name == "stuck"] == [
        "waits for the council for more than a week"
    ]


# ---- the page that stays open


def stand(browser: Browser, challenge: Challenge, shown: Phase) -> str:
    return browser.get(f"/challenges/{challenge.id}/status?shown={shown}").text


def test_an_open_page_is_told_of_each_step_in_which_it_has_moved(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    factories.proposal(cast.bo, challenge)
    browser.sign_in(cast.dee)
    assert "data-moved" not in stand(browser, challenge, Phase.OPEN)
    passed(lambda _cast: challenge, opens_at=30 * DAY, closes_at=SECOND)(cast)
    closing = stand(browser, challenge, Phase.OPEN)
    assert 'data-moved="closing"' in closing
    assert said(closing, "en") == {Phase.CLOSING}
    passed(lambda _cast: challenge, closes_at=timedelta(seconds=challenge.grace_seconds + 1))(cast)
    lifecycle.close(SYSTEM, challenge.id)
    closed = stand(browser, challenge, Phase.OPEN)
    assert (said(closed, "en"), "data-refresh-done" in closed) == ({Phase.FORMING}, False)


@pytest.mark.parametrize("phase", [Phase.OPENING, Phase.CLOSING, Phase.SETTLING])
def test_no_date_that_has_passed_is_still_to_come(phase: Phase, cast: Cast, browser: Browser) -> None:
    challenge = MAKERS[phase](cast)
    page = browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}").text
    assert not re.search(r"muted\">(Opens|Closes|Appeal period until)<", page)
    assert not re.search(r"badge[^>]*>Closes ", page)
    assert "data-refresh=" in page


def test_what_depends_on_the_phase_is_renewed_with_it(cast: Cast, browser: Browser) -> None:
    """The script replaces the regions that are marked: badges, tabs, and all that stands beside the page."""
    challenge = factories.opened(cast)
    page = browser.sign_in(cast.dee).get(f"/challenges/{challenge.id}").text
    assert re.findall(r'data-live="(\w+)"', page) == ["badges", "aside", "tabs"] or set(
        re.findall(r'data-live="(\w+)"', page)
    ) == {"badges", "aside", "tabs"}
