"""The ledger's pages among those of finance and administration."""

from collections.abc import Iterator

from flask_babel import gettext as _

from crowd.audit import Actor
from crowd.feature import Tab
from crowd.ledger.deposits import queries as deposits
from crowd.ledger.workflow import DepositState


def of_finance(_actor: Actor | None) -> Iterator[Tab]:
    """What is expected and received, payouts, approvals, all accounts, and the check."""
    yield Tab(10, _("Overview"), "ledger.overview")
    yield Tab(20, _("Deposits"), "ledger.deposit_list")
    yield Tab(30, _("Payouts"), "ledger.payouts")
    yield Tab(40, _("Approvals"), "ledger.approvals")
    yield Tab(50, _("Ledger accounts"), "ledger.platform")
    yield Tab(60, _("Ledger check"), "ledger.check")


def of_administration(_actor: Actor | None) -> Iterator[Tab]:
    """Finance, with the deposits that wait, and the ledger check."""
    waiting, found = (DepositState.RECORDED, DepositState.SUSPENSE), deposits.counts()
    yield Tab(
        30,
        _("Finance"),
        "ledger.overview",
        _("Money expected and received, payouts and batches."),
        count=sum(found.get(state, 0) for state in waiting),
    )
    yield Tab(40, _("The ledger"), "ledger.check", _("The ledger checks itself and lists every error."))
