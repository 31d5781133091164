"""Fixtures of browser tests: Chromium, and a platform with demonstration data, served once for all processes of a run.

Environment:
`CROWD_BROWSER_HOME` keeps the platform in a folder between runs, `CROWD_SCREENSHOTS` names a folder for a screenshot
of each page, `CROWD_SCREENSHOTS_THEME` is light (default) or dark.
"""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn, Protocol

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, sync_playwright
from werkzeug.serving import make_server

from crowd.accounts.models import User
from crowd.config import Settings
from crowd.db import commit
from crowd.embedded import servers as crowd_servers
from crowd.supervisor import outside
from tests.browser import running
from tests.browser.running import Platform
from tests.cast import Cast
from tests.client import Browser as Client

SHELL = "chromium-headless-shell"  # Chromium without its own windows: it needs a third less of the processor
WINDOWS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECRET = "a secret that only the browser's tests know"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]  # root has no sandbox


@pytest.fixture(scope="session")
def platform(run_folder: Path) -> Iterator[Platform]:
    """The demonstration, served by real processes: the same for all test processes of the run."""
    home = Path(os.environ.get("CROWD_BROWSER_HOME") or run_folder / "browser")
    with crowd_servers.servers(home, fsync=False, connections=200) as servers:
        settings = outside(Settings(data_dir=home, secret_key=SECRET), servers)
        with running.demonstration(settings) as found:
            yield found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium: the system's, else one that is installed now; without any the test is skipped, in CI it fails."""
    with sync_playwright() as playwright:
        found = _launch(playwright)
        yield found
        found.close()


def _launch(playwright: Playwright) -> Browser:
    for prepare in (lambda: None, _install_package, _install_download):
        prepare()
        path = next(filter(None, map(shutil.which, (SHELL, *WINDOWS))), None)
        try:
            return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Error as error:
            reason = str(error).splitlines()[0]
    _without(f"no Chromium on PATH, and none could be installed: {reason}")


def _install_package() -> None:
    """Debian's packages, where the tests may install them."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        installs = [["install", "-y", "--no-install-recommends", one] for one in (SHELL, "fonts-noto-cjk")]
        for words in (["update"], *installs):
            subprocess.run(["apt-get", "-qq", *words], capture_output=True, timeout=300, check=False)


def _install_download() -> None:
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], capture_output=True, timeout=300)


def _without(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def person(chromium: Browser, platform: Platform) -> Iterator[Callable[..., Page]]:
    """`person()` opens a separate browser, in English; `person("ada")` also signs in through the page."""
    contexts: list[BrowserContext] = []

    def enter(key: str | None = None, *, scripts: bool = True, width: int = 1280) -> Page:
        context = chromium.new_context(
            base_url=platform.address,
            java_script_enabled=scripts,
            locale="en-GB",
            viewport={"width": width, "height": 900},
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        if key:
            sign_in(page, platform, key)
        return page

    yield enter
    for context in contexts:
        context.close()


def sign_in(page: Page, platform: Platform, key: str) -> None:
    """Sign in as a persona through the page that everybody uses, and read it in English from then on."""
    page.goto("/language/en?next=/account/login")
    page.fill("main [name=email]", platform.email(key))
    page.fill("main [name=password]", platform.password)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/dashboard")


# ---- a platform without a past


class Enter(Protocol):
    """Opens a separate browser in Berlin, signed in where a person is given."""

    def __call__(self, who: User | None, language: str = "") -> Page:
        """A page of it, in this language, or in theirs."""


@pytest.fixture
def cast(committed: Flask) -> Iterator[Cast]:
    """A few people on a platform without a past, which starts in no time."""
    with committed.app_context():
        yield Cast()
        commit()


@pytest.fixture
def enter(committed: Flask, cast: Cast, chromium: Browser) -> Iterator[Enter]:
    """The platform without a past, as people reach it."""
    server = make_server("127.0.0.1", 0, committed, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    contexts: list[BrowserContext] = []

    def go(who: User | None, language: str = "") -> Page:
        address = f"http://127.0.0.1:{server.server_port}"
        context = chromium.new_context(base_url=address, locale="en-GB", timezone_id="Europe/Berlin")
        context.set_default_timeout(15_000)
        contexts.append(context)
        for cookie in Client(committed).sign_in(who).client._cookies.values() if who else ():
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
        context.add_cookies([{"name": "locale", "value": language or (who.locale if who else "en"), "url": address}])
        return context.new_page()

    yield go
    for context in contexts:
        context.close()
    server.shutdown()
