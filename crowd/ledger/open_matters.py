"""What the ledger keeps open for a person or an organisation."""

from collections.abc import Iterator

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd.db import db
from crowd.feature import OpenMatter
from crowd.ledger.models import LedgerAccount, OwnerType
from crowd.ledger.payouts.models import Payout
from crowd.ledger.workflow import PayoutState
from crowd.money import Money
from crowd.notifications.kinds import path_to

UNDER_WAY = (PayoutState.REQUESTED, PayoutState.BATCHED, PayoutState.SENT)


def open_matters(kind: str, row_id: int) -> Iterator[OpenMatter]:
    """A balance, and payouts whose end the bank has not reported."""
    owner = OwnerType(kind)
    held = sa.select(LedgerAccount.currency, sa.func.sum(LedgerAccount.balance).label("amount")).where(
        LedgerAccount.owner_type == owner, LedgerAccount.owner_id == row_id, LedgerAccount.balance > 0
    )
    for row in db.session.execute(held.group_by(LedgerAccount.currency).order_by(LedgerAccount.currency)):
        text = _("The balance of %(amount)s is not paid out.", amount=Money(row.currency, int(row.amount)))
        own = path_to("ledger.organisation", organisation_id=row_id)
        yield OpenMatter(text, ((_("Balance"), own if kind == "organisation" else path_to("ledger.mine")),))
    paying = sa.select(Payout.id).where(Payout.owner_type == owner, Payout.owner_id == row_id)
    if ids := db.session.scalars(paying.where(Payout.state.in_(UNDER_WAY)).order_by(Payout.id)).all():
        pages = tuple((_("Payout %(number)s", number=one), path_to("ledger.payout", payout_id=one)) for one in ids)
        yield OpenMatter(_("A payout is under way."), pages)
