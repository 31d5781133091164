"""States of a reviewer's assignment and of an award."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import TransitionWording


class AssignmentState(StrEnum):
    """Where a reviewer's work on one proposal stands. `set_aside`: it was submitted, and counts no longer."""

    PENDING = "pending"
    DONE = "done"
    DECLINED = "declined"
    RELEASED = "released"
    SET_ASIDE = "set_aside"


ASSIGNMENT_TRANSITIONS = {
    "submit": ({AssignmentState.PENDING, AssignmentState.DONE}, AssignmentState.DONE),
    "decline": ({AssignmentState.PENDING}, AssignmentState.DECLINED),
    "release": ({AssignmentState.PENDING, AssignmentState.DONE}, AssignmentState.RELEASED),
    "set_aside": ({AssignmentState.DONE}, AssignmentState.SET_ASIDE),
}

ASSIGNMENT_WORDING = TransitionWording(
    states={
        AssignmentState.PENDING: _l("This review is not submitted yet."),
        AssignmentState.DONE: _l("This review is submitted."),
        AssignmentState.DECLINED: _l("This review was declined."),
        AssignmentState.RELEASED: _l("This review is no longer needed."),
        AssignmentState.SET_ASIDE: _l("This review is set aside and counts no longer."),
    },
    operations={
        "submit": _l("It can no longer be submitted. What you wrote is kept."),
        "decline": _l("Only a review that is not submitted yet can be declined."),
        "release": _l("Only a review that is still to be submitted can be released."),
        "set_aside": _l("Only a submitted review can be set aside."),
    },
)


class AwardState(StrEnum):
    """`selected` by the sponsor, still changeable; `announced` when decided; `posted` when the ledger has paid it."""

    SELECTED = "selected"
    ANNOUNCED = "announced"
    POSTED = "posted"


AWARD_TRANSITIONS = {
    "announce": ({AwardState.SELECTED}, AwardState.ANNOUNCED),
    "post": ({AwardState.ANNOUNCED}, AwardState.POSTED),
}
AWARD_WORDING = TransitionWording(
    states={
        AwardState.SELECTED: _l("This award is chosen and not published yet."),
        AwardState.ANNOUNCED: _l("This award is published."),
        AwardState.POSTED: _l("This award is paid."),
    },
    operations={
        "announce": _l("Only a chosen award can be published."),
        "post": _l("Only a published award can be paid."),
    },
)
