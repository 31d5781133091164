"""States of a proposal. A later version may be submitted again until the deadline. One whose entrant has not accepted
the contract in force by the close is set aside unopened. One that broke the rules of fair play is disqualified.
"""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import TransitionWording


class ProposalState(StrEnum):
    """Where a proposal stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    SET_ASIDE = "set_aside"
    DISQUALIFIED = "disqualified"


OPENED = frozenset({ProposalState.SUBMITTED, ProposalState.DISQUALIFIED})  # what others read after the close

TRANSITIONS = {
    "submit": ({ProposalState.DRAFT, ProposalState.SUBMITTED}, ProposalState.SUBMITTED),
    "withdraw": ({ProposalState.DRAFT, ProposalState.SUBMITTED}, ProposalState.WITHDRAWN),
    "resume": ({ProposalState.WITHDRAWN}, ProposalState.DRAFT),
    "set_aside": ({ProposalState.SUBMITTED}, ProposalState.SET_ASIDE),
    "disqualify": ({ProposalState.SUBMITTED}, ProposalState.DISQUALIFIED),
}

WORDING = TransitionWording(
    states={
        ProposalState.DRAFT: _l("This proposal is a draft."),
        ProposalState.SUBMITTED: _l("This proposal is submitted."),
        ProposalState.WITHDRAWN: _l("This proposal is withdrawn."),
        ProposalState.SET_ASIDE: _l("This proposal was set aside unopened when the challenge closed."),
        ProposalState.DISQUALIFIED: _l("This proposal is disqualified."),
    },
    operations={
        "submit": _l("Resume it first."),
        "withdraw": _l("Nothing more needs to be done; you can resume it until the challenge closes."),
        "resume": _l("Only a withdrawn proposal can be resumed."),
        "set_aside": _l("Only a submitted proposal can be set aside."),
        "disqualify": _l("Only a submitted proposal can be disqualified."),
    },
)
