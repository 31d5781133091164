"""Fields of work: one field, whatever it is called, shown in the reader's language."""

import pytest

from crowd.accounts import services
from crowd.accounts.models import User
from crowd.db import db
from crowd.taxonomy.vocabulary import current, shipped
from scoring.candidates import folded
from scoring.profiles import queries
from tests import factories
from tests.cast import Cast
from tests.client import Browser


@pytest.mark.parametrize("name", ["acoustics", "Acoustics", "ＡＣＯＵＳＴＩＣＳ", "声学", "聲學", "声\u200b学"])
def test_a_field_has_a_name_in_each_language(name: str) -> None:
    assert (shipped().field_name(name, "en"), shipped().field_name(name, "zh_Hans_CN")) == ("acoustics", "声学")
    assert shipped().kept([name, "acoustics"]) == ["acoustics"]


def test_what_is_not_in_the_list_stays_as_people_wrote_it() -> None:
    assert shipped().kept(["Basket Weaving", "basket weaving"]) == ["Basket Weaving"]
    assert shipped().field_names(["Basket Weaving", "AI"], "zh_Hans_CN") == ["Basket Weaving", "人工智能"]


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

    def found(asked: str) -> list[int | None]:
        return [row.standing.user_id for row in queries.listed("solvers", field=asked, after=None, size=5).rows]

    (winner_id,) = found("")
    winner = db.session.get(User, winner_id)
    assert winner is not None
    winner.expertise = current().kept(["acoustics", "Basket weaving"])
    db.session.flush()
    assert found(field) == [winner.id]
    assert not found("optics")


@pytest.mark.usefixtures("cast")
def test_reviewers_and_tags_meet_across_languages() -> None:
    assert folded(["声学", "Sensor"]) == folded(["acoustics", "sensors"])


@pytest.mark.parametrize(
    ("written", "asked"),
    [("pipe networks", "管网"), ("管网", "pipe networks"), ("Leak-Detection", "泄漏检测"), ("聲學", "acoustics")],
)
def test_a_search_finds_a_field_by_its_name_in_the_other_language(
    cast: Cast, browser: Browser, written: str, asked: str
) -> None:
    challenge = factories.opened(cast, title="Find it", tags=[written])
    assert f'href="/challenges/{challenge.id}"' in browser.get(f"/challenges?q={asked}").text
