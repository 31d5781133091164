"""The outcome of a proposal: computed once from its state, its challenge's state and its award, for every text about
it.

Awards belong to an upper package, so whether it has won is passed in.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from challenges.workflow import ChallengeState as ChallengeState
from submissions.models import Proposal
from submissions.workflow import ProposalState


class Fate(StrEnum):
    """The status of a proposal; the last five are final."""

    WRITING = "writing"
    SUBMITTED = "submitted"  # final and sealed
    JUDGED = "judged"  # the panel and the sponsor are deciding
    WON = "won"
    NOT_WON = "not_won"
    MISSED = "missed"  # it was not final when its challenge closed
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


HEADINGS: dict[Fate, Any] = {  # of the list of a person's finished proposals
    Fate.WON: _l("Decided"),
    Fate.NOT_WON: _l("Decided"),
    Fate.MISSED: _l("Not submitted in time"),
    Fate.WITHDRAWN: _l("Withdrawn"),
    Fate.CANCELLED: _l("Challenge cancelled"),
}
NOTHING_MORE: dict[Fate, Any] = {  # where the next step of the challenge does not concern the proposal
    Fate.MISSED: _l("Nothing more: this proposal was not submitted when the challenge closed, so it does not count."),
    Fate.WITHDRAWN: _l("Nothing more: this proposal was withdrawn, so it does not count."),
}
SEALED: dict[Fate, Any] = {  # who can see it, while only its parties can
    **dict.fromkeys(
        (Fate.WRITING, Fate.SUBMITTED),
        _l(
            "Sealed: until the challenge has closed, only the people behind this proposal can see it or know "
            "that it exists. Attempts to view it are refused and logged."
        ),
    ),
    **dict.fromkeys(
        (Fate.MISSED, Fate.WITHDRAWN, Fate.CANCELLED),
        _l("Sealed: only the people behind this proposal can see it. Attempts to view it are refused and logged."),
    ),
}
AHEAD = frozenset({Fate.WRITING, Fate.SUBMITTED, Fate.JUDGED})


def fate_of(proposal: Proposal, *, won: bool, now: datetime) -> Fate:
    """The outcome of the proposal at `now`; `won`: it has a published award."""
    challenge = proposal.challenge
    if proposal.state == ProposalState.WITHDRAWN:
        return Fate.WITHDRAWN
    if challenge.state == ChallengeState.CANCELLED:
        return Fate.CANCELLED
    if proposal.state == ProposalState.DRAFT:
        return Fate.WRITING if challenge.takes_proposals(now) else Fate.MISSED
    if challenge.state in (ChallengeState.DECIDED, ChallengeState.SETTLED):
        return Fate.WON if won else Fate.NOT_WON
    return Fate.JUDGED if challenge.state == ChallengeState.JUDGING else Fate.SUBMITTED
