"""The import of bank statements: a preview, and the booking of what it showed."""

from dataclasses import dataclass
from typing import IO

from flask_babel import gettext as _

from crowd import files
from crowd.audit import Actor
from crowd.audit import record as audit
from crowd.db import atomic, db
from crowd.errors import Forbidden, Invalid, NotFound
from crowd.ledger.deposits import bank_statement, headings, layouts, policy, queries, services

AS_FOUND = bank_statement.Layout()  # nothing is chosen


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import of a bank statement: numbers, and a sentence for each line that needs a person."""

    created: int
    reconciled: int
    unchanged: int
    problems: list[str]
    outgoing: int = 0


def preview(actor: Actor, data: bytes, layout: bank_statement.Layout = AS_FOUND) -> layouts.Reading:
    """A preview of a bank statement; nothing is booked. Raises Forbidden, Invalid."""
    if not policy.can_record(actor):
        raise Forbidden
    return layouts.read(data, layout)


def keep(actor: Actor, stream: IO[bytes], filename: str) -> files.StoredFile:
    """Store a statement between its preview and its booking. Raises Forbidden, Invalid."""
    if not policy.can_record(actor):
        raise Forbidden
    there = files.keep(stream, filename, kinds=bank_statement.BANK_FILE_KINDS, limit=bank_statement.MAX_BYTES)
    return _refer(actor, there)


@atomic
def _refer(actor: Actor, there: files.Kept) -> files.StoredFile:
    return files.refer(actor, there)


def kept(actor: Actor, file_id: int) -> bytes:
    """A statement that this person has stored. Raises NotFound for another person's file."""
    row = db.session.get(files.StoredFile, file_id)
    if row is None or row.owner_id != actor.id or row.media_type not in ("text/csv", "text/plain"):
        raise NotFound
    return b"".join(files.read(row))


@atomic
def book(actor: Actor, data: bytes, layout: bank_statement.Layout = AS_FOUND) -> Imported:
    """Book a bank statement: known deposits are reconciled, new ones recorded. A second time, it changes nothing.

    A line whose reference is known with other figures is left to a person; the file's layout is stored for the next
    one of this bank. Raises Forbidden, Invalid.
    """
    read = preview(actor, data, layout).statement
    if read.missing:
        names = ", ".join(str(headings.LABELS[name]) for name in read.missing)
        raise Invalid(_("Assign the columns. Not found: %(names)s.", names=names))
    if read.nameless:
        raise Invalid(_("Nothing in the file says in which currency it is. Choose the currency."))
    rows, problems = read.rows, read.problems
    created = reconciled = unchanged = 0
    for row in rows:
        known = queries.find_by_reference(row.reference)
        if known is None:
            problem = _record_row(actor, row)
            created += problem is None
            problems += filter(None, (problem or _names_several(row),))
        elif (known.amount, known.currency) != (row.amount, row.currency):
            problems.append(_differs(row))
        elif known.reconciled_at is None:
            services.reconcile(actor, known.id)
            reconciled += 1
        else:
            unchanged += 1
    layouts.keep(actor, data, read.layout)
    audit(
        actor,
        "statement.imported",
        actor,
        created=created,
        reconciled=reconciled,
        unchanged=unchanged,
        problems=len(problems),
    )
    return Imported(created, reconciled, unchanged, problems, read.outgoing)


def _differs(row: bank_statement.BankStatementRow) -> str:
    text = _("Line %(line)s: %(reference)s is recorded with another amount.", line=row.number, reference=row.reference)
    return str(text)


def _names_several(row: bank_statement.BankStatementRow) -> str | None:
    """What to do about a line whose text names several challenges; None for other lines."""
    names = ", ".join(queries.several_named(row.text))
    if not names:
        return None
    told = {"line": row.number, "names": names}
    return _(
        "Line %(line)s: the text contains several payment references: %(names)s. Ask the payer which challenge "
        "it is for.",
        **told,
    )


def _record_row(actor: Actor, row: bank_statement.BankStatementRow) -> str | None:
    """Record a line of a statement; returns why not as a sentence, or None."""
    try:
        services.record(
            actor,
            bank_reference=row.reference,
            value_date=row.date,
            payer=row.payer,
            amount=row.amount,
            currency=row.currency,
            payment_reference=row.text,
            reconciled=True,
            another=False,
        )
    except Invalid as error:  # rejected before anything was written
        reasons = " ".join(str(message) for messages in error.fields.values() for message in messages)
        return _("Line %(line)s: %(problem)s", line=row.number, problem=reasons or str(error.message))
    return None
