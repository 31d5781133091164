"""The ledger check: every invariant recomputed from the rows, and each broken one named.

Reads only, set by set, each rule in one snapshot, so that running payouts do not disturb it. Upper packages declare
checks of their own (`checks` of a manifest), which `run_checks` adds to these findings.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import groupby

import sqlalchemy as sa

from crowd import clock
from crowd.audit import Actor, record
from crowd.db import atomic, db, joined
from crowd.feature import declared
from crowd.ledger.models import LedgerCheck, Posting
from crowd.ledger.payouts import bank_file
from crowd.ledger.payouts.models import Payout, PayoutBatch
from crowd.ledger.posting import Subject, digest
from crowd.ledger.workflow import BatchState

MAX_FINDINGS = 100  # findings of one name; more are no help
STUCK = {  # (table, state): days after which a person should check
    ("deposit", "recorded"): 3,
    ("deposit", "suspense"): 14,
    ("approval", "waiting"): 3,
    ("payout", "requested"): 7,
    ("payout", "batched"): 3,
    ("payout_batch", "draft"): 3,
    ("payout_batch", "approved"): 1,
    ("payout_batch", "sent"): 5,
}


@dataclass(frozen=True, slots=True)
class LedgerFinding:
    """A broken invariant: its `name`, its subject (`account 7`), and what is wrong. `warning`: no money is wrong."""

    name: str
    subject: str
    detail: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class LedgerRule:
    """An invariant as SQL that selects (subject, detail) of whatever breaks it."""

    name: str
    sql: str


RULES = (
    LedgerRule(
        "balance_mismatch",
        """SELECT 'account ' || account.id, account.kind || ' holds ' || balance || ', its postings say ' || sums.amount
           FROM ledger_account account JOIN (
               SELECT account_id, sum(amount) AS amount FROM (
                   SELECT target_id AS account_id, amount FROM posting
                   UNION ALL SELECT source_id, -amount FROM posting
                   UNION ALL SELECT id, 0 FROM ledger_account) AS lines GROUP BY account_id
           ) AS sums ON sums.account_id = account.id
           WHERE account.has_floor AND account.balance <> sums.amount""",
    ),
    LedgerRule(
        "floor_broken",
        "SELECT 'account ' || id, kind || ' holds ' || balance FROM ledger_account WHERE has_floor AND balance < 0",
    ),
    LedgerRule(
        "floor_missing",
        """SELECT 'account ' || id, kind || ' has has_floor = ' || has_floor || ' and balance ' || balance
           FROM ledger_account
           WHERE has_floor = (kind IN ('bank', 'fee', 'suspense')) OR (NOT has_floor AND balance <> 0)""",
    ),
    LedgerRule(
        "unbalanced",
        """SELECT 'posting ' || id, 'moves ' || amount || ' from account ' || source_id || ' to account ' || target_id
           FROM posting WHERE amount <= 0 OR source_id = target_id""",
    ),
    LedgerRule(
        "currency_mismatch",
        """SELECT 'posting ' || posting.id, posting.currency || ' from ' || s.currency || ' to ' || t.currency
           FROM posting LEFT JOIN ledger_account s ON s.id = source_id LEFT JOIN ledger_account t ON t.id = target_id
           WHERE (posting.currency = s.currency AND posting.currency = t.currency) IS NOT TRUE""",
    ),
    LedgerRule(
        "no_posting",
        """SELECT 'transfer ' || id, key FROM transfer
           WHERE NOT EXISTS (SELECT FROM posting WHERE transfer_id = transfer.id)""",
    ),
    LedgerRule(
        "key_repeated",
        """SELECT 'transfer ' || min(id), key || ' exists ' || count(*) || ' times' FROM transfer
           GROUP BY key HAVING count(*) > 1""",
    ),
    LedgerRule(
        "reversed_twice",
        """SELECT 'transfer ' || reverses_id, 'reversed ' || count(*) || ' times' FROM transfer
           WHERE reverses_id IS NOT NULL GROUP BY reverses_id HAVING count(*) > 1""",
    ),
    LedgerRule(
        "reversal_reversed",
        """SELECT 'transfer ' || b.id, 'reverses transfer ' || a.id || ', itself a reversal'
           FROM transfer b JOIN transfer a ON a.id = b.reverses_id WHERE a.reverses_id IS NOT NULL""",
    ),
    LedgerRule(
        "reversal_differs",
        """SELECT 'transfer ' || b.id, 'is not the mirror image of transfer ' || b.reverses_id
           FROM transfer b WHERE b.reverses_id IS NOT NULL AND (
               SELECT array_agg((source_id, target_id, amount)::text ORDER BY source_id, target_id, amount)
               FROM posting WHERE transfer_id = b.id
           ) IS DISTINCT FROM (
               SELECT array_agg((target_id, source_id, amount)::text ORDER BY target_id, source_id, amount)
               FROM posting WHERE transfer_id = b.reverses_id)""",
    ),
    LedgerRule(
        "payout_held",
        """SELECT 'payout ' || payout.id, payout.state || ' of ' || payout.amount || ', held '
                  || coalesce(held.balance, 0)
           FROM payout LEFT JOIN ledger_account held
                ON held.kind = 'held' AND held.owner_type = 'payout' AND held.owner_id = payout.id
                AND held.currency = payout.currency
           WHERE coalesce(held.balance, 0) <>
                 CASE WHEN payout.state IN ('requested', 'batched', 'sent') THEN payout.amount ELSE 0 END""",
    ),
    LedgerRule(
        "payout_bank",
        """SELECT 'payout ' || payout.id, payout.state || ' of ' || payout.amount || ', left for the bank '
                  || coalesce(gone.amount, 0)
           FROM payout LEFT JOIN (
               SELECT subject_id,
                      sum(CASE WHEN t.kind = 'bank' THEN amount WHEN s.kind = 'bank' THEN -amount ELSE 0 END) AS amount
               FROM transfer JOIN posting ON transfer_id = transfer.id
               JOIN ledger_account s ON s.id = source_id JOIN ledger_account t ON t.id = target_id
               WHERE subject_type = 'payout' GROUP BY subject_id
           ) AS gone ON gone.subject_id = payout.id
           WHERE coalesce(gone.amount, 0) <> CASE WHEN payout.state = 'paid' THEN payout.amount ELSE 0 END""",
    ),
    LedgerRule(
        "deposit_booked",
        """SELECT 'deposit ' || deposit.id, deposit.state || ' of ' || deposit.amount || ', booked from the bank '
                  || coalesce(booked.bank, 0) || ', in suspense ' || coalesce(booked.suspense, 0)
           FROM deposit LEFT JOIN (
               SELECT subject_id,
                      sum(CASE WHEN s.kind = 'bank' THEN amount WHEN t.kind = 'bank' THEN -amount ELSE 0 END) AS bank,
                      sum(CASE WHEN t.kind = 'suspense' THEN amount WHEN s.kind = 'suspense' THEN -amount ELSE 0 END)
                          AS suspense
               FROM transfer JOIN posting ON transfer_id = transfer.id
               JOIN ledger_account s ON s.id = source_id JOIN ledger_account t ON t.id = target_id
               WHERE subject_type = 'deposit' GROUP BY subject_id
           ) AS booked ON booked.subject_id = deposit.id
           WHERE coalesce(booked.bank, 0)
                 <> CASE WHEN deposit.state IN ('credited', 'suspense') THEN deposit.amount ELSE 0 END
              OR coalesce(booked.suspense, 0) <> CASE WHEN deposit.state = 'suspense' THEN deposit.amount ELSE 0 END""",
    ),
    LedgerRule(
        "approval_one_person",
        """SELECT 'approval ' || id, kind || ' requested and approved by the same person' FROM approval
           WHERE state = 'approved' AND (decided_by IS NULL OR decided_by = requested_by)""",
    ),
    LedgerRule(
        "batch_one_person",
        """SELECT 'batch ' || id, 'made and approved by the same person' FROM payout_batch
           WHERE approved_by = created_by""",
    ),
    LedgerRule(
        "batch_state",
        """SELECT 'payout ' || payout.id, payout.state || ' in a batch that is ' || coalesce(b.state, 'missing')
           FROM payout LEFT JOIN payout_batch b ON b.id = payout.batch_id
           WHERE (payout.state = 'batched' AND (b.state IN ('draft', 'approved')) IS NOT TRUE)
              OR (payout.state IN ('sent', 'paid', 'returned') AND (b.state IN ('sent', 'settled')) IS NOT TRUE)
              OR (payout.state IN ('requested', 'cancelled') AND payout.batch_id IS NOT NULL)
              OR payout.currency <> b.currency""",
    ),
)


def run_checks() -> list[LedgerFinding]:
    """The ledger check: what the checks of all packages find. An empty list, or warnings only, means that the ledger
    and the states that depend on it are right.
    """
    return [finding for check in declared().load_checks() for finding in check()]


def findings() -> list[LedgerFinding]:
    """Check every invariant of this package; errors first."""
    found: list[LedgerFinding] = []
    for rule in RULES:
        rows = db.session.execute(sa.text(f"{rule.sql} LIMIT {MAX_FINDINGS}"))
        found.extend(LedgerFinding(rule.name, subject, detail) for subject, detail in rows)
    found.extend(_sums())
    with joined():  # a server-side cursor needs a transaction
        found.extend(_altered())
    found.extend(_files())
    return found + _stuck()


def _sums() -> Iterator[LedgerFinding]:
    """The sum of all ledger accounts is zero: money comes from the bank's account and returns to it."""
    rows = db.session.execute(
        sa.text(
            """SELECT currency, sum(amount) FROM (
                   SELECT currency, balance AS amount FROM ledger_account WHERE has_floor
                   UNION ALL SELECT a.currency, amount FROM posting JOIN ledger_account a ON a.id = target_id
                   WHERE NOT has_floor
                   UNION ALL SELECT a.currency, -amount FROM posting JOIN ledger_account a ON a.id = source_id
                   WHERE NOT has_floor
               ) AS all_of_it GROUP BY currency HAVING sum(amount) <> 0"""
        )
    )
    for currency, amount in rows:
        yield LedgerFinding("not_conserved", currency, f"all accounts together hold {amount}, not 0")


def _altered() -> Iterator[LedgerFinding]:
    """Transfers whose recomputed digest is not the stored one."""
    rows = db.session.execute(
        sa.text(
            """SELECT t.id, t.key, t.kind, t.subject_type, t.subject_id, t.challenge_id, t.reverses_id, t.body_digest,
                      p.source_id, p.target_id, p.amount, p.currency
               FROM transfer t JOIN posting p ON p.transfer_id = t.id ORDER BY t.id, p.id"""
        ).execution_options(yield_per=5_000)
    )
    found = 0
    for _id, lines in groupby(rows, key=lambda row: row.id):
        body = list(lines)
        first = body[0]
        subject = Subject(first.subject_type, first.subject_id, first.challenge_id)
        moved = [(row.source_id, row.target_id, row.amount, row.currency) for row in body]
        if (
            digest(first.key, first.kind, subject, first.reverses_id, moved) != first.body_digest
            and found < MAX_FINDINGS
        ):
            found += 1
            yield LedgerFinding("posting_altered", f"transfer {first.id}", f"{first.key} is not what was booked")


def _files() -> Iterator[LedgerFinding]:
    """Batches whose file, written again, is not the one sent to the bank."""
    sent = sa.select(PayoutBatch).where(PayoutBatch.state.in_((BatchState.SENT, BatchState.SETTLED)))
    for batch in db.session.scalars(sent.order_by(PayoutBatch.id)):
        payouts = list(db.session.scalars(sa.select(Payout).where(Payout.batch_id == batch.id).order_by(Payout.id)))
        if hashlib.sha256(bank_file.write(payouts)).hexdigest() != batch.file_digest:
            total = sum(payout.amount for payout in payouts)
            yield LedgerFinding(
                "batch_file", f"batch {batch.id}", f"{len(payouts)} payouts of {total} are not what was sent"
            )


def _stuck() -> list[LedgerFinding]:
    found = []
    for (table, state), days in STUCK.items():
        before = clock.now() - timedelta(days=days)
        rows = db.session.execute(
            sa.text(f"SELECT id FROM {table} WHERE state = :state AND created_at < :before LIMIT {MAX_FINDINGS}"),  # noqa: S608
            {"state": state, "before": before},
        )
        found += [
            LedgerFinding("stuck", f"{table} {row[0]}", f"{state} for more than {days} days", True) for row in rows
        ]
    return found


def errors(findings: Iterable[LedgerFinding]) -> list[LedgerFinding]:
    """The findings that mean that money is wrong."""
    return [finding for finding in findings if not finding.warning]


@atomic
def keep(actor: Actor, findings: list[LedgerFinding], *, milliseconds: int) -> LedgerCheck:
    """Store a check's result. While the newest one has errors, no payout is approved or sent."""
    wrong = errors(findings)
    row = LedgerCheck(
        postings=db.session.scalar(sa.select(sa.func.count()).select_from(Posting)) or 0,
        milliseconds=milliseconds,
        errors=len(wrong),
        findings=[asdict(finding) for finding in findings],
    )
    db.session.add(row)
    db.session.flush()
    record(actor, "ledger.checked", row, errors=len(wrong), warnings=len(findings) - len(wrong))
    return row
