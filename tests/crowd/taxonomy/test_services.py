"""Terms are added, renamed, merged and retired while they are used; nothing that uses one is lost."""

import pytest
import sqlalchemy as sa

from crowd import csv_export
from crowd.accounts import services as accounts
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.taxonomy import exchange, importing, queries, services, shipped
from crowd.taxonomy.exchange import TermRecord
from crowd.taxonomy.models import FreeTerm, Term, TermVersion
from crowd.taxonomy.schemes import SCHEMES
from crowd.taxonomy.vocabulary import current
from tests import factories
from tests.cast import Cast
from tests.client import Browser


def field(name: str) -> Term:
    """A field by any of its names."""
    entry = current().find("field", name)
    assert entry is not None
    return queries.get_term(entry.id)


def run_jobs() -> None:
    """What follows from a change of terms, as workers do it."""
    for kind in ("accounts.keep_fields", "accounts.keep_fields_after"):
        factories.run_jobs(kind)
    for kind in ("search.reindex_terms", "search.reindex_outdated"):
        factories.run_jobs(kind)


def record(code: str, name: str, **more: object) -> TermRecord:
    """What is said of a term."""
    return TermRecord(code, {"en": name}, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_exported_is_what_was_shipped_and_changes_nothing(cast: Cast, scheme: str) -> None:
    done = importing.import_terms(cast.eve, scheme, exported(scheme), dry=True)
    assert (done.added, done.changed, done.same) == ([], [], len(shipped.records(scheme)))


def exported(scheme: str) -> exchange.Sheet:
    """What an export of a scheme is read as."""
    sheet = exchange.read("".join(csv_export.lines(exchange.HEADER, exchange.rows(queries.records(scheme)))), scheme)
    assert sheet.faults == []
    return sheet


def test_names_that_a_spreadsheet_would_compute_come_back_as_they_were(cast: Cast) -> None:
    services.add(cast.eve, "field", record("sum", "=SUM(A1)", also=("-x", "@home")))
    done = importing.import_terms(cast.eve, "field", exported("field"), dry=True)
    assert (done.added, done.changed) == ([], [])


def test_the_lists_of_the_papers_are_whole() -> None:
    assert [len(shipped.records(scheme)) for scheme in ("technology", "technology_service", "industry")] == [61, 19, 17]
    assert not any(one.links for one in shipped.records("technology")), "the source prints no links"
    tiers = {one.names["en"]: one.attributes["tier"] for one in shipped.records("region") if one.attributes}
    assert tiers == {"Zhengzhou": "core", "Luoyang": "regional", "Xuchang": "regional"} | dict.fromkeys(
        ("Bengbu", "Kaifeng", "Bozhou", "Heze"), "node"
    )


@pytest.mark.parametrize("actor", ["ada", "bo", "cy", "aud"])
def test_only_the_operator_changes_terms(cast: Cast, actor: str) -> None:
    person = getattr(cast, actor)
    for act in (
        lambda: services.add(person, "field", record("x", "X")),
        lambda: services.edit(person, field("acoustics").id, record("acoustics", "sound")),
        lambda: services.retire(person, field("acoustics").id),
        lambda: services.merge(person, field("acoustics").id, into="noise"),
        lambda: importing.import_terms(person, "field", exchange.Sheet()),
        lambda: services.link(person, "technology", "technology_service", source="1", targets=[]),
    ):
        with pytest.raises(Forbidden):
            act()


def test_a_renamed_field_finds_what_was_written_under_its_former_name(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast, title="Hear it", tags=["acoustics"])
    accounts.edit_profile(cast.cy, cast.cy.id, name="Cy", locale="en", time_zone="UTC", bio="", expertise=["acoustics"])
    row = field("acoustics")
    services.edit(cast.eve, row.id, TermRecord(row.code, {"en": "sound engineering", "zh_Hans_CN": "声学工程"}))
    run_jobs()
    assert cast.cy.expertise == ["sound engineering"]
    for asked in ("acoustics", "声学工程", "sound engineering", "声学"):
        assert f'href="/challenges/{challenge.id}"' in browser.get(f"/challenges?q={asked}").text, asked
        assert f'href="/challenges/{challenge.id}"' in browser.get(f"/challenges?tag={asked}").text, asked
    assert "sound engineering" in browser.get(f"/challenges/{challenge.id}").text


def test_a_merged_field_is_shown_and_found_as_the_other_one(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast, title="Quiet", tags=["noise control"])
    accounts.edit_profile(
        cast.cy, cast.cy.id, name="Cy", locale="en", time_zone="UTC", bio="", expertise=["noise control", "noise"]
    )
    gone, other = field("noise control"), field("noise")
    services.merge(cast.eve, gone.id, into="noise")
    run_jobs()
    assert cast.cy.expertise == ["noise"]
    assert current().by_id(gone.id).code == current().find("field", "noise control").code == "noise"
    page = browser.get("/challenges?tag=noise").text
    assert f'href="/challenges/{challenge.id}"' in page
    assert {link.partition(":")[2] for link in queries.record_of(other).links} >= {"equipment", "environment"}
    with pytest.raises(Conflict):
        services.edit(cast.eve, gone.id, record("noise-control", "noise control"))


def test_what_is_linked_by_a_merged_code_is_found_at_once_and_later(cast: Cast, browser: Browser) -> None:
    """Old links, saved searches and feeds have the old code; a job reads the challenges again a little later."""
    challenge = factories.opened(cast, title="Quiet", tags=["noise control"])
    pages = ["/challenges?tag=noise+control", "/challenges?industry=equipment", "/industries/equipment"]
    services.merge(cast.eve, field("noise control").id, into="noise")
    services.merge(cast.eve, current().get("industry", "equipment").id, into="chemicals")
    for _again in range(2):
        for page in (*pages, "/challenges?tag=noise", "/challenges?industry=chemicals", "/industries/chemicals"):
            assert f'href="/challenges/{challenge.id}"' in browser.get(page).text, page
        run_jobs()


def test_links_to_a_merged_term_lead_to_the_other_one_in_what_is_exported(cast: Cast) -> None:
    services.merge(cast.eve, current().get("industry", "equipment").id, into="chemicals")
    links = {link for one in queries.records("field") for link in one.links}
    assert "industry:chemicals" in queries.record_of(field("noise control")).links
    assert "industry:equipment" not in links


def test_a_region_that_is_merged_takes_what_lies_below_it_along(cast: Cast) -> None:
    services.add(cast.eve, "region", record("371600-new", "Binzhou New", parent="370000"))
    services.add(cast.eve, "region", record("371601", "A district", parent="371600-new"))
    services.merge(cast.eve, current().get("region", "371600-new").id, into="371600")
    district = current().get("region", "371601")
    assert district is not None
    assert [one.code for one in current().above(district)] == ["371601", "371600", "370000", "CN"]
    assert {one.code: one.parent for one in queries.records("region")}["371601"] == "371600", "also in the export"


def test_a_retired_term_is_no_longer_offered_and_stays_where_it_is(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast, tags=["acoustics"])
    row = field("acoustics")
    services.retire(cast.eve, row.id)
    assert row.code not in {one.code for one in current().all("field")}
    assert "声学" in browser.get(f"/challenges/{challenge.id}", headers={"Accept-Language": "zh-CN"}).text
    services.restore(cast.eve, row.id)
    assert row.code in {one.code for one in current().all("field")}


def test_one_name_finds_one_term(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        services.add(cast.eve, "field", record("sound", "Sound", also=("聲學",)))
    assert "acoustics" in str(refused.value.fields["also"][0])
    with pytest.raises(Conflict):
        services.add(cast.eve, "field", record("acoustics", "Another"))


def test_no_term_is_below_itself(cast: Cast) -> None:
    shandong = current().get("region", "370000")
    assert shandong is not None
    with pytest.raises(Invalid):
        services.edit(cast.eve, shandong.id, record("370000", "Shandong", parent="370200"))


def test_a_free_term_that_is_joined_is_that_field_everywhere(cast: Cast, browser: Browser) -> None:
    factories.opened(cast, title="Elsewhere", tags=["acoustics"])
    challenge = factories.opened(cast, title="Leaky", tags=["Echo Sounding"])
    accounts.edit_profile(
        cast.cy, cast.cy.id, name="Cy", locale="en", time_zone="UTC", bio="", expertise=["echo-sounding", "泄漏检测"]
    )
    assert [row.key for row in queries.free_terms(after=None)] == ["echosounding"]
    services.join(cast.eve, "echosounding", into="声学")
    run_jobs()
    assert cast.cy.expertise == ["acoustics", "leak detection"]
    page = browser.get("/challenges?tag=acoustics").text
    assert f'href="/challenges/{challenge.id}"' in page
    assert db.session.scalars(sa.select(FreeTerm)).all() == []


def test_an_industry_lists_the_challenges_of_its_fields(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast, title="Tea", tags=["采茶"])
    other = factories.opened(cast, title="Steel", tags=["steel rolling"])
    page = browser.get("/challenges?industry=agriculture").text
    assert f'href="/challenges/{challenge.id}"' in page
    assert f'href="/challenges/{other.id}"' not in page
    services.link(cast.eve, "field", "industry", source="steel-rolling", targets=["agriculture"])
    run_jobs()
    assert f'href="/challenges/{other.id}"' in browser.get("/challenges?industry=agriculture").text


def test_an_import_says_what_it_changes_and_writes_all_or_nothing(cast: Cast) -> None:
    rows = [record("370202", "Shinan", parent="370200"), record("370203", "Shibei", parent="370299")]
    with pytest.raises(Invalid):
        importing.import_terms(cast.eve, "region", exchange.Sheet(rows))
    db.session.rollback()
    assert queries.find_term("region", "370202") is None
    fine = exchange.Sheet([record("370202-1", "Badaguan", parent="370202"), rows[0]])
    done = importing.import_terms(cast.eve, "region", fine)
    assert sorted(done.added) == ["370202", "370202-1"]


def sheet_of(*lines: str) -> exchange.Sheet:
    """A file of fields or regions; the first line is the header."""
    return exchange.read("\n".join(lines), "region" if "parent" in lines[0] else "field")


def test_an_import_that_renames_a_field_keeps_its_former_name(cast: Cast) -> None:
    accounts.edit_profile(cast.cy, cast.cy.id, name="Cy", locale="en", time_zone="UTC", bio="", expertise=["acoustics"])
    importing.import_terms(cast.eve, "field", sheet_of("code,en,zh_Hans_CN", "acoustics,sound,声学"))
    run_jobs()
    assert cast.cy.expertise == ["sound"]
    assert field("acoustics").code == field("声学").code == "acoustics"


@pytest.mark.parametrize("column", ["parent", "zh_Hans_CN", "also", "attributes", "links", "state"])
def test_a_column_that_a_file_does_not_have_stays_as_it_was(cast: Cast, column: str) -> None:
    scheme = "field" if column == "links" else "region"
    sheet, whole = exported(scheme), queries.records(scheme)
    columns = [name for name in exchange.HEADER if name != column]
    rows = [[cell for name, cell in zip(exchange.HEADER, row, strict=True) if name != column]
            for row in exchange.rows(sheet.records)]  # fmt: skip
    short = exchange.read("".join(csv_export.lines(columns, rows)), scheme)
    done = importing.import_terms(cast.eve, scheme, short)
    assert (done.added, done.changed) == ([], [])
    assert queries.records(scheme) == whole


def test_two_terms_swap_their_names_and_parent_and_child_their_places(cast: Cast) -> None:
    importing.import_terms(cast.eve, "region", sheet_of("code,parent,en", "P,CN,Pe", "Q,P,Qu"))
    importing.import_terms(cast.eve, "region", sheet_of("code,parent,en,also", "P,Q,Qu,", "Q,CN,Pe,"))
    inner, outer = current().get("region", "P"), current().get("region", "Q")
    assert inner is not None
    assert outer is not None
    assert (inner.name("en"), outer.name("en")) == ("Qu", "Pe")
    assert [one.code for one in current().above(inner)] == ["P", "Q", "CN"]


@pytest.mark.parametrize(
    "lines",
    [
        ("code,parent,en", "P,Q,Pe", "Q,P,Qu"), ("code,parent,en", "P,nowhere,Pe"),
        ("code,parent,en", "CN,370200,China"),
        ("code,en,links", "x,Ex,industry:none"), ("code,en", "x,声学"), ("code,en", "noise-control,Noise control"),
    ],
)  # fmt: skip
def test_what_would_be_refused_is_refused_by_the_check_too(cast: Cast, lines: tuple[str, ...]) -> None:
    services.merge(cast.eve, field("noise control").id, into="noise")
    sheet = sheet_of(*lines)
    before = queries.records("region")
    with pytest.raises(Invalid):
        importing.import_terms(cast.eve, "region" if "parent" in lines[0] else "field", sheet, dry=True)
    assert queries.records("region") == before


def test_a_link_to_a_merged_term_leads_to_the_end_of_the_chain(cast: Cast) -> None:
    for code, into in (("food", "agriculture"), ("agriculture", "chemicals")):
        row = queries.find_term("industry", code)
        assert row is not None
        services.merge(cast.eve, row.id, into=into)
    services.link(cast.eve, "field", "industry", source="acoustics", targets=["food"])
    assert queries.record_of(field("acoustics")).links == ("industry:chemicals",)


def test_every_change_is_a_version_with_its_author_and_cannot_be_rewritten(cast: Cast) -> None:
    row = field("acoustics")
    services.edit(cast.eve, row.id, record("acoustics", "sound"), note="Asked for by the panel")
    newest, first = queries.versions(row.id)
    assert (newest.author_id, newest.note) == (cast.eve.id, "Asked for by the panel")
    assert newest.record["names"] == {"en": "sound"}
    assert (first.author_id, first.record["names"]["en"]) == (None, "acoustics")
    digests = list(db.session.scalars(sa.select(TermVersion.digest).order_by(TermVersion.id)))
    assert len(set(digests)) == len(digests)


@pytest.mark.parametrize("act", ["UPDATE term_version SET note = 'x'", "DELETE FROM term_version", "DELETE FROM term"])
def test_the_application_cannot_rewrite_the_history(cast: Cast, act: str) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), db.session.begin_nested():
        db.session.execute(sa.text(act))
