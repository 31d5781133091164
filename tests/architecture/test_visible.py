"""The page checker finds developers' words, and accepts what people write."""

import pytest

from tests.visible import unfit


@pytest.mark.parametrize(
    "shown",
    ["<function register.<locals>.<lambda> at 0x7f1f>", "Reviewed by None", "{}", "<Proposal 3>",
     "<State.OPEN: 'open'>",
     "datetime.datetime(2026, 1, 1)", "Decimal('1.5')", "<any(user,organisation):owner>", "['title', 'need']",
     "Invalid isoformat string: '2026/11/29'", "<flask_babel.speaklater.LazyString object>", "%(name)s asks",
     "{'title': 'Too long'}", "l'Draft'", "<Money 3>", "ValueError: no", "kept at 0x7f1f00", "a list: []",
     "datetime.date(2026, 1, 1)", "datetime.timedelta(days=1)", "UUID('1')", "Markup('x')", "LazyString('x')", "Row(1)",
     "Money('CNY', 1)", "Undefined(x)", "ImmutableMultiDict([])", "frozenset({1})", "OrderedDict()", "ZoneInfo(1)",
     "Zoneinfo(1)", 'l"Draft', "Traceback (most recent call last)", "LostException: no", "see ['a", "a']", "[<a"],
)  # fmt: skip
def test_the_developers_words_are_found(shown: str) -> None:
    from markupsafe import escape

    assert unfit(f"<p>{escape(shown)}</p>")
    assert unfit(f'<a title="{escape(shown)}">x</a>')


@pytest.mark.parametrize(
    "shown",
    ["Nonesuch Ltd. asks", "a < b and b > c", "0x7f is a number", "Ada <ada@crowd.example>", "see [1] and {a}", "l’eau",
     "<3 this", "100 % (of all)", "errors: none"],
)  # fmt: skip
def test_what_people_write_is_let_through(shown: str) -> None:
    from markupsafe import escape

    assert unfit(f"<p>{escape(shown)}</p>") == []
    assert unfit("<code>None</code><script>x = {}</script><textarea>None</textarea>") == []


@pytest.mark.parametrize("kind", ["text", "date", "datetime-local", "number", "tel", "url"])
def test_what_somebody_typed_into_a_field_of_any_kind_is_let_through(kind: str) -> None:
    assert unfit(f'<input type="{kind}" value="{{}}">') == []
    assert unfit('<input type="submit" value="{}">')


def test_what_was_sent_is_let_through_by_itself_and_in_quotation_marks_and_nothing_else_with_it() -> None:
    for shown in ("<td>None</td>", "<td> None\n</td>", "<p>No term “None” exists.</p>", '<a title="None">x</a>'):
        assert unfit(shown)
        assert unfit(shown, own=["None", "{}"]) == []
    for shown in ("<p>Reviewed by None</p>", "<p>No “None” of None</p>", '<a title="By None">x</a>', "<td>[]</td>"):
        assert unfit(shown, own=["None", "{}"])


@pytest.mark.parametrize(
    ("levels", "wrong"), [("123", 0), ("12321", 0), ("212", 0), ("13", 1), ("1242", 1), ("1353", 2)]
)
def test_a_heading_that_leaves_out_a_level_is_found(levels: str, wrong: int) -> None:
    page = "".join(f'<h{level} class="x">One</h{level}><p>Text</p>' for level in levels)
    assert len(unfit(page)) == wrong
