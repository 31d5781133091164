"""The names of targets and states of referrals."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from crowd.feature import Label
from crowd.small_firms.referrals.workflow import ReferralState, Target

TARGETS = {
    Target.TAX_RELIEF: Label(_l("Tax relief")),
    Target.FUND: Label(_l("Investment by a fund")),
    Target.LISTING: Label(_l("Listing on an exchange")),
}
STATES = {
    ReferralState.MADE: Label(lazy_pgettext("referral", "Made"), "calm"),
    ReferralState.ANSWERED: Label(lazy_pgettext("referral", "Answered"), "calm"),
    ReferralState.TAKEN_UP: Label(lazy_pgettext("referral", "Taken up"), "safe"),
    ReferralState.DECLINED: Label(lazy_pgettext("referral", "Declined"), "warn"),
}
OPERATIONS = {
    "answer": _l("It has answered"),
    "take_up": _l("It has taken the firm up"),
    "decline": _l("It has declined"),
}
