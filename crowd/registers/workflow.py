"""States of an entry, and what happens to it."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import TransitionWording


class EntryState(StrEnum):
    """Where an entry stands; only a valid one counts."""

    VALID = "valid"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    REVOKED = "revoked"


class EventKind(StrEnum):
    """What happened to an entry."""

    GRANTED = "granted"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    RENEWED = "renewed"
    REVOKED = "revoked"
    EXPIRED = "expired"


class EntryOrigin(StrEnum):
    """How an entry came into its register: granted there, or carried over when the register began."""

    GRANTED = "granted"
    CARRIED_OVER = "carried_over"


TRANSITIONS = {
    "suspend": ({EntryState.VALID}, EntryState.SUSPENDED),
    "resume": ({EntryState.SUSPENDED}, EntryState.VALID),
    "renew": ({EntryState.VALID, EntryState.EXPIRED}, EntryState.VALID),
    "revoke": ({EntryState.VALID, EntryState.SUSPENDED, EntryState.EXPIRED}, EntryState.REVOKED),
    "expire": ({EntryState.VALID, EntryState.SUSPENDED}, EntryState.EXPIRED),
}
EVENTS = {
    "suspend": EventKind.SUSPENDED,
    "resume": EventKind.RESUMED,
    "renew": EventKind.RENEWED,
    "revoke": EventKind.REVOKED,
    "expire": EventKind.EXPIRED,
}
WORDING = TransitionWording(
    states={
        EntryState.VALID: _l("This entry is valid."),
        EntryState.SUSPENDED: _l("This entry is suspended."),
        EntryState.EXPIRED: _l("This entry has expired."),
        EntryState.REVOKED: _l("This entry is revoked."),
    },
    operations={
        "suspend": _l("Only a valid entry can be suspended."),
        "resume": _l("Only a suspended entry can be resumed."),
        "renew": _l("Only a valid or an expired entry can be renewed."),
        "revoke": _l("An entry is revoked once."),
        "expire": _l("Only an entry that is valid or suspended expires."),
    },
)
