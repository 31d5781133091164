"""The expert committee adopts the versions of rubric templates: over HTTP, with both outcomes."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from challenges.brief_templates import queries, services
from challenges.brief_templates.adoption import ADOPTION
from challenges.brief_templates.document import KIND, TemplateText, texts_of
from challenges.brief_templates.models import BriefTemplate, TemplateKind
from challenges.models import Challenge
from crowd.audit import AuditEvent
from crowd.canonical import read
from crowd.cases import services as case_services
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState
from crowd.contracts import queries as contracts
from crowd.db import db
from crowd.errors import Conflict, Invalid
from crowd.languages import LANGUAGES
from tests import factories
from tests.cast import Cast
from tests.challenges.test_views import fields
from tests.client import Browser
from tests.scoring.test_pages import text, words

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
ADOPTED = {"en": "Adopted by the expert committee", "zh_Hans_CN": "专家委员会已采纳"}
DROPPED = {"en": "This version was not adopted.", "zh_Hans_CN": "该版本未获采纳。"}


def template() -> BriefTemplate:
    return next(row.template for row in queries.list_templates("en") if row.template.code == "ideas")


def changed(row: BriefTemplate) -> dict[str, TemplateText]:
    texts = texts_of(read(queries.get_version(row.id, None).document))
    return {locale: replace(one, name=f"{one.name} 2") for locale, one in texts.items()}


def proposed(cast: Cast, browser: Browser, row: BriefTemplate) -> Case:
    """Eve proposes other weights on the page of the template."""
    path = f"/admin/templates/{row.id}/edit"
    page = fields(text(browser.sign_in(cast.eve), path))
    lines = texts_of(read(queries.get_version(row.id, None).document))["en"].criteria
    two = ("10", str(90 - sum(line.weight for line in lines[2:])))
    weights = {f"criteria_{one}-{place}-weight": two[place] for one in LANGUAGES for place in (0, 1)}
    assert browser.post(path, page | weights).status_code == 422, "without reasons nothing is proposed"
    assert browser.post(path, page | weights | {"note": "Ideas are rarely new."}).status_code == 303
    return db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()


def vote(cast: Cast, browser: Browser, case: Case, choice: str) -> None:
    for person in cast.reviewers():
        sent = {"choice": choice, "reasons": f"{person.name} says why."}
        answer = browser.sign_in(person).post(f"/cases/{case.public_id}/steps/1/vote", sent)
        assert answer.status_code == 303, answer.text


def first_weight(row: BriefTemplate) -> int:
    return texts_of(read(queries.get_version(row.id, None).document))["en"].criteria[0].weight


def events(action: str) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(AuditEvent.action == action)) or 0


@pytest.fixture
def draft(cast: Cast) -> Challenge:
    """A draft with the template as it was before."""
    challenge = factories.challenge(cast.ada, cast.luoyang, language="en", criteria=[])
    services.use(cast.ada, challenge.id, TemplateKind.RUBRIC, template().id)
    return challenge


@EVERY_LANGUAGE
def test_adopted_it_is_in_use_for_new_drafts(cast: Cast, browser: Browser, draft: Challenge, locale: str) -> None:
    for person in (cast.ada, cast.eve, *cast.reviewers()):
        person.locale = locale
    row, before = template(), [line.weight for line in draft.criteria]
    case = proposed(cast, browser, row)
    page = f"/admin/templates/{row.id}"
    assert f"{page}?version=2" in browser.sign_in(cast.eve).get("/admin/templates").text
    assert first_weight(row) == before[0], "it waits"
    filed = browser.sign_in(cast.cy).get(f"/cases/{case.public_id}").text
    assert "Ideas are rarely new." in filed
    assert draft.criteria[0].title in filed
    assert "<ins>" in browser.get(f"{page}?version=2").text
    vote(cast, browser, case, "for")
    assert case.state == CaseState.GRANTED
    assert [factories.run_jobs("templates.carry_out") for _time in range(2)] == [1, 0]
    db.session.expire_all()
    assert (first_weight(row), events("template.adopted")) == (10, 1)
    assert [line.weight for line in draft.criteria] == before, "a draft keeps what it has taken"
    assert ADOPTED[locale] in words(text(browser.sign_in(cast.eve), page))
    offered = words(text(browser.sign_in(cast.ada), f"/challenges/{draft.id}/templates/rubric"))
    assert ADOPTED[locale] in offered
    services.use(cast.ada, draft.id, TemplateKind.RUBRIC, row.id)
    assert draft.criteria[0].weight == 10


@EVERY_LANGUAGE
def test_refused_the_template_stays(cast: Cast, browser: Browser, locale: str) -> None:
    for person in (cast.eve, *cast.reviewers()):
        person.locale = locale
    row = template()
    before = first_weight(row)
    case = proposed(cast, browser, row)
    vote(cast, browser, case, "against")
    assert (case.state, factories.run_jobs("templates.carry_out")) == (CaseState.REFUSED, 1)
    db.session.expire_all()
    assert (first_weight(row), events("template.not_adopted")) == (before, 1)
    assert contracts.find_proposed(KIND, row.id) is None
    page = words(text(browser.sign_in(cast.eve), f"/admin/templates/{row.id}?version=2"))
    assert DROPPED[locale] in page
    assert proposed(cast, browser, row).state == CaseState.PENDING, "another one can be proposed"


def test_one_version_at_a_time_and_a_withdrawn_one_is_dropped(cast: Cast, browser: Browser) -> None:
    assert cast.cy
    row = template()
    case = proposed(cast, browser, row)
    with pytest.raises(Conflict, match="waits for the expert committee"):
        services.edit(cast.eve, row.id, changed(row), shown=1, note="Again.")
    assert browser.get(f"/cases/new/{ADOPTION}/{row.id}").status_code == 409
    case_services.withdraw(cast.eve, case.public_id)
    assert factories.run_jobs("templates.carry_out") == 1
    db.session.expire_all()
    assert contracts.find_proposed(KIND, row.id) is None
    assert browser.get(f"/cases/new/{ADOPTION}/{row.id}").status_code == 409, "only a change is voted on"
    assert services.edit(cast.eve, row.id, changed(row), shown=1, note="Again.").number == 3


def test_a_new_rubric_is_offered_once_it_is_adopted(cast: Cast, browser: Browser) -> None:
    texts = changed(template())
    with pytest.raises(Invalid):
        services.add(cast.eve, TemplateKind.RUBRIC, texts)
    row = services.add(cast.eve, TemplateKind.RUBRIC, texts, note="For short ideas.")
    case = db.session.scalars(sa.select(Case)).one()
    assert row.id not in {one.template.id for one in queries.list_templates("en", offered=True)}
    page = words(text(browser.sign_in(cast.eve), f"/admin/templates/{row.id}"))
    assert "The expert committee votes on this version." in page
    vote(cast, browser, case, "for")
    factories.run_jobs("templates.carry_out")
    assert row.id in {one.template.id for one in queries.list_templates("en", offered=True)}


@pytest.mark.parametrize(("who", "status"), [("eve", 200), ("adm", 200), ("cy", 200), ("ada", 403), ("gu", 403)])
def test_the_committee_reads_the_page_of_a_template(who: str, status: int, cast: Cast, browser: Browser) -> None:
    row = template()
    services.edit(cast.eve, row.id, changed(row), shown=1, note="A name.")
    person = getattr(cast, who)
    for address in (f"/admin/templates/{row.id}", f"/admin/templates/{row.id}?version=2"):
        assert browser.sign_in(person).get(address).status_code == status
    shown = browser.get(f"/admin/templates/{row.id}?version=2").text
    assert ("/cases/" in shown.split("<main", 1)[-1].split("</main", 1)[0]) == (who in ("eve", "cy"))
