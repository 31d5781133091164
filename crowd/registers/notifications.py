"""What the holders of entries hear: everything that happens to one, and that its end is near."""

from datetime import datetime

from flask_babel import lazy_gettext as _l

from crowd.notifications.kinds import NotificationKinds, path_to
from crowd.notifications.services import notify_all
from crowd.registers.models import RegisterEntry, RegisterEvent
from crowd.registers.questions import HOLDERS
from crowd.registers.workflow import EventKind
from crowd.values import moment, term

KINDS = NotificationKinds()
define = KINDS.define
HAPPENED = {
    EventKind.GRANTED: define(
        "registers.granted",
        _l("Entered in the register: %(register)s"),
        _l("The entry has the number %(number)s. Whoever is shown it can verify it; the certificate follows."),
        always=True,
    ),
    EventKind.SUSPENDED: define(
        "registers.suspended",
        _l("An entry is suspended: %(register)s"),
        _l("The entry %(number)s does not count until it is resumed. Its page says why."),
        always=True,
    ),
    EventKind.RESUMED: define(
        "registers.resumed",
        _l("An entry is valid again: %(register)s"),
        _l("The entry %(number)s is no longer suspended."),
        always=True,
    ),
    EventKind.RENEWED: define(
        "registers.renewed",
        _l("An entry is renewed: %(register)s"),
        _l("The entry %(number)s is valid until %(until)s. A new certificate follows."),
    ),
    EventKind.REVOKED: define(
        "registers.revoked",
        _l("An entry is revoked: %(register)s"),
        _l("The entry %(number)s counts no more. Its page says why."),
        always=True,
    ),
    EventKind.EXPIRED: define(
        "registers.expired",
        _l("An entry has expired: %(register)s"),
        _l("The entry %(number)s counts no more. Ask for a renewal where you still need it."),
        always=True,
    ),
}
ENDS = define(
    "registers.ends",
    _l("An entry ends soon: %(register)s"),
    _l("The entry %(number)s is valid until %(until)s. Ask for a renewal in time."),
)


def happened(row: RegisterEntry, event: RegisterEvent) -> None:
    """Notify the holder, or those who manage the organisation that holds it."""
    until = {"until": moment(event.valid_until)} if event.kind == EventKind.RENEWED and event.valid_until else {}
    _notify(row, HAPPENED[event.kind], f"register:{row.id}:{event.number}", **until)


def ends_soon(row: RegisterEntry, until: datetime) -> None:
    """Remind them of the end."""
    _notify(row, ENDS, f"register_ends:{row.id}:{until.isoformat()}", until=moment(until))


def _notify(row: RegisterEntry, kind: str, key: str, **more: object) -> None:
    params = {"number": row.number, "register": term(row.register, "register"), **more}
    people = HOLDERS().recipients(row.holder_kind, row.holder_id)
    path = path_to("registers.entry", register=row.register, number=row.number)
    notify_all(people, kind=kind, key=key, path=path, params=params)
