"""The ledger's pages among those of finance and administration."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from crowd.feature import Tab


def of_finance(_actor: Any) -> Iterator[Tab]:
    """Payouts, approvals, all accounts, and the check."""
    yield Tab(30, _("Payouts"), "ledger.payouts")
    yield Tab(40, _("Approvals"), "ledger.approvals")
    yield Tab(50, _("Ledger accounts"), "ledger.platform")
    yield Tab(60, _("Ledger check"), "ledger.check")


def of_administration(_actor: Any) -> Iterator[Tab]:
    """The ledger check."""
    yield Tab(40, _("The ledger"), "ledger.check", _("The ledger checks itself and lists every error."))
