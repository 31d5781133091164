"""What the ledger knows of a person: accounts, transfers, payouts, and the bank accounts that they gave."""

from datetime import datetime

import sqlalchemy as sa

from crowd.feature import PersonalData
from crowd.ledger.models import LedgerAccount, OwnerType, Posting, Transfer
from crowd.ledger.payouts.models import Payout, PayoutAccount

_BANK = (PayoutAccount.currency, PayoutAccount.holder, PayoutAccount.bank, PayoutAccount.number, PayoutAccount.bic,
         PayoutAccount.created_at, PayoutAccount.replaced_at)  # fmt: skip
_PAYOUT = (Payout.id, Payout.amount, Payout.currency, Payout.state, Payout.created_at, Payout.bank_responded_at)


def _accounts(user_id: int) -> sa.Select[int]:
    return sa.select(LedgerAccount.id).where(
        LedgerAccount.owner_type == OwnerType.USER, LedgerAccount.owner_id == user_id
    )


def _lines(user_id: int) -> sa.Select[datetime, str, int | None, int, int, int, int, str]:
    own = _accounts(user_id)
    line = (Posting.id, Posting.source_id, Posting.target_id, Posting.amount, Posting.currency)
    return (
        sa.select(Transfer.created_at, Transfer.kind, Transfer.challenge_id, *line)
        .join(Posting, Posting.transfer_id == Transfer.id)
        .where(sa.or_(Posting.source_id.in_(own), Posting.target_id.in_(own)))
        .order_by(Posting.id)
    )


PERSONAL_DATA: PersonalData = {
    "ledger_accounts": lambda user_id: (
        sa.select(LedgerAccount.id, LedgerAccount.kind, LedgerAccount.currency, LedgerAccount.balance)
        .where(LedgerAccount.id.in_(_accounts(user_id)))
        .order_by(LedgerAccount.id)
    ),
    "ledger_lines": _lines,
    "payouts": lambda user_id: (
        sa.select(*_PAYOUT).where(Payout.owner_type == OwnerType.USER, Payout.owner_id == user_id).order_by(Payout.id)
    ),
    "bank_accounts": lambda user_id: (
        sa.select(*_BANK)
        .where(PayoutAccount.owner_type == OwnerType.USER, PayoutAccount.owner_id == user_id)
        .order_by(PayoutAccount.id)
    ),
}
