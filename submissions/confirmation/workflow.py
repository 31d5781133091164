"""Whether the service centre has confirmed a registration."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import TransitionWording


class Confirmation(StrEnum):
    """Where the confirmation of a registration stands; most contracts ask for none."""

    NOT_NEEDED = "not_needed"
    AWAITED = "awaited"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


TRANSITIONS = {
    "confirm": ({Confirmation.AWAITED, Confirmation.REFUSED}, Confirmation.CONFIRMED),
    "refuse": ({Confirmation.AWAITED}, Confirmation.REFUSED),
}

WORDING = TransitionWording(
    states={
        Confirmation.NOT_NEEDED: _l("This registration needs no confirmation."),
        Confirmation.AWAITED: _l("This registration waits for its confirmation."),
        Confirmation.CONFIRMED: _l("This registration is confirmed."),
        Confirmation.REFUSED: _l("This registration was refused."),
    },
    operations={
        "confirm": _l("Nothing more needs to be done."),
        "refuse": _l("Only a registration that waits can be refused."),
    },
)
