"""Bank responses: files are stored word for word, and each line changes its payout at most once.

Responses may come twice, in any order, and late. A payout with a bank response is final: a later contradicting response
is flagged, whoever uploaded it, and two people of finance decide. Nothing is ever sent again because of a response.
"""

import hashlib
from typing import IO

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd import clock, files
from crowd.audit import SYSTEM, Actor, record
from crowd.background import enqueue
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.ledger import notifications, transfers
from crowd.ledger.approvals import services as approvals
from crowd.ledger.approvals.policy import party
from crowd.ledger.approvals.queries import was_declined
from crowd.ledger.deposits.bank_statement import BANK_FILE_KINDS, MAX_BYTES
from crowd.ledger.models import Approval, ApprovalKind
from crowd.ledger.payouts import bank_file, policy
from crowd.ledger.payouts.models import BankFile, BankResponse, Payout, PayoutBatch
from crowd.ledger.payouts.queries import find_file
from crowd.ledger.workflow import (
    BATCH_TRANSITIONS,
    BATCH_WORDING,
    PAYOUT_TRANSITIONS,
    PAYOUT_WORDING,
    ApprovalState,
    BankResponseOutcome,
    BatchState,
    PayoutState,
)
from crowd.values import money
from crowd.workflow import next_state

UNDER_WAY = (PayoutState.BATCHED, PayoutState.SENT)
UNPAID = ("rejected", "returned")  # the bank's words for a payment that did not arrive, or was returned


def upload(actor: Actor, stream: IO[bytes], filename: str) -> BankFile:
    """Store a file of bank responses that finance uploads; a job reads it. The same bytes are the same file.

    Where its lines, with today's earlier uploads, transfer a payee's money above the limit, a second person must agree.
    """
    if not policy.can_batch(actor):
        raise Forbidden
    kept = files.keep(stream, filename, kinds=BANK_FILE_KINDS, limit=MAX_BYTES)
    answers = bank_file.read(b"".join(files.chunks(kept.digest)))  # reports errors at once
    return _upload(actor, kept, answers)


@atomic
def _upload(actor: Actor, kept: files.Kept, answers: list[bank_file.BankResponseRow]) -> BankFile:
    approvals.hold()
    stored, sums = files.refer(actor, kept), _sums(answers)
    row = find_file(stored.digest)
    if row is not None and not was_declined(ApprovalKind.BANK_FILE, row.id):
        raise Conflict(_("This file was uploaded before. Nothing was changed."))
    row = row or BankFile(digest=stored.digest, name=stored.name, stored_id=stored.id, uploaded_by=actor.id)
    db.session.add(row)
    db.session.flush()
    record(actor, "bank_file.uploaded", row, name=row.name, digest=row.digest)
    if approvals.ask(actor, ApprovalKind.BANK_FILE, row.id, sums=sums).state == ApprovalState.SINGLE:
        _read_soon(row.id)
    return row


def _sums(answers: list[bank_file.BankResponseRow]) -> dict[str, int]:
    """The amounts that the lines of a file may transfer, in minor units by payee: those of payouts without a
    response.
    """
    query = sa.select(Payout).where(
        Payout.id.in_({answer.payout_id for answer in answers if answer.payout_id}),
        Payout.state.in_((PayoutState.REQUESTED, *UNDER_WAY)),
    )
    sums: dict[str, int] = {}
    for payout in db.session.scalars(query):
        payee = party(payout.currency, payout.owner_type, payout.owner_id)
        sums[payee] = sums.get(payee, 0) + payout.amount
    return sums


def _read_soon(file_id: int) -> None:
    enqueue("bank_responses.read_file", file_id, key=f"bank_file:{file_id}")


@approvals.effect(ApprovalKind.BANK_FILE)
def _read_approved(actor: Actor, approval: Approval) -> None:
    record(actor, "bank_file.approved", db.session.get_one(BankFile, approval.subject_id))
    _read_soon(approval.subject_id)


@atomic
def ingest_upload(actor: Actor, file_id: int) -> dict[str, int]:
    """Read a file that finance uploaded. Reading it again changes nothing."""
    row = db.session.scalar(sa.select(BankFile).where(BankFile.id == file_id).with_for_update())
    if row is None or row.stored_id is None:
        raise NotFound
    if row.read_at is not None:
        return {}
    stored = db.session.get_one(files.StoredFile, row.stored_id)
    return _ingest(row, b"".join(files.read(stored)))


@atomic
def ingest(actor: Actor, name: str, data: bytes) -> dict[str, int]:
    """Store a file of responses from the gateway and apply its lines; the same bytes again change nothing.

    Returns the number of lines by outcome. A file that cannot be parsed is stored with the error.
    """
    digest = hashlib.sha256(data).hexdigest()
    if find_file(digest) is not None:
        return {}
    row = BankFile(digest=digest, name=files.clean_name(name))
    db.session.add(row)
    db.session.flush()
    record(actor, "bank_file.read", row, name=row.name, digest=digest)
    return _ingest(row, data)


def _ingest(row: BankFile, data: bytes) -> dict[str, int]:
    row.read_at = clock.db_now()
    try:
        answers = bank_file.read(data)
    except Invalid as error:
        row.error = str(error.message)
        return {"unreadable": 1}
    counts: dict[str, int] = {}
    for answer in sorted(answers, key=lambda answer: (answer.payout_id or 0, answer.line)):  # locks in one order
        payout = _locked(answer.payout_id)
        outcome = _apply(payout, answer)
        db.session.add(
            BankResponse(
                file_id=row.id,
                line=answer.line,
                payout_id=payout.id if payout else None,
                row=answer.row,
                outcome=outcome,
            )
        )
        counts[outcome] = counts.get(outcome, 0) + 1
    db.session.flush()
    _settle_batches()
    return counts


@atomic
def retry_early(actor: Actor) -> int:
    """Apply responses that came before their batch was marked as sent; returns their number."""
    query = sa.select(BankResponse).where(BankResponse.outcome == BankResponseOutcome.EARLY)
    rows = list(
        db.session.scalars(query.order_by(BankResponse.payout_id, BankResponse.id).with_for_update(skip_locked=True))
    )
    for row in rows:
        row.outcome = _apply(_locked(row.payout_id), bank_file.BankResponseRow(row.line, **row.row))
    db.session.flush()
    _settle_batches()
    return sum(row.outcome != BankResponseOutcome.EARLY for row in rows)


@atomic
def resolve(actor: Actor, answer_id: int) -> BankResponse:
    """Resolve a flagged response that names no payout of ours. Raises Conflict for others (`request_resolution`)."""
    row = _flagged(actor, answer_id)
    if row.payout_id is not None:
        raise Conflict(_("This refers to a payout of ours, so two people decide on it."))
    return _resolved(actor, row)


@atomic
def request_resolution(actor: Actor, answer_id: int, *, book: bool) -> Approval:
    """Ask a second person to approve the outcome of a flagged response: the money is returned (`book`), or nothing is
    transferred.

    Raises Conflict where the response is not flagged, or where its payout cannot be returned.
    """
    row = _flagged(actor, answer_id)
    payout = db.session.get(Payout, row.payout_id) if row.payout_id else None
    if payout is None:
        raise Conflict(_("This refers to no payout of ours; one person resolves it with the bank."))
    if book and not can_book(row, payout):
        raise Conflict(_("Only a payout that was paid, and of which the bank says otherwise now, can be returned."))
    sums = {party(payout.currency, payout.owner_type, payout.owner_id): payout.amount}
    asked = approvals.ask(actor, ApprovalKind.BANK_RESPONSE, row.id, sums=sums, always=True, data={"book": book})
    record(
        actor,
        "payout.return_requested" if book else "payout.dismissal_requested",
        payout,
        amount=money(payout.amount, payout.currency),
    )
    return asked


def bookable(rows: list[BankResponse]) -> set[int]:
    """The ids of those flagged responses that say that a paid payout was returned."""
    ids = {row.payout_id for row in rows if row.payout_id}
    payouts = {row.id: row for row in db.session.scalars(sa.select(Payout).where(Payout.id.in_(ids)))}
    return {row.id for row in rows if row.payout_id and can_book(row, payouts[row.payout_id])}


def can_book(row: BankResponse, payout: Payout) -> bool:
    """Whether a flagged response says that the exact amount of a paid payout did not arrive."""
    answer = bank_file.BankResponseRow(row.line, **row.row)
    right = answer.status in UNPAID and answer.is_of(payout.amount, payout.currency)
    return right and payout.state == PayoutState.PAID


@approvals.effect(ApprovalKind.BANK_RESPONSE)
def _resolve_approved(actor: Actor, approval: Approval) -> None:
    row = _flagged(actor, approval.subject_id)
    payout = _locked(row.payout_id)
    if approval.data["book"]:
        if payout is None or not can_book(row, payout):
            raise Conflict(_("This payout has changed state in the meantime. Nothing was changed."))
        _return(actor, payout, bank_file.BankResponseRow(row.line, **row.row), "returned")
        row.outcome = BankResponseOutcome.APPLIED
    _resolved(actor, row)


def _flagged(actor: Actor, answer_id: int) -> BankResponse:
    if not policy.can_batch(actor):
        raise Forbidden
    row = db.session.scalar(sa.select(BankResponse).where(BankResponse.id == answer_id).with_for_update())
    if row is None:
        raise NotFound
    if row.outcome != BankResponseOutcome.FLAGGED:
        raise Conflict(_("This bank response was resolved in the meantime. Nothing was changed."))
    return row


def _resolved(actor: Actor, row: BankResponse) -> BankResponse:
    if row.outcome == BankResponseOutcome.FLAGGED:
        row.outcome = BankResponseOutcome.RESOLVED
    row.resolved_by, row.resolved_at = actor.id, clock.db_now()
    record(actor, "bank_response.resolved", row, payout=row.payout_id)
    return row


def _locked(payout_id: int | None) -> Payout | None:
    if payout_id is None:
        return None
    query = sa.select(Payout).where(Payout.id == payout_id).with_for_update(of=Payout)
    return db.session.scalar(query.execution_options(populate_existing=True))


def _apply(payout: Payout | None, answer: bank_file.BankResponseRow) -> BankResponseOutcome:
    """The outcome of a bank response's line, given the state of its payout."""
    if payout is None or answer.status not in bank_file.STATUSES or not answer.is_of(payout.amount, payout.currency):
        return BankResponseOutcome.FLAGGED
    if payout.state == PayoutState.BATCHED and payout.batch is not None and payout.batch.approved_at is not None:
        return BankResponseOutcome.EARLY  # the bank was faster than our own record that the file was sent
    if payout.state == PayoutState.SENT:
        return _first_answer(payout, answer)
    if payout.state == PayoutState.PAID:
        return BankResponseOutcome.REPEATED if answer.status == "paid" else BankResponseOutcome.FLAGGED
    if payout.state == PayoutState.RETURNED:
        first = (payout.bank_response or {}).get("status")
        # "returned" may arrive before the "paid" that it follows; a rejected payment was never paid.
        late = answer.status == "paid" and first == "returned"
        return BankResponseOutcome.REPEATED if late or answer.status == first else BankResponseOutcome.FLAGGED
    return BankResponseOutcome.FLAGGED


def _first_answer(payout: Payout, answer: bank_file.BankResponseRow) -> BankResponseOutcome:
    if answer.status != "paid":
        return _return(SYSTEM, payout, answer, "refused")
    payout.state = next_state(PAYOUT_TRANSITIONS, PAYOUT_WORDING, payout.state, "paid")
    payout.bank_responded_at, payout.bank_response = clock.db_now(), answer.row
    transfers.paid(SYSTEM, payout)
    record(SYSTEM, "payout.paid", payout, amount=money(payout.amount, payout.currency))
    notifications.payout_paid(payout)
    return BankResponseOutcome.APPLIED


def _return(actor: Actor, payout: Payout, answer: bank_file.BankResponseRow, operation: str) -> BankResponseOutcome:
    payout.state = next_state(PAYOUT_TRANSITIONS, PAYOUT_WORDING, payout.state, operation)
    payout.bank_responded_at, payout.bank_response = clock.db_now(), answer.row
    transfers.returned(actor, payout, after_payment=operation == "returned")
    record(actor, "payout.returned", payout, amount=money(payout.amount, payout.currency), reason=answer.reason)
    notifications.payout_returned(payout, answer.reason)
    return BankResponseOutcome.APPLIED


def _settle_batches() -> None:
    """Settle a batch once every payout has a response."""
    open_ = sa.exists().where(Payout.batch_id == PayoutBatch.id, Payout.state.in_(UNDER_WAY))
    query = sa.select(PayoutBatch).where(PayoutBatch.state == BatchState.SENT, ~open_).with_for_update(of=PayoutBatch)
    for batch in db.session.scalars(query):
        batch.state = next_state(BATCH_TRANSITIONS, BATCH_WORDING, batch.state, "settle")
        batch.settled_at = clock.db_now()
        record(SYSTEM, "batch.settled", batch)
