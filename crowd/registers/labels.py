"""The names of states of entries, of what happened to them, and of where they come from."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from crowd.feature import Label
from crowd.registers.workflow import EntryOrigin, EntryState, EventKind

STATES = {
    EntryState.VALID: Label(_l("Valid"), "calm"),
    EntryState.SUSPENDED: Label(lazy_pgettext("register", "Suspended"), "warn"),
    EntryState.EXPIRED: Label(lazy_pgettext("register", "Expired"), "warn"),
    EntryState.REVOKED: Label(_l("Revoked"), "seal"),
}
EVENTS = {
    EventKind.GRANTED: Label(lazy_pgettext("register", "Granted")),
    EventKind.SUSPENDED: Label(lazy_pgettext("register", "Suspended"), "warn"),
    EventKind.RESUMED: Label(lazy_pgettext("register", "Resumed")),
    EventKind.RENEWED: Label(lazy_pgettext("register", "Renewed")),
    EventKind.REVOKED: Label(_l("Revoked"), "seal"),
    EventKind.EXPIRED: Label(lazy_pgettext("register", "Expired"), "warn"),
}
ORIGINS = {
    EntryOrigin.GRANTED: Label(_l("Granted in this register")),
    EntryOrigin.CARRIED_OVER: Label(_l("Carried over when the register began")),
}
