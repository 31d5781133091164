"""Links about money: the URLs of account statements, of the two sides of a line, and of a transfer's cause.

Each is None where the reader may not open the page, so that no link leads to an error.
"""

from typing import Any

from flask import url_for

from crowd.accounts.questions import ORGANISATION_PAGE, PERSON_PAGE
from crowd.audit import Actor
from crowd.ledger.models import LedgerAccountKind, OwnerType, Transfer
from crowd.ledger.policy import OWN_KINDS, can_view_owner, oversees
from crowd.ledger.questions import ESCROW_PAGE, FUNDING_PAGE, RESULTS_PAGE
from crowd.ledger.statements.queries import End


def statement(owner: OwnerType, owner_id: int, account_id: int | None = None) -> str | None:
    """The statement of a person (the reader) or of an organisation."""
    chosen: dict[str, Any] = {} if account_id is None else {"account": account_id}
    if owner == OwnerType.USER:
        return url_for("ledger.mine", **chosen)
    return url_for("ledger.organisation", organisation_id=owner_id, **chosen)


def profile(owner: OwnerType, owner_id: int) -> str | None:
    """The public page of a person or of an organisation."""
    if owner == OwnerType.USER:
        return url_for(PERSON_PAGE(), user_id=owner_id)
    return url_for(ORGANISATION_PAGE(), organisation_id=owner_id) if owner == OwnerType.ORGANISATION else None


def end(actor: Actor | None, at: End) -> str | None:
    """The URL of one side of a line: its account statement, its payout, its challenge's escrow, or its
    owner's profile.
    """
    if at.payout_id is not None:
        own = can_view_owner(actor, at.owner, at.owner_id)
        return url_for("ledger.payout", payout_id=at.payout_id) if own else None
    if at.kind == LedgerAccountKind.ESCROW:
        return url_for(ESCROW_PAGE(), challenge_id=at.owner_id)
    if at.kind in OWN_KINDS and can_view_owner(actor, at.owner, at.owner_id):
        mine = at.owner == OwnerType.ORGANISATION or at.owner_id == actor.id
        return (
            statement(at.owner, at.owner_id, at.account_id)
            if mine
            else url_for("ledger.account", account_id=at.account_id)
        )
    if oversees(actor):
        return url_for("ledger.account", account_id=at.account_id)
    return profile(at.owner, at.owner_id)


def cause(transfer: Transfer, *, overseer: bool) -> str | None:
    """The page of a transfer's cause, for its owner or an overseer of the ledger."""
    about, row_id, challenge_id = transfer.subject_type, transfer.subject_id, transfer.challenge_id
    if about == "payout":
        return url_for("ledger.payout", payout_id=row_id)
    if about == "deposit" and overseer:
        return url_for("ledger.deposit", deposit_id=row_id)
    if challenge_id is None:
        return None
    page = {"deposit": FUNDING_PAGE, "award": RESULTS_PAGE}.get(about, ESCROW_PAGE)
    return url_for(page(), challenge_id=challenge_id)
