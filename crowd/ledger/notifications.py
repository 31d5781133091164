"""Notifications about deposits, payouts and returns: to the person, or to the owners of the organisation."""

from flask_babel import lazy_gettext as _l

from crowd.ledger.models import Deposit, OwnerType
from crowd.ledger.owners import people_of
from crowd.ledger.payouts.models import Payout
from crowd.ledger.questions import FUNDING_PAGE
from crowd.notifications.kinds import NotificationKinds, path_to
from crowd.notifications.services import notify
from crowd.values import money

KINDS = NotificationKinds()
define = KINDS.define
CREDITED = define(
    "ledger.deposit_credited",
    _l("Your payment of %(amount)s has arrived"),
    _l("The payment from %(payer)s is now in your organisation's free balance. Bank reference: %(reference)s."),
)
PAID = define(
    "ledger.payout_paid",
    _l("Paid out: %(amount)s"),
    _l("The money goes to the account ending in %(ending)s."),
)
RETURNED = define(
    "ledger.payout_returned",
    _l("A payout of %(amount)s was returned"),
    _l(
        "The payment to the account ending in %(ending)s failed: %(reason)s. The money is back in your balance; "
        "check the account and request the payout again."
    ),
)
ACCOUNT = define(
    "ledger.account_changed",
    _l("Your payout account was changed"),
    _l("Payouts in %(currency)s now go to the account ending in %(ending)s. If this was not you, write to us at once."),
    always=True,
)


def balance_path(owner: OwnerType, owner_id: int) -> str:
    """The path of a person's own balance, or of an organisation's."""
    if owner == OwnerType.USER:
        return path_to("ledger.mine")
    return path_to("ledger.organisation", organisation_id=owner_id)


def deposit_credited(deposit: Deposit) -> None:
    """Notify those who pay out for the sponsor that their money has arrived."""
    assert deposit.organisation_id is not None
    path = balance_path(OwnerType.ORGANISATION, deposit.organisation_id)
    if deposit.challenge_id is not None:
        path = path_to(FUNDING_PAGE(), challenge_id=deposit.challenge_id)
    params = {
        "amount": money(deposit.amount, deposit.currency),
        "payer": deposit.payer,
        "reference": deposit.bank_reference,
    }
    for person in people_of(OwnerType.ORGANISATION, deposit.organisation_id):
        notify(person, kind=CREDITED, key=f"deposit:{deposit.id}", path=path, params=params)


def payout_paid(payout: Payout) -> None:
    """Notify the owner that the bank has paid."""
    _payout(payout, PAID, "paid")


def payout_returned(payout: Payout, reason: str) -> None:
    """Notify the owner that the bank has not paid, and why."""
    _payout(payout, RETURNED, "returned", reason=reason or "-")


def _payout(payout: Payout, kind: str, what: str, **params: str) -> None:
    shown = {"amount": money(payout.amount, payout.currency), "ending": payout.account.ending, **params}
    path = path_to("ledger.payout", payout_id=payout.id)
    for person in people_of(payout.owner_type, payout.owner_id):
        notify(person, kind=kind, key=f"payout:{payout.id}:{what}", path=path, params=shown)


def account_changed(account_id: int, owner: OwnerType, owner_id: int, currency: str, ending: str) -> None:
    """Notify the owner that the account was changed, so that they notice a stranger's change."""
    path = balance_path(owner, owner_id)
    for person in people_of(owner, owner_id):
        params = {"currency": currency, "ending": ending}
        notify(person, kind=ACCOUNT, key=f"payout_account:{account_id}", path=path, params=params)
