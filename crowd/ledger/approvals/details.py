"""The details of an approval for the second person."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import url_for
from flask_babel import gettext as _
from flask_babel import pgettext

from crowd import files
from crowd.db import db
from crowd.ledger import owners
from crowd.ledger.labels import own
from crowd.ledger.models import Approval, ApprovalKind, Deposit, OwnerType, Transfer
from crowd.ledger.payouts import bank_file
from crowd.ledger.payouts.models import BankFile, BankResponse
from crowd.money import Money
from crowd.web.labels import state_label

MAX_LINES = 50


@dataclass(slots=True)
class Details:
    """`sums` are its amounts; `rows` are (label, text) of the request; `lines` are those of the bank's file."""

    label: str
    url: str
    sums: list[Money]
    rows: list[tuple[str, str]] = field(default_factory=list)
    lines: list[bank_file.BankResponseRow] = field(default_factory=list)


def label(approval: Approval) -> str:
    """The requested operation, in a few words."""
    return state_label(approval.kind, "approval_kind")


def sums(approval: Approval) -> list[Money]:
    """Its amounts by currency: the parties of a deposit or a transfer are names for one sum, payees are not."""
    by_currency: dict[str, list[int]] = {}
    for party, amount in approval.sums.items():
        by_currency.setdefault(party.split(" ", 1)[0], []).append(amount)
    payees = approval.kind in (ApprovalKind.BANK_FILE, ApprovalKind.BANK_RESPONSE)
    whole = sum if payees else max
    return [Money(currency, whole(found)) for currency, found in sorted(by_currency.items())]


def of(approval: Approval) -> Details:
    """The details for the second person."""
    return _TELL[approval.kind](approval)


def _deposit(approval: Approval) -> Details:
    row = db.session.get_one(Deposit, approval.subject_id)
    return _about_deposit(approval, row, [])


def _allocation(approval: Approval) -> Details:
    row = db.session.get_one(Deposit, approval.subject_id)
    rows = [(_("To be allocated to"), owners.label(approval.data["organisation_id"]))]
    if title := owners.name(OwnerType.CHALLENGE, approval.data["challenge_id"] or 0):
        rows.append((_("For the challenge"), title))
    return _about_deposit(approval, row, rows)


def _give_back(approval: Approval) -> Details:
    row = db.session.get_one(Deposit, approval.subject_id)
    return _about_deposit(approval, row, [(_("Reason"), approval.data["reason"])])


def _about_deposit(approval: Approval, row: Deposit, rows: list[tuple[str, str]]) -> Details:
    said = [(_("Bank reference"), row.bank_reference), (_("Payer"), row.payer)]
    if row.payment_reference:
        said.append((_("Text of the payment"), row.payment_reference))
    if row.organisation_id is not None:
        said.append((_("Organisation"), owners.label(row.organisation_id)))
    url = url_for("ledger.deposit", deposit_id=row.id)
    return Details(label(approval), url, sums(approval), [*said, *rows])


def _reversal(approval: Approval) -> Details:
    row = db.session.get_one(Transfer, approval.subject_id)
    rows = [(_("Transfer"), f"{row.id}"), (_("Note"), own(row.note)), (_("Reason"), approval.data["reason"])]
    return Details(label(approval), url_for("ledger.transfer", transfer_id=row.id), sums(approval), rows)


def _bank_file(approval: Approval) -> Details:
    row = db.session.get_one(BankFile, approval.subject_id)
    stored = db.session.get_one(files.StoredFile, row.stored_id)
    lines = bank_file.read(b"".join(files.read(stored)))
    rows = [(_("File"), row.name), (pgettext("count", "Lines"), str(len(lines)))]
    return Details(label(approval), url_for("ledger.payouts"), sums(approval), rows, lines[:MAX_LINES])


def _bank_answer(approval: Approval) -> Details:
    row = db.session.get_one(BankResponse, approval.subject_id)
    back, nothing = _("The money was returned to the payee's balance"), _("No money is transferred")
    rows = [(_("To be recorded as"), back if approval.data["book"] else nothing)]
    url = url_for("ledger.payout", payout_id=row.payout_id)
    return Details(label(approval), url, sums(approval), rows, [bank_file.BankResponseRow(row.line, **row.row)])


_TELL: dict[ApprovalKind, Callable[[Approval], Details]] = {
    ApprovalKind.DEPOSIT: _deposit,
    ApprovalKind.ALLOCATION: _allocation,
    ApprovalKind.RETURN: _give_back,
    ApprovalKind.REVERSAL: _reversal,
    ApprovalKind.BANK_FILE: _bank_file,
    ApprovalKind.BANK_RESPONSE: _bank_answer,
}
