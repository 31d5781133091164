"""What somebody types as a place or as a term, and which one it means."""

import pytest

from crowd.taxonomy.lookup import lookup, search
from tests.cast import Cast
from tests.client import Browser

MEANT = {
    "Qingdao": "370200",
    "青岛": "370200",
    "青岛市": "370200",
    "370200": "370200",
    "Shandong Qingdao": "370200",
    "Shandong, Qingdao": "370200",
    "Qingdao, Shandong, China": "370200",
    "山东青岛": "370200",
    "山东省青岛市": "370200",
    "中国山东省青岛市": "370200",
    "山东省 / 青岛": "370200",
    "Anhui Suzhou": "341300",
    "Suzhou, Jiangsu": "320500",
    "江苏苏州": "320500",
    "Jilin": "220000",
    "吉林省吉林市": "220200",
    "Jilin Jilin City": "220200",
    "北京市北京": "110000",
    "China": "CN",
    "Germany": "DE",
    "德国": "DE",
}
UNCLEAR = {"Suzhou": {"320500", "341300"}, "吉林": {"220000", "220200"}, "Yulin": {"450900", "610800"}}
UNKNOWN = (
    "Atlantis",
    "Shandong Chengdu",
    "山东成都",
    "Qingdao Qingdao Qingdao Qingdao Qingdao",
    "x" * 5_000,
    "，，",
    "()",
)


@pytest.mark.parametrize("typed", MEANT)
@pytest.mark.usefixtures("cast")
def test_a_place_is_found_by_its_names_from_the_top_down(typed: str) -> None:
    found = lookup("region", typed)
    assert (found.term.code if found.term else None) == MEANT[typed]


@pytest.mark.parametrize("typed", UNCLEAR)
@pytest.mark.usefixtures("cast")
def test_what_several_have_is_none_of_them(typed: str) -> None:
    found = lookup("region", typed)
    assert found.term is None
    assert {one.code for one in found.alike} == UNCLEAR[typed]


@pytest.mark.parametrize("typed", UNKNOWN)
@pytest.mark.usefixtures("cast")
def test_what_is_no_place_is_none(typed: str) -> None:
    assert lookup("region", typed).term is None


@pytest.mark.usefixtures("cast")
def test_a_search_finds_parts_of_names_and_beginnings_of_codes() -> None:
    assert [one.code for one in search("region", "3702")] == ["370200"]
    assert {one.code for one in search("field", "acoust")} >= {"acoustics"}
    assert search("region", "") == search("region", "qwertz") == []


@pytest.mark.parametrize(
    ("typed", "stored", "said"),
    [
        ("Shandong, Qingdao", "370200", ""),
        ("安徽宿州", "341300", ""),
        ("Suzhou", "", "Choose one: Jiangsu, Suzhou (Jiangsu) · Anhui, Suzhou (Anhui)"),
        ("Atlantis", "", "We do not know this place."),
    ],
)
def test_the_profile_takes_province_and_city_and_says_at_the_field_what_is_unclear(
    cast: Cast, browser: Browser, typed: str, stored: str, said: str
) -> None:
    browser.sign_in(cast.bo)
    seen = {f"see_{name}": "everybody" for name in ("bio", "expertise", "organisations", "region", "languages", "links",
                                                    "cv", "availability")}  # fmt: skip
    form = {"name": "Bo", "locale": "en", "time_zone": "UTC", "region": typed, **seen}
    answer = browser.post("/account/profile", form)
    assert answer.status_code == (303 if stored else 422)
    found = lookup("region", stored).term if stored else None
    assert cast.bo.region_id == (found.id if found else None)
    if said:
        problem = answer.text[answer.text.index('id="region-problem"') :].split("</p>")[0]
        assert said in problem
        assert f'value="{typed}"' in answer.text


def test_the_profile_suggests_places_in_the_reader_s_language(cast: Cast, browser: Browser) -> None:
    page = browser.sign_in(cast.bo).get("/account/profile").text
    assert 'list="region-list"' in page
    assert '<option value="Shandong, Qingdao">' in page
    cast.bo.locale = "zh_Hans_CN"
    assert '<option value="山东省青岛市">' in browser.get("/account/profile").text
