"""A challenge for invited people only: whoever is not invited finds no trace of it, through its whole life."""

import re
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from challenges import policy, queries
from challenges.brief import PrizeLine
from challenges.contract import queries as contracts
from challenges.contract import services as contract
from challenges.invitations import answers, services
from challenges.invitations.tokens import token_of
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.searches import services as searches
from crowd.accounts.models import MemberRole, User
from crowd.db import commit, db
from crowd.following import services as following
from crowd.ledger import check
from crowd.notifications.models import Notification, OutgoingEmail
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.turns import by_turns

TITLE, SUMMARY, PROBLEM, PRIZE = "Zyxomorph", "Quorplestein", "Vexilloptera", "Grimbulator"
FIGURE = 719_371_300  # minor units of the one prize
WORDS = (TITLE, SUMMARY, PROBLEM, PRIZE, "7,193,713", "7193713", "719371300", "719.3713", "719.4")
ABSENT_WORD = "Wrobomunch"  # of the length of none of ours, found nowhere
STATES = ("opened", "judging", "decided", "settled", "cancelled")
STRANGERS = ("signed out", "signed in")
MOST = 160  # pages of one crawl
IGNORED = re.compile(r"^/(language|theme|static|account/login|account/logout|demo)")
TIME = re.compile(r"\d\d:\d\d(:\d\d)?")  # of the page
NONCE = re.compile(r'(nonce=|nonce-|csrf_token" value=|once" value=|csrf-token" content=)["\']?[^"\'; ]+')


def hidden(cast: Cast, state: str) -> Challenge:
    """Ada's challenge in a state, with Bo and Bea invited, and proposals of both where it has closed."""
    facts = {
        "title": f"{TITLE} of membranes", "summary": f"{SUMMARY} is wanted.", "problem_statement": f"{PROBLEM}.",
        "prizes": [PrizeLine(title=PRIZE, amount=FIGURE)], "visibility": "invited",
    }  # fmt: skip
    if state == "cancelled":
        row = lifecycle.cancel(cast.ada, factories.opened(cast, **facts).id, reason=f"{PROBLEM} is found.")
    else:
        row = getattr(factories, state)(cast, **facts)
    if state == "opened":
        factories.invite(row, cast.bo, cast.bea)
    return row


def beside(cast: Cast) -> Challenge:
    """Another sponsor's challenge, which everybody sees."""
    sponsor = factories.user("Olga", member_of=factories.organisation("Zhengzhou Pumps"), role=MemberRole.OWNER)
    firm = sponsor.memberships[0].organisation
    row = lifecycle.submit(sponsor, factories.challenge(sponsor, firm).id)
    factories.approve(cast.eve, row.id)
    factories.pay_in(cast, firm, row.cost)
    return lifecycle.fund(sponsor, row.id)


def found_in(answer: TestResponse, *, besides: str = "") -> list[str]:
    """The words of the hidden challenge that stand in an answer, its headers among them."""
    text = unescape(answer.get_data(as_text=True)) + str(answer.headers)
    return [word for word in WORDS if word != besides and word.lower() in text.lower()]


def links_in(answer: TestResponse, path: str) -> Iterator[str]:
    """The paths to which a page leads."""
    for address in re.findall(r'(?:href|action|src)="([^"]+)"', answer.get_data(as_text=True)):
        target = urlsplit(urljoin(f"http://localhost{path}", unescape(address)))
        if target.netloc == "localhost" and not IGNORED.match(target.path):
            yield target.path + (f"?{target.query}" if target.query else "")


def pages(app: Flask) -> list[str]:
    """Every URL that takes a GET and no argument."""
    rules = (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments)
    return sorted({rule.rule for rule in rules if not IGNORED.match(rule.rule)})


def crawl(browser: Browser, *begin: str) -> Iterator[tuple[str, list[str]]]:
    """What is found of the hidden challenge on the pages that can be reached from these: (path, words)."""
    queue, seen = deque(begin), set(begin)
    while queue and len(seen) < MOST + len(begin):
        path = queue.popleft()
        answer = browser.get(path)
        if words := found_in(answer):
            yield path, words
        for link in links_in(answer, path) if answer.mimetype == "text/html" else ():
            if link not in seen:
                seen.add(link)
                queue.append(link)


def come(browser: Browser, cast: Cast, stranger: str) -> None:
    """Be a stranger, signed in or not."""
    browser.sign_in(cast.dee) if stranger == "signed in" else browser.sign_out()


def profiles(cast: Cast) -> list[str]:
    people = [f"/people/{one.id}" for one in (cast.bo, cast.bea, cast.ada, cast.cy)]
    return [*people, f"/organisations/{cast.luoyang.id}", f"/challenges?organisation={cast.luoyang.id}&filtered=1"]


def searching(word: str) -> list[str]:
    return [
        f"/challenges?q={word}", f"/challenges.atom?q={word}", f"/api/v1/challenges?q={word}",
        f"/challenges?q={word}&state=open&state=judging&state=decided&state=settled&state=cancelled",
        f"/organisations?q={word}", f"/people?field={word}",
    ]  # fmt: skip


@pytest.mark.parametrize(("state", "stranger"), by_turns(STATES, STRANGERS))
def test_a_stranger_finds_nothing_anywhere(
    cast: Cast, isolated: Flask, browser: Browser, state: str, stranger: str, caplog: pytest.LogCaptureFixture
) -> None:
    beside(cast)
    row = hidden(cast, state)
    begin = [*pages(isolated), *profiles(cast), "/challenges?escrow=1", "/challenges?state=cancelled&filtered=1"]
    caplog.clear()
    come(browser, cast, stranger)
    assert dict(crawl(browser, *begin)) == {}
    browser.get("/")  # what was flashed before
    nothing = [plain(browser.get(path), ABSENT_WORD) for path in searching(ABSENT_WORD)]
    for word in (TITLE, SUMMARY, PROBLEM):
        for path, absent in zip(searching(word), nothing, strict=True):
            answer = browser.get(path)
            assert found_in(answer, besides=word) == []
            assert plain(answer, word) == absent, path
    assert [record for record in caplog.records if any(word in record.getMessage() for word in WORDS)] == []
    assert row.title not in str(browser.get("/api/v1/challenges").json)


def test_the_crawler_would_find_it(cast: Cast, browser: Browser) -> None:
    beside(cast)
    row = hidden(cast, "settled")
    here = f"/challenges/{row.id}"
    for person in (cast.bo, cast.ada, cast.eve, cast.aud, cast.cy):
        found = crawl(browser.sign_in(person), here)
        assert (next(found)[0] == here, next(found)[0] != here) == (True, True), f"{person.name}, and by a link"


def plain(answer: TestResponse, word: str) -> str:
    """A response without what differs between two of the same page, and without a word."""
    text = TIME.sub("", NONCE.sub(r"\1", answer.get_data(as_text=True)))
    return re.sub(re.escape(word), "", text, flags=re.IGNORECASE)


# ---- as if it were absent

WAYS = (("signed out", "text/html"), ("signed in", "application/json"), ("signed out", "application/json"),
        ("signed in", "text/html"))  # fmt: skip


def addresses(app: Flask, number: int) -> list[tuple[str, str]]:
    """(method, path) of every endpoint that takes the number of a challenge, and the follow button."""
    found = []
    for rule in app.url_map.iter_rules():
        name = "challenge_id" if "challenge_id" in rule.arguments else "id" if "/challenges/<" in rule.rule else ""
        if not name:
            continue
        path = re.sub(r"<(?:int:)?" + name + ">", str(number), rule.rule)
        path = re.sub(r"<[^<>]+>", "AAAAAAAAAAAA", path)
        found += [(method, path) for method in ("GET", "POST") if method in (rule.methods or ())]
    return sorted(
        {*found, ("POST", f"/following/challenge/{number}"), ("GET", f"/challenges/{number}/contract?version=1")}
    )


def without(number: int) -> int:
    """The number of no challenge, with as many digits."""
    alike = range(10 ** (len(str(number)) - 1), 10 ** len(str(number)))
    return next(one for one in reversed(alike) if db.session.get(Challenge, one) is None)


def asked(browser: Browser, method: str, path: str, accept: str) -> TestResponse:
    headers = {"Accept": accept}
    with browser.client.session_transaction() as cookie:
        cookie.pop("_flashes", None)  # what the request before left for the next page
    if method == "GET":
        return browser.get(path, headers=headers)
    return browser.post(path, {"reason": "A reason.", "text": "A text.", "accepted": "y"}, headers=headers)


def shape(answer: TestResponse, number: int) -> tuple[object, ...]:
    """What an onlooker can compare: status, headers, length, and the words without the number itself."""
    here = re.compile(rf"(/|%2F){number}\b")
    skipped = ("X-Request-ID", "Set-Cookie", "Date")
    said = [(name, here.sub(r"\1N", NONCE.sub(r"\1", value))) for name, value in answer.headers if name not in skipped]
    text = TIME.sub("", re.sub(r"\b[0-9a-f]{12,}\b", "ID", NONCE.sub(r"\1", answer.get_data(as_text=True))))
    return answer.status_code, sorted(said), len(answer.get_data()), here.sub(r"\1N", text)


@pytest.mark.parametrize(("state", "way"), by_turns(("opened", "settled"), WAYS))
def test_every_address_answers_as_that_of_an_absent_challenge(
    cast: Cast, isolated: Flask, browser: Browser, state: str, way: tuple[str, str]
) -> None:
    number, (stranger, accept) = hidden(cast, state).id, way
    absent = without(number)
    come(browser, cast, stranger)
    here, there = addresses(isolated, number), addresses(isolated, absent)
    assert len(here) > 40
    for (method, path), (_same, other) in zip(here, there, strict=True):
        mine, theirs = (asked(browser, method, one, accept) for one in (path, other))
        assert mine.status_code != 200, path
        assert shape(mine, number) == shape(theirs, absent), (method, path)


def test_its_404_takes_no_longer_than_that_of_an_absent_one(cast: Cast, browser: Browser) -> None:
    number = hidden(cast, "opened").id
    browser.sign_in(cast.dee)

    def best(path: str) -> float:
        times = []
        for _turn in range(12):
            begun = time.perf_counter()
            browser.get(path)
            times.append(time.perf_counter() - begun)
        return min(times)

    assert best(f"/challenges/{number}") < 2 * best("/challenges/9") + 0.02


# ---- who sees it


@pytest.mark.parametrize("state", STATES)
def test_who_sees_it_in_which_state(cast: Cast, state: str) -> None:
    row = hidden(cast, state)
    stands = {"ada", "abe", "eve", "fen", "gu", "aud", "adm"}
    if state != "cancelled":
        stands |= {"bo", "bea"}
    if state in ("judging", "decided", "settled"):
        stands |= {"cy", "cleo", "carl"}
    for name in (
        "ada",
        "abe",
        "bo",
        "bea",
        "nils",
        "cy",
        "cleo",
        "carl",
        "dee",
        "eve",
        "fen",
        "gu",
        "pia",
        "aud",
        "adm",
    ):
        person: User = getattr(cast, name)
        db.session.refresh(person)
        assert policy.can_view(person, row) is (name in stands), name
        assert (row.id in queries.visible_among(person, [row.id])) is (name in stands), f"{name}, as SQL"
        readers = sa.select(User.id).where(User.id == person.id, policy.readers_of(row, User.id))
        assert bool(db.session.scalar(readers)) is (name in stands), f"{name}, among the readers"
    assert not policy.can_view(None, row)
    assert queries.visible_among(None, [row.id]) == set()


def test_who_loses_the_invitation_loses_the_challenge(cast: Cast, browser: Browser) -> None:
    row = factories.opened(cast, visibility="invited")
    (invitation,) = factories.invite(row, cast.bo)
    here = f"/challenges/{row.id}"
    assert browser.sign_in(cast.bo).get(here).status_code == 200
    following.follow(cast.bo, "challenge", row.id)
    services.withdraw(cast.ada, row.id, invitation.public_id)
    assert browser.get(here).status_code == 404
    assert row.title not in browser.get("/account/following").text
    lifecycle.cancel(cast.ada, row.id, reason="The mains are replaced.")
    factories.run_jobs("challenges.notify_followers")
    kinds = db.session.scalars(sa.select(Notification.kind).where(Notification.user_id == cast.bo.id)).all()
    assert set(kinds) == {"challenges.invited"}


# ---- who hears of it


def test_nobody_hears_of_it_who_is_not_invited(cast: Cast, browser: Browser) -> None:
    cast.dee.expertise = ["acoustics"]
    commit()
    following.follow(cast.dee, "organisation", cast.luoyang.id)
    searches.save(cast.dee, name="All", arguments={"filtered": 1})
    searches.save(cast.dee, name="Word", arguments={"q": TITLE, "filtered": 1})
    row = hidden(cast, "settled")
    for kind in (
        "challenges.notify_followers",
        "searches.notify_hits",
        "awards.notify_followers",
        "notifications.email",
    ):
        factories.run_jobs(kind)
    allowed = {
        one.id for one in (cast.ada, cast.abe, cast.bo, cast.bea, *cast.reviewers(), cast.eve, cast.gu, cast.fen)
    }
    told = db.session.execute(sa.select(Notification.user_id, Notification.params)).all()
    heard = {user_id for user_id, params in told if any(word in str(params) for word in WORDS)}
    assert heard <= allowed
    assert cast.bo.id in heard
    to = {one.email for one in db.session.scalars(sa.select(User).where(User.id.in_(allowed)))}
    for letter in db.session.scalars(sa.select(OutgoingEmail)):
        if any(word in f"{letter.subject}{letter.text}" for word in WORDS):
            assert letter.recipient in to
    assert row.title not in browser.sign_in(cast.dee).get("/dashboard").text


def test_who_follows_and_is_invited_hears_of_it(cast: Cast) -> None:
    row = factories.opened(cast, visibility="invited")
    factories.invite(row, cast.bo)
    following.follow(cast.bo, "challenge", row.id)
    following.follow(cast.eve, "challenge", row.id)
    lifecycle.cancel(cast.ada, row.id, reason="The mains are replaced.")
    factories.run_jobs("challenges.notify_followers")
    query = sa.select(Notification.user_id).where(Notification.kind == "challenges.followed_cancelled")
    assert set(db.session.scalars(query)) == {cast.bo.id, cast.eve.id}


# ---- the numbers


def test_public_numbers_count_it_nowhere_and_the_ledger_is_right(cast: Cast) -> None:
    hidden(cast, "settled")
    assert db.session.scalar(sa.text("SELECT count(*) FROM monthly_total")) == 0
    assert queries.facets(queries.Filters()).total == 0
    names = {finding.name for finding in check.run_checks()}
    assert names & {"month_wrong", "escrow_wrong", "contract_projection"} == set()


def test_once_it_is_for_everybody_it_is_counted_and_announced(cast: Cast) -> None:
    following.follow(cast.dee, "organisation", cast.luoyang.id)
    row = factories.opened(cast, visibility="invited")
    brief = replace(contracts.brief_in_force(row), visibility="public")
    shown = contract.plan(row, brief).digest
    contract.amend(cast.ada, row.id, brief=brief, reason="More heads.", shown=shown)
    factories.run_jobs("challenges.notify_followers")
    query = sa.select(Notification.kind).where(Notification.user_id == cast.dee.id)
    assert list(db.session.scalars(query)) == ["challenges.followed_opened"]
    assert queries.facets(queries.Filters()).total == 1
    assert {finding.name for finding in check.run_checks()} & {"month_wrong", "escrow_wrong"} == set()
    opened = db.session.execute(sa.text("SELECT opened, funded FROM monthly_total")).one()
    assert tuple(opened) == (1, row.cost)


def test_an_answer_from_the_link_alone_shows_what_the_mail_showed(cast: Cast, browser: Browser) -> None:
    row = hidden(cast, "opened")
    invitation = factories.invite(row, "lin@people.example")[-1]
    here = f"/invited/{token_of(invitation)}"
    answer = browser.sign_out().get(here)
    assert TITLE in answer.text
    assert PROBLEM not in answer.text, "the whole text needs an account"
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    answers.accept(cast.dee, token_of(invitation))
    for person in (None, cast.nils):
        browser.sign_out() if person is None else browser.sign_in(person)
        assert found_in(browser.get(here)) == []
    assert TITLE in browser.sign_in(cast.dee).get(here).text
