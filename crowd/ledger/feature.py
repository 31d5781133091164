"""What the ledger declares: pages, jobs, words of its operations, who may open what its notifications link to."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

import crowd.ledger.approvals.views
import crowd.ledger.deposits.views
import crowd.ledger.fees.views  # noqa: F401 - they add pages to the blueprint
from crowd.accounts.questions import HAS_EARNINGS
from crowd.audit import Actor
from crowd.errors import NotFound
from crowd.feature import Feature
from crowd.ledger import labels, notifications, queries, tabs
from crowd.ledger.fees.rules import CHANGE, FEES
from crowd.ledger.models import OwnerType
from crowd.ledger.open_matters import open_matters
from crowd.ledger.payouts import queries as payout_queries
from crowd.ledger.payouts import views
from crowd.ledger.personal_data import PERSONAL_DATA
from crowd.ledger.policy import can_view_owner
from crowd.web.rate_limits import RateLimit, person

AUDIT = {
    "fees.published": _l("Published a version of the fee schedule"),  # until changes were decided by vote
    "deposit.recorded": _l("Recorded a deposit"),
    "deposit.confirmed": _l("Confirmed a deposit"),
    "deposit.credited": _l("Credited a deposit"),
    "deposit.suspended": _l("Booked an unidentified deposit"),
    "deposit.discarded": _l("Discarded a deposit"),
    "deposit.allocated": _l("Allocated a deposit"),
    "deposit.allocation_requested": _l("Requested the allocation of a deposit"),
    "deposit.return_requested": _l("Requested to record a deposit as returned"),
    "deposit.returned": _l("Recorded a deposit as returned"),
    "deposit.reconciled": _l("Marked a deposit as reconciled"),
    "deposit.reversed": _l("Reversed the booking of a deposit"),
    "statement.imported": _l("Imported a statement"),
    "payout_account.set": _l("Set a payout account"),
    "payout_account.password_refused": _l("Entered a wrong password for a payout account"),
    "payout.requested": _l("Requested a payout"),
    "payout.cancelled": _l("Cancelled a payout"),
    "payout.paid": _l("The bank paid a payout"),
    "payout.return_requested": _l("Requested to record a payout as returned"),
    "payout.dismissal_requested": _l("Requested to dismiss a bank response"),
    "payout.returned": _l("The bank returned a payout"),
    "batch.created": _l("Created a batch"),
    "batch.approved": _l("Approved a batch"),
    "batch.cancelled": _l("Cancelled a batch"),
    "batch.sent": _l("Sent a batch to the bank"),
    "batch.settled": _l("All responses to a batch received"),
    "bank_file.uploaded": _l("Uploaded a bank response file"),
    "bank_file.read": _l("Read a bank response file"),
    "bank_file.approved": _l("Approved a bank response file"),
    "bank_response.resolved": _l("Resolved a bank response"),
    "transfer.reversal_requested": _l("Requested to reverse a transfer"),
    "approval.declined": _l("Declined an approval"),
    "transfer.reversed": _l("Reversed a transfer"),
    "ledger.check_requested": _l("Requested a ledger check"),
    "ledger.checked": _l("Checked the ledger"),
    "ledger.repaired": _l("Corrected the ledger by hand, two people together"),
}
SUBJECTS = {
    "approval": _l("Approval"),
    "bank_response": _l("Bank response"),
    "bank_file": _l("File of the bank"),
    "ledger_check": _l("Ledger check"),
    "deposit": _l("Deposit"),
    "fee_rate": _l("Fee schedule"),
    "payout": _l("Payout"),
    "payout_account": _l("Payout account"),
    "payout_batch": _l("Batch"),
    "ledger_account": _l("Ledger account"),
    "transfer": _l("Transfer"),
}
DATA = {
    "applied": _l("Booked"),
    "batch": _l("Batch"),
    "by": _l("By the transfer"),
    "early": _l("Awaiting our own record"),
    "ending": _l("Ending of the account number"),
    "findings": _l("Findings"),
    "flagged": _l("Bank responses to review"),
    "owner": _l("Owner"),
    "payout": _l("Payout"),
    "payouts": _l("Payouts"),
    "reconciled": _l("Reconciled"),
    "repeated": _l("Received before"),
    "since": _l("In force from"),
    "transfer": _l("Transfer"),
    "unreadable": _l("Unreadable"),
}
JOBS = {
    "bank_responses.fetch": _l("Read bank responses"),
    "bank_responses.read_file": _l("Read an uploaded file of the bank"),
    "payout_batches.send": _l("Send a batch to the bank"),
}


def _balance(actor: Actor | None, organisation_id: int) -> None:
    if not can_view_owner(actor, OwnerType.ORGANISATION, organisation_id):
        raise NotFound


FEATURE = Feature(
    name="ledger",
    blueprints=(views.blueprint,),  # the ledger's own, which its payouts complete
    jobs="crowd.ledger.jobs",
    checks="crowd.ledger.check",
    commands="crowd.ledger.cli",
    schedule={"bank_responses.fetch": timedelta(seconds=30)},
    answers={HAS_EARNINGS: queries.has_earnings},
    audit=AUDIT,
    audit_data=DATA,
    subjects=SUBJECTS,
    job_labels=JOBS,
    labels={
        "approval": labels.APPROVAL,
        "approval_kind": labels.APPROVAL_KINDS,
        "bank_response": labels.BANK_RESPONSE,
        "deposit": labels.DEPOSIT,
        "finding": labels.FINDINGS,
        "payout": labels.PAYOUT,
        "payout_batch": labels.PAYOUT_BATCH,
        "transfer_kind": labels.TRANSFER_KINDS,
    },
    notifications=notifications.KINDS,
    notification_group=_l("Money: funding, payments, payouts"),
    link_access={"ledger.organisation": _balance, "ledger.payout": payout_queries.access},
    rate_limits={
        "ledger.payout_account": (RateLimit("sign_in_per_account_hour", "hour", person, failures_only=True),),
    },
    dashboard_tasks=(queries.waiting,),
    open_matters=(open_matters,),
    personal_data=PERSONAL_DATA,
    rule_sets=(FEES,),
    case_kinds=(CHANGE,),
    tabs={"finance": tabs.of_finance, "administration": tabs.of_administration},
    sections={
        "ledger.": ("finance", "administration", "dashboard"),
        "ledger.mine": ("dashboard",),
        "ledger.organisation": ("dashboard",),
        "ledger.withdraw": ("dashboard",),
        "ledger.payout_account": ("dashboard",),
        "ledger.fees": (),
    },
)
