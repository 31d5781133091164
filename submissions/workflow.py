"""States of a proposal. A later version may be finalised again until the deadline."""

from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


MOVES = {
    "finalise": ({State.DRAFT, State.SUBMITTED}, State.SUBMITTED),
    "withdraw": ({State.DRAFT, State.SUBMITTED}, State.WITHDRAWN),
    "resume": ({State.WITHDRAWN}, State.DRAFT),
}
