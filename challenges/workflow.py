"""States of a challenge. `listed` and `archived` are for records of another platform's challenges only."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import TransitionWording


class ChallengeState(StrEnum):
    """Where a challenge stands, from the draft to the archive."""

    DRAFT = "draft"
    SCREENING = "screening"
    APPROVED = "approved"
    FUNDED = "funded"
    OPEN = "open"
    JUDGING = "judging"
    DECIDED = "decided"
    SETTLED = "settled"
    CANCELLED = "cancelled"
    LISTED = "listed"
    ARCHIVED = "archived"


TRANSITIONS = {
    "submit": ({ChallengeState.DRAFT}, ChallengeState.SCREENING),
    "withdraw": ({ChallengeState.SCREENING}, ChallengeState.DRAFT),
    "return": ({ChallengeState.SCREENING}, ChallengeState.DRAFT),
    "approve": ({ChallengeState.SCREENING}, ChallengeState.APPROVED),
    "fund": ({ChallengeState.APPROVED}, ChallengeState.FUNDED),
    "expire_funding": ({ChallengeState.APPROVED}, ChallengeState.DRAFT),
    "open": ({ChallengeState.FUNDED}, ChallengeState.OPEN),
    "close": ({ChallengeState.OPEN}, ChallengeState.JUDGING),
    "decide": ({ChallengeState.JUDGING}, ChallengeState.DECIDED),
    "reopen": ({ChallengeState.DECIDED}, ChallengeState.JUDGING),
    "settle": ({ChallengeState.DECIDED}, ChallengeState.SETTLED),
    "cancel": (
        {
            ChallengeState.DRAFT,
            ChallengeState.SCREENING,
            ChallengeState.APPROVED,
            ChallengeState.FUNDED,
            ChallengeState.OPEN,
            ChallengeState.JUDGING,
        },
        ChallengeState.CANCELLED,
    ),
    "archive": ({ChallengeState.LISTED}, ChallengeState.ARCHIVED),
}

WORDING = TransitionWording(
    states={
        ChallengeState.DRAFT: _l("This challenge is a draft."),
        ChallengeState.SCREENING: _l("This challenge is in screening."),
        ChallengeState.APPROVED: _l("This challenge is approved and awaiting payment."),
        ChallengeState.FUNDED: _l("The prizes of this challenge are in escrow, and it has not opened yet."),
        ChallengeState.OPEN: _l("This challenge is open for proposals."),
        ChallengeState.JUDGING: _l("This challenge has closed and is being judged."),
        ChallengeState.DECIDED: _l("The decision about this challenge is published."),
        ChallengeState.SETTLED: _l("This challenge is decided and paid."),
        ChallengeState.CANCELLED: _l("This challenge is cancelled."),
        ChallengeState.LISTED: _l("This is the record of another platform's challenge."),
        ChallengeState.ARCHIVED: _l("This record of another platform's challenge is archived."),
    },
    operations={
        "submit": _l("Only a draft can be sent to screening."),
        "withdraw": _l("Only a challenge in screening can be withdrawn from it."),
        "return": _l("Only a challenge in screening can be returned to its sponsor."),
        "approve": _l("Only a challenge in screening can be approved."),
        "fund": _l("Only a challenge awaiting payment can be paid."),
        "expire_funding": _l("Only a challenge awaiting payment can go back to draft when it is not paid."),
        "open": _l("Only a challenge whose prizes are in escrow can open."),
        "close": _l("Only an open challenge can close."),
        "decide": _l("A decision can be published only while a challenge is being judged."),
        "reopen": _l("Only a published decision that is not paid can be opened again."),
        "settle": _l("Prizes are paid only once the decision is published."),
        "cancel": _l("It can no longer be cancelled."),
        "archive": _l("Only a record that is listed can be archived."),
    },
)

STOPPABLE = frozenset({ChallengeState.OPEN, ChallengeState.JUDGING})  # by a report that is upheld
PREPARATION = frozenset(
    {ChallengeState.DRAFT, ChallengeState.SCREENING, ChallengeState.APPROVED, ChallengeState.FUNDED}
)
PUBLIC = frozenset(
    {
        ChallengeState.OPEN,
        ChallengeState.JUDGING,
        ChallengeState.DECIDED,
        ChallengeState.SETTLED,
        ChallengeState.LISTED,
        ChallengeState.ARCHIVED,
    }
)
IN_ESCROW = frozenset({ChallengeState.FUNDED, ChallengeState.OPEN, ChallengeState.JUDGING, ChallengeState.DECIDED})
CLOSED = frozenset({ChallengeState.JUDGING, ChallengeState.DECIDED, ChallengeState.SETTLED})
RESULTS = frozenset({ChallengeState.DECIDED, ChallengeState.SETTLED})
