"""What the ledger keeps open for a person or an organisation."""

from collections.abc import Iterator

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd.db import db
from crowd.errors import Sentence
from crowd.ledger.models import LedgerAccount, OwnerType
from crowd.ledger.payouts.models import Payout
from crowd.ledger.workflow import PayoutState
from crowd.money import Money

UNDER_WAY = (PayoutState.REQUESTED, PayoutState.BATCHED, PayoutState.SENT)


def open_matters(kind: str, row_id: int) -> Iterator[Sentence]:
    """A balance, and payouts whose end the bank has not reported."""
    owner = OwnerType(kind)
    held = sa.select(LedgerAccount.currency, sa.func.sum(LedgerAccount.balance).label("amount")).where(
        LedgerAccount.owner_type == owner, LedgerAccount.owner_id == row_id, LedgerAccount.balance > 0
    )
    for row in db.session.execute(held.group_by(LedgerAccount.currency).order_by(LedgerAccount.currency)):
        yield _("The balance of %(amount)s is not paid out.", amount=Money(row.currency, int(row.amount)))
    paying = sa.exists().where(Payout.owner_type == owner, Payout.owner_id == row_id, Payout.state.in_(UNDER_WAY))
    if db.session.scalar(sa.select(paying)):
        yield _("A payout is under way.")
