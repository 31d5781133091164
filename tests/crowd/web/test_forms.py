"""Forms: what a person types becomes amounts, instants, tags and rows; what does not fit is said at its field."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from wtforms import BooleanField, FormField, RadioField, SelectChoice, SelectField, SelectMultipleField
from wtforms.validators import Optional

from crowd.errors import Invalid
from crowd.web import fields, forms, time_fields, zones
from crowd.web.forms import typed_label
from tests.cast import Cast
from tests.client import Browser


class Prize(forms.Fieldset):
    label = fields.line("Label", "80")
    amount = fields.MoneyField("Amount", [fields.required()])


class Counted(forms.Form):
    points = fields.WholeField("Points", [Optional()], most=10)
    places = fields.WholeField("Places", [Optional()], least=1)
    share = fields.PercentField("Share")


class Choices(forms.Form):
    one = SelectField("One", choices=[SelectChoice("a", "A")])
    row = SelectField("Row", choices=[SelectChoice(1, "First")], coerce=int)
    button = RadioField("Button", choices=[SelectChoice("a", "A")])
    boxes = SelectMultipleField("Boxes", choices=[SelectChoice("a", "A")])


class Offer(forms.Form):
    title = fields.line("Title", "max_title_length", least=3)
    text = fields.area("Text", "40", optional=True)
    currency = fields.CurrencyField("Currency", default="CNY")
    total = fields.MoneyField("Total", [Optional()], least=100, most=1_000_000)
    time_zone = time_fields.ZoneField("Zone", default="Asia/Shanghai")
    opens_at = time_fields.InstantField("Opens")
    tags = fields.TagsField("Tags")
    agreed = BooleanField("Agreed")
    prizes = forms.Rows(FormField(Prize), "Prizes", most="prizes", least=1, spare=2)


GOOD = {"title": "Find leaks", "prizes-0-label": "First", "prizes-0-amount": "3,000.50"}


@pytest.fixture(autouse=True)
def request_context(isolated: Flask) -> Iterator[None]:
    with isolated.test_request_context("/", method="POST", headers={"Accept-Language": "en"}):
        yield


def page(**changes: Any) -> Offer:
    from werkzeug.datastructures import MultiDict

    return Offer(formdata=MultiDict(GOOD | changes), meta={"csrf": False})


def test_amounts_are_minor_units_of_the_currency_beside_them() -> None:
    form = page(total="1,234.5")
    assert form.validate(), form.errors
    assert form.total.data == 123450
    assert form.prizes.data == [{"label": "First", "amount": 300050}]


def test_a_currency_without_decimals_takes_none() -> None:
    form = page(currency="JPY", total="1234", **{"prizes-0-amount": "3000"})
    assert form.validate(), form.errors
    assert (form.total.data, form.prizes.data[0]["amount"]) == (1234, 3000)
    assert not page(currency="JPY", total="12.5").validate()


@pytest.mark.parametrize(
    "typed", ["-1", "1e3", "NaN", "0", "0.5", "1.234", "１．２３４", "1e18", "10001", "abc", "+5", "0x10"]
)
def test_amounts_that_are_none_are_refused_and_kept_for_the_person(typed: str) -> None:
    form = page(total=typed)
    assert not form.validate()
    assert form.total.errors
    assert form.total._value() == typed


NO_NUMBERS = (
    "Infinity", "-Infinity", "NaN", "1e400", "1e3", "-1", "+1", "9" * 19, "9" * 5000, "١٢", "1²", "0x10", "1 000",
    "1_000", "--1", "1.5.5", "½", "{}", "None", "2026/11/29",
)  # fmt: skip


def counted(**typed: str) -> Counted:
    from werkzeug.datastructures import MultiDict

    return Counted(formdata=MultiDict({"share": "50", **typed}), meta={"csrf": False})


@pytest.mark.parametrize("typed", [*NO_NUMBERS, "1.0", "11"])
def test_what_is_no_whole_number_in_its_bounds_is_refused_and_kept(typed: str) -> None:
    form = counted(points=typed)
    assert not form.validate()
    assert form.points.errors == ["Write a whole number from 0 to 10."]
    assert form.points._value() == typed


@pytest.mark.parametrize("typed", [*NO_NUMBERS, "0", "0.00", "100.01", "33.333", ""])
def test_what_is_no_part_of_a_whole_is_refused_and_kept(typed: str) -> None:
    form = counted(share=typed)
    assert not form.validate()
    assert len(form.share.errors) == 1
    assert form.share._value() == typed


def test_numbers_are_read() -> None:
    form = counted(points=" 10 ", places="9" * 15, share="33,33")
    assert form.validate(), form.errors
    assert (form.points.data, form.places.data, form.share.points) == (10, int("9" * 15), 3333)
    assert counted(points="").validate()
    assert not counted(places="0").validate()


@pytest.mark.parametrize("name", ["one", "row", "button", "boxes"])
def test_what_was_not_offered_is_refused_in_our_words_without_repeating_it(name: str) -> None:
    from werkzeug.datastructures import MultiDict

    offered = {"one": "a", "row": "1", "button": "a", "boxes": "a"}
    form = Choices(formdata=MultiDict(offered | {name: "{}"}), meta={"csrf": False})
    assert not form.validate()
    assert form.errors == {name: [str(forms.NOT_OFFERED)]}


def test_an_instant_is_read_in_the_zone_beside_it() -> None:
    form = page(opens_at="2026-12-14T18:00")
    assert form.validate(), form.errors
    assert form.opens_at.data == datetime(2026, 12, 14, 10, tzinfo=UTC)
    assert page(opens_at="2026-12-14T18:00", time_zone="UTC").opens_at.data == datetime(2026, 12, 14, 18, tzinfo=UTC)
    assert page(opens_at="2026-12-14T18:00:00+02:00").opens_at.data == datetime(2026, 12, 14, 16, tzinfo=UTC)
    shown = Offer(formdata=None, data={"opens_at": datetime(2026, 12, 14, 10, tzinfo=UTC)})
    assert shown.opens_at._value() == "2026-12-14T18:00"


@pytest.mark.parametrize("at", ["2027-03-28T02:30", "2026-10-25T02:30", "2027-10-31T02:59"])
def test_an_hour_that_the_clocks_skip_or_repeat_is_refused(at: str) -> None:
    form = page(opens_at=at, time_zone="Europe/Berlin")
    assert not form.validate()
    assert "Europe/Berlin" in form.opens_at.errors[0]
    assert page(opens_at=f"{at}:00+01:00", time_zone="Europe/Berlin").validate(), "an offset says which hour is meant"


def test_zones_are_offered_by_offset_and_place_in_the_readers_language() -> None:
    english, chinese = (dict(zones.zones_offered(locale, date(2026, 12, 14))) for locale in ("en", "zh_Hans_CN"))
    assert (english["Asia/Shanghai"], chinese["Asia/Shanghai"]) == ("UTC+08:00 Shanghai", "UTC+08:00 上海")
    assert (english["America/New_York"], english["UTC"]) == ("UTC−05:00 New York", "UTC")
    assert len(set(english.values())) == len(english)
    assert {"US/Eastern", "Mexico/BajaSur"}.isdisjoint(english)
    assert dict(zones.zones_offered("en", date(2026, 7, 1)))["Europe/Berlin"] == "UTC+02:00 Berlin"


def test_a_zone_kept_under_an_older_name_stays_chosen() -> None:
    form = page(time_zone="US/Eastern")
    assert form.validate(), form.errors
    assert [choice.value for choice in form.time_zone.choices].count("US/Eastern") == 1
    assert not page(time_zone="Mars/Olympus").validate()


@pytest.mark.parametrize(
    "typed",
    [
        "tomorrow",
        "2026-13-01T00:00",
        "20261214T180000",
        "0001-01-01T00:00",
        "3/4/2026 18:00",
        "2026-12-14",
        "2026-12-14T25:00",
    ],
)
def test_what_is_no_instant_is_refused(typed: str) -> None:
    assert not page(opens_at=typed).validate()


def test_tags_are_split_at_commas_of_both_scripts_and_doubles_fall_away() -> None:
    assert page(tags=" leak  detection,Water、water；声学 ").tags.data == ["leak detection", "Water", "声学"]
    assert not page(tags=",".join("abcdefghi")).validate()
    assert not page(tags="x" * 41).validate()


def test_blank_rows_do_not_count_and_spare_ones_are_offered() -> None:
    form = page(**{"prizes-1-label": " ", "prizes-1-amount": "", "prizes-5-label": "Second", "prizes-5-amount": "10"})
    assert form.validate(), form.errors
    assert [row["label"] for row in form.prizes.data] == ["First", "Second"]
    assert len(form.prizes.entries) == 4
    assert form.prizes.entries[1].form.amount.name == "prizes-1-amount"
    assert not page(**{"prizes-0-label": "", "prizes-0-amount": ""}).validate()
    too_many = {f"prizes-{i}-{name}": "7" for i in range(11) for name in ("label", "amount")}
    assert not page(**too_many).validate()


def test_text_is_cleaned_and_lengths_follow_the_settings() -> None:
    form = page(title="  Find\x00 leaks\ud800 ", text="a\r\nb")
    assert (form.title.data, form.text.data) == ("Find leaks", "a\nb")
    assert form.title.flags.maxlength == 160
    assert not page(title="ab").validate()
    assert not page(title="x" * 161).validate()
    assert not page(title="").validate()


def test_a_services_refusal_is_shown_at_its_field_or_at_the_top() -> None:
    form = page()
    form.refuse(Invalid(fields={"title": ["Taken."], "other": ["Unknown here."]}))
    form.refuse(Invalid("Not today."))
    assert list(form.title.errors) == ["Taken."]
    assert list(form.form_errors) == ["Unknown here.", "Not today."]


def test_a_form_of_an_ended_session_shows_what_was_typed_and_no_names_of_ours(cast: Cast, browser: Browser) -> None:
    sent = {
        "name": "Ada Fang",
        "locale": "zh_Hans_CN",
        "bio": "Valves",
        "base": "2026-11-29T09:00",
        "csrf_token": "old",
    }
    browser.sign_in(cast.ada)
    answer = browser.client.post(
        "/account/profile", data=sent, headers={"Accept-Language": "en", "Origin": "http://localhost"}
    )
    assert answer.status_code == 400
    shown = re.sub(r"<input[^>]*>", "", answer.text.partition("<main")[2].partition("</main>")[0])
    assert "Your name" in shown
    assert "Ada Fang" in shown
    assert "Valves" in shown
    for ours in ("locale", "zh_Hans_CN", "base", "2026-11-29T09:00"):
        assert ours not in shown
    assert '<input type="hidden" name="base" value="2026-11-29T09:00">' in answer.text, "it is sent again whole"


@pytest.mark.parametrize(
    ("name", "label"),
    [("prizes-0-title", "Prize"), ("criteria-12-weight", "Weight in percent"), ("closes_at", "Closes")]
    + [
        (name, None)
        for name in ("prizes-0-award_count", "criteria-0-scale", "time_zone", "csrf_token", "then", "editor")
    ],
)
def test_only_what_people_type_has_a_label_to_be_shown_by(isolated: Flask, name: str, label: str | None) -> None:
    with isolated.test_request_context(headers={"Accept-Language": "en"}):
        found = typed_label(name)
        assert (None if found is None else str(found)) == label
