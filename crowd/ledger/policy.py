"""Who may view money and correct the ledger. Owners view their own; finance and auditors everything."""

from dataclasses import dataclass
from typing import TypeGuard

import sqlalchemy as sa

from crowd.audit import SYSTEM, Actor
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType, Posting, Transfer

VIEW, SPEND = "view_money", "pay_out"  # of the rights in an organisation
OWN_KINDS = (LedgerAccountKind.SPONSOR, LedgerAccountKind.PAYABLE)


def oversees(actor: Actor | None) -> bool:
    """Whether the actor may view the whole ledger."""
    return actor is SYSTEM or (actor is not None and actor.is_any("finance", "auditor"))


def is_finance(actor: Actor | None) -> TypeGuard[Actor]:
    """Whether the actor is a person of finance."""
    return actor is not None and actor.is_any("finance")


def can_view_owner(actor: Actor | None, owner: OwnerType, owner_id: int) -> TypeGuard[Actor]:
    """Whether the actor may view an owner's money: their own, or their organisation's."""
    if oversees(actor):
        return True
    if actor is None:
        return False
    if owner == OwnerType.USER:
        return actor.id == owner_id
    return owner == OwnerType.ORGANISATION and actor.may(VIEW, owner_id)


def can_spend(actor: Actor | None, owner: OwnerType, owner_id: int) -> bool:
    """Whether the actor may pay out the owner's money: the person, or who may for the organisation."""
    if actor is None:
        return False
    if owner == OwnerType.USER:
        return actor.id == owner_id
    return owner == OwnerType.ORGANISATION and actor.may(SPEND, owner_id)


def can_view_account(actor: Actor | None, account: LedgerAccount) -> bool:
    """Whether the actor may view an account: its owner, and all who oversee the ledger."""
    if account.kind not in OWN_KINDS:
        return oversees(actor)
    return can_view_owner(actor, account.owner_type, account.owner_id)


# `can_view_pot` for people who do not oversee the ledger, as SQL; `mine(actor)` are its values.
OWN_ACCOUNTS = sa.and_(
    LedgerAccount.kind.in_(OWN_KINDS),
    sa.or_(
        sa.and_(LedgerAccount.owner_type == OwnerType.USER, LedgerAccount.owner_id == sa.bindparam("me")),
        sa.and_(
            LedgerAccount.owner_type == OwnerType.ORGANISATION,
            LedgerAccount.owner_id.in_(sa.bindparam("organisations", expanding=True)),
        ),
    ),
)


def mine(actor: Actor) -> dict[str, object]:
    """The values of OWN_ACCOUNTS for a person."""
    return {"me": actor.id, "organisations": actor.organisations_with(VIEW)}


@dataclass(frozen=True, slots=True)
class Behind:
    """Who may view a transfer in addition to the owners of its accounts.

    `sponsor_id` is the organisation whose challenge's money it transfers, `payee` the owner of its payout.
    """

    sponsor_id: int | None = None
    payee: tuple[OwnerType, int] | None = None


def visible_lines(actor: Actor | None, transfer: Transfer, behind: Behind) -> list[Posting]:
    """The lines of a transfer that the actor may view.

    All of them for overseers of the ledger, for the sponsor's people those of the escrow, and for the owner of a payout
    all of that payout's; else the lines that touch the actor's own money.
    """
    if oversees(actor) or (behind.payee is not None and can_view_owner(actor, *behind.payee)):
        return list(transfer.postings)
    sponsor = behind.sponsor_id is not None and can_view_owner(actor, OwnerType.ORGANISATION, behind.sponsor_id)
    return [line for line in transfer.postings if _is_own(actor, line) or (sponsor and _of_escrow(line))]


def _is_own(actor: Actor | None, line: Posting) -> bool:
    return can_view_account(actor, line.source) or can_view_account(actor, line.target)


def _of_escrow(line: Posting) -> bool:
    return LedgerAccountKind.ESCROW in (line.source.kind, line.target.kind)


def can_view_transfer(actor: Actor | None, transfer: Transfer, behind: Behind) -> bool:
    """Whether the actor may view a line of the transfer."""
    return bool(visible_lines(actor, transfer, behind))


def can_view_person(actor: Actor | None, person_id: int | None, organisation_id: int | None) -> bool:
    """Whether an operation is shown with the person's name: to overseers, to the person, and to their organisation."""
    if actor is None:
        return False
    own = actor is not SYSTEM and (actor.id == person_id or actor.acts_for(organisation_id))
    return own or oversees(actor)


def can_reverse(actor: Actor | None, transfer: Transfer) -> bool:
    """Finance corrects what another person booked: nobody reverses their own booking alone."""
    return is_finance(actor) and transfer.actor_id != actor.id
