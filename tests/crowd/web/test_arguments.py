"""What stands in a URL is read by one reader, and what no row or code can be leads nowhere."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Map, Rule

from crowd.web import converters
from crowd.web.arguments import Arguments


def given(**values: str) -> Arguments:
    return Arguments(MultiDict(values))


@pytest.mark.parametrize(
    "typed", ["", "0", "-1", "007", "1.0", "1e3", "NaN", "9" * 19, "9" * 5000, "١", "1\x00x", "x", " ", "+1", "0x1"]
)
def test_what_no_row_can_have_is_no_number(typed: str) -> None:
    assert given(id=typed).number("id") is None


@pytest.mark.parametrize("typed", ["", "now", "2026-11-30", "2026-11-30T04:00:00", "2026-13-30T04:00:00+00:00"])
def test_what_is_no_time_with_its_zone_is_none(typed: str) -> None:
    assert given(seen=typed).moment("seen") is None
    assert given(seen="2026-11-30T04:00:00+00:00").moment("seen") == datetime(2026, 11, 30, 4, tzinfo=UTC)


def test_a_number_a_word_and_a_text_are_read() -> None:
    found = given(id=" 17 ", show="all", q="  wa\x00ter ", sort="sideways")
    assert (found.number("id"), found.text("q"), found.text("show", among=["all"])) == (17, "water", "all")
    assert (found.text("sort", among=["newest"]), found.text("missing"), found.flag("missing")) == ("", "", False)


def test_long_and_repeated_arguments_are_cut() -> None:
    many = Arguments(MultiDict([("tag", "x" * 5000)] + [("tag", str(n)) for n in range(500)] + [("tag", "")]))
    assert len(many.texts("tag")) == 50
    assert max(map(len, many.texts("tag"))) == 1000


@pytest.mark.parametrize("path", ["/0", "/-1", "/007", "/9223372036854775808", "/" + "9" * 40, "/١", "/1%00", "/1 "])
def test_an_id_that_no_row_can_have_has_no_route(path: str) -> None:
    assert _match(Rule("/<int:id>"), path.replace("%00", "\x00")) is None


@pytest.mark.parametrize("path", ["/a\x00b", "/a\nb", "/\x7f", "/a\x85", "/\ufffd", "/" + "x" * 1001])
def test_a_code_with_control_characters_has_no_route(path: str) -> None:
    assert _match(Rule("/<code>"), path) is None
    assert _match(Rule("/<path:code>"), path) is None


def test_ids_and_codes_are_read() -> None:
    assert _match(Rule("/<int:id>"), "/999999999999999999") == {"id": 999_999_999_999_999_999}
    assert _match(Rule("/<code>"), "/揭榜.eml") == {"code": "揭榜.eml"}
    assert _match(Rule("/<path:code>"), "/a/b.css") == {"code": "a/b.css"}


def _match(rule: Rule, path: str) -> dict[str, object] | None:
    routes = Map()
    converters.register(routes)
    routes.add(Rule(rule.rule, endpoint="there"))
    adapter = routes.bind("localhost")
    return dict(adapter.match(path)[1]) if adapter.test(path) else None


def test_the_application_reads_all_its_routes_so(shared_app: Flask) -> None:
    for rule in shared_app.url_map.iter_rules():
        for converter in rule._converters.values():
            assert type(converter).__module__ == "crowd.web.converters" or type(converter).__name__ == "AnyConverter"
