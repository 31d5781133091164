"""What the bank says: files of answers are stored word for word, and each line moves its payout at most once.

Answers may come twice, in any order, and late. What contradicts what is known is flagged for a person; nothing is
ever sent again because of an answer.
"""

import hashlib
from typing import IO, Any

import sqlalchemy as sa
from flask_babel import gettext as _

from crowd import clock, files
from crowd.audit import SYSTEM, record
from crowd.background import enqueue
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.ledger import moves, notices
from crowd.ledger.models import BankAnswer, BankFile, Payout, PayoutBatch
from crowd.ledger.payouts import file, policy
from crowd.ledger.payouts.queries import find_file
from crowd.ledger.workflow import (
    BATCH_MOVES,
    BATCH_SAID,
    PAYOUT_MOVES,
    PAYOUT_SAID,
    AnswerOutcome,
    BatchState,
    PayoutState,
)
from crowd.workflow import step

UNDER_WAY = (PayoutState.BATCHED, PayoutState.SENT)


@atomic
def upload(actor: Any, stream: IO[bytes], filename: str) -> BankFile:
    """Keep a file of the bank's answers that finance brings; a job reads it. The same bytes again are the same file."""
    if not policy.can_batch(actor):
        raise Forbidden
    stored = files.store(actor, stream, filename)
    data = b"".join(files.read(stored))
    file.read(data)  # says at once what is wrong with it
    known = find_file(stored.digest)
    if known is not None:
        raise Conflict(_("This file was read before. Nothing was changed."))
    row = BankFile(digest=stored.digest, name=stored.name, stored_id=stored.id, uploaded_by=actor.id)
    db.session.add(row)
    db.session.flush()
    record(actor, "bank_file.uploaded", row, name=row.name, digest=row.digest)
    enqueue("crowd.ledger.jobs.read_upload", row.id, key=f"bank_file:{row.id}")
    return row


@atomic
def take_upload(actor: Any, file_id: int) -> dict[str, int]:
    """Read a file that finance brought. Reading it again changes nothing."""
    row = db.session.scalar(sa.select(BankFile).where(BankFile.id == file_id).with_for_update())
    if row is None or row.stored_id is None:
        raise NotFound
    if row.read_at is not None:
        return {}
    stored = db.session.get_one(files.StoredFile, row.stored_id)
    return _take(row, b"".join(files.read(stored)))


@atomic
def take(actor: Any, name: str, data: bytes) -> dict[str, int]:
    """Store a file of answers from the rail and apply its lines; the same bytes again change nothing.

    Returns how many lines came to what. A file that cannot be understood is stored with the problem.
    """
    digest = hashlib.sha256(data).hexdigest()
    if find_file(digest) is not None:
        return {}
    row = BankFile(digest=digest, name=files.clean_name(name))
    db.session.add(row)
    db.session.flush()
    record(actor, "bank_file.read", row, name=row.name, digest=digest)
    return _take(row, data)


def _take(row: BankFile, data: bytes) -> dict[str, int]:
    row.read_at = clock.db_now()
    try:
        answers = file.read(data)
    except Invalid as error:
        row.problem = str(error.message)
        return {"unreadable": 1}
    counts: dict[str, int] = {}
    for answer in sorted(answers, key=lambda answer: (answer.payout_id or 0, answer.line)):  # locks in one order
        payout = _locked(answer.payout_id)
        outcome = _apply(payout, answer)
        db.session.add(
            BankAnswer(
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
def retry_early(actor: Any) -> int:
    """Apply answers that had come before we had noted that their batch was sent; returns how many."""
    query = sa.select(BankAnswer).where(BankAnswer.outcome == AnswerOutcome.EARLY)
    rows = list(
        db.session.scalars(query.order_by(BankAnswer.payout_id, BankAnswer.id).with_for_update(skip_locked=True))
    )
    for row in rows:
        row.outcome = _apply(_locked(row.payout_id), file.Answer(row.line, **row.row))
    db.session.flush()
    _settle_batches()
    return sum(row.outcome != AnswerOutcome.EARLY for row in rows)


@atomic
def look_at(actor: Any, answer_id: int) -> BankAnswer:
    """A person has looked at a flagged answer and cleared it up with the bank."""
    if not policy.can_batch(actor):
        raise Forbidden
    row = db.session.scalar(sa.select(BankAnswer).where(BankAnswer.id == answer_id).with_for_update())
    if row is None:
        raise NotFound
    if row.outcome == AnswerOutcome.FLAGGED:
        row.outcome, row.settled_by, row.settled_at = AnswerOutcome.LOOKED_AT, actor.id, clock.db_now()
        record(actor, "bank_answer.looked_at", row, payout=row.payout_id)
    return row


def _locked(payout_id: int | None) -> Payout | None:
    if payout_id is None:
        return None
    query = sa.select(Payout).where(Payout.id == payout_id).with_for_update(of=Payout)
    return db.session.scalar(query.execution_options(populate_existing=True))


def _apply(payout: Payout | None, answer: file.Answer) -> AnswerOutcome:
    """What a line of the bank comes to, given what is known of its payout."""
    if payout is None or answer.status not in file.STATUSES or not answer.is_of(payout.amount, payout.currency):
        return AnswerOutcome.FLAGGED
    if payout.state == PayoutState.BATCHED and payout.batch is not None and payout.batch.approved_at is not None:
        return AnswerOutcome.EARLY  # the bank was faster than our own note that the file is there
    if payout.state == PayoutState.SENT:
        return _first_answer(payout, answer)
    if payout.state == PayoutState.PAID:
        if answer.status == "returned":
            return _return(payout, answer, "returned")
        return AnswerOutcome.REPEATED if answer.status == "paid" else AnswerOutcome.FLAGGED
    if payout.state == PayoutState.RETURNED:
        first = (payout.answer or {}).get("status")
        # "returned" may overtake the "paid" that it follows; a rejected payment was never paid.
        late = answer.status == "paid" and first == "returned"
        return AnswerOutcome.REPEATED if late or answer.status == first else AnswerOutcome.FLAGGED
    return AnswerOutcome.FLAGGED


def _first_answer(payout: Payout, answer: file.Answer) -> AnswerOutcome:
    if answer.status != "paid":
        return _return(payout, answer, "refused")
    payout.state = step(PAYOUT_MOVES, PAYOUT_SAID, payout.state, "paid")
    payout.answered_at, payout.answer = clock.db_now(), answer.row
    moves.paid(SYSTEM, payout)
    record(SYSTEM, "payout.paid", payout, amount=payout.amount, currency=payout.currency)
    notices.payout_paid(payout)
    return AnswerOutcome.APPLIED


def _return(payout: Payout, answer: file.Answer, verb: str) -> AnswerOutcome:
    payout.state = step(PAYOUT_MOVES, PAYOUT_SAID, payout.state, verb)
    payout.answered_at, payout.answer = clock.db_now(), answer.row
    moves.returned(SYSTEM, payout, after_payment=verb == "returned")
    record(SYSTEM, "payout.returned", payout, amount=payout.amount, reason=answer.reason)
    notices.payout_returned(payout, answer.reason)
    return AnswerOutcome.APPLIED


def _settle_batches() -> None:
    """A batch of which every payout is answered is settled."""
    open_ = sa.exists().where(Payout.batch_id == PayoutBatch.id, Payout.state.in_(UNDER_WAY))
    query = sa.select(PayoutBatch).where(PayoutBatch.state == BatchState.SENT, ~open_).with_for_update(of=PayoutBatch)
    for batch in db.session.scalars(query):
        batch.state = step(BATCH_MOVES, BATCH_SAID, batch.state, "settle")
        batch.settled_at = clock.db_now()
        record(SYSTEM, "batch.settled", batch)
