"""The pages of finance and of balances, as people click through them."""

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask_security import hash_password

from crowd.audit import AuditEvent
from crowd.db import commit, db
from crowd.ledger.deposits import queries as deposits
from crowd.ledger.deposits import services as deposit_services
from crowd.ledger.models import OwnerType
from crowd.ledger.payouts import queries as payouts
from crowd.ledger.payouts import services
from crowd.ledger.workflow import DepositState, PayoutState
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.ledger.deposits.test_layouts import fields
from tests.crowd.ledger.test_payouts import a_batch_at_the_bank, earned, with_account

PASSWORD = "seven grey hydrants listen"
FORM = {
    "bank_reference": "ICBC-1", "value_date": "2026-11-19", "payer": "Luoyang Water", "currency": "CNY",
    "payment_reference": "", "organisation_id": "",
}  # fmt: skip


def text_of(browser: Browser, path: str, status: int = 200) -> str:
    page = browser.get(path)
    assert page.status_code == status, page.get_data(as_text=True)[-2000:]
    return page.get_data(as_text=True)


def small(cast: Cast) -> Any:
    prizes = [factories.PrizeLine(title="First", amount=100_000)]
    return factories.approved(cast, prizes=prizes, opens_at=None)


@pytest.mark.parametrize("amount", ["-1", "0", "1e18", "0.005", "1e3", "NaN", "５．０００", "", "999999999999999999"])
def test_what_is_no_amount_keeps_the_form(cast: Cast, browser: Browser, amount: str) -> None:
    browser.sign_in(cast.fen)
    page = browser.post("/finance/deposits/new", FORM | {"amount": amount})
    assert page.status_code == 422
    assert 'value="ICBC-1"' in page.get_data(as_text=True)
    assert deposits.counts() == {}


def test_finance_handles_a_deposit(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.fen)
    browser.post("/finance/deposits/new", FORM | {"amount": "90000", "organisation_id": cast.luoyang.id})
    browser.post("/finance/deposits/new", FORM | {"amount": "9", "bank_reference": "ICBC-2", "payer": "Q"})
    nameless, large = deposits.list_page(None, after=None, size=5).rows
    assert "another person confirms" in text_of(browser, f"/finance/deposits/{large.id}")
    assert browser.post(f"/finance/deposits/{large.id}/confirm").status_code == 403
    browser.sign_in(cast.finn)
    assert browser.post(f"/finance/deposits/{large.id}/confirm").status_code == 303
    assert browser.post(f"/finance/deposits/{large.id}/reconcile").status_code == 303
    assert "Not reconciled" not in text_of(browser, f"/finance/deposits/{large.id}")
    assert browser.post(f"/finance/deposits/{nameless.id}/allocate", {"organisation_id": ""}).status_code == 422
    done = browser.post(f"/finance/deposits/{nameless.id}/allocate", {"organisation_id": cast.northlight.id})
    assert (done.status_code, nameless.state) == (303, DepositState.CREDITED)
    assert browser.post(f"/finance/deposits/{nameless.id}/return", {"reason": ""}).status_code == 422
    assert browser.post(f"/finance/deposits/{nameless.id}/return", {"reason": "wrong"}).status_code == 303
    for query in ("", "?state=credited", "?state=unreconciled", "?state=nonsense"):
        text_of(browser, f"/finance/deposits{query}")
    statement = {"statement": (io.BytesIO(b"reference,date,payer,amount,currency\nS1,2026-11-19,P,5,CNY\n"), "s.csv")}
    page = browser.post("/finance/bank-statements", statement, content_type="multipart/form-data")
    assert "S1" in page.text
    assert deposits.find_by_reference("S1") is None, "looking books nothing"
    page = browser.post("/finance/bank-statements", fields(page.text) | {"then": "book"})
    assert "1 deposits recorded" in page.text
    bank = text_of(browser, "/finance/accounts").split("/finance/accounts/")[1].split('"')[0]
    assert "ICBC-1" in text_of(browser, f"/finance/accounts/{bank}")
    assert browser.post("/finance/bank-statements", {}).status_code == 422


def test_the_page_of_a_deposit_whose_text_names_two_challenges_says_so(cast: Cast, browser: Browser) -> None:
    names = [small(cast).payment_reference, small(cast).payment_reference]
    browser.sign_in(cast.fen)
    browser.post("/finance/deposits/new", FORM | {"amount": "9", "payment_reference": " ".join(names)})
    (row,) = deposits.list_page(None, after=None, size=5).rows
    assert row.state == DepositState.SUSPENSE
    assert "contains several payment references: " + ", ".join(names) in text_of(browser, f"/finance/deposits/{row.id}")
    deposit_services.allocate(cast.finn, row.id, payment_reference=names[0])
    assert "contains several payment references" not in text_of(browser, f"/finance/deposits/{row.id}")


def test_the_columns_that_are_needed_are_not_called_optional(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.fen)
    upload = {"statement": (io.BytesIO(b"Date,Amount,Description,Way\n2026-11-19,5.00,P,x\n"), "s.csv")}
    page = browser.post("/finance/bank-statements", upload, content_type="multipart/form-data").text
    labels = dict(re.findall(r'<label for="([\w-]+)">(.*?)</label>', page))
    optional = {name for name, label in labels.items() if "optional" in label}
    assert optional == {f"columns-{name}" for name in ("debit", "sign", "currency", "text")}
    assert len(labels) == 12
    missing = page.split("These columns were not found")[1].split("</ul>")[0]
    assert re.findall("<li>(.*?)</li>", missing) == ["Bank reference", "Payer"]
    assert '<details class="mb-4" open>' in page


def test_a_solver_takes_money_out(cast: Cast, browser: Browser) -> None:
    ledger_account = earned(cast, cast.bo, 100_000)
    browser.sign_in(cast.bo)
    assert "¥1,000.00" in text_of(browser, "/balance")
    assert "Add an account" in text_of(browser, f"/balance/accounts/{ledger_account.id}/withdraw")
    cast.bo.password = hash_password(PASSWORD)
    commit()
    account = {"currency": "CNY", "holder": "Bo", "bank": "Bank", "number": "6222 1234 5678", "password": PASSWORD}
    assert browser.post(f"/balance/payout-accounts/user/{cast.bo.id}", account | {"number": "1"}).status_code == 422
    for wrong in ("", "not mine, but long enough", PASSWORD.upper(), "x" * 100_000):
        refused = browser.post(f"/balance/payout-accounts/user/{cast.bo.id}", account | {"password": wrong})
        assert (refused.status_code, payouts.account(OwnerType.USER, cast.bo.id, "CNY")) == (422, None)
        assert not wrong or wrong not in refused.get_data(as_text=True)
    verbs = list(db.session.scalars(sa.select(AuditEvent.action).where(AuditEvent.actor_id == cast.bo.id)))
    assert verbs.count("payout_account.password_refused") == 3
    assert browser.post(f"/balance/payout-accounts/user/{cast.bo.id}", account).status_code == 303
    assert browser.get(f"/balance/payout-accounts/user/{cast.bea.id}").status_code == 404
    assert 'value="1000.00"' in text_of(browser, f"/balance/accounts/{ledger_account.id}/withdraw")
    withdraw = f"/balance/accounts/{ledger_account.id}/withdraw"
    assert browser.post(withdraw, {"currency": "CNY", "amount": "1000.01"}).status_code == 409  # more than there is
    for amount in ("-1", "0", "1e3", ""):
        assert browser.post(withdraw, {"currency": "CNY", "amount": amount}).status_code == 422
    assert browser.post(withdraw, {"currency": "CNY", "amount": "400"}).status_code == 303
    (payout,) = payouts.requested(2)
    assert "Cancel" in text_of(browser, f"/balance/payouts/{payout.id}")
    statement = text_of(browser, "/balance")
    assert "Payout requested" in statement
    transfer = statement.split("/balance/transfers/")[1].split('"')[0]
    assert f"payout:{payout.id}:request" in text_of(browser, f"/balance/transfers/{transfer}")
    csv = text_of(browser, f"/balance/accounts/{ledger_account.id}.csv")
    assert "-400.00,600.00,CNY" in csv
    assert browser.post(f"/balance/payouts/{payout.id}/cancel").status_code == 303
    assert payout.state == PayoutState.CANCELLED
    browser.sign_in(cast.bea)
    for path in (
        f"/balance/transfers/{transfer}",
        f"/balance/accounts/{ledger_account.id}.csv",
        withdraw,
        f"/balance/payouts/{payout.id}",
    ):
        assert browser.get(path).status_code == 404


def test_finance_pays_out(cast: Cast, browser: Browser) -> None:
    sent = a_batch_at_the_bank(cast)
    ledger_account = earned(cast, cast.bea, 2_000)
    with_account(cast.bea)
    payout = services.request(cast.bea, ledger_account.id, amount=2_000)
    browser.sign_in(cast.fen)
    assert "Create a batch in CNY" in text_of(browser, "/finance/payouts")
    made = browser.post("/finance/batches", {"currency": "CNY"})
    assert made.status_code == 303
    batch = made.headers["Location"].rpartition("/")[2]
    assert browser.get(f"/finance/batches/{batch}.csv").status_code == 409
    assert browser.post(f"/finance/batches/{batch}/approve").status_code == 403
    browser.sign_in(cast.finn)
    assert "Approve" in text_of(browser, f"/finance/batches/{batch}")
    assert browser.post(f"/finance/batches/{batch}/approve").status_code == 303
    assert f"PAYOUT-{payout.id}" in text_of(browser, f"/finance/batches/{batch}.csv")
    rows = f"payment,status,amount,currency,reason\nPAYOUT-{sent.id},paid,99.00,CNY,\n".encode()
    files = {"answers": (io.BytesIO(rows), "answers.csv")}
    assert browser.post("/finance/bank-responses", files, content_type="multipart/form-data").status_code == 303
    assert sent.state == PayoutState.SENT, "no request does this work"
    bad = {"answers": (io.BytesIO(b"x"), "answers.csv")}
    assert browser.post("/finance/bank-responses", bad, content_type="multipart/form-data").status_code == 422
    text_of(browser, f"/balance/payouts/{sent.id}")
    assert "Not checked yet" in text_of(browser, "/finance/ledger-check")
    assert browser.post("/finance/ledger-check").status_code == 303


def test_who_may_look(cast: Cast, browser: Browser) -> None:
    challenge = small(cast)
    browser.sign_in(cast.abe)
    text_of(browser, f"/organisations/{cast.luoyang.id}/balance")
    browser.sign_in(cast.aud)
    for path in ("/finance", "/finance/deposits", "/finance/accounts", "/finance/payouts", "/finance/ledger-check"):
        text_of(browser, path)
    text_of(browser, f"/organisations/{cast.luoyang.id}/balance")
    assert browser.post("/finance/deposits/new", FORM).status_code == 403
    browser.sign_in(cast.dee)
    assert browser.get(f"/organisations/{cast.luoyang.id}/balance").status_code == 404
    assert browser.get(f"/challenges/{challenge.id}/funding").status_code in (403, 404)
    assert browser.get(f"/challenges/{challenge.id}/transfers").status_code == 404
    for path in ("/finance", "/finance/deposits", "/finance/accounts", "/finance/payouts"):
        assert browser.get(path).status_code == 403
    text_of(browser, "/balance")


def test_a_wrong_booking_is_undone_on_its_page(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.fen)
    browser.post("/finance/deposits/new", FORM | {"amount": "9", "organisation_id": cast.luoyang.id})
    (row,) = deposits.list_page(None, after=None, size=5).rows
    page = text_of(browser, f"/finance/deposits/{row.id}")
    transfer = page.split("/balance/transfers/")[1].split('"')[0]
    assert "Reverse transfer" not in text_of(browser, f"/balance/transfers/{transfer}")
    browser.sign_in(cast.finn)
    assert "Reverse transfer" in text_of(browser, f"/balance/transfers/{transfer}")
    assert browser.post(f"/balance/transfers/{transfer}/reverse", {"reason": "wrong"}).status_code == 303
    assert "was reversed" in text_of(browser, f"/balance/transfers/{transfer}")
