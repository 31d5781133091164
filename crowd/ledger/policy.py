"""Who may look at money and correct the books. Owners look at their own; finance and auditors at all."""

from typing import Any

import sqlalchemy as sa

from crowd.audit import SYSTEM
from crowd.ledger.models import Owner, Posting, Pot, PotKind, Transfer

OWN_KINDS = (PotKind.SPONSOR, PotKind.PAYABLE)


def oversees(actor: Any) -> bool:
    """Whether all of the books are open to the actor."""
    return actor is SYSTEM or (actor is not None and actor.is_any("finance", "auditor"))


def is_finance(actor: Any) -> bool:
    return actor is not None and actor is not SYSTEM and bool(actor.is_any("finance"))


def can_see_owner(actor: Any, owner: Owner, owner_id: int) -> bool:
    """Whether an owner's money is the actor's business: one's own, or one's organisation's."""
    if oversees(actor):
        return True
    if actor is None:
        return False
    if owner == Owner.USER:
        return bool(actor.id == owner_id)
    return owner == Owner.ORGANISATION and bool(actor.acts_for(owner_id))


def can_spend(actor: Any, owner: Owner, owner_id: int) -> bool:
    """Whether the actor may take the owner's money out: oneself, or an owner of the organisation."""
    if actor is None or actor is SYSTEM:
        return False
    if owner == Owner.USER:
        return bool(actor.id == owner_id)
    return owner == Owner.ORGANISATION and bool(actor.owns(owner_id))


def can_view_pot(actor: Any, pot: Pot) -> bool:
    if pot.kind not in OWN_KINDS:
        return oversees(actor)
    return can_see_owner(actor, pot.owner_type, pot.owner_id)


# `can_view_pot` of somebody who does not oversee the books, as SQL; `mine(actor)` are its values.
OWN_POTS = sa.and_(
    Pot.kind.in_(OWN_KINDS),
    sa.or_(
        sa.and_(Pot.owner_type == Owner.USER, Pot.owner_id == sa.bindparam("me")),
        sa.and_(Pot.owner_type == Owner.ORGANISATION, Pot.owner_id.in_(sa.bindparam("organisations", expanding=True))),
    ),
)


def mine(actor: Any) -> dict[str, Any]:
    """The values of OWN_POTS for a person."""
    return {"me": actor.id, "organisations": actor.organisation_ids}


def visible_lines(actor: Any, transfer: Transfer) -> list[Posting]:
    """The lines of a transfer that touch the actor's money; all of them for who oversees the books."""
    if oversees(actor):
        return list(transfer.postings)
    return [line for line in transfer.postings if can_view_pot(actor, line.source) or can_view_pot(actor, line.target)]


def can_view_transfer(actor: Any, transfer: Transfer) -> bool:
    return bool(visible_lines(actor, transfer))


def can_reverse(actor: Any, transfer: Transfer) -> bool:
    """Finance corrects what another person booked: nobody undoes an act of one's own alone."""
    return is_finance(actor) and transfer.actor_id != actor.id
