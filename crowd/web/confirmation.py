"""Irreversible operations ask once: which endpoints change something at a POST, and which of them can be undone.

A page asks with `confirm_form` (templates/_macros.html), which repeats the amount or the name and sends `confirmed`.
A POST of such an endpoint without it is rejected before its view is called, and leads back to the page that asks. A
test in `tests/architecture` fails where an endpoint that accepts a POST is in no group.
"""

from flask import Flask, request
from flask_babel import lazy_gettext as _l

from crowd.errors import Invalid
from crowd.web.arguments import posted

FIELD = "confirmed"
UNASKED = _l(
    "This cannot be undone, so the page asks for confirmation first, and none was received. Nothing was done. "
    "Open the page again and confirm."
)

ASKED = frozenset(
    {
        # money and what is booked
        "ledger.allocate_deposit",
        "ledger.confirm_deposit",
        "ledger.discard_deposit",
        "funding.fund",
        "ledger.return_deposit",
        "ledger.reconcile_deposit",
        "ledger.approve",
        "ledger.approve_batch",
        "ledger.cancel_batch",
        "ledger.decline",
        "ledger.resolve_bank_response",
        "ledger.request_resolution",
        "ledger.reverse",
        # challenges and their decisions
        "challenges.approve",
        "challenges.cancel",
        "scoring.clear",
        "scoring.decide",
        "scoring.decline",
        "scoring.deselect_award",
        "scoring.withdraw_conflict",
        # proposals
        "shares.agree",
        "shares.refuse",
        "submissions.unregister",
        "submissions.withdraw",
        # people and organisations
        "accounts.change_member_role",
        "accounts.close_account",
        "accounts.decline_invitation",
        "accounts.leave_organisation",
        "accounts.remove_document",
        "accounts.remove_member",
        "accounts.revoke_role",
        "accounts.verify_organisation",
    }
)
ASKS_ITSELF = frozenset({"ledger.new_fees"})  # its question repeats typed values, so its view shows it
NOT_ASKED = {
    "can be sent again with other words": {
        "accounts.organisation_edit", "accounts.profile", "accounts.verification", "challenges.autosave",
        "challenges.edit", "notifications.preferences", "scoring.autosave", "scoring.review", "shares.edit",
        "unsubscribing.unsubscribe",
        "submissions.autosave", "submissions.edit",
    },
    "is taken back by a button on the page that it leads to": {
        "accounts.accept_invitation", "accounts.add_document", "accounts.grant_role", "accounts.invite",
        "accounts.reopen_account", "challenges.cost", "ledger.make_batch", "ledger.withdraw", "scoring.select_award",
        "scoring.declared_conflicts", "submissions.register", "submissions.resume", "submissions.start",
    },
    "can be done again": {
        "accounts.withdraw_invitation", "challenges.withdraw_from_screening", "challenges.return_for_changes",
        "ledger.cancel_payout",
        "accounts.revoke_session", "accounts.revoke_sessions",
    },
    "takes nothing from anybody": {
        "accounts.organisation_new", "admin.retry_job", "challenges.copy", "challenges.new", "demo.switch_user",
        "funding.upload_payment_proof", "ledger.check_now", "notifications.read", "notifications.read_all",
        "scoring.fill_vacancies",
    },
    "is typed in whole, and put right by a later entry or a second person": {
        "ledger.record_deposit", "ledger.bank_statement", "ledger.upload_bank_responses",
    },
    "stands at the foot of a page that says what happens, and a newer version can follow": {"submissions.submit"},
    "asks for the password or a code from a letter": {
        "accounts.choose_password", "accounts.sign_up", "ledger.payout_account", "security.change_email",
        "security.change_email_confirm", "security.change_password", "security.forgot_password", "security.login",
        "security.logout", "security.reset_password", "security.verify",
    },
}  # fmt: skip


def register(app: Flask) -> None:
    """Reject an unconfirmed operation; after the guards, so that a person without the right learns that first."""
    app.before_request(_check)


def _check() -> None:
    if request.method == "POST" and request.endpoint in ASKED and FIELD not in posted():
        raise Invalid(UNASKED)


def is_confirmed(stamp: str) -> bool:
    """Whether the person has answered the question that repeated `stamp`: for a view that shows its own question."""
    return posted().text(FIELD) == stamp
