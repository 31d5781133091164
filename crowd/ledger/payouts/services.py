"""Every write to payouts, from the owner's request to the approval of a batch. `bank_responses.py` has the
responses.
"""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.accounts.models import User
from crowd.audit import Actor, record
from crowd.background import enqueue
from crowd.csv_export import DANGEROUS
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound, Sentence
from crowd.ledger import notifications, transfers
from crowd.ledger import queries as ledger
from crowd.ledger.models import OwnerType
from crowd.ledger.payouts import account_numbers, bank_file, policy
from crowd.ledger.payouts.account_numbers import WrongNumber
from crowd.ledger.payouts.models import Payout, PayoutAccount, PayoutBatch
from crowd.ledger.payouts.queries import access, access_batch, account, on_hold_until
from crowd.ledger.policy import can_spend
from crowd.ledger.workflow import BATCH_TRANSITIONS, BATCH_WORDING, PAYOUT_TRANSITIONS, PAYOUT_WORDING, PayoutState
from crowd.money import CURRENCIES
from crowd.values import money
from crowd.workflow import next_state


@atomic
def set_account(
    actor: Actor, owner: OwnerType, owner_id: int, *, currency: str, holder: str, bank: str, number: str, bic: str = ""
) -> PayoutAccount:
    """Set the bank account to which an owner is paid in a currency; the previous one stays as history.

    Raises NotFound where the actor may not act for the owner, Invalid. Payouts requested earlier keep their account.
    """
    if not can_spend(actor, owner, owner_id):
        raise NotFound
    number, bic = _check_account(currency, holder, bank, number, bic)
    now = clock.db_now()
    before = account(owner, owner_id, currency)
    if before is not None:
        before.replaced_at = now
        db.session.flush()
    row = PayoutAccount(
        owner_type=owner, owner_id=owner_id, currency=currency, holder=holder, bank=bank, number=number,
        bic=bic, created_by=actor.id, created_at=now,
    )  # fmt: skip
    db.session.add(row)
    record(actor, "payout_account.set", row, owner=f"{owner}:{owner_id}", currency=currency, ending=row.ending)
    notifications.account_changed(row.id, owner, owner_id, currency, row.ending)
    return row


def change_account(actor: User, owner: OwnerType, owner_id: int, *, password: str, **fields: str) -> PayoutAccount:
    """`set_account` by a person at a page, who gives their password again. Raises Invalid where it is not theirs.

    Each wrong password is kept in the audit trail, in a transaction of its own.
    """
    if not _is_theirs(actor, password):
        raise Invalid.at("password", _("This is not your password."))
    return set_account(actor, owner, owner_id, **fields)


@atomic
def _is_theirs(actor: User, password: str) -> bool:
    right = bool(actor.verify_and_update_password(password))
    if not right:
        record(actor, "payout_account.password_refused", actor)
    return right


def _check_account(currency: str, holder: str, bank: str, number: str, bic: str) -> tuple[str, str]:
    """Number and BIC as they are stored. Raises Invalid."""
    fields: dict[str, list[Sentence]] = {}
    if currency not in CURRENCIES:
        fields["currency"] = [_("This currency is not supported.")]
    for name, text in (("holder", holder), ("bank", bank)):
        if not text.strip() or text.lstrip().startswith(DANGEROUS):
            fields[name] = [_("Write the name as registered with the bank; it starts with a letter.")]
    try:
        number = account_numbers.read(number)
    except WrongNumber as error:
        fields["number"] = [account_numbers.refusal(error)]
    try:
        bic = account_numbers.read_bic(bic, number) if bic.strip() else ""
    except WrongNumber as error:
        fields["bic"] = [account_numbers.refusal(error)]
    if fields:
        raise Invalid(_("The account cannot be used like this."), fields=fields)
    return number, bic


@atomic
def request(actor: Actor, ledger_account_id: int, *, amount: int) -> Payout:
    """Request a payout from a ledger account; the money is set aside at once. `amount` in minor units.

    Raises NotFound, Forbidden, Invalid without an account, Conflict where the account holds less.
    """
    ledger_account = ledger.access_account(actor, ledger_account_id)
    if not policy.can_request(actor, ledger_account):
        raise Forbidden(_("Only an owner or a person of finance can withdraw the organisation's money."))
    to = account(ledger_account.owner_type, ledger_account.owner_id, ledger_account.currency)
    if to is None:
        raise Invalid.at("amount", _("Add the bank account first."))
    if type(amount) is not int or amount <= 0:
        raise Invalid.at("amount", _("The amount must be above zero."))
    payout = Payout(
        source_account_id=ledger_account.id,
        owner_type=ledger_account.owner_type,
        owner_id=ledger_account.owner_id,
        account_id=to.id,
        amount=amount,
        currency=ledger_account.currency,
        requested_by=actor.id,
        created_at=clock.db_now(),
    )
    db.session.add(payout)
    db.session.flush()
    transfers.payout_request(actor, payout)
    record(actor, "payout.requested", payout, amount=money(amount, ledger_account.currency), ending=to.ending)
    return payout


@atomic
def cancel(actor: Actor, payout_id: int) -> Payout:
    """Cancel a payout that is in no batch yet. Raises Conflict where it is."""
    payout = access(actor, payout_id, to=policy.can_cancel, lock=True)
    if payout.state != PayoutState.REQUESTED:
        raise Conflict(_("This payout is already with finance and can no longer be cancelled."))
    payout.state = next_state(PAYOUT_TRANSITIONS, PAYOUT_WORDING, payout.state, "cancel")
    transfers.payout_cancel(actor, payout)
    record(actor, "payout.cancelled", payout)
    return payout


@atomic
def make_batch(actor: Actor, *, currency: str) -> PayoutBatch:
    """Put all requested payouts of a currency into one batch, which another person approves.

    Left out: the maker's own, and those to an account that is too new. Raises Conflict where none is left.
    """
    if not policy.can_batch(actor):
        raise Forbidden
    _check_is_clean()
    waiting = (
        sa.select(Payout)
        .where(Payout.state == PayoutState.REQUESTED, Payout.currency == currency)
        .order_by(Payout.id)
        .with_for_update(of=Payout, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    now = clock.db_now()
    chosen = [
        payout
        for payout in db.session.scalars(waiting)
        if on_hold_until(payout.account, now) is None and not policy.is_own(actor, payout)
    ]
    if not chosen:
        raise Conflict(_("No payout can go into a batch now: none is requested, or its account is too new."))
    batch = PayoutBatch(currency=currency, created_by=actor.id, created_at=now)
    db.session.add(batch)
    db.session.flush()
    for payout in chosen:
        payout.state = next_state(PAYOUT_TRANSITIONS, PAYOUT_WORDING, payout.state, "batch")
        payout.batch_id = batch.id
    total = sum(payout.amount for payout in chosen)
    record(actor, "batch.created", batch, payouts=[payout.id for payout in chosen], total=money(total, currency))
    return batch


@atomic
def approve(actor: Actor, batch_id: int) -> PayoutBatch:
    """Approve as the second person; a job sends the batch to the bank. Raises Forbidden for the maker."""
    batch = access_batch(actor, batch_id, lock=True)
    if not policy.can_approve(actor, batch):
        raise Forbidden(
            _("A finance officer other than the one who made it must approve it, and not one who is paid by it.")
        )
    _check_is_clean()
    batch.state = next_state(BATCH_TRANSITIONS, BATCH_WORDING, batch.state, "approve")
    batch.approved_by, batch.approved_at = actor.id, clock.db_now()
    total = sum(payout.amount for payout in batch.payouts)
    record(actor, "batch.approved", batch, total=money(total, batch.currency), payouts=len(batch.payouts))
    enqueue("payout_batches.send", batch.id, key=f"batch:{batch.id}")
    return batch


@atomic
def cancel_batch(actor: Actor, batch_id: int) -> PayoutBatch:
    """Discard a batch that is not approved; its payouts wait for the next one."""
    batch = access_batch(actor, batch_id, lock=True)
    if not policy.can_cancel_batch(actor, batch):
        raise Forbidden
    batch.state = next_state(BATCH_TRANSITIONS, BATCH_WORDING, batch.state, "cancel")
    batch.cancelled_at = clock.db_now()
    for payout in batch.payouts:
        payout.state = next_state(PAYOUT_TRANSITIONS, PAYOUT_WORDING, payout.state, "unbatch")
        payout.batch_id = None
    record(actor, "batch.cancelled", batch, payouts=[payout.id for payout in batch.payouts])
    return batch


@atomic
def mark_sent(actor: Actor, batch_id: int, *, digest: str) -> PayoutBatch:
    """Record that the bank has the file with this SHA-256. Doing it again changes nothing."""
    batch = access_batch(actor, batch_id, lock=True)
    if batch.sent_at is not None:
        return batch
    batch.state = next_state(BATCH_TRANSITIONS, BATCH_WORDING, batch.state, "send")
    batch.sent_at, batch.file_digest = clock.db_now(), digest
    for payout in batch.payouts:
        payout.state = next_state(PAYOUT_TRANSITIONS, PAYOUT_WORDING, payout.state, "send")
    record(actor, "batch.sent", batch, file=bank_file.name_of(batch), digest=digest)
    return batch


def _check_is_clean() -> None:
    """No payout while the ledger is known to be wrong."""
    last = ledger.last_check()
    if last is not None and last.errors:
        raise Conflict(_("The ledger check found errors. Payouts are on hold until they are resolved."))


def ready_to_send(batch_id: int) -> bool:
    """Whether a batch is approved and not sent. Raises Conflict while the ledger is known to be wrong."""
    batch = db.session.get(PayoutBatch, batch_id)
    if batch is None or batch.approved_at is None or batch.sent_at is not None:
        return False
    _check_is_clean()
    return True
