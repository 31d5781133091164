"""What cannot be undone asks once: a form that did not ask is refused, and a question repeats the sum and the name."""

import re
from typing import Any

import sqlalchemy as sa
from flask import Flask

from challenges.lifecycle import services as lifecycle
from challenges.workflow import ChallengeState
from crowd.accounts import services as accounts
from crowd.accounts.models import PlatformRole
from crowd.db import db
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType
from crowd.ledger.payouts import services as payouts
from scoring.awards import services as award_services
from scoring.models import Award
from submissions import queries as submissions
from tests import factories
from tests.asking import asking
from tests.cast import Cast
from tests.challenges.test_views import fields
from tests.client import Browser


def path_of(app: Flask, endpoint: str) -> str:
    """An address of this endpoint, of the first row of everything."""
    rule = next(rule for rule in app.url_map.iter_rules(endpoint) if "POST" in (rule.methods or ()))
    numbers: dict[str, Any] = dict.fromkeys(rule.arguments, 1) | {"outcome": "book"}
    with app.test_request_context():
        return str(app.url_map.bind("").build(endpoint, {name: numbers[name] for name in rule.arguments}))


def questions(page: str) -> list[str]:
    """What a page asks before it acts, tags and references taken out."""
    texts = re.findall(r'<div class="confirm-box"><p>(.*?)</p>', page, re.S)
    return [re.sub(r"<[^>]+>", "", text).replace("&#39;", "'").replace("&#34;", '"') for text in texts]


def test_a_form_that_did_not_ask_does_nothing(cast: Cast, browser: Browser) -> None:
    browser.sign_in(factories.user("Zed", *PlatformRole))
    endpoints = asking(browser.app)
    assert len(endpoints) > 30
    for endpoint in endpoints:
        answer = browser.post(path_of(browser.app, endpoint), {"confirmed": None})
        assert answer.status_code == 422, endpoint
        assert "asks for confirmation first" in answer.text, endpoint
        assert "Nothing of this request was carried out" in answer.text, endpoint


def test_only_the_value_that_the_form_sends_confirms(cast: Cast, browser: Browser) -> None:
    browser.sign_in(factories.user("Zed", *PlatformRole))
    address = path_of(browser.app, asking(browser.app)[0])
    for value in ("no", "", "0", "on", "YES"):
        answer = browser.post(address, {"confirmed": value})
        assert answer.status_code == 422, value
        assert "asks for confirmation first" in answer.text, value
    assert "asks for confirmation first" not in browser.post(address, {"confirmed": "yes"}).text


def test_it_is_said_in_chinese_and_leads_back_to_the_question(cast: Cast, browser: Browser) -> None:
    challenge = factories.screened(cast)
    here = f"/screening/{challenge.id}"
    asked = {"Referer": f"http://localhost{here}"}
    clerk = factories.user("Lin", PlatformRole.SERVICE_CENTRE, locale="zh_Hans_CN")
    answer = browser.sign_in(clerk).post(f"{here}/approve", {"confirmed": None}, headers=asked)
    assert "无法撤销" in answer.text
    assert f'href="{here}"' in answer.text
    elsewhere = browser.post(f"{here}/approve", {"confirmed": None}, headers={"Referer": f"https://evil.example{here}"})
    assert f'href="{here}"' not in elsewhere.text
    db.session.refresh(challenge)
    assert challenge.state == ChallengeState.SCREENING


def test_a_program_is_told_so_in_json(cast: Cast, browser: Browser) -> None:
    answer = browser.sign_in(cast.finn).post(
        "/finance/batches/1/approve", {"confirmed": None}, headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid")


def test_what_can_be_undone_is_not_asked_about(cast: Cast, browser: Browser) -> None:
    challenge = factories.screened(cast)
    answer = browser.sign_in(cast.ada).post(f"/challenges/{challenge.id}/withdraw", {"confirmed": None})
    assert answer.status_code == 303


# ---- what the questions say


def test_questions_about_a_deposit_say_how_much_and_whose(cast: Cast, browser: Browser) -> None:
    row = factories.pay_in(cast, cast.luoyang, 1_234_500)
    found = questions(browser.sign_in(cast.finn).get(f"/finance/deposits/{row.id}").text)
    assert len(found) == 2  # seen on a statement, sent back
    assert all("12,345.00" in one and "Luoyang Water Group" in one for one in found)


def test_questions_about_awards_say_which_and_how_much(cast: Cast, browser: Browser) -> None:
    challenge, award = chosen(cast)
    found = questions(browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}/awards").text)
    back, publish = found
    assert award.prize.title in back
    assert "Two geophones and a correlator, by Bo" in back
    amount = f"{award.amount / 100:,.0f}"
    assert amount in back
    assert amount in publish


def test_questions_about_people_say_who_and_where(cast: Cast, browser: Browser) -> None:
    assert cast.abe.id
    assert cast.ada.id
    of_the_administrator = questions(browser.sign_in(cast.adm).get(f"/admin/people/{cast.fen.id}").text)
    assert any("Finance" in one and "Fen" in one for one in of_the_administrator)
    assert any("Close the account of Fen" in one for one in of_the_administrator)
    of_the_owner = questions(browser.sign_in(cast.ada).get(f"/organisations/{cast.luoyang.id}/members").text)
    assert sum("Abe" in one and "Luoyang Water Group" in one for one in of_the_owner) == 3
    of_the_member = questions(browser.sign_in(cast.abe).get(f"/organisations/{cast.luoyang.id}/members").text)
    assert any("Leave Luoyang Water Group" in one for one in of_the_member)


def test_the_question_before_a_withdrawal_names_the_proposal(cast: Cast, browser: Browser) -> None:
    proposal = factories.proposal(cast.bo, factories.opened(cast))
    found = questions(browser.sign_in(cast.bo).get(f"/proposals/{proposal.id}").text)
    assert [one for one in found if "Two geophones and a correlator, by Bo" in one] == found != []


# ---- what was shown is what is done


def chosen(cast: Cast) -> tuple[Any, Award]:
    """A judged challenge with an award chosen for Bo."""
    challenge = factories.judged(cast, "bo", "bea")
    first = submissions.submitted(challenge.id)[0]
    award = award_services.select_award(
        cast.ada, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=first.id, reason="The best by far."
    )
    return challenge, award


def test_another_choice_than_the_one_shown_is_not_published(cast: Cast, browser: Browser) -> None:
    challenge, award = chosen(cast)
    here = f"/challenges/{challenge.id}"
    shown = fields(browser.sign_in(cast.ada).get(f"{here}/awards").text)["awards"]
    award_services.deselect_award(cast.ada, award.id)
    other = submissions.submitted(challenge.id)[1]
    award_services.select_award(
        cast.ada, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=other.id, reason="On second thoughts."
    )
    form = {"decision-reason": "All agreed on Bo.", "awards": shown}
    answer = browser.post(f"{here}/decision", form)
    assert answer.status_code == 409
    assert "The awards have changed since you were asked" in answer.text
    assert "All agreed on Bo." in answer.text
    db.session.refresh(challenge)
    assert challenge.state == ChallengeState.JUDGING
    again = fields(answer.text)["awards"]
    assert again != shown
    assert browser.post(f"{here}/decision", form | {"awards": again}).status_code == 303


def test_another_cost_than_the_one_shown_is_not_approved(cast: Cast, browser: Browser) -> None:
    challenge = factories.screened(cast)
    factories.checked(cast.eve, challenge.id)
    shown = fields(browser.sign_in(cast.eve).get(f"/screening/{challenge.id}").text)["cost"]
    assert shown == str(challenge.cost)
    answer = browser.post(f"/screening/{challenge.id}/approve", {"cost": str(challenge.cost - 1)})
    assert answer.status_code == 409
    assert browser.post(f"/screening/{challenge.id}/approve", {"cost": shown}).status_code == 303


# ---- somebody was faster: what was typed stays


def test_remarks_of_the_screening_stay_where_somebody_else_has_approved(cast: Cast, browser: Browser) -> None:
    challenge = factories.approved(cast)
    typed = {"reason": "The rubric says nothing of the cost."}
    answer = browser.sign_in(cast.eve).post(f"/screening/{challenge.id}/return", typed)
    assert answer.status_code == 409
    assert fields(answer.text)["reason"].strip() == typed["reason"]


def test_a_reason_to_cancel_stays_where_somebody_else_has_cancelled(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    lifecycle.cancel(cast.eve, challenge.id, reason="Its sponsor is gone.")
    answer = browser.sign_in(cast.gu).post(f"/challenges/{challenge.id}/cancel", {"reason": "There is a better one."})
    assert answer.status_code == 409
    assert fields(answer.text)["reason"].strip() == "There is a better one."


def test_a_reason_to_discard_stays_where_somebody_else_has_discarded(cast: Cast, browser: Browser) -> None:
    row = factories.pay_in(cast, cast.luoyang, 5_000)
    answer = browser.sign_in(cast.finn).post(f"/finance/deposits/{row.id}/discard", {"reason": "Typed in twice."})
    assert answer.status_code == 409
    assert "Typed in twice." in answer.text


def test_what_was_allocated_meanwhile_keeps_what_was_typed(cast: Cast, browser: Browser) -> None:
    row = factories.pay_in(cast, cast.luoyang, 5_000)
    form = {"payment_reference": "CR-2026-123456", "organisation_id": ""}
    answer = browser.sign_in(cast.finn).post(f"/finance/deposits/{row.id}/allocate", form)
    assert answer.status_code in (409, 422)
    assert "CR-2026-123456" in answer.text


def test_the_reason_of_an_award_stays_where_the_decision_is_out(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast, "bo", "bea")
    here = f"/challenges/{challenge.id}/awards"
    form = fields(browser.sign_in(cast.ada).get(here).text)
    first = submissions.submitted(challenge.id)[0]
    award_services.decide(cast.ada, challenge.id, reason="None can be built.")
    typed = form | {"award-prize_id": str(challenge.prizes[0].id), "award-proposal_id": str(first.id)}
    answer = browser.post(here, typed | {"award-reason": "The best on hidden sites."})
    assert answer.status_code == 409
    assert "The best on hidden sites." in answer.text


def test_the_reason_of_a_decision_stays_where_it_is_out(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast, "bo", "bea")
    award_services.decide(cast.ada, challenge.id, reason="None can be built.")
    answer = browser.sign_in(cast.ada).post(
        f"/challenges/{challenge.id}/decision", {"decision-reason": "Too dear, all of them."}
    )
    assert answer.status_code == 409
    assert "Too dear, all of them." in answer.text


def test_the_reason_to_clear_an_award_stays_where_it_does_not_wait(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "bo")
    award = db.session.scalars(sa.select(Award).where(Award.challenge_id == challenge.id)).one()
    answer = browser.sign_in(cast.gu).post(f"/awards/{award.id}/clear", {"clear-reason": "They left in May."})
    assert answer.status_code == 409
    assert "They left in May." in answer.text


def test_an_account_that_was_closed_meanwhile_keeps_the_reason(cast: Cast, browser: Browser) -> None:
    accounts.close_account(cast.adm, cast.dee.id, reason="Asked for it.")
    answer = browser.sign_in(cast.adm).post(f"/admin/people/{cast.dee.id}/close", {"reason": "Wrote so on Monday."})
    assert answer.status_code == 409
    assert "Wrote so on Monday." in answer.text


def test_an_invitation_to_a_member_keeps_the_address(cast: Cast, browser: Browser) -> None:
    here = f"/organisations/{cast.luoyang.id}"
    answer = browser.sign_in(cast.ada).post(f"{here}/invite", {"email": cast.abe.email, "role": "member"})
    assert answer.status_code in (409, 422)
    assert cast.abe.email in fields(answer.text)["email"]


def test_shares_that_are_fixed_meanwhile_keep_what_was_typed(cast: Cast, browser: Browser) -> None:
    proposal = factories.proposal(cast.bo, factories.opened(cast))
    form = {"own": "60", "others-0-address": cast.bea.email, "others-0-percent": "40"}
    answer = browser.sign_in(cast.bo).post(f"/proposals/{proposal.id}/shares", form)
    assert answer.status_code == 409
    assert cast.bea.email in answer.text


def test_a_sum_that_is_asked_for_twice_stays_typed(cast: Cast, browser: Browser) -> None:
    """The owner's free money has moved into escrow while the form lay open."""
    row = factories.approved(cast)
    factories.pay_in(cast, cast.luoyang, row.cost)
    payouts.set_account(
        cast.ada,
        OwnerType.ORGANISATION,
        cast.luoyang.id,
        currency="CNY",
        holder="Luoyang",
        bank="Nordbank",
        number="6222021234567890128",
    )
    account = db.session.scalars(
        sa.select(LedgerAccount).where(
            LedgerAccount.kind == LedgerAccountKind.SPONSOR, LedgerAccount.owner_id == cast.luoyang.id
        )
    ).one()
    lifecycle.fund(cast.ada, row.id)
    answer = browser.sign_in(cast.ada).post(
        f"/balance/accounts/{account.id}/withdraw", {"currency": "CNY", "amount": "120.50"}
    )
    assert answer.status_code in (409, 422)
    assert "120.50" in fields(answer.text)["amount"]
