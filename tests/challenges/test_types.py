"""A challenge follows the rules of a prize: no other type is offered, read, filtered by or shown."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from challenges import filtering
from challenges.brief import Brief
from challenges.models import Type
from crowd.db import db
from crowd.web.arguments import Arguments
from tests import factories
from tests.cast import Cast
from tests.challenges.importing.test_services import ROW, imported, take
from tests.challenges.test_views import fields
from tests.client import Browser

OTHERS = sorted(set(Type) - {Type.PRIZE})
WORDS = re.compile(
    r"\b(tender|call for ideas|ideation|grand challenge|staged)\b|招标|创意征集|重大专项|重大挑战", re.IGNORECASE
)


@pytest.mark.parametrize("path", ["/challenges/new", "/challenges/{draft}/edit/problem"])
def test_no_form_asks_for_a_type(path: str, cast: Cast, browser: Browser) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    page = browser.sign_in(cast.ada).get(path.format(draft=draft.id)).text
    assert "type" not in fields(page)
    assert not WORDS.search(page)


def test_a_type_that_is_sent_all_the_same_is_not_taken(cast: Cast, browser: Browser) -> None:
    assert "type" not in Brief.__slots__
    form = {"organisation_id": cast.luoyang.id, "title": "Quiet valves", "type": "tender", "language": "en"}
    made = browser.sign_in(cast.ada).post("/challenges/new", form)
    number = int(made.headers["Location"].split("/")[2])
    assert db.session.scalar(sa.text("SELECT type FROM challenge WHERE id = :id"), {"id": number}) == Type.PRIZE


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_an_older_type_is_kept_and_shown_nowhere(kind: Type, locale: str, cast: Cast, browser: Browser) -> None:
    challenge = factories.move_dates(factories.opened(cast), type=kind)
    browser.sign_in(factories.user("Lin", locale=locale))
    for path in ("/challenges", f"/challenges/{challenge.id}", f"/challenges/{challenge.id}/prizes"):
        assert not WORDS.search(browser.get(path).text)
    assert browser.get(f"/api/v1/challenges/{challenge.id}").get_json()["challenge"]["type"] == "prize"


@pytest.mark.parametrize("kind", OTHERS)
def test_nothing_is_filtered_by_it(kind: Type, cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    listed = browser.get(f"/api/v1/challenges?type={kind}").get_json()["challenges"]
    assert [row["id"] for row in listed] == [challenge.id]
    assert "type" not in filtering.arguments(filtering.read(Arguments(MultiDict({"type": str(kind)}))))


def test_a_record_of_another_platform_shows_the_words_of_its_source(
    cast: Cast, browser: Browser, tmp_path: Path
) -> None:
    named = {**ROW, "challenge-title": "Quiet Pumps Grand Challenge"}
    assert take(tmp_path, named).created == 1
    challenge, source = imported("77")
    assert (challenge.type, source.mapped["types_given"]) == (Type.STAGED, ["Ideas"])
    record = browser.get(f"/challenges/{challenge.id}").text
    assert '<dd lang="en">Ideas</dd>' in record
    found = browser.get(f"/api/v1/challenges/{challenge.id}").get_json()["challenge"]
    assert (found["type"], found["source"]["types"]) == (None, ["Ideas"])
