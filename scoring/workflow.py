"""States of a reviewer's assignment and of an award."""

from enum import StrEnum


class AssignmentState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    DECLINED = "declined"
    RELEASED = "released"


ASSIGNMENT_MOVES = {
    "submit": ({AssignmentState.PENDING, AssignmentState.DONE}, AssignmentState.DONE),
    "decline": ({AssignmentState.PENDING}, AssignmentState.DECLINED),
    "release": ({AssignmentState.PENDING, AssignmentState.DONE}, AssignmentState.RELEASED),
}


class AwardState(StrEnum):
    """`chosen` by the sponsor, still changeable; `announced` when decided; `posted` when the ledger has paid it."""

    CHOSEN = "chosen"
    ANNOUNCED = "announced"
    POSTED = "posted"


AWARD_MOVES = {
    "announce": ({AwardState.CHOSEN}, AwardState.ANNOUNCED),
    "post": ({AwardState.ANNOUNCED}, AwardState.POSTED),
}
