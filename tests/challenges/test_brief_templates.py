"""Templates: the operator edits them in versions; a sponsor inserts one into a draft, and can undo that."""

import json
from dataclasses import replace

import jsonschema
import pytest

from challenges import services as drafts
from challenges.brief import missing_fields
from challenges.brief_templates import queries, services
from challenges.brief_templates.document import TemplateText, texts_of
from challenges.brief_templates.models import BriefTemplate, TemplateKind
from challenges.brief_templates.shipped import shipped
from challenges.criteria import CriterionLine
from challenges.models import Challenge
from challenges.rubric import CriterionKind
from challenges.tiers import NO_TIER, TIERS
from challenges.types import TYPES, Type
from crowd.canonical import read
from crowd.clock import now
from crowd.config import ROOT
from crowd.contracts import services as contracts
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.languages import LANGUAGES
from crowd.limits import Limits
from tests import factories
from tests.cast import Cast
from tests.challenges.test_views import fields
from tests.client import Browser
from tests.scoring.test_pages import text, words

EN, ZH = "en", "zh_Hans_CN"
RUBRIC, PROBLEM, RIGHTS = TemplateKind.RUBRIC, TemplateKind.PROBLEM, TemplateKind.RIGHTS
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "crowd.brief_template-1.json").read_text("utf-8"))


def template(code: str) -> BriefTemplate:
    found = {row.template.code: row.template for row in queries.list_templates(EN)}
    return found[code]


def both(name: str, **more: object) -> dict[str, TemplateText]:
    return {locale: TemplateText(name=name, **more) for locale in LANGUAGES}  # type: ignore[arg-type]


@pytest.fixture
def draft(cast: Cast) -> Challenge:
    return factories.challenge(cast.ada, cast.luoyang, language=ZH)


# ---- what is shipped


def test_what_is_shipped_is_whole_in_every_language(cast: Cast) -> None:
    rows = queries.list_templates(EN)
    assert {row.template.code for row in rows} == set(shipped())
    for row in rows:
        document = read(row.version.document)
        jsonschema.validate(document, SCHEMA)
        texts = texts_of(document)
        assert set(texts) == set(LANGUAGES)
        services._check(cast.adm, row.template.kind, texts)  # as if the operator had written it


def test_types_and_tiers_name_templates_that_are_shipped() -> None:
    named = {one.rubric for one in TYPES.values()} | {one.rubric for one in (*TIERS.values(), NO_TIER)}
    assert named == {code for code, (kind, _texts) in shipped().items() if kind == RUBRIC}


@pytest.mark.parametrize("locale", [EN, ZH])
@pytest.mark.parametrize("code", ["research", "service", "ideas"])
def test_a_shipped_rubric_can_go_to_screening(code: str, locale: str, cast: Cast) -> None:
    row = factories.challenge(cast.ada, cast.luoyang, language=locale, criteria=[])
    services.use(cast.ada, row.id, RUBRIC, template(code).id)
    brief = drafts.briefs.from_challenge(row)
    assert not [field for field, _message in missing_fields(brief, Limits(), now()) if field == "criteria"]
    assert brief.criteria == shipped()[code][1][locale].criteria


# ---- the operator


def test_a_change_is_a_new_version_with_its_difference(cast: Cast, browser: Browser) -> None:
    row = template("none")
    path = f"/admin/templates/{row.id}"
    page = fields(text(browser.sign_in(cast.eve), f"{path}/edit"))
    changed = page | {"text_en": "All rights stay with the authors. Full stop.", "note": "Shorter."}
    assert browser.post(f"{path}/edit", changed).status_code == 303
    said = words(text(browser, path))
    assert "version 2" in said
    assert "What this version changed" in said
    assert "Shorter." in said
    assert "<ins>" in text(browser, path)
    assert "Full stop." not in words(text(browser, f"{path}?version=1"))
    changed["once"] = ""
    assert browser.post(f"{path}/edit", changed).status_code == 409  # somebody was faster
    assert browser.post(f"{path}/edit", changed | {"shown": "2"}).status_code == 409  # nothing differs


def test_a_template_is_added_and_retired_on_pages(cast: Cast, browser: Browser, draft: Challenge) -> None:
    whole = {"name_en": "Option", "text_en": "An option.", "name_zh_Hans_CN": "选择权", "text_zh_Hans_CN": "选择权。"}
    browser.sign_in(cast.adm)
    assert browser.post("/admin/templates/new/rights", whole | {"text_en": " "}).status_code == 422
    assert browser.post("/admin/templates/new/rights", whole).status_code == 303
    [added] = [row for row in queries.list_templates(ZH, RIGHTS, offered=True) if row.text.name == "选择权"]
    services.use(cast.ada, draft.id, RIGHTS, added.template.id)
    assert draft.rights == "选择权。"
    assert browser.post(f"/admin/templates/{added.template.id}/retire").status_code == 303
    assert "no longer offered" in words(text(browser, f"/admin/templates/{added.template.id}"))
    with pytest.raises(Conflict, match="no longer offered"):
        services.use(cast.ada, draft.id, RIGHTS, added.template.id)
    assert draft.rights == "选择权。"
    assert browser.post(f"/admin/templates/{added.template.id}/restore").status_code == 303
    services.use(cast.ada, draft.id, RIGHTS, added.template.id)


def test_a_rubric_is_edited_in_both_languages(cast: Cast, browser: Browser) -> None:
    path = f"/admin/templates/{template('ideas').id}/edit"
    page = fields(text(browser.sign_in(cast.eve), path))
    more = browser.post(path, page | {"again": "1"})
    assert (more.status_code, "criteria_en-4-title" in more.text) == (200, True)
    refused = browser.post(path, page | {"criteria_en-0-weight": "30", "criteria_en-1-weight": "30"})
    assert refused.status_code == 422
    assert "scored and weighted alike in every language" in refused.text
    both_changed = {f"criteria_{locale}-{place}-weight": "30" for locale in LANGUAGES for place in (0, 1)}
    assert browser.post(path, page | both_changed | {"note": "Alike."}).status_code == 303
    [waiting] = queries.list_proposed(ZH)
    assert [line.weight for line in waiting.text.criteria][:2] == [30, 30]


@pytest.mark.parametrize("who", ["ada", "bo", "cy", "fen", "gu", "aud"])
def test_nobody_else_edits(who: str, cast: Cast, browser: Browser) -> None:
    person, row = getattr(cast, who), template("none")
    paths = ("/admin/templates", f"/admin/templates/{row.id}/edit", "/admin/templates/new/rights")
    browser.sign_in(person)
    assert [browser.get(path).status_code for path in paths] == [403] * 3
    assert [browser.post(f"/admin/templates/{row.id}/{what}").status_code for what in ("retire", "restore")] == [
        403
    ] * 2
    for act in (
        lambda: services.add(person, RIGHTS, both("X", text="Y")),
        lambda: services.edit(person, row.id, both("X", text="Y"), shown=1),
        lambda: services.retire(person, row.id),
        lambda: services.restore(person, row.id),
    ):
        with pytest.raises(Forbidden):
            act()


@pytest.mark.parametrize(
    ("kind", "texts", "field"),
    [
        (RIGHTS, both("", text="Y"), "name_en"),
        (RIGHTS, both("X", text="y" * 2_001), "text_en"),
        (PROBLEM, both("X", text="y" * 40_001), "text_en"),
        (RUBRIC, both("X", criteria=[CriterionLine(title="A", weight=99)]), "criteria_en"),
        (RUBRIC, both("X", criteria=[CriterionLine(title="", weight=100)]), "criteria_en"),
    ],
)
def test_what_a_template_must_have(kind: TemplateKind, texts: dict[str, TemplateText], field: str, cast: Cast) -> None:
    with pytest.raises(Invalid) as refusal:
        services.add(cast.eve, kind, texts)
    assert field in refusal.value.fields


# ---- the sponsor


def test_a_template_is_inserted_and_undone_on_pages(cast: Cast, browser: Browser, draft: Challenge) -> None:
    before = drafts.briefs.from_challenge(draft)
    page = fields(text(browser.sign_in(cast.ada), f"/challenges/{draft.id}/edit/rubric"))
    saved = browser.post(f"/challenges/{draft.id}/edit/rubric", page | {"templates": "rubric"})
    assert saved.headers["Location"].endswith(f"/challenges/{draft.id}/templates/rubric")
    here = f"/challenges/{draft.id}/templates/rubric"
    shown = text(browser, here)
    assert "研究与工程" in shown
    assert "Replace what is written in this part" in words(shown)
    row, base = template("research"), draft.changed_at.isoformat()
    assert browser.post(f"{here}/{row.id}", {"base": base, "confirmed": None}).status_code != 303
    assert browser.post(f"{here}/{row.id}", {"base": base}).status_code == 303
    db.session.refresh(draft)
    assert [line.title for line in draft.criteria] == ["解决问题的效果", "可行性", "成本", "清晰程度"]
    assert draft.criteria[3].kind == CriterionKind.RATING
    assert "Began with “研究与工程”, version 1" in words(text(browser, f"/challenges/{draft.id}/edit/rubric"))
    proposed = services.edit(cast.eve, row.id, changed(row), shown=1, note="Another name.")
    assert "There is a newer version by now." not in words(text(browser, here))
    contracts.put_in_force(proposed, now=now())
    assert "There is a newer version by now." in words(text(browser, here))
    assert browser.post(f"{here}/undo").status_code == 303
    db.session.refresh(draft)
    after = drafts.briefs.from_challenge(draft)
    assert after == replace(before, closes_at=after.closes_at)
    with pytest.raises(Conflict, match="No template was inserted"):
        services.undo(cast.ada, draft.id, RUBRIC)


def changed(row: BriefTemplate) -> dict[str, TemplateText]:
    texts = texts_of(read(queries.get_version(row.id, None).document))
    return {locale: replace(one, name=f"{one.name} 2") for locale, one in texts.items()}


def test_a_later_version_changes_no_draft(cast: Cast, draft: Challenge) -> None:
    row = template("licence")
    services.use(cast.ada, draft.id, RIGHTS, row.id)
    kept = draft.rights
    services.edit(cast.eve, row.id, both("Licence", text="Another text."), shown=1)
    assert draft.rights == kept
    used = queries.used_in(draft, RIGHTS)
    assert used is not None
    assert (used.version.number, used.newer) == (1, True)


def test_a_draft_that_somebody_saved_meanwhile_is_not_overwritten(cast: Cast, draft: Challenge) -> None:
    seen = draft.changed_at
    drafts.edit(cast.ada, draft.id, changes={"rights": "Ours."})
    with pytest.raises(Conflict, match="changed since"):
        services.use(cast.ada, draft.id, RIGHTS, template("none").id, base=seen)
    assert draft.rights == "Ours."


def test_a_template_goes_into_its_own_part_and_into_drafts_only(cast: Cast, draft: Challenge) -> None:
    with pytest.raises(NotFound):
        services.use(cast.ada, draft.id, RIGHTS, template("outline").id)
    published = factories.opened(cast)
    with pytest.raises(Conflict):
        services.use(cast.ada, published.id, RIGHTS, template("none").id)
    with pytest.raises(Conflict):
        services.undo(cast.ada, published.id, RIGHTS)


@pytest.mark.parametrize("who", ["bo", "cy", "eve", "adm"])
def test_nobody_else_touches_the_draft(who: str, cast: Cast, browser: Browser, draft: Challenge) -> None:
    row = template("none")
    browser.sign_in(getattr(cast, who))
    here = f"/challenges/{draft.id}/templates/rights"
    assert browser.get(here).status_code == 404
    assert browser.post(f"{here}/{row.id}", {"base": ""}).status_code == 404
    assert browser.post(f"{here}/undo").status_code == 404


def test_a_draft_begins_with_what_its_tier_usually_has(cast: Cast, browser: Browser) -> None:
    form = {"organisation_id": str(cast.luoyang.id), "title": "Quiet valves", "language": "en", "tier": "grand"}
    page = text(browser.sign_in(cast.ada), "/challenges/new")
    assert "Others sell this already" in words(page)
    made = browser.post("/challenges/new", form)
    row = db.session.get_one(Challenge, int(made.headers["Location"].split("/")[2]))
    assert row.type == Type.IDEATION
    assert [line.title for line in row.criteria] == ["Answers the question", "Novelty", "Promise"]
    made = browser.post("/challenges/new", form | {"tier": "standard"})
    row = db.session.get_one(Challenge, int(made.headers["Location"].split("/")[2]))
    assert row.type == Type.PRIZE
    assert row.criteria[0].title == "Meets the specification"
    made = browser.post("/challenges/new", form | {"tier": ""})
    row = db.session.get_one(Challenge, int(made.headers["Location"].split("/")[2]))
    assert (row.type, list(row.criteria)) == (Type.PRIZE, [])
