"""The page of a case: forms that were refused come back where they belong, with what was typed."""

import re

import pytest
import sqlalchemy as sa

from crowd.accounts.models import User
from crowd.audit import SYSTEM, AuditEvent
from crowd.cases import queries, services
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState, Finding, VoteChoice
from crowd.config import limits
from crowd.db import db
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.cases.test_cases import IN_CONFLICT, case, council, to_vote, wells
from tests.submissions.test_pages import words

__all__ = ["case", "council", "wells"]  # fixtures


def step_with(page: str, text: str) -> str:
    """The number of the step in whose part of the page a text stands."""
    parts = re.split(r'id="step-(\d+)"', page.split('id="entry-')[0])
    found = [number for number, part in zip(parts[1::2], parts[2::2], strict=True) if text in part]
    assert len(found) == 1, found
    return found[0]


def test_a_refused_form_comes_back_in_its_step(cast: Cast, case: Case, browser: Browser) -> None:
    """Somebody of two bodies has two open steps, and sends the form of the second."""
    fen = cast.fen
    fen.roles = [*fen.roles, *cast.adm.roles]
    here = f"/cases/{case.public_id}/steps/2/conclude"
    answer = browser.sign_in(fen).post(here, {"finding": "", "reasons": "No road is near."})
    assert answer.status_code == 422
    assert step_with(answer.text, "No road is near.") == "2"
    assert step_with(answer.text, here) == "2", "the form goes where it came from"
    assert "<h2>What you typed</h2>" not in answer.text
    assert step_with(browser.get(f"/cases/{case.public_id}").text, "/steps/1/conclude") == "1"
    assert step_with(browser.get(f"/cases/{case.public_id}?step=2").text, "/steps/2/conclude") == "2"


def test_what_comes_too_late_is_shown_and_in_no_other_step(cast: Cast, case: Case, browser: Browser) -> None:
    fen = cast.fen
    fen.roles = [*fen.roles, *cast.adm.roles]
    browser.sign_in(fen)
    services.conclude(cast.adm, case.public_id, 2, finding=Finding.YES, reasons="No road.")
    sent = {"finding": "no", "reasons": "A road is near."}
    answer = browser.post(f"/cases/{case.public_id}/steps/2/conclude", sent)
    assert answer.status_code == 409
    assert "What you typed Result No Reasons A road is near." in words(answer.text)
    assert "A road is near." not in answer.text.split('id="step-1"')[1]
    assert step_with(answer.text, "/steps/1/conclude") == "1"


def test_a_refused_black_out_keeps_what_was_typed(cast: Cast, case: Case, browser: Browser) -> None:
    entries = [services.add_entry(cast.bo, case.public_id, text=f"Call {number}.") for number in (138, 139)]
    long = "x" * (limits().max_reason_length + 1)
    first, second = (f"entry-{entry.id}-text" for entry in entries)
    here = f"/cases/{case.public_id}/entries/{entries[1].id}/black-out"
    shown = browser.sign_in(cast.fen).get(f"/cases/{case.public_id}").text
    assert re.search(rf'<textarea[^>]* id="{second}"[^>]*>\s*Call 139.</textarea>', shown)
    assert not re.search(r"<details[^>]* open", shown)
    answer = browser.post(here, {second: long})
    assert answer.status_code == 422
    assert re.search(rf'<textarea[^>]* id="{second}"[^>]*>\s*{long}</textarea>', answer.text)
    assert re.search(rf'<textarea[^>]* id="{first}"[^>]*>\s*Call 138.</textarea>', answer.text)
    assert f'<a href="#{second}">' in answer.text, "the error links to its field"
    (opened,) = re.findall(r"<details open>.*?</details>", answer.text, re.DOTALL)
    assert f'id="{second}"' in opened
    assert browser.post(here, {second: "Call."}).status_code == 303
    late = browser.post(here, {second: "Call me."})
    assert late.status_code == 409
    assert "What you typed Text without personal data Call me." in words(late.text)


def part(page: str, name: str) -> str:
    """The words of an entry or a step."""
    return " ".join(re.sub("<[^>]*>", " ", page.split(f'id="{name}"')[1].split("</article>")[0]).split())


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_a_black_out_is_the_text_of_who_made_it(cast: Cast, case: Case, browser: Browser, locale: str) -> None:
    cast.bea.locale = locale
    entries = [services.add_entry(cast.bo, case.public_id, text=f"Call {number}.") for number in (138, 139)]
    for entry, text in zip(entries, ("Call somebody.", ""), strict=True):
        services.blacken(cast.fen, case.public_id, entry.id, text=text)
    page = browser.sign_in(cast.bea).get(f"/cases/{case.public_id}").text
    first, second = (part(page, f"entry-{entry.id}") for entry in entries)
    assert re.search(r"Fen, .*: Call somebody\." if locale == "en" else "不是作者.*Fen.*Call somebody", first)
    assert re.search(r"Bo, .* Fen took this entry out" if locale == "en" else "Bo.*Fen.*移除", second)
    assert "138" not in page


def test_who_blacks_out_when(cast: Cast, case: Case, council: list[User], browser: Browser) -> None:
    """Who is still to vote does not, and in a case that has ended only the service centre."""
    entries = [services.add_entry(cast.bo, case.public_id, text=f"Call {number}.") for number in range(4)]
    here = f"/cases/{case.public_id}"
    to_vote(cast, case)

    def blackens(person: User) -> bool:
        shown = "black-out" in browser.sign_in(person).get(here).text
        number = entries[-1].id
        status = browser.post(f"{here}/entries/{number}/black-out", {f"entry-{number}-text": "Call."}).status_code
        assert status == (303 if shown else 403)
        return shown and bool(entries.pop())

    assert not blackens(council[0])
    services.vote(council[0], case.public_id, 4, choice=VoteChoice.FOR, reasons="Yes.")
    assert blackens(council[0])
    assert blackens(cast.fen)
    services.withdraw(cast.bo, case.public_id)
    assert [blackens(person) for person in (council[0], cast.fen, cast.bea, cast.eve)] == [False, False, False, True]


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_the_result_of_a_vote_is_the_councils(
    cast: Cast, case: Case, council: list[User], browser: Browser, locale: str
) -> None:
    cast.bea.locale = locale
    to_vote(cast, case)
    IN_CONFLICT.update(set(queries.voters(case.steps[3])) - {row.id for row in council})
    for member in council:
        services.vote(member, case.public_id, 4, choice=VoteChoice.PARTLY, reasons="Less deep.")
    assert case.state == CaseState.PARTLY_GRANTED
    page = browser.sign_in(cast.bea).get(f"/cases/{case.public_id}").text
    result, *votes = part(page, "step-4").split("Less deep.")
    assert re.search("In part Council, .* Una For a part $" if locale == "en" else "部分 理事会, .* Una ", result)
    assert [name in vote for name, vote in zip(("Ugo", "Uta"), votes, strict=False)] == [True, True]
    by = db.session.execute(sa.select(AuditEvent.action, AuditEvent.actor_name).order_by(AuditEvent.id.desc()).limit(2))
    assert dict(by.all()) == {"case.decided": SYSTEM.name, "case.step_concluded": SYSTEM.name}


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_a_party_replies_in_their_own_step(cast: Cast, case: Case, browser: Browser, locale: str) -> None:
    reply, send, side, other = (
        ("Your reply", "Send the reply", "Your side", "The other side")
        if locale == "en"
        else ("您的答复", "提交答复", "您方", "当事人")
    )
    cast.bea.locale = cast.bo.locale = cast.fen.locale = locale
    services.conclude(cast.fen, case.public_id, 1, finding=Finding.YES, reasons="Enough water.")
    services.conclude(cast.adm, case.public_id, 2, finding=Finding.YES, reasons="No road near.")
    here = f"/cases/{case.public_id}"
    page = browser.sign_in(cast.bea).get(here).text
    mine = part(page, "step-3")
    assert [text in mine for text in (reply, send, side, other)] == [True, True, True, False]
    assert 'name="finding"' not in page
    assert side in browser.get("/cases").text
    assert browser.post(f"{here}/steps/3/conclude", {"reasons": ""}).status_code == 422
    assert browser.post(f"{here}/steps/3/conclude", {"reasons": "I have no objection."}).status_code == 303
    assert case.steps[2].finding == Finding.GIVEN
    theirs = part(browser.sign_in(cast.bo).get(here).text, "step-3")
    assert [text in theirs for text in (side, other)] == [False, True]


@pytest.mark.parametrize(
    ("locale", "choice", "cast_"), [("en", "I recuse myself", "Recused"), ("zh_Hans_CN", "回避", "已回避")]
)
def test_a_member_says_that_they_recuse_themselves(
    cast: Cast, case: Case, council: list[User], browser: Browser, locale: str, choice: str, cast_: str
) -> None:
    for person in (council[0], cast.eve):
        person.locale = locale
    to_vote(cast, case)
    here = f"/cases/{case.public_id}"
    assert re.search(rf">\s*{choice}</label>", browser.sign_in(council[0]).get(here).text)
    services.vote(council[0], case.public_id, 4, choice=VoteChoice.RECUSED, reasons="My neighbour's.")
    assert f"Una {cast_} My neighbour" in part(browser.sign_in(cast.eve).get(here).text, "step-4")
