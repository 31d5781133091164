"""What a referral is for, and how it goes on."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import TransitionWording


class Target(StrEnum):
    """What a firm is referred for."""

    TAX_RELIEF = "tax_relief"
    FUND = "fund"
    LISTING = "listing"


class ReferralState(StrEnum):
    """Where a referral stands."""

    MADE = "made"
    ANSWERED = "answered"
    TAKEN_UP = "taken_up"
    DECLINED = "declined"


OPEN = (ReferralState.MADE, ReferralState.ANSWERED)
TRANSITIONS = {
    "answer": ({ReferralState.MADE}, ReferralState.ANSWERED),
    "take_up": ({ReferralState.MADE, ReferralState.ANSWERED}, ReferralState.TAKEN_UP),
    "decline": ({ReferralState.MADE, ReferralState.ANSWERED}, ReferralState.DECLINED),
}
WORDING = TransitionWording(
    states={
        ReferralState.MADE: _l("The institution has not answered yet."),
        ReferralState.ANSWERED: _l("The institution has answered."),
        ReferralState.TAKEN_UP: _l("The institution has taken the firm up."),
        ReferralState.DECLINED: _l("The institution has declined."),
    },
    operations={
        "answer": _l("Only the first answer of an institution is noted as one."),
        "take_up": _l("A referral that has ended stays as it is."),
        "decline": _l("A referral that has ended stays as it is."),
    },
)
