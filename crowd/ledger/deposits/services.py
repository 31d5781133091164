"""Every write to deposits. From a limit per day and payer on, a second person must agree (`crowd.ledger.approvals`)."""

from datetime import date, timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.accounts.models import Organisation
from crowd.audit import Actor
from crowd.audit import record as audit
from crowd.db import atomic, db
from crowd.errors import Forbidden, Invalid, Sentence
from crowd.events import publish
from crowd.ledger import notifications, transfers
from crowd.ledger.approvals import policy as approval_policy
from crowd.ledger.approvals import services as approvals
from crowd.ledger.deposits import policy
from crowd.ledger.deposits.queries import access, find_alike, find_by_reference, named_by
from crowd.ledger.events import MoneyAllocated
from crowd.ledger.models import Approval, ApprovalKind, Deposit, OwnerType
from crowd.ledger.workflow import DEPOSIT_TRANSITIONS, DEPOSIT_WORDING, ApprovalState
from crowd.money import CURRENCIES, MAX_AMOUNT
from crowd.reasons import required
from crowd.values import money, term
from crowd.workflow import next_state

OLDEST = timedelta(days=5 * 365)  # an older value date is a typing error


@atomic
def record(
    actor: Actor,
    *,
    bank_reference: str,
    value_date: date,
    payer: str,
    amount: int,
    currency: str,
    payment_reference: str = "",
    organisation_id: int | None = None,
    reconciled: bool = False,
    another: bool = True,
) -> Deposit:
    """Record a deposit; `reconciled`: a bank statement shows it. Below the day's limit it is booked at once.

    The payment reference in its text names the challenge, else `organisation_id` the owner; money without an owner
    waits in suspense. `amount` in minor units. `another`: it is known to be a different payment from one of the same
    payer, day and amount; else Invalid asks. Raises Forbidden, and Invalid where the bank reference is known or the
    figures are wrong.
    """
    if not policy.can_record(actor):
        raise Forbidden
    approvals.hold()
    reference = " ".join(bank_reference.split())
    if not another:
        _ask_about_twin(payer=payer, value_date=value_date, amount=amount, currency=currency, bank_reference=reference)
    purpose = named_by(payment_reference)
    if purpose is not None:
        organisation_id = purpose.organisation_id
    elif organisation_id is not None:
        _check_organisation(organisation_id)
    _check(reference, value_date, payer, amount, currency)
    now = clock.db_now()
    row = Deposit(
        bank_reference=reference, value_date=value_date, payer=payer, amount=amount, currency=currency,
        payment_reference=payment_reference, organisation_id=organisation_id,
        challenge_id=purpose.challenge_id if purpose else None, payment_proof_id=purpose.proof_id if purpose else None,
        recorded_by=actor.id, created_at=now, reconciled_at=now if reconciled else None,
    )  # fmt: skip
    db.session.add(row)
    audit(actor, "deposit.recorded", row, amount=money(amount, currency), reference=reference, reconciled=reconciled)
    if approvals.ask(actor, ApprovalKind.DEPOSIT, row.id, sums=sums_of(row)).state == ApprovalState.SINGLE:
        _book(actor, row)
    return row


def sums_of(deposit: Deposit, *, payer: str = "payer", organisation_id: int | None = None) -> dict[str, int]:
    """The deposit's amount by party: who paid, and its present or future organisation."""
    owner = organisation_id or deposit.organisation_id
    parties = approval_policy.payer(deposit.currency, deposit.payer, payer)
    if owner is not None:
        parties.append(approval_policy.party(deposit.currency, OwnerType.ORGANISATION, owner))
    return dict.fromkeys(parties, deposit.amount)


@atomic
def confirm(actor: Actor, deposit_id: int) -> Deposit:
    """The second person confirms, and the deposit is booked. Raises Forbidden for the person who recorded it."""
    access(actor, deposit_id, to=policy.can_handle)
    approvals.approve_waiting(actor, ApprovalKind.DEPOSIT, deposit_id)
    return access(actor, deposit_id)


@approvals.effect(ApprovalKind.DEPOSIT)
def _book_approved(actor: Actor, approval: Approval) -> None:
    deposit = access(actor, approval.subject_id, lock=True)
    audit(actor, "deposit.confirmed", deposit)
    _book(actor, deposit)


def _book(actor: Actor, deposit: Deposit) -> None:
    nameless = deposit.organisation_id is None
    deposit.state = next_state(DEPOSIT_TRANSITIONS, DEPOSIT_WORDING, deposit.state, "suspend" if nameless else "credit")
    transfers.deposit(actor, deposit)
    audit(
        actor,
        "deposit.suspended" if nameless else "deposit.credited",
        deposit,
        amount=money(deposit.amount, deposit.currency),
    )
    if not nameless:
        _announce_credit(deposit)


def _announce_credit(deposit: Deposit) -> None:
    """Notify the owners, and publish that money for a challenge is there."""
    notifications.deposit_credited(deposit)
    if deposit.challenge_id is not None:
        publish(MoneyAllocated(deposit.challenge_id, arrived_at=clock.arrived_at().isoformat()))


@atomic
def discard(actor: Actor, deposit_id: int, *, reason: str) -> Deposit:
    """Discard a deposit that was recorded by mistake and is not booked; its bank reference is free again."""
    access(actor, deposit_id, to=policy.can_handle)
    approvals.drop(actor, ApprovalKind.DEPOSIT, deposit_id)
    deposit = access(actor, deposit_id, lock=True)
    deposit.state, deposit.note = next_state(DEPOSIT_TRANSITIONS, DEPOSIT_WORDING, deposit.state, "discard"), reason
    audit(actor, "deposit.discarded", deposit, reason=reason)
    return deposit


@atomic
def allocate(
    actor: Actor, deposit_id: int, *, payment_reference: str = "", organisation_id: int | None = None
) -> Deposit:
    """Allocate unallocated money: to a challenge by its payment reference, or to an organisation.

    The person who recorded it needs a second person, as does a day's limit. Raises Invalid where neither is given,
    Conflict where it is already allocated.
    """
    approvals.hold()
    whose = _owner(payment_reference, organisation_id)
    deposit = access(actor, deposit_id, to=policy.can_handle, lock=True)
    next_state(DEPOSIT_TRANSITIONS, DEPOSIT_WORDING, deposit.state, "allocate")
    sums = sums_of(deposit, payer="unallocated", organisation_id=whose["organisation_id"])
    own = deposit.recorded_by == actor.id
    approval = approvals.ask(actor, ApprovalKind.ALLOCATION, deposit.id, sums=sums, always=own, data=whose)
    if approval.state == ApprovalState.SINGLE:
        return _allocate(actor, deposit.id, **whose)
    organisation = whose["organisation_id"]
    audit(
        actor,
        "deposit.allocation_requested",
        deposit,
        organisation=organisation,
        amount=money(deposit.amount, deposit.currency),
    )
    return deposit


def _owner(payment_reference: str, organisation_id: int | None) -> dict[str, Any]:
    """The organisation and the challenge, if any, that money is allocated to. Raises Invalid where neither is named."""
    purpose = named_by(payment_reference)
    if purpose is not None:
        return {"organisation_id": purpose.organisation_id, "challenge_id": purpose.challenge_id}
    if payment_reference:
        raise Invalid.at("payment_reference", _("There is no challenge with this payment reference."))
    if organisation_id is None:
        message = _("Enter the payment reference of the challenge, or choose the organisation.")
        raise Invalid.at("organisation_id", message)
    _check_organisation(organisation_id)
    return {"organisation_id": organisation_id, "challenge_id": None}


@approvals.effect(ApprovalKind.ALLOCATION)
def _allocate_approved(actor: Actor, approval: Approval) -> None:
    _allocate(actor, approval.subject_id, **approval.data)


def _allocate(actor: Actor, deposit_id: int, *, organisation_id: int, challenge_id: int | None) -> Deposit:
    deposit = access(actor, deposit_id, lock=True)
    deposit.state = next_state(DEPOSIT_TRANSITIONS, DEPOSIT_WORDING, deposit.state, "allocate")
    deposit.organisation_id, deposit.challenge_id = organisation_id, challenge_id
    transfers.allocate(actor, deposit)
    audit(
        actor,
        "deposit.allocated",
        deposit,
        organisation=organisation_id,
        amount=money(deposit.amount, deposit.currency),
    )
    _announce_credit(deposit)
    return deposit


@atomic
def return_to_payer(actor: Actor, deposit_id: int, *, reason: str) -> Deposit:
    """Record that the bank has returned the deposit to its payer; from the day's limit on a second person must agree.

    Raises Forbidden for the person who recorded it, Conflict where the sponsor has used the money.
    """
    reason = required(reason)
    approvals.hold()
    deposit = access(actor, deposit_id, to=policy.can_give_back, lock=True)
    next_state(DEPOSIT_TRANSITIONS, DEPOSIT_WORDING, deposit.state, "return")
    data, sums = {"reason": reason}, sums_of(deposit)
    if approvals.ask(actor, ApprovalKind.RETURN, deposit.id, sums=sums, data=data).state == ApprovalState.SINGLE:
        return _return(actor, deposit.id, reason)
    audit(actor, "deposit.return_requested", deposit, reason=reason, amount=money(deposit.amount, deposit.currency))
    return deposit


@approvals.effect(ApprovalKind.RETURN)
def _return_approved(actor: Actor, approval: Approval) -> None:
    _return(actor, approval.subject_id, approval.data["reason"])


def _return(actor: Actor, deposit_id: int, reason: str) -> Deposit:
    approvals.drop(actor, ApprovalKind.ALLOCATION, deposit_id)
    deposit = access(actor, deposit_id, lock=True)
    deposit.state = next_state(DEPOSIT_TRANSITIONS, DEPOSIT_WORDING, deposit.state, "return")
    transfers.return_deposit(actor, deposit, reason=reason)
    deposit.note = reason
    audit(actor, "deposit.returned", deposit, reason=reason, amount=money(deposit.amount, deposit.currency))
    return deposit


@atomic
def reconcile(actor: Actor, deposit_id: int) -> Deposit:
    """Reconcile the deposit with a bank statement. Doing it again changes nothing."""
    deposit = access(actor, deposit_id, to=policy.can_handle, lock=True)
    if deposit.reconciled_at is None:
        deposit.reconciled_at = clock.db_now()
        audit(actor, "deposit.reconciled", deposit)
    return deposit


@atomic
def reverse(actor: Actor, deposit: Deposit, kind: str) -> None:
    """After the reversal of one of its transfers: the deposit is discarded, or unallocated again.

    Raises Conflict where something else has happened to it since.
    """
    if kind == "allocate":
        deposit.state = next_state(DEPOSIT_TRANSITIONS, DEPOSIT_WORDING, deposit.state, "detach")
        deposit.organisation_id = deposit.challenge_id = None
    else:
        deposit.state = next_state(DEPOSIT_TRANSITIONS, DEPOSIT_WORDING, deposit.state, "reverse")
    audit(actor, "deposit.reversed", deposit, transfer=term(kind, "transfer_kind"))


def _ask_about_twin(**payment: Any) -> None:
    twin = find_alike(**payment)
    if twin is None or find_by_reference(payment["bank_reference"]) is not None:
        return
    reference = twin.bank_reference
    message = _(
        "A deposit of the same payer, day and amount is recorded under the reference %(reference)s. If this is a "
        "separate payment, confirm it.",
        reference=reference,
    )
    raise Invalid.at("another", message)


def _check_organisation(organisation_id: int) -> None:
    row = db.session.get(Organisation, organisation_id)
    if row is None or row.origin is not None:
        message = _("There is no such organisation here.")
        raise Invalid.at("organisation_id", message)


def _check(reference: str, value_date: date, payer: str, amount: int, currency: str) -> None:
    fields: dict[str, list[Sentence]] = {}
    if not reference:
        fields["bank_reference"] = [_("Enter the bank's reference: it tells this payment from every other.")]
    elif find_by_reference(reference) is not None:
        fields["bank_reference"] = [_("A deposit with this bank reference is already recorded.")]
    if type(amount) is not int or not 0 < amount <= MAX_AMOUNT:
        fields["amount"] = [_("The amount must be above zero and within the platform's limit.")]
    if currency not in CURRENCIES:
        fields["currency"] = [_("This currency is not supported.")]
    if not payer.strip():
        fields["payer"] = [_("Enter the payer as shown by the bank.")]
    if value_date > clock.today():
        fields["value_date"] = [_("The value date is in the future.")]
    elif value_date < clock.today() - OLDEST:
        fields["value_date"] = [_("The value date is more than five years ago.")]
    if fields:
        raise Invalid(_("The deposit cannot be recorded like this."), fields=fields)
