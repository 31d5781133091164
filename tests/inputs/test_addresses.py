"""For any URL or form, the response is a page: never a server error.

Values are drawn by one seed, so that a change fails for what it changes; `CROWD_FUZZ_SEED=...` draws others, and the
tests marked `long` draw all of them, as everybody.
"""

import os
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote

import pytest
from flask import Flask

from tests.cast import Cast
from tests.inputs import fuzz
from tests.inputs.fuzz import SENT_ALONG, Page, World, body_of, fill, query_of, slots

SEED = int(os.environ.get("CROWD_FUZZ_SEED", 1))
Case = TypeVar("Case")
EVERYBODY = (None, *fuzz.ROLES)
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def app(isolated: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Lists go on after one row; forms are taken without the token that a page carries."""
    settings = isolated.config["CROWD"]
    monkeypatch.setitem(isolated.config, "CROWD", replace(settings, limits=replace(settings.limits, page_rows=1)))
    monkeypatch.setitem(isolated.config, "WTF_CSRF_ENABLED", False)
    return isolated


@pytest.fixture
def world(app: Flask, cast: Cast) -> World:
    """People, and nothing else."""
    return World(app, cast)


@pytest.fixture
def filled(app: Flask, cast: Cast) -> World:
    """People with a past: rows of every kind."""
    return World(app, cast, filled=True)


class Draw:
    """A part of the values, or all of them."""

    def __init__(self, whole: bool) -> None:
        self._whole, self._dice = whole, random.Random(SEED)

    def some(self, values: Any, number: int) -> list[Any]:
        """That many of the values; all in the long form."""
        return list(values) if self._whole else self._dice.sample(list(values), min(number, len(values)))

    def third(self, values: Sequence[Case]) -> list[Case]:
        """One in three of the values; all in the long form."""
        return self.some(values, -(-len(values) // 3))


@pytest.fixture(params=[False, pytest.param(True, marks=pytest.mark.long)], ids=["drawn", "all"])
def draw(request: pytest.FixtureRequest) -> Draw:
    return Draw(request.param)


def verdict(faults: list[str], asked: int, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{asked} requests, seed {SEED}")
    assert not faults, "\n".join([f"{len(faults)} faults of {asked}, CROWD_FUZZ_SEED={SEED}:", *faults[:60]])


def test_what_no_row_and_no_code_can_be_leads_nowhere(
    world: World, draw: Draw, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = []
    for rule in world.rules():
        for name, kind in slots(rule):
            wrong, allowed = (fuzz.NO_IDS, (404,)) if kind == "int" else (fuzz.NO_CODES, (404, 405))
            for value in draw.some(wrong, 1):
                for who in draw.some(EVERYBODY, 1):
                    path = fill(rule, {name: value})
                    status = world.ask(rule, path, who).status_code
                    if status not in allowed:
                        faults.append(f"{status} {path[:120]} as {who}")
    verdict(faults, world.asked, capsys)


def test_strange_codes_are_looked_for_and_not_found(
    world: World, draw: Draw, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = []
    for rule in world.rules():
        for name, kind in slots(rule):
            for value in draw.some(fuzz.ODD_CODES, 1) if kind != "int" else ["9" * 18]:
                for who in draw.some(EVERYBODY, 1):
                    path = fill(rule, {name: value})
                    status = world.ask(rule, path, who).status_code
                    if status >= 500:
                        faults.append(f"{status} {path[:120]} as {who}")
    verdict(faults, world.asked, capsys)


def test_what_pages_read_is_taken_or_refused(filled: World, draw: Draw, capsys: pytest.CaptureFixture[str]) -> None:
    """Arguments of every page, cursors of every list, and fields of every form, in a world that has rows.

    In the short form: of a third of the pages, two wrong cursors of each list, and a third of the forms.
    """
    pages = list(filled.pages())
    assert len(pages) >= 55, sorted(rule.endpoint for rule, _path, _who in pages)
    faults = [*_arguments(filled, pages, draw), *_cursors(filled, pages, draw), *_forms(filled, pages, draw)]
    verdict(faults, filled.asked, capsys)


def _arguments(world: World, pages: list[Page], draw: Draw) -> Iterator[str]:
    for rule, path, owner in draw.third(pages):
        for value in draw.some(fuzz.ODD_ARGUMENTS, 1):
            for who in {owner, *draw.some(EVERYBODY, 0)}:
                status = world.ask(rule, path, who, query_of(value)).status_code
                if status >= 500:
                    yield f"{status} {path}?...={value[:40]!r} as {who}"


def _cursors(world: World, pages: list[Page], draw: Draw) -> Iterator[str]:
    """Each cursor opens its own list, and no other; nor does one that somebody has changed.

    A list may be on two pages, as an account's lines are: their cursors belong to no other list.
    """
    found = [(page, cursor) for page in pages if (cursor := _cursor(world, page))]
    assert len(found) >= 10, f"too few lists go on: {[page[0].endpoint for page, _cursor in found]}"
    for page, own in found:
        others = sorted({value for _page, value in found if value != own})
        assert world.ask(*page, f"after={own}").status_code == 200
        changed = [own[:-1], own[1:], own.rsplit(".", 1)[0], quote("é"), "WzFd"]
        for value in [*draw.some(changed, 1), *draw.some(others, 1)]:
            status = world.ask(*page, f"after={value}").status_code
            if status not in (404, 422):
                yield f"{status} {page[1]}?after={value}"


def _cursor(world: World, page: Page) -> str | None:
    """Where the second page of this list begins, or None where the page is no list, or has no second page."""
    found = re.search(r'href="[^"]*[?;]after=([^"&]+)', world.text(page))
    return found.group(1) if found else None


def _forms(world: World, pages: list[Page], draw: Draw) -> Iterator[str]:
    forms = list(world.forms(pages))
    assert len(forms) >= 25, f"too few forms: {sorted(rule.endpoint for rule, *_rest in forms)}"
    for rule, action, form, who in draw.third(forms):
        names = sorted(form.names - SENT_ALONG)
        for value in draw.some(fuzz.ODD_TEXTS, 1):
            for wrong in [names, *([name] for name in draw.some(names, 1))]:
                fields = [(n, v) for n, v in form.values if n not in wrong] + [(n, value) for n in wrong]
                status = world.ask(rule, action, who, data=body_of(fields)).status_code
                if status >= 500:
                    yield f"{status} {action} {wrong} = {value[:40]!r} as {who}"


def test_what_posts_without_a_form_is_safe_too(world: World, draw: Draw, capsys: pytest.CaptureFixture[str]) -> None:
    """Endpoints that only buttons and scripts call: fields that they never offered, and bodies that are no forms."""
    faults = []
    bodies: list[Callable[[str], Any]] = [
        lambda value: body_of(
            [(name, value) for name in ("confirmed", "reason", "remove", "then", "base", "role", *fuzz.ARGUMENTS)]
        ),
        lambda value: b"\xff\xfe" + value.encode("utf-8", "surrogatepass")[:50],
    ]
    for rule in world.rules():
        if "POST" not in (rule.methods or ()):
            continue
        for value in draw.some(fuzz.ODD_TEXTS, 1):
            for who in draw.some(EVERYBODY, 1):
                for body in bodies:
                    status = world.ask(rule, fill(rule, {}), who, data=body(value)).status_code
                    if status >= 500:
                        faults.append(f"{status} {rule.rule} as {who}: {value[:40]!r}")
    verdict(faults, world.asked, capsys)
