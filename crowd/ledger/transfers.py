"""The complete list of transfers. Nothing else transfers money.

KINDS has what pages say of each kind. Each function names its ledger accounts, its lines and its business key; the
calling service has checked that it may happen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd.audit import Actor
from crowd.db import atomic, db
from crowd.errors import Conflict, NotFound, Sentence
from crowd.ledger.models import Deposit, LedgerAccount, LedgerAccountKind, OwnerType, Transfer
from crowd.ledger.payouts.models import Payout
from crowd.ledger.posting import Posted, Subject, find, get_account, lock, post


@dataclass(frozen=True, slots=True)
class TransferKind:
    """Its name on pages, and the actions that lead to it (`crowd.ledger.provenance`) with the words before who did."""

    label: Sentence
    acts: Mapping[str, object]


_REQUESTED = {"payout.requested": _("Requested by")}
_PAID = _REQUESTED | {"batch.created": _("Added to a batch by"), "batch.approved": _("Approved by")}
_DECIDED = {"challenge.decided": _("Decided by")}
KINDS = {
    "deposit": TransferKind(
        _("Paid in"), {"deposit.recorded": _("Recorded by"), "deposit.confirmed": _("Confirmed by")}
    ),
    "allocate": TransferKind(
        _("Deposit allocated"),
        {"deposit.allocation_requested": _("Requested by"), "deposit.allocated": _("Allocated by")},
    ),
    "return_deposit": TransferKind(
        _("Returned to the payer"),
        {"deposit.return_requested": _("Requested by"), "deposit.returned": _("Recorded as returned by")},
    ),
    "fund": TransferKind(_("Moved into escrow"), {"challenge.funded": _("Paid into escrow by")}),
    "top_up": TransferKind(_("Raised prizes moved into escrow"), {"challenge.topped_up": _("Paid into escrow by")}),
    "refund": TransferKind(_("Returned from escrow"), _DECIDED | {"challenge.cancelled": _("Cancelled by")}),
    "award": TransferKind(_("Award"), _DECIDED),
    "honorarium": TransferKind(_("Reviewer’s fee"), _DECIDED | {"challenge.cancelled": _("Cancelled by")}),
    "payout_request": TransferKind(_("Payout requested"), _REQUESTED),
    "payout_cancel": TransferKind(_("Payout cancelled"), _REQUESTED | {"payout.cancelled": _("Cancelled by")}),
    "paid": TransferKind(_("Paid out by the bank"), _PAID),
    "returned": TransferKind(
        _("Payout returned by the bank"),
        _PAID | {"payout.return_requested": _("Requested by"), "payout.returned": _("Recorded as returned by")},
    ),
    "reverse": TransferKind(
        _("Reversed"), {"transfer.reversal_requested": _("Requested by"), "transfer.reversed": _("Reversed by")}
    ),
}


def _platform(kind: LedgerAccountKind, currency: str) -> LedgerAccount:
    return get_account(kind, OwnerType.PLATFORM, 0, currency)


def _sponsor(organisation_id: int, currency: str) -> LedgerAccount:
    return get_account(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, organisation_id, currency)


def _escrow(challenge_id: int, currency: str) -> LedgerAccount:
    return get_account(LedgerAccountKind.ESCROW, OwnerType.CHALLENGE, challenge_id, currency)


def _held(payout: Payout) -> LedgerAccount:
    return get_account(LedgerAccountKind.HELD, OwnerType.PAYOUT, payout.id, payout.currency)


def _about(deposit: Deposit) -> Subject:
    return Subject("deposit", deposit.id, deposit.challenge_id)


def deposit(actor: Actor, deposit: Deposit) -> Transfer:
    """A deposit: from the bank to the sponsor's free balance, or to suspense where its owner is unknown."""
    target = (
        _platform(LedgerAccountKind.SUSPENSE, deposit.currency)
        if deposit.organisation_id is None
        else _sponsor(deposit.organisation_id, deposit.currency)
    )
    line = Posted(_platform(LedgerAccountKind.BANK, deposit.currency), target, deposit.amount)
    return post(
        actor,
        key=f"deposit:{deposit.id}",
        kind="deposit",
        subject=_about(deposit),
        lines=[line],
        note=deposit.bank_reference,
        effective_on=deposit.value_date,
    )


def allocate(actor: Actor, deposit: Deposit) -> Transfer:
    """An allocation: from suspense to the sponsor's free balance.

    Call it under the deposit's row lock: the key counts the allocations, because one may have been reversed.
    """
    assert deposit.organisation_id is not None
    earlier = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(Transfer)
        .where(Transfer.subject_type == "deposit", Transfer.subject_id == deposit.id, Transfer.kind == "allocate")
    )
    source = _platform(LedgerAccountKind.SUSPENSE, deposit.currency)
    line = Posted(source, _sponsor(deposit.organisation_id, deposit.currency), deposit.amount)
    key = f"deposit:{deposit.id}:allocate:{(earlier or 0) + 1}"
    return post(actor, key=key, kind="allocate", subject=_about(deposit), lines=[line], note=deposit.bank_reference)


def return_deposit(actor: Actor, deposit: Deposit, *, reason: str) -> Transfer:
    """A return to the payer: from suspense, or from the sponsor's free balance, to the bank.

    Raises Conflict where the sponsor has used the money.
    """
    source = (
        _platform(LedgerAccountKind.SUSPENSE, deposit.currency)
        if deposit.organisation_id is None
        else _sponsor(deposit.organisation_id, deposit.currency)
    )
    line = Posted(source, _platform(LedgerAccountKind.BANK, deposit.currency), deposit.amount)
    key = f"deposit:{deposit.id}:return"
    return post(actor, key=key, kind="return_deposit", subject=_about(deposit), lines=[line], note=reason)


def fund(actor: Actor, challenge_id: int, *, organisation_id: int, currency: str, amount: int) -> Transfer:
    """Funding: all prizes and the fee of a challenge, from the sponsor's free balance into its escrow.

    Raises Conflict where the free balance is smaller than `amount` (minor units).
    """
    line = Posted(_sponsor(organisation_id, currency), _escrow(challenge_id, currency), amount)
    subject = Subject("challenge", challenge_id, challenge_id)
    return post(actor, key=f"fund:{challenge_id}", kind="fund", subject=subject, lines=[line])


def top_up(
    actor: Actor, version_id: int, challenge_id: int, *, organisation_id: int, currency: str, amount: int
) -> Transfer:
    """What a version of the contract adds to the prizes and the fee, from the sponsor's free balance into the escrow.

    Raises Conflict where the free balance is smaller than `amount` (minor units).
    """
    line = Posted(_sponsor(organisation_id, currency), _escrow(challenge_id, currency), amount)
    subject = Subject("challenge", challenge_id, challenge_id)
    return post(actor, key=f"top_up:{version_id}", kind="top_up", subject=subject, lines=[line])


@atomic
def refund(actor: Actor, challenge_id: int, *, organisation_id: int, currency: str, reason: str) -> Transfer | None:
    """A refund: the rest of a challenge's escrow to the sponsor's free balance. None where nothing is left."""
    escrow, sponsor = _escrow(challenge_id, currency), _sponsor(organisation_id, currency)
    lock([escrow, sponsor])
    key = f"refund:{challenge_id}"
    stored = find(key)
    if stored is not None or escrow.balance == 0:
        return stored
    subject = Subject("challenge", challenge_id, challenge_id)
    lines = [Posted(escrow, sponsor, escrow.balance)]
    return post(actor, key=key, kind="refund", subject=subject, lines=lines, note=reason)


def award(
    actor: Actor,
    award_id: int,
    *,
    challenge_id: int,
    currency: str,
    shares: Sequence[tuple[OwnerType, int, int]],
    fee: int,
) -> Transfer:
    """One award: from the escrow to each winner's earnings, and its fee to the platform.

    `shares` are (owner type, owner id, minor units); shares of 0 are left out. Raises Conflict where the escrow holds
    less than all of it.
    """
    escrow = _escrow(challenge_id, currency)
    lines = [
        Posted(escrow, get_account(LedgerAccountKind.PAYABLE, owner, owner_id, currency), amount)
        for owner, owner_id, amount in shares
        if amount != 0
    ]
    if fee != 0:
        lines.append(Posted(escrow, _platform(LedgerAccountKind.FEE, currency), fee))
    subject = Subject("award", award_id, challenge_id)
    return post(actor, key=f"award:{award_id}", kind="award", subject=subject, lines=lines)


def honorarium(
    actor: Actor, assignment_id: int, *, challenge_id: int, currency: str, user_id: int, amount: int
) -> Transfer:
    """A reviewer's fee for one review: from the escrow to their earnings. There is no fee on it.

    Raises Conflict where the escrow holds less.
    """
    earnings = get_account(LedgerAccountKind.PAYABLE, OwnerType.USER, user_id, currency)
    line = Posted(_escrow(challenge_id, currency), earnings, amount)
    subject = Subject("assignment", assignment_id, challenge_id)
    return post(actor, key=f"honorarium:{assignment_id}", kind="honorarium", subject=subject, lines=[line])


def payout_request(actor: Actor, payout: Payout) -> Transfer:
    """A payout request: from the source account into an account of this payout alone."""
    origin = db.session.get_one(LedgerAccount, payout.source_account_id)
    return _payout(actor, payout, "request", Posted(origin, _held(payout), payout.amount))


def payout_cancel(actor: Actor, payout: Payout) -> Transfer:
    """A cancelled payout: the held money returns to its source account."""
    origin = db.session.get_one(LedgerAccount, payout.source_account_id)
    return _payout(actor, payout, "cancel", Posted(_held(payout), origin, payout.amount))


def paid(actor: Actor, payout: Payout) -> Transfer:
    """A paid payout: the held money has left the platform."""
    line = Posted(_held(payout), _platform(LedgerAccountKind.BANK, payout.currency), payout.amount)
    return _payout(actor, payout, "paid", line)


def returned(actor: Actor, payout: Payout, *, after_payment: bool) -> Transfer:
    """A rejected payout, or (`after_payment`) one returned later: the money returns to its source account."""
    source = _platform(LedgerAccountKind.BANK, payout.currency) if after_payment else _held(payout)
    origin = db.session.get_one(LedgerAccount, payout.source_account_id)
    return _payout(actor, payout, "returned", Posted(source, origin, payout.amount))


def _payout(actor: Actor, payout: Payout, operation: str, line: Posted) -> Transfer:
    kind = f"payout_{operation}" if operation in ("request", "cancel") else operation
    return post(
        actor,
        key=f"payout:{payout.id}:{operation}",
        kind=kind,
        subject=Subject("payout", payout.id),
        lines=[line],
    )


@atomic
def reverse(actor: Actor, transfer_id: int, *, reason: str, effective_on: date | None = None) -> Transfer:
    """Reverse one transfer. A correction is a reversal, never a change.

    Raises NotFound, and Conflict where it is itself a reversal or where the money was transferred on.
    """
    wrong = db.session.get(Transfer, transfer_id)
    if wrong is None:
        raise NotFound
    if wrong.reverses_id is not None:
        raise Conflict(_("A reversal cannot be reversed. Book the transfer again instead."))
    lines = [Posted(posting.target, posting.source, posting.amount) for posting in wrong.postings]
    return post(
        actor,
        key=f"reverse:{wrong.id}",
        kind="reverse",
        subject=Subject(wrong.subject_type, wrong.subject_id, wrong.challenge_id),
        lines=lines,
        reverses_id=wrong.id,
        note=reason,
        effective_on=effective_on,
    )
