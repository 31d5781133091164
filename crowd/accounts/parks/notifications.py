"""Notifications about parks, to those who manage them on the other side."""

from flask_babel import lazy_gettext as _l

from crowd.accounts.models import Organisation
from crowd.accounts.organisations.rights import Right
from crowd.accounts.parks.models import ParkMembership
from crowd.accounts.parks.workflow import ParkState
from crowd.accounts.queries import people_with_right
from crowd.notifications.kinds import NotificationKinds, path_to
from crowd.notifications.services import notify

KINDS = NotificationKinds()
define = KINDS.define
INVITED = define(
    "accounts.park_invited",
    _l("%(park)s invites %(firm)s"),
    _l("%(park)s invites %(firm)s to become a member of the park. Accept or decline the invitation."),
)
JOINED = define(
    "accounts.park_joined",
    _l("%(firm)s is a member of %(park)s"),
    _l("%(firm)s accepted the invitation and is now a member of %(park)s."),
)
DECLINED = define(
    "accounts.park_declined",
    _l("%(firm)s declined the invitation of %(park)s"),
    _l("%(firm)s does not become a member of %(park)s."),
)
ENDED = define(
    "accounts.park_left",
    _l("%(firm)s is no longer a member of %(park)s"),
    _l("The membership of %(firm)s in %(park)s has ended."),
)


def invited(row: ParkMembership) -> None:
    """Notify the firm."""
    _notify(INVITED, row, row.firm)


def answered(row: ParkMembership) -> None:
    """Notify the park of the answer."""
    _notify(JOINED if row.state == ParkState.MEMBER else DECLINED, row, row.park)


def ended(row: ParkMembership) -> None:
    """Notify both sides."""
    _notify(ENDED, row, row.park)
    _notify(ENDED, row, row.firm)


def _notify(kind: str, row: ParkMembership, side: Organisation) -> None:
    params = {"park": row.park.name, "firm": row.firm.name}
    for person in people_with_right(side.id, Right.MANAGE_PARKS):
        path = path_to("accounts.parks", organisation_id=side.id)
        notify(person.id, kind=kind, key=f"{kind}:{row.id}:{side.id}", path=path, params=params)
