"""Every link of a page works: no link leads to an error, and no persona's link to an empty page.

The short form follows one link of each kind, as a visitor and as three personas; the long form three, as everybody.
"""

import html
import re
from collections import Counter, deque
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from crowd.demo.personas import MAIN
from tests.browser.running import Platform

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ONE, THREE = 1, 3  # pages of one kind that are looked at: the same endpoint, asked with the same names of arguments
ELSEWHERE = ("/static/", "/language/", "/theme/")
LINK = re.compile(r'<a\b[^>]*?href="([^"]+)"')
OWN = (
    "/account/following",
    "/account/searches",
    "/account/invitations",
    "/account/register-entries",
    "/cases",
    "/vouchers",
)  # of everybody's account, empty until one uses them
EMPTY = re.compile(r'<div class="empty">.*?<h2>(.*?)</h2>', re.DOTALL)


def kind_of(platform: Platform, address: str) -> tuple[str, ...]:
    """What sort of page an address is; an address of no page at all is a sort of its own."""
    parts = urlsplit(address)
    try:
        endpoint, _values = platform.app.url_map.bind("").match(parts.path)
    except (HTTPException, RequestRedirect):
        endpoint = parts.path
    return endpoint, *sorted(parse_qs(parts.query))


PEOPLE = (None, "ada", "bo", "fen")


def _follow(platform: Platform, who: str | None, number: int) -> tuple[set[str], list[str]]:
    """Follow links from the home page, `number` of each kind: the addresses, and what is wrong with them."""
    waiting, seen, alike = deque([("/", "")]), set(), Counter[tuple[str, ...]]()
    wrong: list[str] = []
    while waiting:
        address, source = waiting.popleft()
        kind = kind_of(platform, address)
        if address in seen or alike[kind] >= number:
            continue
        seen.add(address)
        alike[kind] += 1
        links, problems = _look(platform, who, address)
        # Others act on the platform meanwhile: what a page has led to may have changed, and the page with it.
        if problems and (not source or address in _look(platform, who, source)[0]):
            wrong += [f"{problem}, and {source} leads there" for problem in _look(platform, who, address)[1]]
        waiting.extend((target, address) for target in links)
    return seen, wrong


def _look(platform: Platform, who: str | None, address: str) -> tuple[list[str], list[str]]:
    """Where an address leads on the platform, and what is wrong with it."""
    answer = platform.ask(address, who)
    page = answer.body.decode(errors="replace")  # type: ignore[attr-defined]
    wrong = [f"{address} answers {answer.status}"] if answer.status >= 400 else []
    wrong += [f"{address} is empty ({title})" for title in EMPTY.findall(page) if address not in OWN]
    found = [answer.headers["Location"]] if answer.headers["Location"] else LINK.findall(page)
    targets = [urljoin(address, html.unescape(link)).partition("#")[0] for link in found]
    return [one for one in targets if one.startswith("/") and not one.startswith(ELSEWHERE)], wrong


@pytest.mark.parametrize("who", PEOPLE)
def test_one_link_of_each_kind_leads_somewhere(who: str | None, platform: Platform) -> None:
    seen, wrong = _follow(platform, who, ONE)
    assert len(seen) > 25
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.long
@pytest.mark.parametrize("who", [None, *MAIN])
def test_every_link_leads_somewhere(who: str | None, platform: Platform) -> None:
    seen, wrong = _follow(platform, who, THREE)
    assert len(seen) > 40
    assert not wrong, "\n".join(["", *wrong])
