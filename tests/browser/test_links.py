"""Every link of a page works: no link leads to an error, and no persona's link to an empty page."""

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

ALIKE = 3  # pages of one kind that are looked at: the same endpoint, asked with the same names of arguments
ELSEWHERE = ("/static/", "/language/", "/theme/")
LINK = re.compile(r'<a\b[^>]*?href="([^"]+)"')
EMPTY = re.compile(r'<div class="empty">.*?<h2>(.*?)</h2>', re.DOTALL)


def kind_of(platform: Platform, address: str) -> tuple[str, ...]:
    """What sort of page an address is; an address of no page at all is a sort of its own."""
    parts = urlsplit(address)
    try:
        endpoint, _values = platform.app.url_map.bind("").match(parts.path)
    except (HTTPException, RequestRedirect):
        endpoint = parts.path
    return endpoint, *sorted(parse_qs(parts.query))


OFTEN = ("ada", "bo", "fen")  # what the others alone can open is crawled in the long form
PEOPLE = [None, *OFTEN, *(pytest.param(who, marks=pytest.mark.long) for who in MAIN if who not in OFTEN)]


@pytest.mark.parametrize("who", PEOPLE)
def test_every_link_leads_somewhere(who: str | None, platform: Platform) -> None:
    waiting, seen, alike = deque([("/", "")]), set(), Counter[tuple[str, ...]]()
    wrong: list[str] = []
    while waiting:
        address, source = waiting.popleft()
        kind = kind_of(platform, address)
        if address in seen or alike[kind] >= ALIKE:
            continue
        seen.add(address)
        alike[kind] += 1
        answer = platform.ask(address, who)
        page = answer.body.decode(errors="replace")  # type: ignore[attr-defined]
        if answer.status >= 400:
            wrong.append(f"{address} answers {answer.status}, and {source} leads there")
        wrong += [f"{address} is empty ({title}), and {source} leads there" for title in EMPTY.findall(page)]
        found = [answer.headers["Location"]] if answer.headers["Location"] else LINK.findall(page)
        for link in found:
            target = urljoin(address, html.unescape(link)).partition("#")[0]
            if target.startswith("/") and not target.startswith(ELSEWHERE):
                waiting.append((target, address))
    assert len(seen) > 40
    assert not wrong, "\n".join(["", *wrong])
