"""The requirements of every page that a browser shows, and the messages about violations."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from tests.browser.running import Platform
from tests.visible import unfit

WIDTHS = (1280, 360)
LANGUAGES = {"en": "en", "zh_Hans_CN": "zh-CN"}
THEMES = ("light", "dark")
FIRST_VISIT = 120_000  # bytes on the wire
LATER_VISIT = 25_000
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"region": {"enabled": True}, "heading-order": {"enabled": True}},  # good practice beside the standard
    "resultTypes": ["violations"],
}
READ_NOTHING, READ_ONCE, READ_ALL = range(3)  # what axe reads: it takes nine tenths of a look
ALL_WAYS = tuple(product(LANGUAGES, WIDTHS, THEMES))
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
RUN_AXE = """async options => (await axe.run(document, options)).violations.map(
  one => `${one.id}: ` + one.nodes.slice(0, 4).map(
    node => node.target.join(' ') + (one.id === 'color-contrast' ? ' ' + node.any[0].message : '')).join(' | '))"""
# How far the page reaches to the side, and what reaches there.
SIDEWAYS = """() => {
  const page = document.scrollingElement;
  if (page.scrollWidth <= innerWidth) return null;
  const all = [...document.body.querySelectorAll('*')];
  const wide = all.filter(one => one.getBoundingClientRect().right > innerWidth + 1);
  return `${page.scrollWidth} px: ` + wide.slice(-3).map(
    one => [one.tagName.toLowerCase(), ...one.classList].join('.')).join(' ');
}"""
OPEN_DETAILS = """() => document.querySelectorAll('main details:not(.menu):not([open])').forEach(
  one => { one.open = true; one.dataset.looked = '' })"""
CLOSE_DETAILS = "() => document.querySelectorAll('[data-looked]').forEach(one => { one.open = false })"


@dataclass
class Visit:
    """One loaded page: the complaints of scripts and policy, and its size in bytes."""

    complaints: list[str] = field(default_factory=list)
    bytes: int = 0


class Viewer:
    """One person's browser with an empty cache. Use `viewer()`."""

    def __init__(self, context: BrowserContext, platform: Platform, who: str | None, theme: str) -> None:
        self._context, self._platform, self._theme = context, platform, theme
        self._visit = Visit()
        self.become(who)
        self.page: Page = context.new_page()
        self._listen(context.new_cdp_session(self.page))

    def become(self, who: str | None, theme: str | None = None) -> None:
        """From now on it is another person's browser (None: signed out), in a theme; only the cache stays."""
        self._theme = theme or self._theme
        self._context.clear_cookies()
        self._cookies = {"crowd": self._platform.cookie(who)} if who else {}

    def _listen(self, line: CDPSession) -> None:
        def count(event: dict[str, Any]) -> None:
            self._visit.bytes += int(event["encodedDataLength"])

        line.send("Network.enable")
        line.on("Network.loadingFinished", count)
        self.page.on("pageerror", lambda error: self._visit.complaints.append(f"script error: {error}"))
        self.page.on("console", lambda said: self._hear(said.type, said.text))
        self.page.on("requestfailed", lambda asked: self._visit.complaints.append(f"not loaded: {asked.url}"))

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and "the server responded with a status of" not in text:  # the status is judged by itself
            self._visit.complaints.append(f"console: {text[:300]}")

    def visit(self, path: str, language: str) -> tuple[int, Visit]:
        """Go to a page, wide, in a language; its status and what came with it."""
        cookies = {**self._cookies, "locale": language, "theme": self._theme}
        self._context.add_cookies(
            [{"name": name, "value": value, "url": self._platform.address} for name, value in cookies.items()]
        )
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        self._visit = Visit()
        answer = self.page.goto(path, wait_until="load")
        assert answer is not None
        return answer.status, self._visit

    def axe(self, rules: dict[str, Any]) -> list[str]:
        """What axe finds on the page as it stands."""
        return [f"axe {found}" for found in self.page.evaluate(RUN_AXE, rules)]


@contextmanager
def viewer(chromium: Browser, platform: Platform, who: str | None, theme: str = "light") -> Iterator[Viewer]:
    """A fresh browser for one person (None: signed out)."""
    context = chromium.new_context(base_url=platform.address, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(20_000)
    try:
        yield Viewer(context, platform, who, theme)
    finally:
        context.close()


def look(
    eyes: Viewer, path: str, language: str, *, name: str, budget: int = FIRST_VISIT,
    status: int = 200, reads: int = READ_NOTHING, widths: Sequence[int] = WIDTHS,
) -> list[str]:  # fmt: skip
    """Look at one page in one language at these widths; what is wrong, in words.

    Axe reads nothing; or the page at the first width; or each width, and the contrast in the other theme.
    """
    answered, visit = eyes.visit(path, language)
    problems = [] if answered == status else [f"status {answered}"]
    if answered >= 400 and answered != status:
        return problems + visit.complaints
    problems += [f"shows a person {found}" for found in unfit(eyes.page.content())]
    if reads:
        eyes.page.evaluate(AXE_SCRIPT)
    if (said := eyes.page.get_attribute("html", "lang")) != LANGUAGES[language]:
        problems.append(f"lang is {said}")
    if language != "en" and not re.search("[一-鿿]", eyes.page.inner_text("footer")):
        problems.append("the frame is not in Chinese; are the catalogues compiled (make install)?")
    for width in widths:
        eyes.page.set_viewport_size({"width": width, "height": 900})
        _photograph(eyes.page, f"{name}.{language}.{width}")
        eyes.page.evaluate(OPEN_DETAILS)
        if wide := eyes.page.evaluate(SIDEWAYS):
            problems.append(f"{width} px: scrolls sideways, {wide}")
        if reads == READ_ALL or (reads == READ_ONCE and width == widths[0]):
            problems += [f"{width} px: {found}" for found in eyes.axe(RULES)]
        eyes.page.evaluate(CLOSE_DETAILS)
    if reads == READ_ALL:
        problems += _in_the_other_theme(eyes)
    if visit.bytes > budget:
        problems.append(f"{visit.bytes / 1000:.0f} kB transferred, {budget / 1000:.0f} allowed")
    return problems + visit.complaints


def _in_the_other_theme(eyes: Viewer) -> list[str]:
    """Contrast in the dark (or, where the walk is in the dark, in the light)."""
    other = {"light": "dark", "dark": "light"}[eyes._theme]
    eyes.page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", other)
    return [f"{other}: {found}" for found in eyes.axe(CONTRAST)]


def _photograph(page: Page, name: str) -> None:
    if folder := os.environ.get("CROWD_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
