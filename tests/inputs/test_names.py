"""Names, addresses and tags as people type and paste them: what is stored, what is refused, what is the same."""

import unicodedata

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from crowd import text
from crowd.names import name_keys
from crowd.web.fields import TagsField, address, area, line
from crowd.web.forms import Form

UNSEEN = {
    "zero width space": "\u200b", "hangul filler": "\u3164", "half-width filler": "\uffa0", "choseong filler": "\u115f",
    "jungseong filler": "\u1160", "braille blank": "\u2800", "override": "\u202e", "isolate": "\u2066\u2069",
    "mark of direction": "\u200f", "tags": "\U000e0041\U000e0042", "soft hyphen": "\xad", "order mark": "\ufeff",
    "joiner alone": "\u200d", "selector alone": "\ufe0f", "grapheme joiner": "\u034f", "word joiner": "\u2060",
    "invisible times": "\u2062", "annotation": "\ufff9\ufffb", "control": "\x01\x7f\x9f", "null": "\x00",
    "khmer vowel": "\u17b4", "mongolian separator": "\u180e", "selector supplement": "\U000e0100",
    "object": "\ufffc", "spaces of all kinds": "\u3000\xa0\u2003\u2009\u202f\t\n", "music": "\U0001d173",
    "head of no note": "\U0001d159", "no characters": "\ufdd0\ufffe\U0010ffff",
}  # fmt: skip


class Typed(Form):
    name = line("Name", "80")
    email = address("Address")
    words = area("Words", "500")
    tags = TagsField("Tags")


def read(**fields: str) -> Typed:
    form = Typed(MultiDict(fields), meta={"csrf": False})
    form.validate()
    return form


@pytest.mark.parametrize("kind", UNSEEN)
def test_what_nobody_sees_is_empty_and_refused(isolated: Flask, kind: str) -> None:
    with isolated.test_request_context(method="POST"):
        form = read(name=UNSEEN[kind], email=UNSEEN[kind], words=UNSEEN[kind], tags=UNSEEN[kind])
        assert form.name.errors
        assert form.email.errors
        assert form.words.errors
        assert form.tags.data == []
        around = read(name=f"{UNSEEN[kind]}Ada{UNSEEN[kind]}", email="a@b.example", words="x").name
        assert (around.data, list(around.errors)) == ("Ada", [])


@pytest.mark.parametrize("marks", ["\u0300", "\u20dd \u0489", "\u3099"])
def test_marks_that_stand_on_nothing_are_no_name(isolated: Flask, marks: str) -> None:
    with isolated.test_request_context(method="POST"):
        assert read(name=marks, words=marks).errors.keys() >= {"name", "words"}


@pytest.mark.parametrize(
    "name",
    [
        "👩‍💻 Lin", "❤️‍🔥", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "👩🏽‍🚀", "1️⃣", "🙂‍↔️",
        "می‌خواهم", "क्‍ष", "ශ්‍රී", "葛󠄀城", "ᠮᠣᠩᠭᠣᠯ᠋", "Nguyễn Thị Hiền", "O'Brien-Smith", "Jürgen Groß", "王小明", "김민수",
        "দ্ব‌ীপ",
    ],
)  # fmt: skip
def test_what_a_script_or_a_picture_needs_stays(name: str) -> None:
    assert text.clean_line(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Ada\nLovelace", "Ada Lovelace"), ("Ada\r\nLovelace", "Ada Lovelace"), ("Ada\u2028Lovelace", "Ada Lovelace"),
        ("Ada\x85Lovelace", "Ada Lovelace"), ("Ada\x0bLovelace", "Ada Lovelace"), ("Ada\u3000Lovelace", "Ada Lovelace"),
        ("A\u200bda", "Ada"), ("Bo\u202eoK", "BooK"), ("e\u0301tude", "étude"), ("  Ada  ", "Ada"), ("⠁⠀⠃", "⠁ ⠃"),
    ],
)  # fmt: skip
def test_a_field_of_one_line_holds_one_line(isolated: Flask, typed: str, stored: str) -> None:
    with isolated.test_request_context(method="POST"):
        assert read(name=typed).name.data == stored


def test_a_field_of_many_lines_keeps_them(isolated: Flask) -> None:
    with isolated.test_request_context(method="POST"):
        assert read(words="one\r\n\r\ntwo\u2028three\u200b").words.data == "one\n\ntwo\nthree"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ｌｉｎ＠ｃｒｏｗｄ．example", "lin@crowd.example"), ("LIN@Crowd.Example", "lin@crowd.example"),
        ("lin\u200b@crowd.example", "lin@crowd.example"), (" lin@crowd.example\n", "lin@crowd.example"),
    ],
)  # fmt: skip
def test_an_address_is_compared_without_case_and_width(isolated: Flask, typed: str, stored: str) -> None:
    with isolated.test_request_context(method="POST"):
        form = read(name="Lin", email=typed, words="x")
        assert (form.email.data, list(form.email.errors)) == (stored, [])


def test_one_tag_is_one_however_it_is_written(isolated: Flask) -> None:
    with isolated.test_request_context(method="POST"):
        assert read(tags="Ａcoustics, acoustics，ACOUSTICS、acous\u200btics; e\u0301tude; étude").tags.data == [
            "Ａcoustics",
            "étude",
        ]


SAME = [
    ("PayPal", "PayPaI"), ("PayPal", "раураl"), ("PayPal", "ＰＡＹＰＡＬ"), ("PAYPAL", "PayPaI"),
    ("Acme Ltd.", "ACME LTD"),
    ("Acme Ltd", "Acme  L\u200btd"), ("华为技术", "華為技術"), ("工信部", "エ信部"), ("Google", "Goog1e"),
    ("modern", "modem"), ("Müller", "MU\u0308LLER"), ("Stra\u00dfe", "STRASSE"), ("口碑", "ロ碑"), ("O2", "02"),
    ("Microsoft", "Мicrоsоft"), ("洛阳水务", "洛 阳 水 务"), ("HTTP://a", "http a"),
    ("Stefan Kuhne", "Stefan Kühne"), ("Stefan Kuehne", "Stefan Kühne"), ("Lucia Navarro", "Lucía Navarro"),
    ("Antonin Dvoracek", "Antonín Dvořáček"), ("Helene Vasseur", "Hélène Vasseur"), ("Lodz Sp.", "Łódź Sp."),
    ("Ostlund", "Østlund"), ("Nguyen", "Nguyễn"), ("Gudrun", "Guðrún"), ("Aarhus", "Århus"),
    ("Stampi Valsesia", "Sтampi Valsesia"), ("Stampi", "Sτampi"), ("Kronhagen", "Кrоnhаgеn"), ("Smart", "Smаrт"),
    ("Marco", "мarco"), ("Hemu", "нemu"), ("Bank", "вank"), ("Horn", "Ноrп"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_names_that_look_the_same_share_a_key(one: str, other: str) -> None:
    assert set(name_keys(one)) & set(name_keys(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Luoyang Water", "Luoyang Waters"),
        ("王伟", "王玮"),
        ("Acme", "Acne"),
        ("3M", "3N"),
        ("上海", "海上"),
        ("TU Wien", "TU Bern"),
    ],
)
def test_other_names_do_not(one: str, other: str) -> None:
    assert not set(name_keys(one)) & set(name_keys(other))


@given(st.text(max_size=60))
def test_what_is_cleaned_stays_as_it_is(typed: str) -> None:
    once = text.clean_line(typed)
    assert text.clean_line(once) == once
    assert text.key(text.key(once)) == text.key(once)
    assert name_keys(once) == name_keys(once + " ")
