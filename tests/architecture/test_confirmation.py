"""Every endpoint that accepts a POST is known as reversible or as one that asks once; pages ask for the latter."""

import re

from flask import Flask

from crowd.config import ROOT
from crowd.web import confirmation
from tests.asking import asking, unasked

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_every_view_that_is_posted_to_is_marked(shared_app: Flask) -> None:
    """A new one fails here until somebody has decided whether its user can undo it."""
    posted = {rule.endpoint for rule in shared_app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    marked = {endpoint for endpoint in shared_app.view_functions if confirmation.of(shared_app, endpoint) is not None}
    assert posted - marked == set()
    assert {endpoint for endpoint in marked - posted if not endpoint.startswith("security.")} == set()


def test_no_template_posts_what_cannot_be_undone_at_once(shared_app: Flask) -> None:
    plain = [
        (path.relative_to(ROOT), endpoint)
        for path in TEMPLATES
        for endpoint in re.findall(r"(?:post_form\(|action=\"\{\{ )url_for\('([\w.]+)'", path.read_text("utf-8"))
    ]
    assert len(plain) > 20
    assert [(path, endpoint) for path, endpoint in plain if confirmation.of(shared_app, endpoint) is True] == []


def test_each_of_them_has_a_page_that_asks(shared_app: Flask) -> None:
    text = "\n".join(path.read_text("utf-8") for path in TEMPLATES)
    assert {endpoint for endpoint in asking(shared_app) if f"'{endpoint}'" not in text} == set()
    assert "forms.confirmed()" in (ROOT / "templates/challenges/cancel.html").read_text("utf-8")


def test_a_question_repeats_something() -> None:
    """A question names an amount, a person or an object: its text has a placeholder, which the page fills."""
    said = [
        (path.name, found)
        for path in TEMPLATES
        for found in re.findall(
            r"forms\.confirm_form\(\s*url_for\('([\w.]+)'(.*?)\) (?:\}\}|-?%\})", path.read_text(), re.S
        )
    ]
    assert len(said) > 15
    assert [(name, endpoint) for name, (endpoint, rest) in said if not re.search(r"%\(\w+\)s|question", rest)] == []


def test_a_form_that_does_not_ask_is_found(shared_app: Flask) -> None:
    plain = (
        '<form method="post" action="/finance/batches/7/approve"><input name="csrf_token"><button>Go</button></form>'
    )
    assert unasked(shared_app, "/finance/batches/7", plain) == ["ledger.approve_batch is not asked about"]
    with_question = plain.replace("</form>", '<input type="hidden" name="confirmed" value="yes"></form>')
    assert unasked(shared_app, "/finance/batches/7", with_question) == []
    assert (
        unasked(
            shared_app,
            "/challenges/7/cancel",
            '<form method="post"><textarea name="reason"></textarea><button>Go</button></form>',
        )
        != []
    )
