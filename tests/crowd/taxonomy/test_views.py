"""The operator edits the taxonomy on pages."""

import csv
import html
import io
import re

import pytest

from crowd.accounts import services as accounts
from crowd.taxonomy import exchange, queries
from crowd.taxonomy.models import TermState
from crowd.taxonomy.schemes import SCHEMES
from crowd.taxonomy.vocabulary import current
from tests.cast import Cast
from tests.client import Browser

COUNTIES = "code,parent,en,zh_Hans_CN\n370202,370200,Shinan,市南区\n370203,370200,Shibei,市北区\n"


@pytest.fixture
def eve(cast: Cast, browser: Browser) -> Browser:
    """The service centre's browser."""
    return browser.sign_in(cast.eve)


def code_of(scheme: str, name: str) -> str | None:
    """The code of the term that a name finds."""
    entry = current().find(scheme, name)
    return entry.code if entry else None


def test_a_term_is_added_renamed_retired_and_offered_again(eve: Browser, cast: Cast) -> None:
    typed = {"code": "tidal", "name_en": "Tidal energy", "name_zh_Hans_CN": "潮汐能", "also": "wave power\n潮流能"}
    at = eve.post("/admin/taxonomy/field/new", typed | {"link_industry": "new-energy"}).headers["Location"]
    for name in ("ＴＩＤＡＬ energy", "潮流能", "Wave-Power"):
        assert code_of("field", name) == "tidal", name
    assert "Tidal energy" in eve.get(at).text
    eve.post(at, {"name_en": "Marine energy", "name_zh_Hans_CN": "海洋能", "also": "潮流能", "note": "Asked for"})
    names = ("marine energy", "tidal energy", "wave power")
    assert [code_of("field", name) for name in names] == ["tidal", "tidal", None]
    assert "Asked for" in eve.get(at).text
    eve.post(f"{at}/retire")
    assert "tidal" not in {one.code for one in current().all("field")}
    eve.post(f"{at}/restore")
    assert "tidal" in {one.code for one in current().all("field")}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_list_has_its_pages(eve: Browser, scheme: str) -> None:
    for path in ("", "/new", "/import", ".csv"):
        assert eve.get(f"/admin/taxonomy/{scheme}{path}").status_code == 200, path


def test_a_term_without_a_name_in_the_reader_s_language_is_shown_by_its_english_one(eve: Browser) -> None:
    at = eve.post("/admin/taxonomy/field/new", {"code": "tidal", "name_en": "Tidal energy"}).headers["Location"]
    for path in (at, "/admin/taxonomy/field?q=tidal", "/admin/taxonomy/field/links/industry?q=tidal"):
        page = eve.get(path, headers={"Accept-Language": "zh-CN"})
        assert (page.status_code, "Tidal energy" in page.text) == (200, True), path


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"code": "x y", "name_en": "X"}, "digits and hyphens"),
        ({"code": "x", "name_en": ""}, "Name (English)"),
        ({"code": "x", "name_en": "声学"}, "is a name of acoustics"),
        ({"code": "acoustics", "name_en": "Hearing"}, "already"),
    ],
)
def test_a_wrong_term_is_refused_and_what_was_typed_stays(eve: Browser, typed: dict[str, str], said: str) -> None:
    answer = eve.post("/admin/taxonomy/field/new", typed)
    assert answer.status_code in (409, 422)
    assert said in answer.text
    assert all(f'value="{text}"' in answer.text for text in typed.values() if text)


def test_two_terms_are_merged_after_a_question(eve: Browser) -> None:
    noise = current().get("field", "noise-control")
    assert noise is not None
    assert eve.post(f"/admin/taxonomy/terms/{noise.id}/merge", {"into": "no-such"}).status_code == 422
    assert eve.post(f"/admin/taxonomy/terms/{noise.id}/merge", {"into": "noise"}).status_code == 303
    assert queries.get_term(noise.id).state == TermState.MERGED
    assert code_of("field", "noise control") == "noise"
    assert "stands for another term" in eve.get(f"/admin/taxonomy/terms/{noise.id}").text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_counties_are_imported_after_a_look_at_what_changes(eve: Browser, encoding: str) -> None:
    sent = {"table": (io.BytesIO(COUNTIES.encode(encoding)), "counties.csv")}
    looked = eve.post("/admin/taxonomy/region/import", sent, content_type="multipart/form-data")
    assert "370202, 370203" in looked.text
    assert code_of("region", "市南区") is None, "nothing is written yet"
    eve.post("/admin/taxonomy/region/import/apply", {"text": COUNTIES, "note": "Counties of Qingdao"})
    shinan = current().find("region", "市南区")
    assert shinan is not None
    assert [one.names["en"] for one in current().above(shinan)] == ["Shinan", "Qingdao", "Shandong", "China"]


def test_a_file_with_mistakes_names_their_lines(eve: Browser) -> None:
    wrong = "code,parent,en,attributes\n370202,370299,Shinan,\n?,,,\n3,,Three,tier=moon\n"
    looked = eve.post(
        "/admin/taxonomy/region/import",
        {"table": (io.BytesIO(wrong.encode()), "wrong.csv")},
        content_type="multipart/form-data",
    )
    assert looked.status_code == 422
    assert ("Line 3" in looked.text, "Line 4" in looked.text) == (True, True)


@pytest.mark.parametrize(
    "wrong",
    [b"", b"\x00\x00", b'code,en\n"', b'code,en\nx,"' + b"y" * 200_000, b"\xff\xfe\x00", "代码,名称\n1,一\n".encode()],
)
def test_what_is_no_list_of_terms_is_refused_in_words(eve: Browser, wrong: bytes) -> None:
    sent = {"table": (io.BytesIO(wrong), "wrong.csv")}
    looked = eve.post("/admin/taxonomy/region/import", sent, content_type="multipart/form-data")
    assert looked.status_code == 422


def test_what_is_exported_opens_in_a_spreadsheet(eve: Browser) -> None:
    sheet = eve.get("/admin/taxonomy/region.csv")
    rows = list(csv.DictReader(sheet.text.removeprefix("\ufeff").splitlines()))
    assert next(row for row in rows if row["code"] == "410100")["attributes"] == "tier=core"
    found = exchange.read(sheet.text, "region")
    assert (len(found.records), found.faults) == (len(queries.records("region")), [])


def test_technologies_are_linked_to_services_in_a_matrix(eve: Browser) -> None:
    path = "/admin/taxonomy/technology/links/technology_service"
    whole, at = "", path
    while at:
        page = eve.get(at).text
        whole += page
        following = re.search(r'href="([^"]+)" rel="next"', page)
        at = html.unescape(following[1]) if following else ""
    assert whole.count('name="target"') == 61 * 19
    assert "checked" not in whole
    eve.post(path, {"source": "1", "target": ["1", "19"]})
    eve.post(path, {"source": "37", "target": ["19"]})
    assert eve.post(path, {"source": "37", "target": ["20"]}).status_code == 422
    assert eve.post(path, {"source": "62", "target": ["1"]}).status_code == 404
    assert {one.code for one in current().linked(current().all("technology")[0], "technology_service")} == {"1", "19"}
    assert [eve.get(f"{path}?q={code}").text.count(" checked") for code in ("1", "37")] == [2, 1]
    assert eve.get("/admin/taxonomy/industry/links/field").status_code == 404


def test_what_people_wrote_is_joined_added_or_left(eve: Browser, cast: Cast) -> None:
    accounts.edit_profile(
        cast.cy, cast.cy.id, name="Cy", locale="en", time_zone="UTC", bio="",
        expertise=["Schallschutz", "basket weaving", "潜水艇", "a/b testing"],
    )  # fmt: skip
    page = eve.get("/admin/taxonomy/free").text
    assert all(name in page for name in ("Schallschutz", "basket weaving", "潜水艇", "a/b testing"))
    assert eve.post("/admin/taxonomy/free/assign", {"key": "schallschutz", "into": "no field"}).status_code == 422
    eve.post("/admin/taxonomy/free/assign", {"key": "schallschutz", "into": "噪声控制"})
    eve.post("/admin/taxonomy/free/dismiss", {"key": "basketweaving"})
    assert code_of("field", "schallschutz") == code_of("field", "噪声控制")
    assert queries.count_free() == 2
    assert eve.post("/admin/taxonomy/free/dismiss", {"key": "schallschutz"}).status_code == 404


@pytest.mark.parametrize("written", ["..", "///", "a/../b", "<b>bold</b>", "C++", "100 %", "?q=1#x"])
def test_a_field_made_of_signs_can_be_dismissed_too(eve: Browser, cast: Cast, written: str) -> None:
    accounts.edit_profile(cast.cy, cast.cy.id, name="Cy", locale="en", time_zone="UTC", bio="", expertise=[written])
    (free,) = queries.free_terms(after=None).rows
    assert eve.get("/admin/taxonomy/free").status_code == 200
    assert eve.post("/admin/taxonomy/free/dismiss", {"key": free.key}).status_code == 303
    assert queries.count_free() == 0


def test_the_check_shows_what_each_cell_was_and_will_be(eve: Browser) -> None:
    sent = {"table": (io.BytesIO(b"code,en\nacoustics,sound\n"), "fields.csv")}
    looked = eve.post("/admin/taxonomy/field/import", sent, content_type="multipart/form-data")
    assert all(f">{cell}</td>" in looked.text for cell in ("acoustics", "sound"))


@pytest.mark.parametrize("typed", ["370000", "Shandong", "山东", "山东省", ""])
def test_the_term_above_is_named_or_coded_and_the_page_says_which_it_is(eve: Browser, typed: str) -> None:
    row = current().get("region", "370200")
    assert row is not None
    at = f"/admin/taxonomy/terms/{row.id}"
    page = eve.get(at).text
    assert 'value="Shandong"' in page  # what it lies below now
    assert '<option value="Shandong, Qingdao">' in page  # which the browser offers
    names = {f"name_{locale}": name for locale, name in row.names.items()}
    assert eve.post(at, names | {"parent": typed, "tier": "", "also": "青岛"}).status_code == 303
    above = current().by_id(queries.get_term(row.id).parent_id)
    assert (above.code if above else "") == ("370000" if typed else "")
    assert ("It lies below: Shandong (370000)." in eve.get(at).text) is bool(typed)


def test_a_term_above_that_is_unknown_or_unclear_is_refused_at_its_field(eve: Browser) -> None:
    row = current().get("region", "370200")
    assert row is not None
    at, names = f"/admin/taxonomy/terms/{row.id}", {f"name_{locale}": name for locale, name in row.names.items()}
    for typed, said in (("qwertz", "We do not know this place"), ("Yulin", "Choose one:")):
        answer = eve.post(at, names | {"parent": typed})
        assert answer.status_code == 422
        assert said in answer.text[answer.text.index('id="parent-problem"') :].split("</p>")[0]
    below = eve.post(f"/admin/taxonomy/terms/{row.parent_id}", {"name_en": "Shandong", "parent": "370200"})
    assert below.status_code == 422
    assert "is below this term" in below.text


def test_links_are_searched_and_in_pages_and_stay_there_when_one_is_saved(eve: Browser) -> None:
    path = "/admin/taxonomy/technology/links/technology_service"
    first = eve.get(path).text
    assert first.count("<details id=") < 61
    assert 'rel="next"' in first
    found = eve.get(f"{path}?q=warehouse").text
    assert re.findall(r'<details id="t-(\w+)"', found) == ["2"]
    saved = eve.post(f"{path}?q=warehouse", {"source": "2", "target": ["1"]})
    assert saved.headers["Location"].endswith(f"{path}?q=warehouse#t-2")
    assert "No such term" in eve.get(f"{path}?q=qwertz").text
