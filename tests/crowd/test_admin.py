"""The operator's pages: what the audit trail and the jobs tell to whom, and what of it is sealed until the close."""

import ast
import csv
import io
import re

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd import background
from crowd.audit import AuditEvent
from crowd.background import Job, JobState
from crowd.db import commit, db
from crowd.values import count, money
from crowd.web.audit_page import fact_line, fact_rows
from submissions import services as submissions
from submissions.sealing import queries
from submissions.shares import services as shares
from tests import factories
from tests.architecture.test_structure import calls
from tests.cast import Cast
from tests.client import Browser
from tests.source import sources
from tests.turns import by_turns, share
from tests.worlds import remembered

READERS = ("eve", "gu", "aud", "adm")
TOLD = {"judging": True, "settled": True, "called off while judged": True, "open": False, "called off": False}
ATTEMPT = "proposal.access_denied"
ACTS = {  # what is done to registrations, proposals, their files and shares
    "registration.created", "registration.withdrawn", "proposal.started", "proposal.saved", "proposal.file_attached",
    "proposal.file_detached", "proposal.submitted", "proposal.withdrawn", "proposal.resumed", "shares.set",
    "share.agreed", "share.refused",
}  # fmt: skip
PROPOSALS = ("submissions.", "shares.", "acceptance.", "entry.", "confirmations.", "materials.nda")
ELSEWHERE = {  # what a contract may ask for, its change, or a case, disclosed by the same rule
    "registration.accepted", "proposal.set_aside", "registration.answered", "registration.confirmed",
    "registration.refused", "proposal.disqualified",
}  # fmt: skip


@remembered
def scene(cast: Cast, state: str) -> Challenge:
    """A challenge in this state, with an act of each kind on its proposals, and Ada's attempt to read one of them."""
    for reviewer in cast.reviewers():
        assert reviewer.id
    challenge = factories.opened(cast)
    number = factories.proposal(cast.bo, challenge, submitted=False).id
    file = submissions.attach(cast.bo, number, stream=io.BytesIO(b"%PDF-1.7 x"), filename="plan.pdf").file_id
    submissions.detach(cast.bo, number, file)
    for answer in (shares.refuse_share, shares.agree_share):
        shares.set_shares(cast.bo, number, own=7000, others=[(cast.dee.email, 3000)])
        answer(cast.dee, number)
    submissions.submit(cast.bo, number)
    submissions.withdraw(cast.bo, number)
    submissions.resume(cast.bo, number)
    submissions.submit(cast.bo, number)
    submissions.register(cast.bea, challenge.id, organisation_id=None, accepted=True)
    submissions.unregister(cast.bea, challenge.id)
    submissions.record_denied_access(cast.ada, number)
    return _moved_on(cast, challenge, state)


def _moved_on(cast: Cast, challenge: Challenge, state: str) -> Challenge:
    if state == "called off":
        return lifecycle.cancel(cast.eve, challenge.id, reason="The works were sold.")
    if state != "open":
        factories.closed(cast, challenge)
    if state == "called off while judged":
        return lifecycle.cancel(cast.eve, challenge.id, reason="The works were sold.")
    if state == "settled":
        factories.move_dates(challenge, decided_at=challenge.closed_at, appeals_until=challenge.closed_at)
        challenge.state = "settled"  # type: ignore[assignment]
        commit()
    return challenge


def events() -> list[AuditEvent]:
    return list(db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id)))


def listed(browser: Browser, **arguments: object) -> set[int]:
    """The numbers of the events on all pages of the list."""
    found: set[int] = set()
    address: str | None = "/admin/audit?" + "&".join(f"{name}={value}" for name, value in arguments.items())
    while address:
        page = browser.get(address).text
        found |= {int(number) for number in re.findall(r'href="/admin/audit/(\d+)"', page)}
        following = re.search(r'<a href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else None
    return found


def exported(browser: Browser, **arguments: object) -> dict[int, dict[str, str]]:
    """The lines of the table, by number."""
    address = "/admin/audit.csv?" + "&".join(f"{name}={value}" for name, value in arguments.items())
    rows = csv.DictReader(io.StringIO(browser.get(address).text.lstrip("\ufeff")))
    return {int(row["id"]): row for row in rows}


def test_the_acts_of_the_matrix_are_all_that_the_room_records() -> None:
    recorded = {
        part.value
        for path, tree in sources()
        if "submissions" in path.parts
        for call in calls(tree)
        if isinstance(call.func, ast.Name) and call.func.id == "record"
        for part in ast.walk(call.args[1])
        if isinstance(part, ast.Constant)
    }
    assert recorded == ACTS | ELSEWHERE
    assert queries.REFUSED == ATTEMPT


@pytest.mark.parametrize(("state", "who"), by_turns(TOLD, READERS))
def test_acts_on_proposals_are_told_once_their_challenge_has_closed(
    cast: Cast, browser: Browser, who: str, state: str
) -> None:
    """By list, page and table alike, and to everybody; one of the readers looks for each act, by turns."""
    challenge = scene(cast, state).id
    acts = {event.action: event.id for event in events() if event.action in ACTS}
    others = {event.id for event in events() if event.action not in ACTS}
    assert acts.keys() == ACTS
    expected = set(acts.values()) if TOLD[state] else set()
    browser.sign_in(getattr(cast, who))
    for found in (listed(browser), set(exported(browser))):
        assert found & set(acts.values()) == expected
        assert found >= others
    for found in (listed(browser, challenge=challenge), set(exported(browser, challenge=challenge))):
        assert found & set(acts.values()) == expected
    turn = list(TOLD).index(state) + READERS.index(who)
    for action, number in share(sorted(acts.items()), turn, of=len(READERS)):
        assert browser.get(f"/admin/audit/{number}").status_code == (200 if TOLD[state] else 404), action
        assert listed(browser, action=action) == set(exported(browser, action=action))
        assert bool(listed(browser, action=action)) == TOLD[state], action
    for kind in ("registration", "proposal", "share"):
        assert listed(browser, subject=kind) & set(acts.values()) <= expected, kind


@pytest.mark.parametrize(("state", "who"), by_turns(TOLD, READERS))
def test_an_attempt_is_told_at_once_but_not_of_which_challenge(
    cast: Cast, browser: Browser, who: str, state: str
) -> None:
    challenge = scene(cast, state)
    attempt = next(event for event in events() if event.action == ATTEMPT)
    number, proposal, title = attempt.id, str(attempt.subject_id), f"/challenges/{challenge.id}/history"
    challenge_id = challenge.id
    browser.sign_in(getattr(cast, who))
    lines = browser.get(f"/admin/audit?action={ATTEMPT}").text
    assert cast.ada.name in lines
    assert f"Proposal {proposal}" in lines
    assert (title in lines) == TOLD[state]
    page = browser.get(f"/admin/audit/{number}")
    assert page.status_code == 200
    assert cast.ada.name in page.text
    assert (title in page.text) == ("State of the challenge" in page.text) == TOLD[state]
    assert not re.search(r"\bBo\b", page.text.partition("<main")[2])
    row = exported(browser)[number]
    assert (row["actor"], row["subject_id"]) == (cast.ada.name, proposal)
    assert (row["challenge"], row["data"]) == (
        (str(challenge_id), '{"challenge_state": {"term": ["open", "challenge"]}}') if TOLD[state] else ("", "")
    )
    for found in (listed(browser, challenge=challenge_id), set(exported(browser, challenge=challenge_id))):
        assert (number in found) == TOLD[state]


def test_an_event_that_there_is_not_is_not_found(cast: Cast, browser: Browser) -> None:
    assert browser.sign_in(cast.aud).get("/admin/audit/999999").status_code == 404


@pytest.mark.parametrize("address", ["register", "unregister", "proposals"])
def test_what_is_refused_about_taking_part_is_noted_without_the_challenge(
    cast: Cast, browser: Browser, address: str
) -> None:
    """Registering again, leaving with a proposal begun, beginning one without being registered."""
    challenge = factories.opened(cast)
    if address != "proposals":
        factories.proposal(cast.bo, challenge, submitted=False)
    refused = browser.sign_in(cast.bo).post(f"/challenges/{challenge.id}/{address}", {"accepted": "y", "contract": "1"})
    assert refused.status_code in (403, 409, 422)
    event = events()[-1]
    assert (event.action, event.challenge_id) == ("request.refused", None)
    assert event.data["address"] == f"/challenges/…/{address}"


def test_every_page_of_a_proposal_or_a_part_is_marked_sealed(shared_app: Flask) -> None:
    """Each URL of the packages of proposals that holds a number, that of a proposal's reviews, the link of a person's
    calendar, whose token opens it, and the entry of a case that is blacked out.
    """
    marked = {name for name, view in shared_app.view_functions.items() if getattr(view, "sealed", False)}
    numbered = {
        rule.endpoint
        for rule in shared_app.url_map.iter_rules()
        if rule.arguments and (rule.endpoint.startswith(PROPOSALS) or "/proposals/<" in rule.rule)
    }
    assert marked == numbered | {"feeds.private", "cases.blacken"}
    assert {"submissions.register", "shares.edit", "scoring.feedback"} <= marked


def test_links_lead_only_where_the_reader_may_go(cast: Cast, browser: Browser) -> None:
    """A draft is its sponsor's alone; the trail names its number and does not lead there."""
    draft = factories.challenge(cast.ada, cast.luoyang).id
    sent = factories.screened(cast).id
    page = browser.sign_in(cast.aud).get("/admin/audit").text
    assert f"/challenges/{draft}/history" not in page
    assert f"/challenges/{sent}/history" in page
    assert browser.get(f"/challenges/{sent}/history").status_code == 200


def test_an_event_is_told_in_words(cast: Cast, browser: Browser) -> None:
    challenge = factories.funded(cast)
    cost = f"{challenge.cost / 100:,.2f}"
    event = next(event for event in events() if event.action == "challenge.approved")
    page = browser.sign_in(cast.aud).get(f"/admin/audit/{event.id}").text
    assert f"¥{cost}" in page
    assert re.search(r"<dt>Cost <code[^>]*>cost</code></dt>", page)
    assert re.search(r"Challenge \d+ <code[^>]*>challenge</code>", page)
    chinese = browser.get(f"/admin/audit/{event.id}", headers={"Accept-Language": "zh"})
    assert chinese.status_code == 200


def test_facts_of_every_shape_have_words(isolated) -> None:  # type: ignore[no-untyped-def]
    with isolated.test_request_context(headers={"Accept-Language": "en"}):
        assert fact_rows({"total": money(123456, "EUR")})[0] == ("Total", "total", "€1,234.56")
        assert fact_rows({"payouts": [5, 6], "reconciled": False, "title": None}) == [
            ("Payouts", "payouts", "5, 6"),
            ("Reconciled", "reconciled", "no"),
            ("Title", "title", "–"),
        ]
        assert fact_line({"errors": 0, "missing": {}, "notified": count(2)}) == "Errors 0 · People notified 2"
        assert fact_line(None) == ""


def test_jobs_are_named_and_a_state_without_jobs_is_no_link(cast: Cast, browser: Browser) -> None:
    background.enqueue("ledger_checks.run", key="one")
    commit()
    page = browser.sign_in(cast.eve).get("/admin/jobs").text
    assert "Check the ledger" in page
    assert "/admin/jobs?state=ready" in page
    assert "/admin/jobs?state=dead" not in page
    front = browser.get("/admin").text
    assert "/admin/jobs?state=dead" not in front
    assert "/admin/jobs?state=ready" in front


@pytest.mark.parametrize(("state", "turn"), by_turns(TOLD, range(2)))
def test_jobs_tell_nothing_of_sealed_proposals(cast: Cast, browser: Browser, state: str, turn: int) -> None:
    """How many drafts were reminded of, and that somebody was told of something, are told after the close.

    In the short form of one of the two kinds of jobs in each state, by turns.
    """
    challenge = scene(cast, state)
    for kind in queries.TELLTALE:
        db.session.add(
            Job(
                kind=kind,
                challenge_id=challenge.id,
                state=JobState.DONE,
                result={"notified": count(1234)},
                dedup_key=f"t:{kind}",
            )
        )
    commit()
    title = f"/challenges/{challenge.id}/history"
    browser.sign_in(cast.aud)
    for kind in share(queries.TELLTALE, turn, of=2):
        page = browser.get(f"/admin/jobs?kind={kind}").text
        assert ("1,234" in page) == (title in page) == TOLD[state], kind


def test_the_front_page_says_what_waits(cast: Cast, browser: Browser) -> None:
    factories.screened(cast)
    page = re.sub(r"<[^>]+>|\s+", " ", browser.sign_in(cast.eve).get("/admin").text)
    assert re.search(r"Screening\s+Challenges awaiting the service centre\.\s+1 to do", page)
    assert "Ledger not checked yet" in page
    assert browser.sign_in(cast.aud).get("/admin").status_code == 200
