"""States of a case, of its steps, and what a member's vote can be."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import TransitionWording


class CaseState(StrEnum):
    """Where a case stands."""

    PENDING = "pending"
    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CARRIED_OUT = "carried_out"
    LAPSED = "lapsed"


TRANSITIONS = {
    "withdraw": ({CaseState.PENDING}, CaseState.WITHDRAWN),
    "grant": ({CaseState.PENDING}, CaseState.GRANTED),
    "grant_partly": ({CaseState.PENDING}, CaseState.PARTLY_GRANTED),
    "refuse": ({CaseState.PENDING}, CaseState.REFUSED),
    "carry_out": ({CaseState.PENDING}, CaseState.CARRIED_OUT),
    "lapse": ({CaseState.PENDING}, CaseState.LAPSED),
}
WORDING = TransitionWording(
    states={
        CaseState.PENDING: _l("This case is pending."),
        CaseState.GRANTED: _l("This case is decided."),
        CaseState.PARTLY_GRANTED: _l("This case is decided."),
        CaseState.REFUSED: _l("This case is decided."),
        CaseState.WITHDRAWN: _l("This case was withdrawn."),
        CaseState.CARRIED_OUT: _l("This case has ended."),
        CaseState.LAPSED: _l("This case has ended."),
    },
    operations={
        "withdraw": _l("Only a pending case can be withdrawn."),
        "grant": _l("Only a pending case can be decided."),
        "grant_partly": _l("Only a pending case can be decided."),
        "refuse": _l("Only a pending case can be decided."),
        "carry_out": _l("Only a pending case can end."),
        "lapse": _l("Only a pending case can end."),
    },
)


class StepState(StrEnum):
    """Where a step stands: not begun, waiting for its body, concluded by it, ended by its silence, or not needed."""

    AHEAD = "ahead"
    OPEN = "open"
    CONCLUDED = "concluded"
    SILENT = "silent"
    SKIPPED = "skipped"


class Finding(StrEnum):
    """What a step found. An opinion is given; everything else says yes, partly or no."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    GIVEN = "given"


class VoteChoice(StrEnum):
    """A member's vote."""

    FOR = "for"
    PARTLY = "partly"
    AGAINST = "against"
    ABSTAIN = "abstain"
    RECUSED = "recused"


class EntryAudience(StrEnum):
    """Who reads an entry: the parties and the bodies, the bodies alone, or everybody (the minutes of a vote)."""

    PARTIES = "parties"
    BODIES = "bodies"
    EVERYBODY = "everybody"
