"""The pages of a person's own account, and those of administration that belong to accounts."""

from collections.abc import Iterator

from flask_babel import gettext as _

from crowd.accounts.verification import queries as verification
from crowd.audit import Actor
from crowd.feature import Tab


def of_account(_actor: Actor | None) -> Iterator[Tab]:
    """Profile, organisations, sessions and data."""
    yield Tab(10, _("Profile"), "accounts.profile")
    yield Tab(20, _("Organisations"), "accounts.organisations")
    yield Tab(30, _("Sessions"), "accounts.sessions")
    yield Tab(
        45,
        _("Crowdsourcing centres"),
        "accounts.units",
        _("Units of the operator, their regions and staff."),
    )
    yield Tab(50, _("Your data"), "accounts.personal_data")


def of_administration(_actor: Actor | None) -> Iterator[Tab]:
    """Organisations, with those to verify without an application, and people."""
    yield Tab(
        20,
        _("Organisations"),
        "accounts.organisations_admin",
        _("Registered organisations, including those awaiting verification."),
        count=verification.count_waiting(),
    )
    yield Tab(50, _("People and roles"), "accounts.people_admin", _("Accounts, platform roles, closing and opening."))
