"""A draft that is made of another platform's record has all of its text, under the headings of its page."""

import re

import pytest

from challenges import brief as briefs
from challenges import services
from challenges.importing.mapping import Section
from challenges.models import Challenge
from challenges.queries import source_of
from crowd.db import db
from crowd.limits import Limits
from tests.cast import Cast
from tests.challenges.test_views import imported
from tests.client import Browser
from tests.crowd.web.test_markdown import shown as markdown

TEXTS = {
    Section.HOW_TO_ENTER: '<h3>Step one</h3><p>Write to <a href="https://a.example/">us</a>.</p>',
    Section.RULES: "<p>Teams of <strong>five</strong>.</p><ol><li>no staff</li></ol>",
    Section.NEED: "<p>Canals leak.</p>",
    Section.JUDGING: "<table><tr><th>What</th></tr><tr><td>Cost</td></tr></table>",
    Section.PRIZES: "<ul><li>A medal</li></ul>",
}
ENGLISH = ["Prizes", "Rules", "The judging", "How to enter"]


def record(language: str = "en", **texts: str) -> Challenge:
    row = imported()
    row.language = language
    source = source_of(row)
    assert source is not None
    source.mapped = source.mapped | {"sections": texts or {str(name): html for name, html in TEXTS.items()}}
    db.session.flush()
    return row


def copied(cast: Cast, row: Challenge) -> str:
    return services.copy(cast.ada, row.id, cast.luoyang.id).problem_statement


def headings(page: str) -> list[str]:
    return re.findall(r"<h2[^>]*>([^<]+)</h2>", page)


def test_a_copy_keeps_the_headings_and_the_order_of_the_page(cast: Cast, browser: Browser) -> None:
    row = record()
    need = copied(cast, row)
    page = browser.get(f"/challenges/{row.id}").get_data(as_text=True)
    assert [title for title in headings(page) if title in ["Problem", *ENGLISH]] == ["Problem", *ENGLISH]
    assert re.findall(r"^## (.+)$", need, re.MULTILINE) == ENGLISH
    assert need.startswith("Canals leak.")
    words = re.sub("<[^>]*>", " ", " ".join(TEXTS.values())).split()
    shown = re.sub("<[^>]*>", " ", markdown(need)).split()
    assert [word for word in words if word not in shown] == []


@pytest.mark.parametrize(("name", "title"), list(zip(list(Section)[1:], ENGLISH, strict=True)))
def test_a_section_that_stands_alone_has_its_heading(cast: Cast, name: Section, title: str) -> None:
    assert copied(cast, record(**{str(name): TEXTS[name]})).startswith(f"## {title}\n\n")


def test_headings_are_in_the_language_of_the_record(cast: Cast) -> None:
    found = re.findall(r"^## (.+)$", copied(cast, record("zh_Hans_CN")), re.MULTILINE)
    assert len(found) == 4
    assert not set(found) & set(ENGLISH)


def test_a_text_that_is_too_long_says_that_it_is_cut(cast: Cast) -> None:
    most = Limits().max_problem_statement_length
    need = copied(cast, record(need="".join(f"<p>line {number}</p>" for number in range(most // 8))))
    assert "The text was cut here" in need.rpartition("\n")[2]
    assert most - 200 < len(need) <= most
    assert list(briefs.errors(briefs.Brief(title="x", problem_statement=need), Limits())) == []
