"""Fields of work: one field, whatever it is called, shown in the reader's language."""

import pytest

from challenges import search_tokens
from crowd import terms
from crowd.accounts import services
from crowd.db import db
from scoring.candidates import folded
from scoring.profiles import queries
from tests import factories
from tests.cast import Cast
from tests.client import Browser


@pytest.mark.parametrize("name", ["acoustics", "Acoustics", "ＡＣＯＵＳＴＩＣＳ", "声学", "聲學", "声\u200b学"])
def test_a_field_has_a_name_in_each_language(name: str) -> None:
    assert (terms.term_name(name, "en"), terms.term_name(name, "zh_Hans_CN")) == ("acoustics", "声学")
    assert terms.kept([name, "acoustics"]) == ["acoustics"]


def test_what_is_not_in_the_list_stays_as_people_wrote_it() -> None:
    assert terms.kept(["Basket Weaving", "basket weaving"]) == ["Basket Weaving"]
    assert terms.term_names(["Basket Weaving", "AI"], "zh_Hans_CN") == ["Basket Weaving", "人工智能"]


def test_no_name_is_that_of_two_fields() -> None:
    lines = [terms._all(names) for names in terms._by_key().values()]
    assert all(terms.spellings(name) == names for names in lines for name in names)


def test_chinese_pages_show_chinese_fields(cast: Cast, browser: Browser) -> None:
    services.edit_profile(
        cast.dee,
        cast.dee.id,
        name="Dee",
        locale="zh_Hans_CN",
        time_zone="UTC",
        bio="",
        expertise=["acoustics", "管网", "basket weaving"],
    )
    assert cast.dee.expertise == ["acoustics", "pipe networks", "basket weaving"]
    browser.sign_in(cast.dee)
    chinese = {"Accept-Language": "zh-CN", "Cookie": "locale=zh_Hans_CN"}
    for path in (f"/people/{cast.dee.id}", "/account/profile"):
        page = browser.client.get(path, headers=chinese).get_data(as_text=True)
        assert "声学" in page
        assert "acoustics" not in page
        assert "basket weaving" in page
    challenge = factories.opened(cast, tags=["acoustics", "声学", "leak detection"])
    page = browser.client.get(f"/challenges/{challenge.id}", headers=chinese).get_data(as_text=True)
    assert page.count(">声学<") == 1
    assert "泄漏检测" in page


@pytest.mark.parametrize("field", ["声学", "Acoustics", "basket WEAVING", "ｂasket weaving"])
def test_people_are_found_by_a_field_in_either_language(cast: Cast, field: str) -> None:
    factories.settled(cast)
    winner = queries.listed("solvers", field="", after=None, size=5).rows[0].standing.user
    winner.expertise = terms.kept(["acoustics", "Basket weaving"])
    db.session.flush()
    assert [row.standing.user_id for row in queries.listed("solvers", field=field, after=None, size=5)] == [winner.id]
    assert not queries.listed("solvers", field="optics", after=None, size=5).rows


def test_reviewers_and_searches_meet_across_languages() -> None:
    assert folded(["声学", "Sensor"]) == folded(["acoustics", "sensors"])
    assert set(search_tokens.wanted("声学")) <= set(search_tokens.tokens("A challenge", tags=["acoustics"]))
