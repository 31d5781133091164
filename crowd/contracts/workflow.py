"""States of a version, and classes of changes."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import TransitionWording


class VersionState(StrEnum):
    """Where a version stands: proposed, until what it needs is there (money); in force; replaced, or withdrawn."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class ChangeClass(StrEnum):
    """The kind of change that a version makes. A later one in `ORDER` weighs more; an extension moves the close."""

    FIRST = "first"
    CLERICAL = "clerical"
    CLARIFYING = "clarifying"
    EXTENSION = "extension"
    MATERIAL = "material"


ORDER = (ChangeClass.CLERICAL, ChangeClass.CLARIFYING, ChangeClass.MATERIAL)

TRANSITIONS = {
    "put_in_force": ({VersionState.PROPOSED}, VersionState.IN_FORCE),
    "supersede": ({VersionState.IN_FORCE}, VersionState.SUPERSEDED),
    "withdraw": ({VersionState.PROPOSED}, VersionState.WITHDRAWN),
}

WORDING = TransitionWording(
    states={
        VersionState.PROPOSED: _l("This version is not in force yet."),
        VersionState.IN_FORCE: _l("This version is in force."),
        VersionState.SUPERSEDED: _l("A later version has replaced this one."),
        VersionState.WITHDRAWN: _l("This version was withdrawn before it was in force."),
    },
    operations={
        "put_in_force": _l("Only a version that is not in force yet can be put in force."),
        "supersede": _l("Only the version in force is replaced."),
        "withdraw": _l("Only a version that is not in force yet can be withdrawn."),
    },
)
