"""What registers know of a person, and what they delete with them."""

import sqlalchemy as sa

from crowd import documents
from crowd.feature import PersonalData
from crowd.registers.certificates import SUBJECT
from crowd.registers.models import RegisterEntry, RegisterEvent

_ENTRY = (RegisterEntry.register, RegisterEntry.number, RegisterEntry.data, RegisterEntry.origin, RegisterEntry.salt)
_EVENT = (RegisterEvent.kind, RegisterEvent.state, RegisterEvent.valid_until, RegisterEvent.reason, RegisterEvent.at)
PERSONAL_DATA: PersonalData = {
    "register_entries": lambda user_id: (
        sa.select(*_ENTRY, *_EVENT)
        .join(RegisterEvent, RegisterEvent.entry_id == RegisterEntry.id)
        .where(RegisterEntry.user_id == user_id)
        .order_by(RegisterEntry.id, RegisterEvent.number)
    ),
    "register_actions": lambda user_id: (
        sa.select(RegisterEntry.register, RegisterEntry.number, *_EVENT)
        .join(RegisterEvent, RegisterEvent.entry_id == RegisterEntry.id)
        .where(RegisterEvent.acted_by == user_id)
        .order_by(RegisterEvent.id)
    ),
}


def erase(user_id: int, _email: str) -> None:
    """Delete the certificates of a person, which name them. Their entries have only the number of the account, and what
    keepers typed, which is not shown any more; they stay for who relies on them.
    """
    theirs = sa.select(RegisterEntry.id).where(RegisterEntry.user_id == user_id)
    documents.delete(SUBJECT, theirs)
