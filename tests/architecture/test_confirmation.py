"""Every endpoint that accepts a POST is known as reversible or as one that asks once; pages ask for the latter."""

import re
from pathlib import Path

import pytest
from flask import Flask

from crowd.config import ROOT
from crowd.web.confirmation import ASKED, ASKS_ITSELF, NOT_ASKED
from tests.asking import unasked

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
GROUPS = {"asked": ASKED, "asks itself": ASKS_ITSELF, **NOT_ASKED}


def test_every_endpoint_that_is_posted_to_stands_in_one_group(shared_app: Flask) -> None:
    """A new one fails here until somebody has decided whether its user can undo it."""
    posted = {rule.endpoint for rule in shared_app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    counted = [endpoint for group in GROUPS.values() for endpoint in group]
    assert posted - set(counted) == set()
    assert set(counted) - posted == set()
    assert len(counted) == len(set(counted))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_posts_what_cannot_be_undone_at_once(path: Path) -> None:
    text = path.read_text("utf-8")
    plain = re.findall(r"(?:post_form\(|action=\"\{\{ )url_for\('([\w.]+)'", text)
    assert [endpoint for endpoint in plain if endpoint in ASKED] == []


def test_each_of_them_has_a_page_that_asks() -> None:
    text = "\n".join(path.read_text("utf-8") for path in TEMPLATES)
    assert {endpoint for endpoint in ASKED if f"'{endpoint}'" not in text} == set()
    assert "ui.confirmed()" in (ROOT / "templates/challenges/cancel.html").read_text("utf-8")


def test_a_question_repeats_something() -> None:
    """A question names an amount, a person or an object: its text has a placeholder, which the page fills."""
    said = [
        (path.name, found)
        for path in TEMPLATES
        for found in re.findall(
            r"ui\.confirm_form\(\s*url_for\('([\w.]+)'(.*?)\) (?:\}\}|-?%\})", path.read_text(), re.S
        )
    ]
    assert len(said) > 15
    assert [(name, endpoint) for name, (endpoint, rest) in said if not re.search(r"%\(\w+\)s|question", rest)] == []


def test_a_form_that_does_not_ask_is_found(shared_app: Flask) -> None:
    plain = (
        '<form method="post" action="/finance/batches/7/approve"><input name="csrf_token"><button>Go</button></form>'
    )
    assert unasked(shared_app, "/finance/batches/7", plain) == ["ledger.approve_batch is not asked about"]
    asking = plain.replace("</form>", '<input type="hidden" name="confirmed" value="yes"></form>')
    assert unasked(shared_app, "/finance/batches/7", asking) == []
    assert (
        unasked(
            shared_app,
            "/challenges/7/cancel",
            '<form method="post"><textarea name="reason"></textarea><button>Go</button></form>',
        )
        != []
    )
