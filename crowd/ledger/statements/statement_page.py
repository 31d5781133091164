"""The overview of all ledger accounts for finance: balances by kind and by currency, and their owners."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crowd.db import db
from crowd.ledger import owners
from crowd.ledger.models import WITHOUT_FLOOR, LedgerAccount, LedgerAccountKind, Posting
from crowd.ledger.payouts.models import Payout
from crowd.ledger.statements.queries import End
from crowd.money import CURRENCIES
from crowd.web import paging


@dataclass(frozen=True, slots=True)
class StatementPage:
    """The balances of all ledger accounts: `sums[kind][currency]` in minor units, kinds and currencies in the order of
    a page.

    `own` are the ids of the platform's own accounts by (kind, currency); of the other kinds there are many.
    """

    currencies: list[str]
    sums: dict[LedgerAccountKind, dict[str, int]]
    own: dict[tuple[LedgerAccountKind, str], int]

    @property
    def totals(self) -> dict[str, int]:
        """The sum of a currency, which is zero."""
        return {c: sum(row.get(c, 0) for row in self.sums.values()) for c in self.currencies}


def _unguarded(column: sa.orm.InstrumentedAttribute[int], sign: str) -> sa.Select[LedgerAccountKind, str, int]:
    amount = sa.literal_column(f"{sign}posting.amount", sa.BigInteger)
    query = sa.select(LedgerAccount.kind, LedgerAccount.currency, amount.label("amount"))
    return query.join_from(Posting, LedgerAccount, LedgerAccount.id == column).where(~LedgerAccount.has_floor)


_HELD = sa.union_all(
    sa.select(LedgerAccount.kind, LedgerAccount.currency, LedgerAccount.balance.label("amount")).where(
        LedgerAccount.has_floor
    ),
    _unguarded(Posting.target_id, ""),
    _unguarded(Posting.source_id, "-"),
).subquery()
_PAGE = sa.select(
    _HELD.c.kind, _HELD.c.currency, sa.cast(sa.func.sum(_HELD.c.amount), sa.BigInteger).label("amount")
).group_by(_HELD.c.kind, _HELD.c.currency)


def read() -> StatementPage:
    """The balances of each kind in each currency, read in one SQL statement so that they are consistent."""
    found = {(row.kind, row.currency): row.amount for row in db.session.execute(_PAGE)}
    accounts = db.session.execute(
        sa.select(LedgerAccount.id, LedgerAccount.kind, LedgerAccount.currency).where(
            LedgerAccount.kind.in_(WITHOUT_FLOOR)
        )
    )
    return StatementPage(
        currencies=[currency for currency in CURRENCIES if any(key[1] == currency for key in found)],
        sums={
            kind: {currency: amount for (of, currency), amount in found.items() if of == kind}
            for kind in LedgerAccountKind
            if any(key[0] == kind for key in found)
        },
        own={(row.kind, row.currency): row.id for row in accounts},
    )


def accounts_page(
    kind: LedgerAccountKind, currency: str, *, after: str | None, size: int
) -> paging.Page[LedgerAccount]:
    """The accounts of a kind in a currency, the largest balance first."""
    query = sa.select(LedgerAccount).where(LedgerAccount.kind == kind, LedgerAccount.currency == currency)
    order = [(LedgerAccount.balance, True), (LedgerAccount.id, True)]
    return paging.page(query, order, name=f"ledger_accounts.{kind}.{currency}", after=after, size=size)


def ends_of(accounts: Sequence[LedgerAccount]) -> dict[int, End]:
    """Ledger accounts as the sides of lines, with their owners' names, by id."""
    held = {account.owner_id for account in accounts if account.kind == LedgerAccountKind.HELD}
    wanted = sa.select(Payout).where(Payout.id.in_(held))
    payouts = {row.id: row for row in db.session.scalars(wanted)} if held else {}
    keys = {account.id: (account.owner_type, account.owner_id) for account in accounts}
    for account in accounts:
        if account.kind == LedgerAccountKind.HELD:
            keys[account.id] = (payouts[account.owner_id].owner_type, payouts[account.owner_id].owner_id)
    named = owners.parties(keys.values())
    return {account.id: _end(account, keys[account.id], named.get(keys[account.id]), payouts) for account in accounts}


def _end(account: LedgerAccount, whose: owners.Key, party: owners.Party | None, payouts: dict[int, Payout]) -> End:
    payout = payouts[account.owner_id] if account.kind == LedgerAccountKind.HELD else None
    return End(
        account.id,
        account.kind,
        *whose,
        name=party.name if party else "",
        language=party.language if party else None,
        payout_id=payout.id if payout else None,
        state=payout.state if payout else None,
    )
