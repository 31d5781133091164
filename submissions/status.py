"""The status of a proposal for its people: computed once from its state, its challenge's state and its award, for
every text about it.

Awards belong to an upper package, so whether it has won is passed in.
"""

from datetime import datetime
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from challenges.workflow import ChallengeState as ChallengeState
from crowd.errors import Sentence
from submissions.models import Proposal
from submissions.workflow import ProposalState


class ProposalStatus(StrEnum):
    """The status of a proposal; the last seven are final."""

    WRITING = "writing"
    SUBMITTED = "submitted"  # final and sealed
    JUDGED = "judged"  # the panel and the sponsor are deciding
    WON = "won"
    NOT_WON = "not_won"
    MISSED = "missed"  # it was not final when its challenge closed
    WITHDRAWN = "withdrawn"
    SET_ASIDE = "set_aside"  # its entrant had not accepted the contract in force when the challenge closed
    DISQUALIFIED = "disqualified"  # the council found that it broke the rules of fair play
    CANCELLED = "cancelled"


HEADINGS: dict[ProposalStatus, Sentence] = {  # of the list of a person's finished proposals
    ProposalStatus.WON: _l("Decided"),
    ProposalStatus.NOT_WON: _l("Decided"),
    ProposalStatus.MISSED: _l("Not submitted in time"),
    ProposalStatus.WITHDRAWN: _l("Withdrawn"),
    ProposalStatus.SET_ASIDE: _l("Set aside"),
    ProposalStatus.DISQUALIFIED: _l("Disqualified"),
    ProposalStatus.CANCELLED: _l("Challenge cancelled"),
}
NOTHING_MORE: dict[ProposalStatus, Sentence] = {  # where the next step of the challenge does not concern the proposal
    ProposalStatus.MISSED: _l(
        "Nothing more: this proposal was not submitted when the challenge closed, so it does not count."
    ),
    ProposalStatus.WITHDRAWN: _l("Nothing more: this proposal was withdrawn, so it does not count."),
    ProposalStatus.SET_ASIDE: _l(
        "Nothing more: the contract had changed, and nobody had accepted it for this proposal when the challenge "
        "closed. It was set aside unopened: only its people can read it."
    ),
    ProposalStatus.DISQUALIFIED: _l(
        "Nothing more: the council has upheld a case about the integrity of this proposal. It is disqualified and wins "
        "nothing. The case has the reasons."
    ),
}
SEALED: dict[ProposalStatus, Sentence] = {  # who can see it, while only its parties can
    **dict.fromkeys(
        (ProposalStatus.WRITING, ProposalStatus.SUBMITTED),
        _l(
            "Sealed: until the challenge has closed, only the people behind this proposal can see it or know "
            "that it exists. Attempts to view it are refused and logged."
        ),
    ),
    **dict.fromkeys(
        (ProposalStatus.MISSED, ProposalStatus.WITHDRAWN, ProposalStatus.SET_ASIDE, ProposalStatus.CANCELLED),
        _l("Sealed: only the people behind this proposal can see it. Attempts to view it are refused and logged."),
    ),
}
AHEAD = frozenset({ProposalStatus.WRITING, ProposalStatus.SUBMITTED, ProposalStatus.JUDGED})


def status_of(proposal: Proposal, *, won: bool, now: datetime) -> ProposalStatus:
    """The status of the proposal at `now`; `won`: it has a published award."""
    challenge = proposal.challenge
    if proposal.state == ProposalState.WITHDRAWN:
        return ProposalStatus.WITHDRAWN
    if proposal.state == ProposalState.SET_ASIDE:
        return ProposalStatus.SET_ASIDE
    if proposal.state == ProposalState.DISQUALIFIED:
        return ProposalStatus.DISQUALIFIED
    if challenge.state == ChallengeState.CANCELLED:
        return ProposalStatus.CANCELLED
    if proposal.state == ProposalState.DRAFT:
        return ProposalStatus.WRITING if challenge.takes_proposals(now) else ProposalStatus.MISSED
    if challenge.state in (ChallengeState.DECIDED, ChallengeState.SETTLED):
        return ProposalStatus.WON if won else ProposalStatus.NOT_WON
    return ProposalStatus.JUDGED if challenge.state == ChallengeState.JUDGING else ProposalStatus.SUBMITTED
