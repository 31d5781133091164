"""Every command, option, setting, file and address that README and docs name exists, and every setting is named."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from crowd.app import create_app
from crowd.cli import crowd
from crowd.config import ROOT, Settings
from crowd.demo.scenarios.founding import PASSWORD
from crowd.limits import Limits

DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CODE_OF_CONDUCT.md",
    *(
        str(path.relative_to(ROOT))
        for folder in ("docs", "docs/decisions")
        for path in sorted((ROOT / folder).glob("*.md"))
    ),
)
KNOWN = {f"CROWD_{spec.name.upper()}" for spec in fields(Settings)} - {"CROWD_LIMITS"} | {"CROWD_HOME"}
LIMITS = {f"CROWD_LIMIT_{spec.name.upper()}" for spec in fields(Limits)}
TESTS_OWN = {"CROWD_FUZZ_SEED", "CROWD_SCREENSHOTS"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pieces(name: str) -> Iterator[str]:
    """The lines of a document's blocks, continued ones joined, and the text in backticks."""
    whole = text(name)
    for block in re.findall(r"```[a-z]*\n(.*?)```", whole, re.DOTALL):
        yield from block.replace("\\\n", " ").splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", whole, flags=re.DOTALL))


def calls() -> Iterator[tuple[str, list[str]]]:
    """(document, words) of each call of `crowd`: the words behind the program's name, up to where the shell goes on."""
    for name in DOCUMENTS:
        for piece in pieces(name):
            for found in re.finditer(r"(?:^|[\s'\"(/=])crowd ((?:[a-z-]|\[)[^|;&'\")#>]*)", piece):
                if piece != PASSWORD:
                    yield name, shlex.split(found.group(1).replace("[", " ").replace("]", " "))


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that the words name, and the rest of them. Raises KeyError where there is none."""
    command: click.Command = crowd
    while isinstance(command, click.Group) and words:
        command, words = inner_commands(command)[words[0]], words[1:]
    return command, words


def inner_commands(group: click.Group) -> dict[str, click.Command]:
    """The commands of a group, with those that features declare."""
    context = click.Context(group)
    return {name: one for name in group.list_commands(context) if (one := group.get_command(context, name))}


def test_every_command_and_option_that_is_named_exists() -> None:
    wrong, seen = [], set()
    for name, words in calls():
        if words[0] in ("%i", "..", "…"):
            continue
        try:
            command, rest = command_of(words)
        except KeyError as error:
            wrong.append(f"{name}: crowd {' '.join(words)}: no command {error}")
            continue
        options = {option for one in command.params for option in one.opts}
        lacking = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in options]
        wrong += [f"{name}: crowd {' '.join(words)}: no option {word}" for word in lacking]
        seen.add(words[0])
    assert wrong == []
    assert seen >= {"up", "web", "worker", "scheduler", "db", "demo", "import", "ledger", "user", "backup", "restore"}


def test_every_command_is_in_the_operations() -> None:
    table = text("docs/operations.md").partition("## The `crowd` command")[2].partition("\n## ")[0]
    for name, command in inner_commands(crowd).items():
        for inner in command.commands if isinstance(command, click.Group) else [""]:
            if name == "bench":
                assert f"`{inner}`" in table or f"crowd bench {inner}" in table, inner
            else:
                assert f"crowd {name} {inner}".strip() in table, (name, inner)


def test_every_setting_that_is_named_exists() -> None:
    for name in DOCUMENTS:
        named = set(re.findall(r"\bCROWD_[A-Z][A-Z_]*[A-Z]\b", text(name))) - TESTS_OWN
        begun = {one for one in named if any(known.startswith(f"{one}_") for known in KNOWN | LIMITS)}
        assert named - KNOWN - LIMITS - begun == set(), name


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.M))
    named = {word for name in DOCUMENTS for piece in pieces(name) for word in re.findall(r"\bmake ([a-z]+)", piece)}
    assert {"run", "test", "install"} <= named
    assert named - targets == set()


def test_every_module_that_is_run_exists() -> None:
    named = {
        word for name in DOCUMENTS for piece in pieces(name) for word in re.findall(r"python3? -m ([\w.]+)", piece)
    }
    assert {word for word in named if find_spec(word) is None} == set()


def test_every_name_that_the_guide_gives_is_in_the_code() -> None:
    """Constants, classes, functions and fields; `my_` and `MY_` begin the names that its readers choose."""
    chosen = re.compile(r"(my_|MY_)\w+|MINE|can_operate|test_\w+")
    known = {
        word
        for folder in ("crowd", "challenges", "submissions", "scoring", "tests")
        for path in (ROOT / folder).rglob("*.py")
        for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
    }
    code = re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", text("CONTRIBUTING.md"), flags=re.DOTALL))
    named = {
        word
        for piece in code
        for word in re.findall(r"\b(?:[A-Za-z]\w*_\w+|_?[A-Z][A-Z_]{2,}|[A-Z][a-z]+[A-Z]\w+)\b", piece)
        if not chosen.fullmatch(word)
    }
    assert len(named) > 30
    assert named - known == set()


@pytest.mark.parametrize("name", [*DOCUMENTS, "CHANGELOG.md"])
def test_every_file_that_is_named_exists(name: str) -> None:
    begins = (
        "crowd/", "challenges/", "submissions/", "scoring/", "tests/", "docs/", "migrations/", "templates/", "deploy/",
        ".ci/",
    )  # fmt: skip
    for piece in re.findall(r"`([\w./*-]+)`", text(name)):
        if piece.startswith(begins):
            assert list(ROOT.glob(piece.rstrip("/"))), f"{name} names {piece}"
    for link, heading in re.findall(r"\]\((?!http)([^)#]*)(?:#([^)]+))?\)", text(name)):
        target = (ROOT / name).parent.joinpath(link) if link else ROOT / name
        assert target.exists(), f"{name} leads to {link}"
        assert not heading or heading in headings(target), f"{name} leads to {link}#{heading}"


def headings(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in found}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    home: Path = tmp_path_factory.mktemp("home")
    return create_app(
        Settings(data_dir=home, database_url="postgresql+psycopg://a@/b?host=/nowhere", secret_key="s" * 40)
    )


def test_every_address_that_is_named_exists(app: Flask) -> None:
    """Numbers are written as N or as dots there."""
    adapter = app.url_map.bind("localhost")
    for name in ("README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/tour.md", "docs/settings.md"):
        for piece in re.findall(r"`(/[\w/…<>.-]*)`", text(name)):
            if re.match(r"/(etc|var|srv|usr)/|/static|.*\.(pem|env|txt|service)$", piece):
                continue
            path = re.sub(r"\.\.\.|…|<\w+>|\bN\b", "1", piece)
            known = False
            for method in ("GET", "POST"):
                try:
                    adapter.match(path, method=method)
                    known = True
                except (NotFound, MethodNotAllowed):
                    continue
                except RequestRedirect:
                    known = True
            assert known, f"{name} names {piece}"
