"""What a public project has besides code: valid, complete, and in agreement with each other."""

import re
from datetime import date

import pytest
import yaml

from crowd.config import ROOT
from tests.architecture.test_readme import SETUP

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
ISSUES = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yaml"))
CHANGES = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def items(list_of: str) -> list[str]:
    """The items of a list in Markdown, each on one line."""
    return [re.sub(r"\s+", " ", one).strip() for one in re.split(r"^- (?:\[ \] )?", list_of, flags=re.MULTILINE)[1:]]


def test_the_checklist_of_a_pull_request_is_the_definition_of_done() -> None:
    done = items(text("CONTRIBUTING.md").partition("A change is done when:")[2])
    assert len(done) >= 7
    assert items(text(".github/pull_request_template.md")) == done


@pytest.mark.parametrize("path", ISSUES, ids=lambda path: path.stem)
def test_an_issue_form_asks(path: object) -> None:
    form = yaml.safe_load(text(str(path)))
    asked = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert form["name"]
    assert form["description"]
    assert len(asked) == len(set(asked)) >= 3


def test_the_hooks_run_what_is_here() -> None:
    """Nothing is downloaded, and each check of `make lint` is among them."""
    repositories = yaml.safe_load(text(".pre-commit-config.yaml"))["repos"]
    assert [one["repo"] for one in repositories] == ["local"]
    hooks = {hook["id"]: hook for hook in repositories[0]["hooks"]}
    assert all(hook["entry"].startswith(".venv/bin/python -") for hook in hooks.values())
    assert {hook["language"] for hook in hooks.values()} == {"system"}
    names = re.findall(r"\$\(call check,(\w+),", text("Makefile").partition("CHECKS =")[2].partition("VERDICT")[0])
    assert {hook["name"] for hook in hooks.values()} >= set(names)


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_what_was_asked_and_is_in_the_index(path: object) -> None:
    whole = text(str(path))
    title = re.match(r"# (\d+)\. (.+)\n", whole)
    assert title
    assert "## The question" in whole
    assert "## The decision" in whole
    name = str(path).rpartition("/")[2]
    assert name.startswith(f"{int(title[1]):04}-")
    assert f"| {title[1]} | [{title[2]}]({name}) |" in text("docs/decisions/README.md")


def test_decisions_have_numbers_without_gaps() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_the_changelog_has_the_form_that_it_names() -> None:
    headings = re.findall(r"^## (.+)$", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    versions = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)", one) for one in headings[1:]]
    assert all(versions)
    found = [(one[1], date.fromisoformat(one[2])) for one in versions if one]
    assert found[0][0] == SETUP["metadata"]["version"]
    assert found == sorted(found, key=lambda one: one[1], reverse=True)
    assert found[-1][0] == "0.1.0"
    assert set(re.findall(r"^### (.+)$", text("CHANGELOG.md"), re.MULTILINE)) <= set(CHANGES)


def test_a_report_of_a_vulnerability_goes_to_the_repository() -> None:
    """No email address that somebody would have to invent."""
    for name in ("SECURITY.md", "CODE_OF_CONDUCT.md"):
        assert "@" not in text(name)
        assert "private reporting" in text(name)
