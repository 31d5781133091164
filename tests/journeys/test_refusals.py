"""Ten rejected operations, as docs/tour.md lists them: what is shown, what is kept, and the line in the audit trail."""

import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa

from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import User
from crowd.accounts.organisations import services as organisations
from crowd.audit import AuditEvent
from crowd.db import db
from crowd.ledger.models import Deposit, LedgerAccount, LedgerAccountKind, OwnerType
from crowd.ledger.payouts import services as payouts
from crowd.ledger.payouts.models import PayoutBatch
from crowd.ledger.workflow import BatchState
from crowd.values import term
from scoring.models import Award
from submissions import services as submissions
from submissions.models import Proposal
from submissions.workflow import ProposalState as ProposalState
from tests import cast as personas
from tests import factories
from tests.cast import Cast
from tests.challenges.test_views import fields
from tests.client import Browser

pytestmark = pytest.mark.timeout(300)

PICTURE = b"\x89PNG\r\n\x1a\n and so on"


def noted(actor: User) -> AuditEvent:
    """The latest event of the audit trail, which must be this person's."""
    event = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert event.actor_id == actor.id
    return event


def refused(actor: User, address: str, status: int, shown: str = "") -> dict[str, Any]:
    """The facts of the latest event, which must be the refusal of this act."""
    event = noted(actor)
    assert event.action == "request.refused"
    assert (event.data["address"], event.data["status"]) == (address, status)
    assert shown in event.data.get("shown", "")
    return event.data


def fresh(row: Any) -> Any:
    """The row as the database has it."""
    db.session.expire_all()
    return db.session.get(type(row), row.id, populate_existing=True)


def test_a_maker_does_not_approve_his_own_batch(cast: Cast, browser: Browser) -> None:
    factories.settled(cast, "bo")
    account = db.session.scalars(
        sa.select(LedgerAccount).where(
            LedgerAccount.kind == LedgerAccountKind.PAYABLE, LedgerAccount.owner_id == cast.bo.id
        )
    ).one()
    payouts.set_account(
        cast.bo, OwnerType.USER, cast.bo.id, currency="CNY", holder="Bo", bank="Nordbank", number="6222021234567890128"
    )
    payouts.request(cast.bo, account.id, amount=account.balance)
    batch = payouts.make_batch(cast.fen, currency="CNY")
    here = f"/finance/batches/{batch.id}"
    page = browser.sign_in(cast.fen).get(here)
    assert "A finance officer other than the one who made it must approve it" in page.text
    assert f'action="{here}/approve"' not in page.text
    answer = browser.post(f"{here}/approve")
    assert answer.status_code == 403
    assert "A finance officer other than the one who made it must approve it" in answer.text
    assert fresh(batch).state == BatchState.DRAFT
    refused(cast.fen, f"{here}/approve", 403, "other than the one who made it")
    assert browser.sign_in(cast.finn).post(f"{here}/approve").status_code == 303
    assert db.session.scalars(sa.select(PayoutBatch.approved_by)).one() == cast.finn.id


def test_a_proposal_finalised_a_second_late_stays_a_draft(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    draft = factories.proposal(cast.bo, challenge, submitted=False)
    moved = {"opens_at": clock.now() - timedelta(days=20), "closes_at": clock.now() - timedelta(seconds=1)}
    factories.move_dates(challenge, **moved)
    answer = browser.sign_in(cast.bo).post(f"/proposals/{draft.id}/submit")
    assert answer.status_code == 409
    assert "Your draft was kept" in answer.text
    kept = fresh(draft)
    assert (kept.state, kept.submitted_version_id) == (ProposalState.DRAFT, None)
    assert kept.draft_version.body.startswith("## Approach")
    refused(cast.bo, "/proposals/…/submit", 409, "Your draft was kept")


@pytest.mark.parametrize("who", ["ada", "bea"], ids=["the sponsor", "a rival"])
def test_nobody_opens_a_proposal_before_the_close(cast: Cast, browser: Browser, who: str) -> None:
    """The sponsor and a rival get the page of an address that does not exist."""
    challenge = factories.opened(cast)
    sealed = factories.proposal(cast.bo, challenge)
    asks = getattr(cast, who)
    if who == "bea":
        factories.proposal(cast.bea, challenge)
    answer = browser.sign_in(asks).get(f"/proposals/{sealed.id}")
    absent = browser.get(f"/proposals/{sealed.id + 9999}")
    assert answer.status_code == absent.status_code == 404
    assert without_numbers(answer.text) == without_numbers(absent.text)
    event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "proposal.access_denied")).one()
    assert (event.actor_id, event.subject_id) == (asks.id, sealed.id)
    assert event.data["challenge_state"] == term("open", "challenge")


def without_numbers(page: str) -> str:
    """A page without what differs from one request to the next."""
    return re.sub(r'nonce="[^"]*"|value="[^"]*"|next=[^"]*|Request ID: \w+|\d+', "", page)


def test_the_sponsors_own_staff_wins_nothing(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast, "bo", "bea")
    personas.join(cast.bo, cast.luoyang)
    proposal = db.session.scalars(sa.select(Proposal).where(Proposal.user_id == cast.bo.id)).one()
    here = f"/challenges/{challenge.id}/awards"
    page = browser.sign_in(cast.ada).get(here)
    name = re.search(r'name="([^"]*)proposal_id"', page.text)
    assert name
    form = {"prize_id": challenge.prizes[0].id, "proposal_id": proposal.id, "reason": "The best on hidden sites."}
    answer = browser.post(here, {f"{name[1]}{field}": value for field, value in form.items()})
    assert answer.status_code == 422
    assert "Somebody behind this proposal belongs to the sponsor" in answer.text.replace("&#39;", "'")
    assert "The best on hidden sites." in answer.text
    assert db.session.scalar(sa.select(sa.func.count(Award.id))) == 0
    assert refused(cast.ada, here, 422)["fields"] == ["proposal_id"]


def test_nothing_is_published_without_its_money(cast: Cast, browser: Browser) -> None:
    challenge = factories.approved(cast)
    factories.pay_in(cast, cast.luoyang, challenge.cost - 1)
    here = f"/challenges/{challenge.id}/funding"
    assert "0.01" in browser.sign_in(cast.ada).get(here).text
    answer = browser.post(here)
    assert answer.status_code == 409
    assert "The free balance is short by" in answer.text
    kept = fresh(challenge)
    assert (kept.state, kept.in_escrow, kept.published_at) == (ChallengeState.APPROVED, False, None)
    refused(cast.ada, here, 409, "short by")


def test_a_prize_stays_after_publication(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    before = challenge.prize_total
    here = f"/challenges/{challenge.id}/edit/prizes"
    form = fields(browser.sign_in(cast.ada).get(here).text) | {"prizes-0-amount": "100"}
    answer = browser.post(here, form)
    assert answer.status_code == 409
    assert 'value="100"' in answer.text
    assert fresh(challenge).prize_total == before
    refused(cast.ada, here, 409)


def test_one_bank_reference_is_one_payment(cast: Cast, browser: Browser) -> None:
    form = {
        "bank_reference": "20261120 88120034", "value_date": date.today().isoformat(), "payer": "Luoyang Water Group",
        "amount": "1200.00", "currency": "CNY", "payment_reference": "nobody knows",
    }  # fmt: skip
    browser.sign_in(cast.fen)
    assert browser.post("/finance/deposits/new", form).status_code == 303
    answer = browser.post("/finance/deposits/new", form | {"bank_reference": " 20261120  88120034 "})
    assert answer.status_code == 422
    assert "A deposit with this bank reference is already recorded." in answer.text
    assert 'value="1200.00"' in answer.text
    assert db.session.scalar(sa.select(sa.func.count(Deposit.id))) == 1
    facts = refused(cast.fen, "/finance/deposits/new", 422)
    assert facts["fields"] == ["bank_reference"]
    assert "88120034" not in str(facts)


def test_a_member_who_is_removed_in_mid_act_acts_no_more(cast: Cast, browser: Browser) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    here = f"/challenges/{draft.id}/edit/problem"
    form = fields(browser.sign_in(cast.abe).get(here).text) | {"title": "Written while I was removed"}
    organisations.remove(cast.ada, cast.luoyang.id, cast.abe.id)
    answer = browser.post(here, form)
    assert answer.status_code == 404
    assert fresh(draft).title != "Written while I was removed"
    refused(cast.abe, here, 404)
    assert db.session.scalars(sa.select(AuditEvent.id).where(AuditEvent.action == "member.removed")).one()


def test_a_file_is_what_its_name_says(cast: Cast, browser: Browser) -> None:
    draft = factories.proposal(cast.bo, factories.opened(cast), submitted=False)
    here = f"/proposals/{draft.id}/edit"
    form = fields(browser.sign_in(cast.bo).get(here).text)
    form |= {"title": "Kept all the same", "files": (BytesIO(PICTURE), "report.pdf")}  # type: ignore[dict-item]
    answer = browser.post(here, form, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "report.pdf was not added" in answer.text
    kept = fresh(draft)
    assert (kept.draft_version.title, kept.draft_version.files) == ("Kept all the same", [])
    facts = refused(cast.bo, "/proposals/…/edit", 422, "not what its name says (.pdf)")
    assert "report" not in str(facts)
    assert "Kept all the same" not in str(facts)


def test_what_is_refused_to_a_stranger_at_the_door_is_noted_too(cast: Cast, browser: Browser) -> None:
    assert browser.sign_in(cast.dee).get("/finance").status_code == 403
    refused(cast.dee, "/finance", 403)


def test_what_goes_well_or_leads_nowhere_is_not(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    submissions.register(cast.bo, challenge.id, accepted=True)
    browser.sign_in(cast.bo).get("/challenges/999999")
    assert browser.post(f"/challenges/{challenge.id}/proposals").status_code == 303
    assert noted(cast.bo).action == "proposal.started"
