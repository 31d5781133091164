"""Close an organisation: it keeps its books and what it has signed, and can take no new action."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.accounts import entries, open_matters
from crowd.accounts.models import Invitation, Organisation
from crowd.accounts.organisations import notifications
from crowd.accounts.organisations.policy import can_close, can_reopen
from crowd.accounts.organisations.queries import access, count_owners
from crowd.accounts.parks.services import end_all
from crowd.accounts.sanctions import queries as sanctions
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Conflict


@atomic
def close(actor: Actor, organisation_id: int, *, reason: str) -> Organisation:
    """Close an organisation. Its open invitations end, its members keep their view of its books.

    Raises NotFound, Forbidden, Conflict with what is not finished.
    """
    row = access(actor, organisation_id, to=can_close, lock=True)
    if matters := open_matters.find("organisation", row.id):
        raise Conflict(_("It cannot be closed yet. %(matter)s", matter=matters[0].text))
    _close(actor, row, reason)
    notifications.closed(row, reason)
    return row


@atomic
def close_by_decision(actor: Actor, organisation_id: int, *, reason: str) -> Organisation:
    """Close an organisation by a decision of the council, whatever is not finished: its challenges go on by their
    contracts. Raises NotFound, Forbidden.
    """
    row = access(actor, organisation_id, to=can_close, lock=True)
    _close(actor, row, reason)
    return row


def _close(actor: Actor, row: Organisation, reason: str) -> None:
    row.closed_at = clock.now()
    db.session.execute(
        sa.update(Invitation)
        .where(Invitation.organisation_id == row.id, Invitation.answered_at.is_(None))
        .values(answered_at=clock.now(), accepted=False)
    )
    end_all(actor, row)
    entries.pause(actor, row)
    record(actor, "organisation.closed", row, reason=reason)


@atomic
def reopen(actor: Actor, organisation_id: int, *, reason: str) -> Organisation:
    """Open a closed organisation again.

    Raises NotFound, Forbidden (also where it is open), Conflict where no owner has an open account.
    """
    row = access(actor, organisation_id, to=can_reopen, lock=True)
    if sanctions.in_force(row):
        raise Conflict(
            _("The council has closed this organisation. It cannot be opened while that decision is in force.")
        )
    if not count_owners(row.id):
        raise Conflict(_("It cannot be opened again: none of its owners has an open account."))
    entries.go_on(actor, row)
    row.closed_at = None
    record(actor, "organisation.reopened", row, reason=reason)
    return row
