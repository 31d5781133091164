"""The filters of the list in its address: each one that is on can be taken away alone, and the rest stays."""

from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from challenges import filtering
from challenges.queries import TAKING
from crowd.web.arguments import Arguments
from tests import factories
from tests.cast import Cast
from tests.client import Browser

ALL = "q=leak&state=open&state=judging&stage=1&language=en&currency=CNY&tag=water&here=1&organisation=7&sort=prize"


def read(address: str) -> filtering.Filters:
    return filtering.read(
        Arguments(MultiDict((name, value) for name, value in (part.split("=") for part in address.split("&"))))
    )


def test_an_address_made_of_filters_means_the_same_filters() -> None:
    filters = read(ALL)
    again = urlencode(filtering.arguments(filters), doseq=True)
    assert read(again) == filters


def test_each_filter_is_taken_away_alone() -> None:
    filters = read(ALL)
    chosen = filtering.chosen(filters)
    assert len(chosen) == 9
    for one in chosen:
        left = {name: value for name, value in one.without.items() if value is not None}
        rest = filtering.chosen(read(urlencode(left, doseq=True)))
        gone = {(other.name, other.value) for other in chosen} - {(other.name, other.value) for other in rest}
        assert gone == {(one.name, one.value)}


def test_the_usual_states_nobody_chose() -> None:
    usual = filtering.read(Arguments(MultiDict()), usual=TAKING)
    assert filtering.chosen(usual, usual=TAKING) == []
    assert [one.value for one in filtering.chosen(read("state=open&filtered=1"), usual=TAKING)] == ["open"]


def test_the_list_names_its_filters_with_the_way_out_of_each(cast: Cast, browser: Browser) -> None:
    factories.opened(cast)
    html = browser.get("/challenges?state=open&stage=1-10&q=hydrants&filtered=1").get_data(as_text=True)
    for name in ("Open", "1: first result", "“hydrants”"):
        assert f'aria-label="Remove: {name}"' in html
    assert "/challenges?stage=1&amp;q=hydrants&amp;filtered=1" in html
    only = browser.get(f"/challenges?organisation={cast.luoyang.id}&filtered=1").get_data(as_text=True)
    assert f"Remove: {cast.luoyang.name}" in only
