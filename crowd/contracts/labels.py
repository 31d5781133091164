"""The names of states of versions, and of classes of changes."""

from flask_babel import lazy_gettext as _l

from crowd.contracts.workflow import ChangeClass, VersionState
from crowd.feature import Label

STATES = {
    VersionState.PROPOSED: Label(_l("Not in force yet"), "warn"),
    VersionState.IN_FORCE: Label(_l("In force"), "safe"),
    VersionState.SUPERSEDED: Label(_l("Replaced")),
    VersionState.WITHDRAWN: Label(_l("Withdrawn")),
}
CLASSES = {
    ChangeClass.FIRST: Label(_l("Published")),
    ChangeClass.CLERICAL: Label(_l("Clerical change"), "plain"),
    ChangeClass.CLARIFYING: Label(_l("Clarification"), "calm"),
    ChangeClass.EXTENSION: Label(_l("Deadline moved"), "calm"),
    ChangeClass.MATERIAL: Label(_l("Material change"), "warn"),
}
