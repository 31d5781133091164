"""A search finds what is meant, however it is written, in whatever state, and after a change of names."""

import re

import pytest
import sqlalchemy as sa

from challenges import indexing, jobs, queries, search_tokens
from challenges.models import Challenge
from challenges.queries import Filters
from crowd.accounts.organisations import services as organisations
from crowd.background import Job
from crowd.db import db
from tests import factories
from tests.cast import Cast
from tests.client import Browser

TEXT = (
    "Leak detectors for batteries and analyses of Müller's naïve sensor networks in Łódź: 管网泄漏检测的国际标准, "
    "ＡＩ模型, e\u0301tude, Strassen, factory, 日本国, reviews of companies"
)


@pytest.mark.parametrize(
    "question",
    [
        "detector", "detectors", "battery", "sensors", "network", "company", "factories", "review", "LEAKS",
        "Muller", "müller", "MÜLLER", "naive", "lodz", "étude", "etude", "straßen",
        "ＬＥＡＫ", "ai", "ｓｅｎｓｏｒｓ", "ＡＩ模型",
        "管網洩漏檢測", "国际标准", "國際標準", "檢測", "日本國", "泄漏 sensor",
    ],
)  # fmt: skip
def test_a_question_finds_what_it_means(question: str) -> None:
    assert set(search_tokens.wanted(question)) <= set(search_tokens.tokens(TEXT)), search_tokens.wanted(question)


@pytest.mark.parametrize("question", ["detecting", "batter", "漏管", "lodge", "aim", "mullet"])
def test_a_question_finds_nothing_else(question: str) -> None:
    assert not set(search_tokens.wanted(question)) <= set(search_tokens.tokens(TEXT))


def test_what_was_found_is_marked_as_it_is_written() -> None:
    assert search_tokens.mark("Sensors in Łódź", "sensor lodz") == "<mark>Sensors</mark> in <mark>Łódź</mark>"
    assert search_tokens.mark("國際標準", "国际") == "<mark>國際</mark>標準"
    assert search_tokens.mark("ＡＩ模型", "ai") == "<mark>ＡＩ</mark>模型"


def found(**filters: object) -> list[int]:
    return [row.id for row in queries.list_page(Filters(**filters), after=None, size=50)]  # type: ignore[arg-type]


@pytest.mark.parametrize("tag", ["Acoustics", "ACOUSTICS", "ａｃｏｕｓｔｉｃｓ", " acoustics"])
def test_a_tag_is_found_in_any_case_and_width(cast: Cast, tag: str) -> None:
    challenge = factories.opened(cast, tags=["acoustics", "水务"])
    assert found(tags=[tag]) == [challenge.id]
    assert found(tags=["水務"]) == [challenge.id]
    assert found(tags=["acoustic"]) == [], "a tag is found as a whole"


def test_another_name_of_an_organisation_finds_its_challenges(cast: Cast) -> None:
    challenge = factories.opened(cast)
    house = cast.luoyang
    organisations.edit(
        cast.ada, house.id, name="Heluo Aqueduct", kind=house.kind, country=house.country, city="", website="",
        about="",
    )  # fmt: skip
    assert found(question="aqueducts") == []
    job = db.session.scalars(sa.select(Job).where(Job.kind == "search.reindex_organisation")).one()
    jobs.reindex_organisation(*job.args)
    assert found(question="aqueducts") == [challenge.id]


def test_what_older_rules_have_read_is_read_anew(cast: Cast) -> None:
    challenge = factories.opened(cast)
    db.session.execute(sa.update(Challenge).values(search=["nothing"], search_version=0))
    db.session.expire_all()
    assert found(question=challenge.title) == []
    assert jobs.reindex_outdated() == {"read": 1}
    assert found(question=challenge.title) == [challenge.id]
    assert indexing.outdated() == []


def test_a_search_looks_in_all_states_and_says_where_hits_lie(cast: Cast, browser: Browser) -> None:
    opened, judged = factories.opened(cast), factories.judged(cast)
    for row in (opened, judged):
        row.title = "Hydrants"
        indexing.index(row, row.problem_statement)
    db.session.flush()
    usual = browser.get("/challenges").get_data(as_text=True)
    assert 'name="usual" value="1"' in usual
    page = browser.get("/challenges?filtered=1&usual=1&state=open&state=listed&q=hydrant").get_data(as_text=True)
    for number in (opened.id, judged.id):
        assert f'href="/challenges/{number}"' in page
    assert re.search(r'href="[^"]*state=judging[^"]*">Judging 1</a>', re.sub(r"\s+", " ", page))
    chosen = browser.get("/challenges?filtered=1&state=open&q=hydrants").get_data(as_text=True)
    assert f'href="/challenges/{judged.id}"' not in chosen
    assert "Judging 1" in chosen, "where the others lie is said all the same"
