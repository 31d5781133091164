"""The pages of the screening, and a challenge from the first step to the opening with two rounds of it."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges import services as drafts
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.screening import queries, services
from challenges.screening.models import SavedAnswer, ScreeningRemark
from challenges.screening.workflow import CheckAnswer
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import PlatformRole, User
from crowd.db import db
from tests import factories
from tests.cast import Cast, commit
from tests.challenges.test_views import fields, selects
from tests.client import Browser
from tests.drafting import by_step

DRAFT = {
    "summary": "Valves that do not sing.", "problem_statement": "## Need\n\nLess noise.", "tags": "noise, 阀门",
    "currency": "CNY", "prizes-0-title": "First", "prizes-0-amount": "50,000", "criteria-0-title": "Noise",
    "criteria-0-weight": "60", "criteria-1-title": "Price", "criteria-1-weight": "40", "time_zone": "Asia/Shanghai",
    "rights": "A licence.",
}  # fmt: skip


def typed_in(page: str) -> dict[str, str]:
    """The fields of a page without its tokens: another person signs in to the same browser meanwhile."""
    return {name: value for name, value in fields(page).items() if name not in ("csrf_token", "once")}


def press(browser: Browser, page: str, path: str = "", **typed: str) -> str:
    """Send the fields of a page with what is typed to a path; where it leads."""
    form = fields(browser.get(page).text)
    sent = browser.post(path or page, form | {name.replace("__", "-"): text for name, text in typed.items()})
    assert sent.status_code == 303, re.findall(r'class="problem".*', sent.text)
    return sent.headers["Location"]


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_from_the_first_step_to_the_opening_with_two_rounds(locale: str, cast: Cast, browser: Browser) -> None:
    people = (cast.ada, cast.abe, cast.eve, evi := factories.user("Evi", PlatformRole.SERVICE_CENTRE))
    for person in people:
        person.locale = locale
    commit()
    # Ada writes it step by step.
    browser.sign_in(cast.ada)
    first = {"organisation_id": str(cast.luoyang.id), "title": "Quiet valves", "language": locale}
    draft = browser.post("/challenges/new", first).headers["Location"]
    closes = (clock.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    for step, typed in by_step(DRAFT | {"closes_at": closes}).items():
        press(browser, f"{draft}/{step}", **{name.replace("-", "__"): text for name, text in typed.items()})
    challenge = db.session.scalars(sa.select(Challenge)).one()
    press(browser, f"{draft}/check")
    assert challenge.state == ChallengeState.SCREENING
    # Eve takes it, pins two remarks, deletes one, and returns it.
    screen = f"/screening/{challenge.id}"
    browser.sign_in(cast.eve)
    assert "Quiet valves" in browser.get("/screening").text
    browser.post(f"{screen}/claim", {"holder": ""})
    for field, text in (("prizes", "Too little for a year of work."), ("title", "A slip.")):
        browser.post(f"{screen}/remarks", {"field": field, "text": text})
    pinned, slip = db.session.scalars(sa.select(ScreeningRemark).order_by(ScreeningRemark.id))
    browser.post(f"{screen}/remarks/{slip.id}/delete")
    browser.post(f"{screen}/checks", {"checks-0-key": "problem", "checks-0-answer": "yes", "checks-0-note": "Clear."})
    assert browser.post(f"{screen}/approve").status_code == 409, "the checklist is not complete"
    browser.post(f"{screen}/return", {"reason": "See the remark."})
    # Ada finds the remark in what is missing and beside its field, and resolves it; Abe edits another step meanwhile.
    browser.sign_in(cast.ada)
    assert browser.get(draft).headers["Location"] == f"{draft}/prizes"
    page = browser.get(f"{draft}/prizes").text
    assert page.count("Too little for a year of work.") == 2
    assert "A slip." not in page
    shown = typed_in(page)
    browser.sign_in(cast.abe)
    press(browser, f"{draft}/rights", rights="No licence at all.")
    browser.sign_in(cast.ada)
    typed = shown | {"prizes-0-amount": "80,000", "remark": str(pinned.id), "resolved": str(pinned.id)}
    assert browser.post(f"{draft}/prizes", typed).status_code == 303
    assert (challenge.rights, challenge.prize_total) == ("No licence at all.", 8_000_000)
    check = browser.get(f"{draft}/check").text
    assert "<ins>" in check, "what has changed since"
    press(browser, f"{draft}/check")
    # Evi is asked to screen it; the page has the difference. The second round returns it, the third approves.
    services.assign(cast.adm, challenge.id, user_id=evi.id)
    browser.sign_in(evi)
    page = browser.get(screen).text
    assert "80,000" in page.partition("<ins>")[2]
    assert browser.post(f"{screen}/remarks/{pinned.id}/reopen").status_code == 303
    browser.post(f"{screen}/return", {"reason": "Still too little."})
    browser.sign_in(cast.ada)
    press(browser, f"{draft}/prizes", prizes__0__amount="90,000", remark=str(pinned.id), resolved=str(pinned.id))
    press(browser, f"{draft}/check")
    browser.sign_in(evi)
    factories.checked(evi, challenge.id)
    cost = fields(browser.get(screen).text)["cost"]
    assert browser.post(f"{screen}/approve", {"cost": cost}).status_code == 303
    assert [one.taken_by for one in queries.rounds_of(challenge)] == [evi.id, evi.id, cast.eve.id]
    factories.pay_in(cast, cast.luoyang, challenge.cost)
    lifecycle.fund(cast.ada, challenge.id)
    assert challenge.state == ChallengeState.OPEN


def test_two_editors_of_one_step_do_not_overwrite_one_another(cast: Cast, browser: Browser) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    here = f"/challenges/{challenge.id}/edit/rights"
    seen = typed_in(browser.sign_in(cast.ada).get(here).text)
    press(browser.sign_in(cast.abe), here, rights="Abe's words.")
    late = browser.sign_in(cast.ada).post(here, seen | {"rights": "Ada's words."})
    assert late.status_code == 409
    assert "Ada&#39;s words." in late.text
    told = late.text.partition('<dl class="changes">')[2].partition("</dl>")[0]
    assert re.findall(r"<(del|ins)>(.*?)</", told) == [("del", "Abe"), ("ins", "Ada")], "both texts, side by side"
    assert challenge.rights == "Abe's words."
    assert browser.post(here, seen | {"rights": "Ada's words.", "over": "1"}).status_code == 303
    assert challenge.rights == "Ada's words."
    assert '<dl class="changes">' not in browser.get(here).text


def test_of_two_full_texts_both_are_shown(cast: Cast, browser: Browser) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    here = f"/challenges/{challenge.id}/edit/attachments"
    seen = typed_in(browser.sign_in(cast.ada).get(here).text)
    press(browser.sign_in(cast.abe), here, full_text="The valve of Abe.", full_text_for="registration")
    typed = {"full_text": "The valve of Ada.", "full_text_for": "registration"}
    late = browser.sign_in(cast.ada).post(here, seen | typed)
    assert late.status_code == 409
    told = late.text.partition('<dl class="changes">')[2].partition("</dl>")[0]
    assert re.findall(r"<(del|ins)>(.*?)</", told) == [("del", "Abe"), ("ins", "Ada")]


def test_of_two_who_changed_what_the_tier_decides_both_are_shown(cast: Cast, browser: Browser) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang, tier="adapted")
    here = f"/challenges/{challenge.id}/edit/entry"
    seen = typed_in(browser.sign_in(cast.ada).get(here).text)
    press(browser.sign_in(cast.abe), here, entrants="organisations")
    late = browser.sign_in(cast.ada).post(here, seen | {"entrants": "anyone"})
    assert late.status_code == 409
    told = late.text.partition('<dl class="changes">')[2].partition("</dl>")[0]
    assert re.findall(r"<(del|ins)>(.*?)</", told)[:2] == [("del", "Only"), ("ins", "People and")]


def test_the_last_round_is_shown_at_each_item_and_what_an_approval_needs(cast: Cast, browser: Browser) -> None:
    challenge = factories.screened(cast)
    first, second, *_rest = queries.checklist(queries.rounds_of(challenge)[0].checklist).items
    answers = {first.key: (CheckAnswer.NO, "The figures are missing."), second.key: (CheckAnswer.YES, "")}
    services.check(cast.eve, challenge.id, answers=answers)
    services.remark(cast.eve, challenge.id, field="title", text="Too long.")
    here = f"/screening/{challenge.id}"
    page = browser.sign_in(cast.eve).get(here).text
    assert "An approval needs another answer" in item(page, first.key)
    assert "badge" not in item(page, second.key)
    lifecycle.return_for_changes(cast.eve, challenge.id, reason="See the remark.")
    for remark in queries.remarks_of(challenge, sent=True):
        services.resolve(cast.ada, challenge.id, shown=[remark.id], resolved=[remark.id])
    lifecycle.submit(cast.ada, challenge.id)
    page = browser.get(here).text
    assert "Round 1: No" in item(page, first.key)
    assert "The figures are missing." in item(page, first.key)
    assert "not answered yet" in item(page, first.key)
    assert "Round 1: Yes" in item(page, second.key)
    assert "round 1" in page.partition('id="remarks"')[2].partition("Too long.")[0]
    late = browser.post(f"{here}/approve", {"cost": str(challenge.cost)})
    assert late.status_code == 409
    assert "not answered yet" in item(late.text, first.key), "on the page of the screening, at the item"
    assert challenge.state == ChallengeState.SCREENING


def item(page: str, key: str) -> str:
    """What a page says at an item of the checklist, without its form."""
    return page.partition(f'id="item-{key}"')[2].partition("<fieldset")[0]


def test_the_page_says_who_has_it_until_when_and_when_it_opens(cast: Cast, browser: Browser, isolated: Flask) -> None:
    at_once, later = factories.screened(cast), factories.screened(cast, opens_at=clock.now() + timedelta(days=3))
    browser.sign_in(cast.eve)
    page = browser.get(f"/screening/{at_once.id}").text
    assert "Nobody has taken it yet." in page
    assert "as soon as it is paid; paid at once" in page
    assert "Approved and paid in time, it opens" in browser.get(f"/screening/{later.id}").text
    browser.post(f"/screening/{at_once.id}/claim", {"holder": ""})
    page = browser.get(f"/screening/{at_once.id}").text
    assert "Eve screens it since" in page
    assert "Eve screens it since" in browser.get("/screening").text
    with isolated.test_request_context():
        first, *others = queries.waiting(cast.eve)
    assert (first.text, first.due_at is not None) == (at_once.title, True)
    assert [task.count for task in others] == [1], "what nobody has taken"


def test_a_remark_on_what_was_withdrawn_meanwhile_is_kept_on_the_page(cast: Cast, browser: Browser) -> None:
    challenge = factories.screened(cast)
    lifecycle.withdraw_from_screening(cast.ada, challenge.id)
    drafts.edit(cast.ada, challenge.id, changes={"closes_at": None})
    browser.sign_in(cast.eve)
    for path, typed in (("remarks", {"field": "title", "text": "Typed."}), ("return", {"reason": "Typed."})):
        page = browser.post(f"/screening/{challenge.id}/{path}", typed)
        assert page.status_code == 409, path
        assert "Typed." in page.text
    page = browser.sign_in(cast.adm).post(f"/screening/{challenge.id}/assign", {"user_id": str(cast.eve.id)})
    assert page.status_code == 409


def test_what_is_overdue_is_said(cast: Cast, browser: Browser) -> None:
    challenge = factories.screened(cast)
    (one,) = queries.rounds_of(challenge)
    one.due_at = clock.now() - timedelta(days=1)
    commit()
    browser.sign_in(cast.eve)
    assert "overdue" in browser.get("/screening").text
    assert "overdue" in browser.get(f"/screening/{challenge.id}").text


def test_a_saved_answer_is_inserted_without_scripts(cast: Cast, browser: Browser) -> None:
    challenge = factories.screened(cast)
    browser.sign_in(cast.eve)
    browser.post("/screening/phrases", {"heading": "Brand", "text": "Name no product.", "shared": "y"})
    (saved,) = db.session.scalars(sa.select(SavedAnswer))
    typed = {"field": "title", "text": "Hello.", "saved": str(saved.id), "insert": "1"}
    page = browser.post(f"/screening/{challenge.id}/remarks", typed)
    assert page.status_code == 200
    assert "Hello.\nName no product.</textarea>" in page.text
    page = browser.post(f"/screening/{challenge.id}/return", {"reason": "", "saved": str(saved.id), "insert": "1"})
    assert "Name no product.</textarea>" in page.text
    assert challenge.state == ChallengeState.SCREENING
    assert not queries.remarks_of(challenge)
    browser.post(f"/screening/phrases/{saved.id}/delete")
    assert "Name no product." not in browser.get("/screening/phrases").text


def test_the_checklist_is_rewritten_by_an_administrator(cast: Cast, browser: Browser) -> None:
    assert "Write a new version" not in browser.sign_in(cast.eve).get("/screening/checklist").text
    browser.sign_in(cast.adm)
    form = fields(browser.get("/screening/checklist").text)
    more = browser.post("/screening/checklist", form | {"again": "items", "items-8-name_en": "Typed"})
    assert more.status_code == 200
    assert 'value="Typed"' in more.text
    assert len(queries.checklists()) == 1
    form |= {"items-8-name_en": "Nothing else", "items-8-name_zh_Hans_CN": "没有别的", "note": "One more."}
    assert browser.post("/screening/checklist", form).status_code == 303
    newest, first = queries.checklists()
    assert [item.names["en"] for item in newest.items][-1] == "Nothing else"
    assert len(newest.items) == len(first.items) + 1
    again = typed_in(browser.get("/screening/checklist").text) | {"note": "From an old page.", "after": str(first.id)}
    assert browser.post("/screening/checklist", again).status_code == 409
    page = browser.get("/screening/checklist").text
    assert "One more." in page
    assert "Adm" in page


POSTS = ("claim", "release", "assign", "checks", "remarks", "remarks/1/delete", "remarks/1/reopen")


@pytest.mark.parametrize("name", ["ada", "bo", "fen", "gu", "aud", "cy"])
def test_the_pages_are_for_the_service_centre(name: str, cast: Cast, browser: Browser) -> None:
    challenge, person = factories.screened(cast), getattr(cast, name)
    browser.sign_in(person)
    for path in ("", "/phrases", "/checklist", f"/{challenge.id}"):
        assert browser.get(f"/screening{path}").status_code == 403, path
    for path in POSTS:
        assert browser.post(f"/screening/{challenge.id}/{path}", {}).status_code == 403, path


def test_an_administrator_reads_and_assigns_and_does_nothing_else(cast: Cast, browser: Browser) -> None:
    challenge = factories.screened(cast)
    browser.sign_in(cast.adm)
    page = browser.get(f"/screening/{challenge.id}").text
    assert f"/screening/{challenge.id}/assign" in page
    assert f"/screening/{challenge.id}/claim" not in page
    assert "You belong to this organisation" not in page
    for path in set(POSTS) - {"assign"}:
        assert browser.post(f"/screening/{challenge.id}/{path}", {}).status_code == 403, path
    assert browser.post(f"/screening/{challenge.id}/assign", {"user_id": str(cast.eve.id)}).status_code == 303


def test_the_queue_needs_no_more_statements_for_more(cast: Cast, browser: Browser) -> None:
    factories.screened(cast)
    browser.sign_in(cast.eve)
    browser.get("/screening")
    few = selects(lambda: browser.get("/screening"))
    for number in range(4):
        services.claim(cast.eve, factories.screened(cast, title=f"Number {number}").id, holder=None)
    browser.get("/screening")
    assert selects(lambda: browser.get("/screening")) == few


def test_a_remark_is_read_by_the_sponsor_and_the_centre_only(cast: Cast, browser: Browser) -> None:
    challenge = factories.screened(cast)
    services.remark(cast.eve, challenge.id, field="title", text="A canary.")
    readers: tuple[User, ...] = (cast.ada, cast.bo, cast.dee)
    for person in readers:
        page = browser.sign_in(person).get(f"/challenges/{challenge.id}").text
        assert "A canary." not in page
    lifecycle.return_for_changes(cast.eve, challenge.id, reason="See the remark.")
    assert "A canary." in browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}/edit/problem").text
    assert "A canary." in browser.get(f"/challenges/{challenge.id}").text, "among what is missing"
    for person in readers[1:]:
        assert browser.sign_in(person).get(f"/challenges/{challenge.id}").status_code == 404
    services.resolve(cast.ada, challenge.id, shown=[1], resolved=[])
    (remark,) = queries.remarks_of(challenge)
    services.resolve(cast.ada, challenge.id, shown=[remark.id], resolved=[remark.id])
    lifecycle.submit(cast.ada, challenge.id)
    factories.approve(cast.eve, challenge.id)
    factories.pay_in(cast, cast.luoyang, challenge.cost)
    lifecycle.fund(cast.ada, challenge.id)
    for path in ("", "/history", "/contract", "/contract.json"):
        assert "A canary." not in browser.sign_in(cast.bo).get(f"/challenges/{challenge.id}{path}").text


def test_an_approval_is_offered_once_the_checklist_is_answered(cast: Cast, browser: Browser) -> None:
    challenge = factories.screened(cast)
    page, approve = f"/screening/{challenge.id}", f'action="/screening/{challenge.id}/approve"'
    before = browser.sign_in(cast.eve).get(page).text
    assert approve not in before
    assert "the checklist still needs" in before
    factories.checked(cast.eve, challenge.id)
    after = browser.get(page).text
    assert approve in after
    assert "the checklist still needs" not in after
