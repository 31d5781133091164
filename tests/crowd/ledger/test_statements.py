"""Statements: every line with the balance after it, also where a page ends; and what an owner has in all."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import clock
from crowd.accounts.models import LoginSession, User
from crowd.audit import SYSTEM
from crowd.db import commit, db
from crowd.errors import Invalid
from crowd.ledger import transfers
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType
from crowd.ledger.payouts import services
from crowd.ledger.posting import get_account
from crowd.ledger.queries import access_account, balances
from crowd.ledger.statements import queries, statement_page
from crowd.ledger.workflow import PayoutState
from crowd.web.paging import Cursor
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.ledger.conftest import deposited
from tests.crowd.ledger.test_payouts import a_batch_at_the_bank, answer, came_back, earned, with_account


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            asked.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def sponsors_pot(cast: Cast, *amounts: int) -> LedgerAccount:
    """Luoyang's free balance after these: deposits, and what went into escrow (negative)."""
    for number, amount in enumerate(amounts, start=5_000):
        if amount > 0:
            deposited(amount, organisation_id=cast.luoyang.id, recorded_by=cast.fen.id)
        else:
            transfers.fund(SYSTEM, number, organisation_id=cast.luoyang.id, currency="CNY", amount=-amount)
    commit()
    return get_account(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, cast.luoyang.id, "CNY")


def pages(ledger_account: LedgerAccount, size: int) -> list[list[tuple[int, int]]]:
    """(amount, balance) of every line, page by page, as the cursors lead."""
    found, after = [], None
    while True:
        page = queries.statement(ledger_account, after=after, size=size)
        found.append([(line.amount, line.balance) for line in page])
        after = page.after
        if after is None:
            return found


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 50])
def test_balances_run_on_over_the_ends_of_pages(cast: Cast, size: int) -> None:
    amounts = (1_000, 500, -700, 20, -820)
    ledger_account = sponsors_pot(cast, *amounts)
    found = pages(ledger_account, size)
    assert [len(page) for page in found[:-1]] == [size] * (len(found) - 1)
    assert 0 < len(found[-1]) <= size
    lines = [line for page in found for line in page]
    assert lines == [(-820, 0), (20, 820), (-700, 800), (500, 1_500), (1_000, 1_000)]


@pytest.mark.parametrize("size", [1, 2, 50])
def test_the_banks_pot_runs_too_although_it_keeps_no_balance(cast: Cast, size: int) -> None:
    sponsors_pot(cast, 1_000, 500)
    bank = get_account(LedgerAccountKind.BANK, OwnerType.PLATFORM, 0, "CNY")
    before = balances([bank])[bank.id] + 1_500
    lines = [line for page in pages(bank, size) for line in page]
    assert lines[:2] == [(-500, before - 1_500), (-1_000, before - 1_000)]
    assert lines[-1][0] == lines[-1][1], "the first line ever leaves what it brings"


def test_a_line_that_comes_meanwhile_does_not_move_the_next_page(cast: Cast) -> None:
    ledger_account = sponsors_pot(cast, 1_000, 500, 20)
    first = queries.statement(ledger_account, after=None, size=2)
    deposited(9_999, organisation_id=cast.luoyang.id, recorded_by=cast.fen.id)
    commit()
    second = queries.statement(ledger_account, after=first.after, size=2)
    assert [(line.amount, line.balance) for line in second] == [(1_000, 1_000)]
    assert not second.first
    assert first.first


def test_no_line_and_no_cursor_of_ones_own_making(cast: Cast) -> None:
    ledger_account = sponsors_pot(cast, 1_000, 500, 20)
    other = earned(cast, cast.bo, 100)
    cursor = queries.statement(ledger_account, after=None, size=1).after
    assert cursor is not None
    forged = (
        Cursor(f"statement.{ledger_account.id}").write([10**9, 77]).rsplit(".", 1)[0] + "." + cursor.rsplit(".", 1)[1]
    )
    for wrong in ("x", "WzEsMiwzXQ", cursor[:-2], cursor + "x", forged, "é", "."):
        with pytest.raises(Invalid):
            queries.statement(ledger_account, after=wrong, size=1)
    with pytest.raises(Invalid):
        queries.statement(other, after=cursor, size=1)
    empty = get_account(LedgerAccountKind.PAYABLE, OwnerType.USER, cast.dee.id, "EUR")
    assert list(queries.statement(empty, after=None, size=5)) == []
    assert list(queries.export(empty, 5)) == []


def test_a_page_is_one_statement_at_any_depth(cast: Cast) -> None:
    ledger_account = sponsors_pot(cast, *[10] * 30)
    after = None
    for _page in range(4):
        with counted() as asked:
            after = queries.statement(ledger_account, after=after, size=5).after
        assert len(asked) == 1
        assert ("sum(" in asked[0]) is False, "an account with a floor is not added up"


def test_lines_name_the_other_end(cast: Cast) -> None:
    challenge = factories.settled(cast)
    payout = a_batch_at_the_bank(cast)
    answer(payout, "paid")
    sponsor = get_account(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, cast.luoyang.id, "CNY")
    named = {(line.kind, line.other.kind, line.other.name) for line in queries.export(sponsor, 99)}
    assert ("fund", "escrow", challenge.title) in named
    assert ("refund", "escrow", challenge.title) in named
    mine = access_account(cast.bo, payout.source_account_id)
    asked = next(queries.export(mine, 99))
    assert (asked.kind, asked.other.payout_id, asked.other.state) == ("payout_request", payout.id, PayoutState.PAID)
    bank = get_account(LedgerAccountKind.BANK, OwnerType.PLATFORM, 0, "CNY")
    gone = next(queries.export(bank, 99))
    assert (gone.kind, gone.other.payout_id, gone.other.name) == ("paid", payout.id, cast.bo.name)


def _mine(who: User) -> queries.AccountSummary:
    (found,) = queries.owned(OwnerType.USER, who.id)[0]
    return found


def test_earnings_are_what_is_there_what_is_under_way_and_what_was_paid(cast: Cast) -> None:
    ledger_account = earned(cast, cast.bo, 1_000)
    earned(cast, cast.bo, 500)
    with_account(cast.bo)
    assert (_mine(cast.bo).earned, _mine(cast.bo).balance) == (1_500, 1_500)
    first = services.request(cast.bo, ledger_account.id, amount=400)
    assert (_mine(cast.bo).earned, _mine(cast.bo).going, _mine(cast.bo).paid) == (1_500, 400, 0)
    services.cancel(cast.bo, first.id)
    assert (_mine(cast.bo).earned, _mine(cast.bo).going, _mine(cast.bo).asked) == (1_500, 0, 1)
    with_account(cast.bo, "6222 0000 1111 3338")
    sent = a_batch_at_the_bank(cast, 1_000)
    answer(sent, "paid")
    assert (_mine(cast.bo).earned, _mine(cast.bo).paid, _mine(cast.bo).balance) == (2_500, 1_000, 1_500)
    came_back(cast, sent)
    assert (_mine(cast.bo).earned, _mine(cast.bo).paid, _mine(cast.bo).balance) == (2_500, 0, 2_500)


def test_accounts_come_with_the_pots_and_without(cast: Cast) -> None:
    with_account(cast.bo)
    holdings, accounts = queries.owned(OwnerType.USER, cast.bo.id)
    assert (holdings, [account.ending for account in accounts]) == ([], ["2223"])
    earned(cast, cast.bo, 100)
    services.set_account(cast.bo, OwnerType.USER, cast.bo.id, currency="EUR", holder="Bo", bank="B", number="66668888")
    with_account(cast.bo, "6222 0000 1111 4443")
    holdings, accounts = queries.owned(OwnerType.USER, cast.bo.id)
    assert [ledger_account.currency for ledger_account in holdings] == ["CNY"]
    assert {account.currency: account.ending for account in accounts} == {"CNY": "4443", "EUR": "8888"}


def test_the_sheet_adds_up_to_nothing_and_leads_to_who_holds_it(cast: Cast) -> None:
    factories.opened(cast)
    deposited(700, organisation_id=cast.northlight.id, recorded_by=cast.fen.id, currency="EUR")
    deposited(55, organisation_id=None, recorded_by=cast.fen.id, currency="EUR")
    a_batch_at_the_bank(cast)
    commit()
    whole = statement_page.read()
    assert whole.currencies == ["CNY", "EUR"]
    assert set(whole.totals.values()) == {0}
    assert whole.sums[LedgerAccountKind.BANK]["EUR"] == -755
    assert whole.sums[LedgerAccountKind.SUSPENSE] == {"EUR": 55}
    assert list(whole.sums) == sorted(whole.sums, key=list(LedgerAccountKind).index)
    page = statement_page.accounts_page(LedgerAccountKind.SPONSOR, "EUR", after=None, size=5)
    assert [
        (end.name, ledger_account.balance)
        for ledger_account, end in zip(page, statement_page.ends_of(page.rows).values(), strict=True)
    ] == [(cast.northlight.name, 700)]
    held = statement_page.accounts_page(LedgerAccountKind.HELD, "CNY", after=None, size=5).rows
    (end,) = statement_page.ends_of(held).values()
    assert (end.name, end.state, held[0].balance) == (cast.bo.name, PayoutState.SENT, 1_000)
    assert whole.sums[LedgerAccountKind.HELD]["CNY"] == 1_000


def test_the_fullest_pots_come_first_page_by_page(cast: Cast) -> None:
    for who, amount in ((cast.bo, 300), (cast.bea, 900), (cast.dee, 300)):
        earned(cast, who, amount)
    first = statement_page.accounts_page(LedgerAccountKind.PAYABLE, "CNY", after=None, size=2)
    second = statement_page.accounts_page(LedgerAccountKind.PAYABLE, "CNY", after=first.after, size=2)
    assert [ledger_account.balance for page in (first, second) for ledger_account in page] == [900, 300, 300]
    assert len({ledger_account.id for page in (first, second) for ledger_account in page}) == 3


def test_the_page_of_a_statement_asks_as_often_however_long_it_is(cast: Cast, browser: Browser) -> None:
    sponsors_pot(cast, 1_000)
    browser.sign_in(cast.ada)
    path = f"/organisations/{cast.luoyang.id}/balance"
    browser.get(path)
    with counted() as short:
        assert browser.get(path).status_code == 200
    for number in range(30):
        deposited(10 + number, organisation_id=cast.luoyang.id, recorded_by=cast.fen.id)
    factories.opened(cast)
    commit()
    with counted() as long:
        page = browser.get(path).get_data(as_text=True)
    assert len(long) == len(short)
    following = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    with counted() as deep:
        assert browser.get(following).status_code == 200
    own = [statement for statement in long if not statement.startswith('SELECT "user"')]
    assert (len(deep), len(own)) == (len(long), 5), own


def test_a_download_is_whole_for_somebody_who_was_away(committed: Flask) -> None:
    """The time of last activity is stored by a commit, which must not take away what a download still reads."""
    ada, aud = Browser(committed), Browser(committed)
    with committed.app_context():
        cast = Cast()
        factories.opened(cast)
        of_luoyang = sa.select(LedgerAccount.id).where(LedgerAccount.owner_id == cast.luoyang.id)
        number = db.session.scalars(of_luoyang).first()
        ada.sign_in(cast.ada)
        aud.sign_in(cast.aud)
        db.session.execute(sa.update(LoginSession).values(last_active_at=clock.now() - timedelta(hours=1)))
        commit()
    for browser, path in ((ada, f"/balance/accounts/{number}.csv"), (aud, "/admin/audit.csv")):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert answer.text.count("\n") > 1, "lines follow the headings"
