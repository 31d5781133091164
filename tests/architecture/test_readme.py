"""Each statement of the README that can be checked is: counts, accounts, versions, systems, licences, its length.

Commands, files, links and URLs that it names are checked with those of all documents (`test_documents.py`), what its
accounts begin with in `tests/browser/test_story.py`, the two commands by `.ci/run`.
"""

import json
import os
import platform
import re
import subprocess
from configparser import ConfigParser
from importlib import metadata

import pytest
from babel import Locale

from challenges.workflow import ChallengeState
from crowd.config import ROOT, Settings
from crowd.demo import personas
from crowd.demo.scenarios.founding import PASSWORD
from crowd.languages import LANGUAGES

README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
STORY = json.loads((ROOT / "tests" / "browser" / "story.json").read_text(encoding="utf-8"))
SETUP = ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")
LOCKS = {"production": "requirements.lock", "tests": "requirements-test.lock"}
COUNTS = {
    "challenges": sum(STORY["challenges"].values()),
    "organisations": len(personas.ORGANISATIONS),
    "people": len(personas.PEOPLE),
}


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 120


def test_it_has_a_picture_of_the_platform() -> None:
    found = re.search(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert found
    assert (ROOT / found[1]).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("document", [README, TOUR], ids=["readme", "tour"])
@pytest.mark.parametrize("what", COUNTS)
def test_the_demonstration_has_what_is_said(document: str, what: str) -> None:
    flat = re.sub(r"\s+", " ", document)
    assert {int(number) for number in re.findall(rf"(\d+) {what}\b", flat)} == {COUNTS[what]}


def test_the_demonstration_has_three_currencies_and_every_state() -> None:
    """Every state that an own challenge can have; the other two are those of imported records."""
    assert "three currencies" in README
    assert len({account.split()[1] for account in STORY["balances"]}) == 3
    acted = {kind.partition(".")[2] for kind in STORY["counts"]["acts"]}
    own = set(ChallengeState) - {ChallengeState.LISTED, ChallengeState.ARCHIVED}
    assert "challenges in every state" in README
    assert {state for state in own if state not in STORY["challenges"] and str(state) not in acted} == set()


@pytest.mark.parametrize("document", [README, TOUR], ids=["readme", "tour"])
def test_the_accounts_are_those_of_the_demonstration(document: str) -> None:
    rows = re.findall(r"^\| (\S+@\S+\.example) \| ([^|]+) \|", document, re.MULTILINE)
    known = {personas.person(key).email: str(role) for key, role in personas.MAIN.items()}
    assert dict(rows).items() <= known.items()
    assert len(rows) == (5 if document is README else len(known))
    assert f"`{PASSWORD}`" in document


def test_the_version_and_the_languages_are_those_of_the_code() -> None:
    assert f"Version {SETUP['metadata']['version']}." in README
    named = " and ".join(str(Locale.parse(one).get_language_name("en")) for one in LANGUAGES)
    assert f"The interface is in {named}." in re.sub(r"\s+", " ", README)
    assert (
        f"http://{Settings.__dataclass_fields__['host'].default}:{Settings.__dataclass_fields__['port'].default}"
        in README
    )


def test_python_is_the_one_that_is_needed() -> None:
    least = SETUP["options"]["python_requires"].removeprefix(">=")
    assert f"Python {least} or newer" in README
    assert f"Python {least} to " in README


@pytest.mark.skipif(not os.environ.get("CI"), reason="this is about the machine that runs every change")
def test_the_system_is_the_one_that_runs_every_change() -> None:
    system = platform.freedesktop_os_release()
    machine = {"x86_64": "x86-64"}.get(platform.machine(), platform.machine())
    name = system["NAME"].split()[0]
    here = f"| {name} {system['VERSION_ID']}, {machine}, Python {platform.python_version().rpartition('.')[0]} |"
    assert here in README
    assert here in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_the_targets_say_what_they_do() -> None:
    """The two commands, as `make help` has them."""
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    targets = dict(re.findall(r"^  make (\S+) +(.+)$", done.stdout, re.MULTILINE))
    assert "demonstration data" in targets["run"]
    assert "run all tests" in targets["test"]


def licence_of(name: str) -> str:
    """What a package says of its licence; empty where it says nothing. Raises PackageNotFoundError."""
    found = metadata.metadata(name)
    classifiers = [one for one in found.get_all("Classifier") or [] if one.startswith("License")]
    return " ".join([found.get("License-Expression") or "", (found.get("License") or "")[:60], *classifiers]).strip()


def with_conditions(lock: str) -> set[str]:
    """The packages of a lock file, installed here, whose licence is not known to be permissive."""
    found = set()
    for name in re.findall(r"^([\w.-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE):
        try:
            licence = licence_of(name)
        except metadata.PackageNotFoundError:
            continue  # of another Python or system
        if re.search("GPL|MPL|Mozilla", licence) or not re.search(
            "MIT|BSD|Apache|PSF|Python Software|ISC|Unlicense", licence
        ):
            found.add(name)
    return found


def test_licences_are_permissive_but_for_those_that_are_named() -> None:
    production, tests = with_conditions(LOCKS["production"]), with_conditions(LOCKS["tests"])
    assert {name.partition("-")[0] for name in production} == {"psycopg", "noto"}
    # axe-playwright-python, MIT, says nothing of it and brings axe-core
    assert tests - production == {"hypothesis", "pathspec", "axe-playwright-python"}
    section = README.partition("## Licence")[2]
    assert all(
        word in section
        for word in ("psycopg (LGPL)", "Noto Sans CJK", "OFL", "Hypothesis", "pathspec", "axe-core", "MPL")
    )
    assert SETUP["metadata"]["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")[:200]
