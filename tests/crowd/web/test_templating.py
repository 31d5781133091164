"""Words and formats of pages, in both languages, and Markdown that cannot harm."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask import Flask, request
from flask_babel import Babel
from flask_wtf import FlaskForm
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import FileSystemLoader
from wtforms import FieldList, RadioField, SelectChoice, StringField
from wtforms.validators import DataRequired

from crowd import clock
from crowd.config import ROOT
from crowd.feature import declare
from crowd.features import FEATURES
from crowd.ledger.workflow import BatchState, PayoutState
from crowd.money import Money
from crowd.web import sentences, templating
from crowd.web.templating import (
    day,
    form_problems,
    format_bytes,
    format_money,
    html_lang,
    instant,
    is_future,
    is_past,
    large_sum,
    percent,
    relative,
    render_markdown,
    state_label,
    state_tone,
    theme,
)

CLOSE = datetime(2026, 12, 14, 10, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def app() -> Flask:
    """An application that knows nothing but languages, zones and our words."""
    app = Flask("words")
    app.config.update(SECRET_KEY="words", WTF_CSRF_ENABLED=False)
    Babel(
        app,
        locale_selector=lambda: request.args.get("l", "en"),
        timezone_selector=lambda: request.args.get("z", "Asia/Shanghai"),
        default_translation_directories=str(ROOT / "crowd" / "translations"),
    )
    declare(FEATURES)
    templating.register(app)
    sentences.register(app)
    return app


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


@pytest.fixture
def chinese(app: Flask) -> Iterator[None]:
    with app.test_request_context("/?l=zh_Hans_CN"):
        yield


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (333_900_000, "CNY", "333.9万元"),
        (333_999_999, "CNY", "约333.9万元"),  # towards zero
        (333_900_001, "CNY", "约333.9万元"),
        (1_000_000, "CNY", "1万元"),
        (999_999, "CNY", ""),
        (0, "CNY", ""),
        (-333_950_000, "CNY", "约−333.9万元"),
        (-999_999, "CNY", ""),
        (9_999_999_999, "CNY", "约9,999.9万元"),  # not yet 1亿元
        (10_000_000_000, "CNY", "1亿元"),
        (12_345_678_900, "CNY", "约1.23亿元"),
        (12_300_000_000, "CNY", "1.23亿元"),
        (6_300_000, "EUR", "6.3万欧元"),
        (10_000_000, "USD", "10万美元"),
        (25_000, "JPY", "2.5万日元"),
        (9_999, "JPY", ""),
    ],
)
def test_a_large_sum_in_chinese_units(chinese: None, amount: int, currency: str, shown: str) -> None:
    assert large_sum(amount, currency) == shown


@given(st.integers(-(10**14), 10**14))
def test_a_large_sum_never_says_more_than_there_is(app: Flask, amount: int) -> None:
    with app.test_request_context("/?l=zh_Hans_CN"):
        found = re.fullmatch(r"约?(−?)([\d,.]+)(万|亿)元", large_sum(amount, "CNY"))
    if abs(amount) < 1_000_000:
        assert found is None
        return
    assert found is not None
    size = Decimal({"万": 10**4, "亿": 10**8}[found[3]])
    said = Decimal(found[2].replace(",", "")) * size * 100
    assert 0 <= abs(amount) - said < size * 100 / (10 if found[3] == "万" else 100)
    assert bool(found[1]) == (amount < 0)


@pytest.mark.usefixtures("english")
def test_english_has_no_such_units() -> None:
    assert large_sum(333_900_000, "CNY") == ""


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (30_000_000, "CNY", "¥300,000"),
        (150, "CNY", "¥1.50"),
        (-2_000, "EUR", "−€20"),
        (1_000, "JPY", "JP¥1,000"),
        (0, "USD", "US$0"),
        (10**15, "CNY", "¥10,000,000,000,000"),
    ],
)
@pytest.mark.usefixtures("english")
def test_money_is_short_where_it_is_whole(amount: int, currency: str, shown: str) -> None:
    assert format_money(amount, currency) == shown
    assert format_money(Money(currency, amount)) == shown


@pytest.mark.usefixtures("english")
def test_a_statement_shows_every_cent() -> None:
    assert format_money(30_000_000, "CNY", exact=True) == "¥300,000.00"
    assert format_money(1_000, "JPY", exact=True) == "JP¥1,000"


@pytest.mark.usefixtures("english")
def test_money_without_a_currency_is_refused() -> None:
    with pytest.raises(ValueError):
        format_money(100)


@pytest.mark.usefixtures("english")
def test_an_instant_in_english_names_the_zone() -> None:
    assert instant(CLOSE) == "Mon 14 Dec 2026, 18:00 China Time"


@pytest.mark.usefixtures("chinese")
def test_an_instant_in_chinese() -> None:
    assert instant(CLOSE) == "2026年12月14日 周一 18:00（中国时间）"
    assert day(date(2026, 1, 2)) == "2026年1月2日"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Europe/Berlin", "Mon 14 Dec 2026, 11:00 Central European Time"), ("UTC", "Mon 14 Dec 2026, 10:00 UTC")],
)
def test_an_instant_follows_the_readers_zone(app: Flask, zone: str, shown: str) -> None:
    with app.test_request_context(f"/?z={zone}"):
        assert instant(CLOSE) == shown


@pytest.mark.usefixtures("english")
def test_the_day_of_an_instant_is_the_readers() -> None:
    assert day(datetime(2026, 12, 14, 20, 0, tzinfo=UTC)) == "15 Dec 2026"


@pytest.mark.parametrize(
    ("delta", "shown"),
    [
        (timedelta(days=23, hours=23), "in 23 days"),
        (timedelta(hours=47, minutes=59), "in 47 hours"),
        (timedelta(minutes=119), "in 119 minutes"),
        (timedelta(seconds=59), "in less than a minute"),
        (timedelta(seconds=-30), "just now"),
        (timedelta(days=-3), "3 days ago"),
        (timedelta(days=100), "in 3 months"),
        (timedelta(days=-1000), "2 years ago"),
    ],
)
@pytest.mark.usefixtures("english")
def test_distances_are_rounded_down(delta: timedelta, shown: str) -> None:
    assert relative(NOW + delta, NOW) == shown


@pytest.mark.usefixtures("chinese")
def test_distances_in_chinese() -> None:
    assert relative(CLOSE, NOW) == "23天后"


@pytest.mark.usefixtures("english")
def test_sizes_and_shares() -> None:
    assert [format_bytes(size) for size in (12, 2_500, 25_000_000)] == ["12 bytes", "2.5 kB", "25 MB"]
    assert [percent(share) for share in (0.5, 0.125, 1)] == ["50%", "12.5%", "100%"]


@pytest.mark.parametrize(
    ("typed", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("[x](javascript:alert(1))", "href"),
        ("[x](data:text/html,x)", "href"),
        ("![x](https://tracker.example/a.png)", "<img"),
        ("<img src=x onerror=alert(1)>", "<img"),
        ('[x](https://a.example "\\" onclick=alert(1)")', 'onclick="'),
        ("<div class='x' style='color:red'>", "<div"),
        ("a\x00b", "\x00"),
    ],
)
@pytest.mark.usefixtures("english")
def test_markdown_cannot_harm(typed: str, never: str) -> None:
    assert never not in render_markdown(typed)


@pytest.mark.usefixtures("english")
def test_braces_of_a_template_are_only_text() -> None:
    assert "{{ config }} {% for %}" in render_markdown("{{ config }} {% for %}")


@pytest.mark.usefixtures("english")
def test_headings_stand_below_the_pages_own() -> None:
    shown = render_markdown("# Need\n\ntext\n\n## Data")
    assert "<h3>Need</h3>" in shown
    assert "<h4>Data</h4>" in shown
    assert "<h2>Need</h2>" in render_markdown("#### Need", level=2)


@pytest.mark.usefixtures("english")
def test_links_of_people_lend_no_trust() -> None:
    shown = render_markdown("[site](https://a.example/)")
    assert 'rel="nofollow noopener ugc"' in shown


@pytest.mark.usefixtures("english")
def test_a_table_scrolls_by_itself_and_by_keyboard() -> None:
    shown = render_markdown("| a | b |\n|---|---|\n| 1 | 2 |")
    assert '<div class="table-scroll"' in shown
    assert 'tabindex="0"' in shown
    assert "<td>1</td>" in shown


@pytest.mark.usefixtures("english")
def test_endless_nesting_is_read_in_time() -> None:
    started = datetime.now(UTC)
    render_markdown(">" * 20_000 + "x")
    render_markdown("- " * 5_000 + "x")
    render_markdown("*a **b " * 5_000)
    assert datetime.now(UTC) - started < timedelta(seconds=10)


@pytest.mark.usefixtures("english")
def test_one_word_means_different_things_for_different_kinds() -> None:
    assert state_label("draft", "challenge") == state_label("draft", "proposal") == "Draft"
    assert state_label("draft", "payout_batch") == state_label(BatchState.DRAFT, "payout_batch") == "Awaiting approval"
    assert state_label("some_new_state", "payout") == "some new state"
    with pytest.raises(KeyError):
        state_label("sent", "undeclared")


def test_green_is_for_money_that_is_safe() -> None:
    assert state_tone("funded", "challenge") == state_tone(PayoutState.PAID, "payout") == "safe"
    assert state_tone("screening", "challenge") == "warn"
    assert state_tone("draft", "challenge") == "plain"
    assert state_tone(PayoutState.RETURNED, "payout") == "seal"


def test_the_language_of_a_page(app: Flask) -> None:
    with app.test_request_context("/?l=zh_Hans_CN"):
        assert html_lang() == "zh-CN"
        assert html_lang("en") == "en"


def test_a_theme_is_one_of_three(app: Flask) -> None:
    for cookie, expected in (("dark", "dark"), ("auto", "auto"), ('"><script>', "auto")):
        with app.test_request_context(headers={"Cookie": f"theme={cookie}"}):
            assert theme() == expected


@pytest.mark.usefixtures("english")
def test_problems_of_a_form_lead_to_their_fields() -> None:
    class Draft(FlaskForm):
        title = StringField("Title", [DataRequired("Enter a title")])
        who = RadioField("Who may enter", [DataRequired("Choose one")], choices=[SelectChoice("all", "Everybody")])
        tags = FieldList(StringField("Tag", [DataRequired("Enter a tag")]), min_entries=1)

    form = Draft()
    form.validate()
    form.form_errors.append("The dates do not fit together")
    assert form_problems(form) == [
        (None, "The dates do not fit together"),
        ("title", "Title: Enter a title"),
        ("who-0", "Who may enter: Choose one"),
        ("tags-0", "Tags, line 1: Tag: Enter a tag"),
    ]


def test_the_macros_show_a_field_with_its_problem(app: Flask) -> None:
    class Draft(FlaskForm):
        title = StringField("Title", [DataRequired("Enter a title")])

    app.jinja_loader = FileSystemLoader(ROOT / "templates")
    app.config["CROWD"] = SimpleNamespace(demo=False)
    with app.test_request_context("/", method="POST"):
        form = Draft()
        form.validate()
        source = "{% import '_forms.html' as forms with context %}{{ forms.field(form.title, hint='One line') }}"
        shown = app.jinja_env.from_string(source).render(form=form)
    assert 'aria-describedby="title-hint title-problem"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'id="title-problem"' in shown
    assert "(optional)" not in shown


def test_words_of_a_template_follow_each_reader(app: Flask) -> None:
    """Jinja would work out a constant's filter once, for the first reader's language."""
    template = app.jinja_env.from_string("{{ 1234|number }}")
    read = {}
    for language in ("de", "en"):
        with app.test_request_context(f"/?l={language}"):
            read[language] = template.render()
    assert read == {"de": "1.234", "en": "1,234"}


def test_a_time_is_past_or_to_come_and_none_is_neither() -> None:
    here, hour = clock.now(), timedelta(hours=1)
    assert [is_past(at) for at in (here - hour, here + hour, None)] == [True, False, False]
    assert [is_future(at) for at in (here - hour, here + hour, None)] == [False, True, False]
