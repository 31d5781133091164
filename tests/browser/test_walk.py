"""Every page, by every role: each URL that accepts GET is opened and checked.

In the short form each endpoint is seen once: one of its faces, in one language, at one width, in one theme, by turns;
axe reads every fourth. Everybody requests every fourth endpoint over plain HTTP and gets the guard's response. The long
form lets axe read each face in each language, at each width, in light and dark, weighs it with an empty cache, and
asks for each endpoint as everybody.
"""

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from crowd.web import guards
from tests.browser.addresses import ABSENT, API, ELSEWHERE, EXAMPLES, FEED, FILE, NO_PAGES, PAGE, PIECE, SHOWN, Look
from tests.browser.looking import (
    ALL_WAYS,
    FIRST_VISIT,
    LANGUAGES,
    LATER_VISIT,
    READ_ALL,
    READ_NOTHING,
    READ_ONCE,
    Viewer,
    look,
    viewer,
)  # fmt: skip
from tests.browser.running import Platform
from tests.turns import by_turns

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

CAST = ("ada", "bo", "cy", "dee", "eve", "fen", "finn", "gu", "pia", "aud", "adm")
THEME = os.environ.get("CROWD_SCREENSHOTS_THEME", "light")
PAGES = [endpoint for endpoint, example in EXAMPLES.items() if example.kind == PAGE]
OTHERS = [endpoint for endpoint, example in EXAMPLES.items() if example.kind != PAGE]
EVERYBODY = (None, *CAST)
ASKED_OF = READ_OF = 4


def test_every_endpoint_has_an_address_to_try(platform: Platform) -> None:
    rules = [rule for rule in platform.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    endpoints = {rule.endpoint for rule in rules} - NO_PAGES
    assert endpoints - set(EXAMPLES) == set(), "these endpoints have no example in addresses.py"
    assert set(EXAMPLES) - endpoints == set(), "these examples have no endpoint"


@pytest.fixture(scope="module")
def eyes(platform: Platform, chromium: Browser) -> Iterator[Viewer]:
    """One browser that is everybody in turn: opening another takes half a second."""
    with viewer(chromium, platform, None, THEME) as found:
        yield found


@pytest.mark.parametrize("endpoint", PAGES)
def test_a_page(endpoint: str, platform: Platform, eyes: Viewer) -> None:
    """One face, in one way, by turns; axe reads one in four, each time in another way."""
    turn, example = PAGES.index(endpoint), EXAMPLES[endpoint]
    number = turn % (1 + len(example.more))
    face = (example, *example.more)[number]
    path, who = face.path_on(platform, endpoint), face.person_on(platform)
    language, width, theme = ALL_WAYS[turn % len(ALL_WAYS)]
    reads = READ_ONCE if _axe_reads(turn) else READ_NOTHING
    eyes.become(who, theme)
    found = look(eyes, path, language, name=_name(endpoint, number + 1), reads=reads, widths=(width,))
    assert not found, "\n".join([f"{path} as {who} ({language}, {width} px, {theme}):", *found])


def _axe_reads(turn: int) -> bool:
    """Every fourth page, and over all pages each way: another one of four from one round of the ways to the next."""
    return turn // len(ALL_WAYS) % READ_OF == turn % READ_OF


@pytest.mark.long
@pytest.mark.parametrize("endpoint", PAGES)
def test_a_page_with_every_face_in_every_way(endpoint: str, platform: Platform, chromium: Browser) -> None:
    """Each person, with an empty cache, in both languages; axe reads each width in light and dark."""
    example = EXAMPLES[endpoint]
    problems: list[str] = []
    for number, face in enumerate((example, *example.more), start=1):
        path, who = face.path_on(platform, endpoint), face.person_on(platform)
        with viewer(chromium, platform, who, THEME) as eyes:
            for language, budget in zip(LANGUAGES, (FIRST_VISIT, LATER_VISIT), strict=True):
                found = look(eyes, path, language, name=_name(endpoint, number), budget=budget, reads=READ_ALL)
                problems += [f"{path} as {who} ({language}): {problem}" for problem in found]
    assert not problems, "\n".join(["", *problems])


def _name(endpoint: str, number: int) -> str:
    return endpoint if number == 1 else f"{endpoint}.{number}"


@pytest.mark.parametrize(("status", "language"), by_turns((403, 404), tuple(LANGUAGES)))
def test_an_error_is_a_page_too(status: int, language: str, platform: Platform, eyes: Viewer) -> None:
    who, path = {403: ("dee", "/admin/jobs"), 404: (None, "/challenges/999999")}[status]
    eyes.become(who, THEME)
    assert look(eyes, path, language, name=f"error.{status}", status=status, reads=READ_ONCE) == []


@pytest.mark.parametrize("endpoint", OTHERS)
def test_what_is_no_page(endpoint: str, platform: Platform) -> None:
    example = EXAMPLES[endpoint]
    answer = platform.ask(example.path_on(platform, endpoint), example.person_on(platform))
    kind = answer.headers.get_content_type()
    if example.kind == ELSEWHERE:
        assert answer.status in (302, 303)
        assert answer.headers["Location"]
    elif example.kind == FILE:
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    elif example.kind == SHOWN:
        assert (answer.status, kind) == (200, "image/png")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    elif example.kind == ABSENT:
        assert answer.status == 404
    elif example.kind == FEED:
        assert (answer.status, kind) in ((200, "application/atom+xml"), (200, "text/calendar"))
    elif example.kind == PIECE:
        assert (answer.status, kind) == (200, "text/html")
    else:
        assert example.kind == API
        assert (answer.status, kind) in ((200, "application/json"), (200, "text/plain"))


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_guard_decides_who_enters(who: str | None, platform: Platform) -> None:
    """People without access get the sign-in page, or the page for 403. Three of twelve ask for each endpoint."""
    _check_guard(platform, who, slice(EVERYBODY.index(who) % ASKED_OF, None, ASKED_OF))


@pytest.mark.long
@pytest.mark.parametrize("who", EVERYBODY)
def test_the_guard_decides_who_enters_everywhere(who: str | None, platform: Platform) -> None:
    """Every endpoint as everybody."""
    _check_guard(platform, who, slice(None))


def _check_guard(platform: Platform, who: str | None, part: slice) -> None:
    roles = _roles(platform, who)
    wrong = []
    for endpoint, example in list(EXAMPLES.items())[part]:
        guard = guards.guard_of(platform.app, endpoint)
        answer = platform.ask(example.path_on(platform, endpoint), who)
        expected = _expected(guard, who, roles, example)
        if answer.status not in expected:
            wrong.append(f"{endpoint}: {answer.status}, not one of {expected}")
    assert not wrong, "\n".join(["", *wrong])


def _roles(platform: Platform, who: str | None) -> set[str]:
    if who is None:
        return set()
    sql = "SELECT r.name FROM role r JOIN user_role u ON u.role_id = r.id WHERE u.user_id = :me"
    return {row.name for row in platform.rows(sql, me=platform.id_of(who))}


def _expected(guard: object, who: str | None, roles: set[str], example: Look) -> tuple[int, ...]:
    """The statuses that are right; another person's row may be forbidden or missing."""
    if example.kind == ABSENT:
        return (404,)
    if guard in ("public", "demonstration"):
        return (200, 302, 303) if example.values is None or example.who is None else (200, 302, 303, 403, 404)
    if who is None:
        return (401,) if example.kind == API else (302,)
    if isinstance(guard, tuple) and not roles & set(guard):
        return (403,)
    return (200, 302, 303, 403, 404) if example.values else (200, 302, 303, 403)


def test_the_turns_reach_each_way_and_axe_reads_each_way() -> None:
    """By turns: each way of looking is taken ten times or more, and axe reads some pages in each."""
    turns = range(len(PAGES))
    assert min(Counter(turn % len(ALL_WAYS) for turn in turns).values()) >= 10
    assert {turn % len(ALL_WAYS) for turn in turns if _axe_reads(turn)} == set(range(len(ALL_WAYS)))
