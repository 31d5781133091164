"""An account or an organisation is not closed while its money is on the platform or on its way."""

import pytest

from crowd.accounts import open_matters
from crowd.accounts.organisations import closing
from crowd.errors import Conflict
from crowd.ledger.payouts import services
from tests.cast import Cast
from tests.crowd.ledger.conftest import deposited
from tests.crowd.ledger.test_payouts import a_batch_at_the_bank, answer, earned, with_account


def said(kind: str, number: int) -> list[str]:
    return [str(matter) for matter in open_matters.find(kind, number)]


def test_a_person_is_told_of_a_balance_then_of_the_payout_and_then_of_nothing(cast: Cast) -> None:
    assert said("user", cast.bo.id) == []
    ledger_account = earned(cast, cast.bo, 900)
    with_account(cast.bo)
    assert said("user", cast.bo.id) == ["The balance of ¥9 is not paid out."]
    first = services.request(cast.bo, ledger_account.id, amount=400)
    assert said("user", cast.bo.id) == ["The balance of ¥5 is not paid out.", "A payout is under way."]
    services.cancel(cast.bo, first.id)
    services.request(cast.bo, ledger_account.id, amount=900)
    assert said("user", cast.bo.id) == ["A payout is under way."]
    assert said("user", cast.bea.id) == [], "it is nobody else's"


@pytest.mark.parametrize(("status", "left"), [("paid", 0), ("rejected", 1)])
def test_the_banks_response_ends_a_payout(cast: Cast, status: str, left: int) -> None:
    payout = a_batch_at_the_bank(cast)
    assert said("user", cast.bo.id) == ["A payout is under way."]
    answer(payout, status)
    assert said("user", cast.bo.id) == ["The balance of ¥10 is not paid out."] * left


def test_an_organisation_is_told_of_each_currency_and_is_not_closed(cast: Cast) -> None:
    for amount, currency in ((350, "EUR"), (500, "CNY")):
        deposited(amount, organisation_id=cast.northlight.id, recorded_by=cast.fen.id, currency=currency)
    matters = ["The balance of ¥5 is not paid out.", "The balance of €3.50 is not paid out."]
    assert said("organisation", cast.northlight.id) == matters
    with pytest.raises(Conflict) as refused:
        closing.close(cast.nils, cast.northlight.id, reason="We are done.")
    assert matters[0] in str(refused.value.message)
    assert cast.northlight.closed_at is None
