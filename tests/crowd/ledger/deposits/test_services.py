"""Deposits: nameless, from a bank statement, discarded, returned, reversed, and with two people."""

from datetime import date, timedelta
from typing import Any

import pytest

from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger import services as ledger_services
from crowd.ledger.deposits import bank_statement_import, services
from crowd.ledger.deposits.queries import find_by_reference
from crowd.ledger.models import Deposit, LedgerAccountKind, OwnerType
from crowd.ledger.workflow import DepositState
from tests import factories
from tests.cast import Cast

SMALL = 100_000


def come(cast: Cast, amount: int, **changes: Any) -> Deposit:
    """Fen records a deposit."""
    fields: dict[str, Any] = {
        "bank_reference": f"B{amount}-{changes.get('payment_reference', '')}",
        "value_date": date(2026, 11, 19),
        "payer": "Luoyang Water",
        "amount": amount,
        "currency": "CNY",
    }
    return services.record(cast.fen, **(fields | changes))


def small(cast: Cast) -> Challenge:
    """An approved challenge whose cost is below the limit of two people."""
    prizes = [factories.PrizeLine(title="First", amount=SMALL)]
    return factories.approved(cast, prizes=prizes, opens_at=None)


def test_a_large_sum_takes_a_second_person(cast: Cast) -> None:
    challenge = factories.approved(cast)
    row = come(cast, challenge.cost, payment_reference=challenge.payment_reference)
    assert row.state == DepositState.RECORDED
    assert challenge.state == ChallengeState.APPROVED
    with pytest.raises(Forbidden):
        services.confirm(cast.fen, row.id)
    for stranger in (cast.dee, cast.eve, cast.adm):
        with pytest.raises(NotFound):
            services.confirm(stranger, row.id)
    services.confirm(cast.finn, row.id)
    factories.run_jobs("challenges.fund")
    assert challenge.state != ChallengeState.APPROVED
    with pytest.raises(Conflict):
        services.confirm(cast.finn, row.id)
    assert ledger.in_escrow(challenge.id, "CNY") == challenge.cost


def test_nameless_money_waits_for_its_owner(cast: Cast) -> None:
    challenge = small(cast)
    row = come(cast, challenge.cost, payment_reference="thanks")
    assert row.state == DepositState.SUSPENSE
    with pytest.raises(Invalid):
        services.allocate(cast.fen, row.id, payment_reference="CR-2026-000001-A")
    with pytest.raises(Invalid):
        services.allocate(cast.fen, row.id)
    services.allocate(cast.finn, row.id, payment_reference=challenge.payment_reference or "")
    factories.run_jobs("challenges.fund")
    assert (row.state, challenge.state) == (DepositState.CREDITED, ChallengeState.OPEN)
    with pytest.raises(Conflict):
        services.allocate(cast.finn, row.id, organisation_id=cast.luoyang.id)
    assert check.errors(check.findings()) == []


def test_nameless_money_goes_back(cast: Cast) -> None:
    row = come(cast, 500)
    with pytest.raises(Forbidden):
        services.return_to_payer(cast.fen, row.id, reason="not ours")
    services.return_to_payer(cast.finn, row.id, reason="not ours")
    assert row.state == DepositState.RETURNED
    assert ledger.balance(LedgerAccountKind.SUSPENSE, OwnerType.PLATFORM, 0, "CNY") == 0
    with pytest.raises(Conflict):
        services.return_to_payer(cast.finn, row.id, reason="again")
    assert check.errors(check.findings()) == []


def test_a_credited_deposit_goes_back_only_while_it_is_free(cast: Cast) -> None:
    challenge = small(cast)
    row = come(cast, challenge.cost, payment_reference=challenge.payment_reference)
    factories.run_jobs("challenges.fund")
    with pytest.raises(Conflict):
        services.return_to_payer(cast.finn, row.id, reason="too late")
    assert row.state == DepositState.CREDITED


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"bank_reference": " "}, {"bank_reference"}),
        ({"amount": 0}, {"amount"}),
        ({"amount": 10**16}, {"amount"}),
        ({"amount": 1.5}, {"amount"}),
        ({"currency": "XXX"}, {"currency"}),
        ({"payer": " "}, {"payer"}),
        ({"value_date": date(2999, 1, 1)}, {"value_date"}),
        ({"payer": "", "amount": -1}, {"payer", "amount"}),
        ({"organisation_id": 10**9}, {"organisation_id"}),
    ],
)
def test_what_cannot_be_recorded_is_named(cast: Cast, changes: dict[str, Any], fields: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        come(cast, **({"amount": 500} | changes))
    assert set(refused.value.fields) == fields


def test_a_twin_is_recorded_once_it_is_called_another_payment(cast: Cast) -> None:
    come(cast, 500, bank_reference="X 1")
    with pytest.raises(Invalid) as refused:
        come(cast, 500, bank_reference="X 2", another=False)
    assert set(refused.value.fields) == {"another"}
    assert come(cast, 500, bank_reference="X 2", another=True).state == DepositState.SUSPENSE


def test_a_bank_reference_counts_once(cast: Cast) -> None:
    come(cast, 500, bank_reference="X 1")
    with pytest.raises(Invalid) as refused:
        come(cast, 500, bank_reference=" X  1 ")
    assert "bank_reference" in refused.value.fields
    large = come(cast, 9_000_000, bank_reference="X2", organisation_id=cast.luoyang.id)
    services.discard(cast.fen, large.id, reason="typed wrongly")
    assert come(cast, 9_000_001, bank_reference="X2").state == DepositState.RECORDED


@pytest.mark.parametrize("amount", [-1, 0, 10**18, 0.5, "1e3", float("nan"), "５００"])
def test_what_is_no_amount_is_refused(cast: Cast, amount: Any) -> None:
    with pytest.raises(Invalid):
        come(cast, amount, bank_reference="B1")


def test_only_finance_says_that_money_came(cast: Cast) -> None:
    for person in (cast.ada, cast.eve, cast.aud, cast.adm):
        with pytest.raises(Forbidden):
            services.record(
                person, bank_reference="B", value_date=date(2026, 11, 1), payer="P", amount=1, currency="CNY"
            )
    with pytest.raises(Invalid):
        come(cast, 5, value_date=clock.now().date() + timedelta(days=2))
    with pytest.raises(Invalid):
        come(cast, 5, organisation_id=999_999)


def test_a_wrong_booking_is_undone_by_another_person(cast: Cast) -> None:
    row = come(cast, 500, organisation_id=cast.luoyang.id)
    transfer = ledger.transfers_about("deposit", row.id)[0]
    with pytest.raises(Forbidden):
        ledger_services.reverse(cast.fen, transfer.id, reason="mine")
    with pytest.raises(NotFound):
        ledger_services.reverse(cast.dee, transfer.id, reason="mine")
    reversal = ledger_services.reverse(cast.finn, transfer.id, reason="another company")
    assert reversal is not None
    assert reversal.reverses_id == transfer.id
    assert row.state == DepositState.DISCARDED
    assert ledger.free_balance(cast.luoyang.id, "CNY") == 0
    assert come(cast, 500, bank_reference=row.bank_reference).state == DepositState.SUSPENSE
    assert check.errors(check.findings()) == []


def test_a_wrong_attribution_is_undone_and_done_again(cast: Cast) -> None:
    row = come(cast, 500)
    services.allocate(cast.finn, row.id, organisation_id=cast.northlight.id)
    first, second = ledger.transfers_about("deposit", row.id)
    with pytest.raises(Conflict):
        ledger_services.reverse(cast.finn, first.id, reason="the attribution stands on it")
    ledger_services.reverse(cast.fen, second.id, reason="not theirs")
    assert row.state == DepositState.SUSPENSE
    services.allocate(cast.finn, row.id, organisation_id=cast.luoyang.id)
    assert ledger.free_balance(cast.luoyang.id, "CNY") == 500
    assert ledger.free_balance(cast.northlight.id, "CNY") == 0
    assert check.errors(check.findings()) == []


def test_a_statement_marks_what_is_known_and_records_what_is_new(cast: Cast) -> None:
    challenge = small(cast)
    known = come(cast, 500, bank_reference="K1")
    text = (
        "\ufeffReference,Date,Payer,Amount,Currency,Text\n"
        "K1,2026-11-19,Luoyang Water,5.00,CNY,\n"
        f"N1,2026-11-19,Luoyang Water,{challenge.cost / 100:.2f},CNY,{challenge.payment_reference}\n"
        "N2,2026-11-19,Somebody,9.99,CNY,hello\n"
        "N3,2026-11-19,Somebody,1e3,CNY,\n"
        "N4,2026-11-19,Somebody,5.000,CNY,\n"
        "N5,09/11/2026,Somebody,5,CNY,\n"
        ",2026-11-19,Somebody,5,CNY,\n"
        "N6,2026-11-19,Somebody,5,XYZ,\n"
    ).encode()
    result = bank_statement_import.book(cast.fen, text)
    assert (result.created, result.reconciled, result.unchanged, len(result.problems)) == (2, 1, 0, 5)
    assert known.reconciled_at is not None
    factories.run_jobs("challenges.fund")
    assert challenge.state == ChallengeState.OPEN
    again = bank_statement_import.book(cast.finn, text)
    assert (again.created, again.reconciled, again.unchanged) == (0, 0, 3)
    edited = text.replace(b"9.99", b"99.9")
    assert any("N2" in problem for problem in bank_statement_import.book(cast.fen, edited).problems)
    with pytest.raises(Forbidden):
        bank_statement_import.book(cast.ada, text)
    assert check.errors(check.findings()) == []


@pytest.mark.parametrize(
    "words",
    ["{0} {1}", "{0}, {1}", "Rechnung {0} und {1} danke", "付款 {0}／{1}", "{0}{1}", "{1} CR-2026-999999-A {0}"],
)
def test_a_text_that_names_two_challenges_is_left_to_a_person(cast: Cast, words: str) -> None:
    one, other = small(cast), small(cast)
    text = words.format(one.payment_reference, other.payment_reference)
    lines = f"Reference|Date|Payer|Amount|Currency|Text\nT1|2026-11-19|Luoyang Water|9.00|CNY|{text}\n"
    result = bank_statement_import.book(cast.fen, lines.encode())
    assert (result.created, len(result.problems)) == (1, 1)
    assert all(challenge.payment_reference in result.problems[0] for challenge in (one, other))
    row = find_by_reference("T1")
    assert row is not None
    assert (row.state, row.challenge_id) == (DepositState.SUSPENSE, None)
    services.allocate(cast.finn, row.id, payment_reference=other.payment_reference)
    assert (row.state, row.challenge_id) == (DepositState.CREDITED, other.id)


def test_a_text_that_names_one_challenge_twice_names_one(cast: Cast) -> None:
    challenge = small(cast)
    twice = f"{challenge.payment_reference} {challenge.payment_reference.lower()}"
    assert come(cast, 900, payment_reference=twice).challenge_id == challenge.id


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xfe\x00\x01", b'"' + b"x" * 200_000])
def test_a_statement_that_is_none_is_refused(cast: Cast, data: bytes) -> None:
    with pytest.raises(Invalid):
        bank_statement_import.book(cast.fen, data)
