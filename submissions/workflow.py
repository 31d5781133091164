"""States of a proposal. A later version may be finalised again until the deadline."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import Said


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


MOVES = {
    "finalise": ({State.DRAFT, State.SUBMITTED}, State.SUBMITTED),
    "withdraw": ({State.DRAFT, State.SUBMITTED}, State.WITHDRAWN),
    "resume": ({State.WITHDRAWN}, State.DRAFT),
}

SAID = Said(
    states={
        State.DRAFT: _l("This proposal is a draft."),
        State.SUBMITTED: _l("This proposal is submitted."),
        State.WITHDRAWN: _l("This proposal is withdrawn."),
    },
    verbs={
        "finalise": _l("Take it up again first."),
        "withdraw": _l("Nothing more needs to be done; you can take it up again until the challenge closes."),
        "resume": _l("Only a withdrawn proposal can be taken up again."),
    },
)
