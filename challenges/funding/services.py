"""Every write to a challenge's funding: slips, and deposits with a challenge.

Lock order: the challenge, then the deposit, then the ledger accounts.
"""

from dataclasses import dataclass
from datetime import date
from typing import IO, Any

import sqlalchemy as sa
from flask_babel import gettext as _

from challenges.funding.models import PROOF_KINDS, PaymentProof
from challenges.funding.policy import can_upload_slip
from challenges.funding.queries import named_by, several_named
from challenges.lifecycle import services as course
from challenges.models import Challenge
from challenges.queries import access
from challenges.workflow import ChallengeState
from crowd import clock, files
from crowd.accounts.models import Organisation
from crowd.audit import SYSTEM, record
from crowd.db import atomic, db
from crowd.errors import Forbidden, Invalid, NotFound
from crowd.ledger import queries as ledger
from crowd.ledger.approvals import services as approvals
from crowd.ledger.deposits import bank_statement, headings, layouts
from crowd.ledger.deposits import policy as deposit_policy
from crowd.ledger.deposits import queries as deposits
from crowd.ledger.deposits import services as deposit_services
from crowd.ledger.models import Approval, ApprovalKind, Deposit, DepositState

SLIPS = 10  # of a challenge
AS_FOUND = bank_statement.Layout()  # nothing is chosen


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import of a bank statement: numbers, and a sentence for each line that needs a person."""

    created: int
    seen: int
    unchanged: int
    problems: list[str]
    outgoing: int = 0


def upload_slip(actor: Any, challenge_id: int, stream: IO[bytes], filename: str) -> PaymentProof:
    """Upload the sponsor's proof of payment. It transfers nothing. Raises Forbidden, Invalid."""
    access(actor, challenge_id, to=can_upload_slip)
    return _upload_slip(actor, challenge_id, files.keep(stream, filename, kinds=PROOF_KINDS))


@atomic
def _upload_slip(actor: Any, challenge_id: int, kept: files.Kept) -> PaymentProof:
    challenge = access(actor, challenge_id, to=can_upload_slip, lock=True)
    query = sa.select(sa.func.count()).select_from(PaymentProof).where(PaymentProof.challenge_id == challenge.id)
    if (db.session.scalar(query) or 0) >= SLIPS:
        raise Invalid(_("There are already %(number)s payment proofs for this challenge.", number=SLIPS))
    stored = files.refer(actor, kept)
    row = PaymentProof(challenge_id=challenge.id, file_id=stored.id, uploaded_by=actor.id, created_at=clock.db_now())
    db.session.add(row)
    db.session.flush()
    record(actor, "payment_proof.uploaded", row, name=stored.name, digest=stored.digest)
    return row


@atomic
def record_deposit(
    actor: Any,
    *,
    bank_reference: str,
    value_date: date,
    payer: str,
    amount: int,
    currency: str,
    payment_reference: str = "",
    organisation_id: int | None = None,
    seen: bool = False,
    another: bool = True,
) -> Deposit:
    """Record a deposit. The payment reference in its text names the challenge, else `organisation_id` the owner.

    Below the limit it is credited at once, and funds the challenge where it covers the cost. Money without an owner
    waits in suspense. `another`: it is known to be a different payment from one of the same payer, day and amount; else
    Invalid asks. Raises what `deposits.record` raises.
    """
    approvals.hold()
    if not another:
        _ask_about_twin(
            payer=payer, value_date=value_date, amount=amount, currency=currency, bank_reference=bank_reference
        )
    challenge = _lock(named_by(payment_reference))
    if challenge is not None:
        organisation_id = challenge.organisation_id
    elif organisation_id is not None:
        _check_organisation(organisation_id)
    deposit = deposit_services.record(
        actor,
        bank_reference=bank_reference,
        value_date=value_date,
        payer=payer,
        amount=amount,
        currency=currency,
        payment_reference=payment_reference,
        organisation_id=organisation_id,
        challenge_id=challenge.id if challenge else None,
        payment_proof_id=_newest_payment_proof(challenge),
        seen=seen,
    )
    _fund_if_covered(deposit, challenge)
    return deposit


def _ask_about_twin(**payment: Any) -> None:
    twin = deposits.find_alike(**payment)
    if twin is None or deposits.find_by_reference(payment["bank_reference"]) is not None:
        return
    reference = twin.bank_reference
    message = _(
        "A deposit of the same payer, day and amount is recorded under the reference %(reference)s. If this is a "
        "separate payment, confirm it.",
        reference=reference,
    )
    raise Invalid.at("another", message)


@atomic
def confirm_deposit(actor: Any, deposit_id: int) -> Deposit:
    """The second person confirms; the deposit's challenge is funded where its cost is covered."""
    deposits.access(actor, deposit_id, to=deposit_policy.can_handle)
    approvals.approve_waiting(actor, ApprovalKind.DEPOSIT, deposit_id)
    return deposits.access(actor, deposit_id)


@approvals.effect(ApprovalKind.DEPOSIT)
def _book_approved(actor: Any, approval: Approval) -> None:
    challenge = _lock(_challenge_of(deposits.access(actor, approval.subject_id)))
    _fund_if_covered(deposit_services.book_confirmed(actor, approval.subject_id), challenge)


@atomic
def allocate_deposit(
    actor: Any, deposit_id: int, *, payment_reference: str = "", organisation_id: int | None = None
) -> Deposit:
    """Allocate unallocated money: to a challenge by its payment reference, or to an organisation.

    It stays unallocated until a second person agrees, where one must. Raises Invalid where neither is given.
    """
    approvals.hold()
    challenge = _lock(named_by(payment_reference))
    if payment_reference and challenge is None:
        message = _("There is no challenge with this payment reference.")
        raise Invalid.at("payment_reference", message)
    owner_id = challenge.organisation_id if challenge else organisation_id
    if owner_id is None:
        message = _("Enter the payment reference of the challenge, or choose the organisation.")
        raise Invalid.at("organisation_id", message)
    _check_organisation(owner_id)
    deposit = deposit_services.allocate(
        actor, deposit_id, organisation_id=owner_id, challenge_id=challenge.id if challenge else None
    )
    _fund_if_covered(deposit, challenge)
    return deposit


@approvals.effect(ApprovalKind.ALLOCATION)
def _allocate_approved(actor: Any, approval: Approval) -> None:
    challenge_id = approval.data["challenge_id"]
    challenge = _lock(db.session.get(Challenge, challenge_id)) if challenge_id else None
    _fund_if_covered(deposit_services.apply_allocation(actor, approval.subject_id, **approval.data), challenge)


@atomic
def import_statement(actor: Any, data: bytes, layout: bank_statement.Layout = AS_FOUND) -> Imported:
    """Book a bank statement: known deposits are reconciled, new ones recorded. A second time, it changes nothing.

    A line whose reference is known with other figures is left to a person; the file's layout is stored for the next
    one of this bank. Raises Forbidden, Invalid.
    """
    read = preview_statement(actor, data, layout).statement
    if read.missing:
        names = ", ".join(str(headings.LABELS[name]) for name in read.missing)
        raise Invalid(_("Assign the columns. Not found: %(names)s.", names=names))
    if read.nameless:
        raise Invalid(_("Nothing in the file says in which currency it is. Choose the currency."))
    rows, problems = read.rows, read.problems
    created = seen = unchanged = 0
    for row in rows:
        known = deposits.find_by_reference(row.reference)
        if known is None:
            problem = _record_row(actor, row)
            created += problem is None
            problems += filter(None, (problem or _names_several(row),))
        elif (known.amount, known.currency) != (row.amount, row.currency):
            problems.append(_differs(row))
        elif known.reconciled_at is None:
            deposit_services.reconcile(actor, known.id)
            seen += 1
        else:
            unchanged += 1
    layouts.keep(actor, data, read.layout)
    record(
        actor,
        "statement.imported",
        actor,
        created=created,
        reconciled=seen,
        unchanged=unchanged,
        problems=len(problems),
    )
    return Imported(created, seen, unchanged, problems, read.outgoing)


def preview_statement(actor: Any, data: bytes, layout: bank_statement.Layout = AS_FOUND) -> layouts.Reading:
    """A preview of a bank statement; nothing is booked. Raises Forbidden, Invalid."""
    if not deposit_policy.can_record(actor):
        raise Forbidden
    return layouts.read(data, layout)


def keep_statement(actor: Any, stream: IO[bytes], filename: str) -> files.StoredFile:
    """Store a statement between its preview and its booking. Raises Forbidden, Invalid."""
    if not deposit_policy.can_record(actor):
        raise Forbidden
    kept = files.keep(stream, filename, kinds=bank_statement.BANK_FILE_KINDS, limit=bank_statement.MAX_BYTES)
    return _refer_statement(actor, kept)


@atomic
def _refer_statement(actor: Any, kept: files.Kept) -> files.StoredFile:
    return files.refer(actor, kept)


def kept_statement(actor: Any, file_id: int) -> bytes:
    """A statement that this person has stored. Raises NotFound for another person's file."""
    row = db.session.get(files.StoredFile, file_id)
    if row is None or row.owner_id != actor.id or row.media_type not in ("text/csv", "text/plain"):
        raise NotFound
    return b"".join(files.read(row))


def _differs(row: bank_statement.BankStatementRow) -> str:
    text = _("Line %(line)s: %(reference)s is recorded with another amount.", line=row.number, reference=row.reference)
    return str(text)


def _names_several(row: bank_statement.BankStatementRow) -> str | None:
    """What to do about a line whose text names several challenges; None for other lines."""
    names = ", ".join(several_named(row.text))
    if not names:
        return None
    told = {"line": row.number, "names": names}
    return _(
        "Line %(line)s: the text contains several payment references: %(names)s. Ask the payer which challenge "
        "it is for.",
        **told,
    )


def _record_row(actor: Any, row: bank_statement.BankStatementRow) -> str | None:
    """Record a line of a statement; returns why not as a sentence, or None."""
    try:
        record_deposit(
            actor,
            bank_reference=row.reference,
            value_date=row.date,
            payer=row.payer,
            amount=row.amount,
            currency=row.currency,
            payment_reference=row.text,
            seen=True,
            another=False,
        )
    except Invalid as error:  # rejected before anything was written
        reasons = " ".join(str(message) for messages in error.fields.values() for message in messages)
        return _("Line %(line)s: %(problem)s", line=row.number, problem=reasons or str(error.message))
    return None


def _fund_if_covered(deposit: Deposit, challenge: Challenge | None) -> None:
    """Transfer a challenge's money into its escrow as soon as it is enough; until then it stays in the sponsor's
    balance.
    """
    if challenge is None or deposit.state != DepositState.CREDITED or challenge.state != ChallengeState.APPROVED:
        return
    in_time = challenge.funding_due_at is None or clock.arrived_at() <= challenge.funding_due_at
    if in_time and ledger.free_balance(challenge.organisation_id, challenge.currency) >= challenge.cost:
        course.fund(SYSTEM, challenge.id)


def _challenge_of(deposit: Deposit) -> Challenge | None:
    return db.session.get(Challenge, deposit.challenge_id) if deposit.challenge_id else None


def _lock(challenge: Challenge | None) -> Challenge | None:
    return access(SYSTEM, challenge.id, lock=True) if challenge is not None else None


def _newest_payment_proof(challenge: Challenge | None) -> int | None:
    if challenge is None:
        return None
    query = sa.select(PaymentProof.file_id).where(PaymentProof.challenge_id == challenge.id)
    return db.session.scalar(query.order_by(PaymentProof.id.desc()).limit(1))


def _check_organisation(organisation_id: int) -> None:
    row = db.session.get(Organisation, organisation_id)
    if row is None or row.origin is not None:
        message = _("There is no such organisation here.")
        raise Invalid.at("organisation_id", message)
