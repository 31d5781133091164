"""The names of states of vouchers, and of the parties that get one."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from challenges.support.workflow import GrantedTo, VoucherState
from crowd.feature import Label

VOUCHER = {
    VoucherState.GRANTED: Label(_l("Granted"), "safe"),
    VoucherState.REDEEMED: Label(_l("Redeemed"), "warn"),
    VoucherState.CONFIRMED: Label(lazy_pgettext("voucher", "Used")),
    VoucherState.EXPIRED: Label(lazy_pgettext("voucher", "Expired")),
    VoucherState.VOID: Label(_l("Void")),
}
GRANTED_TO = {
    GrantedTo.REGISTERED: Label(_l("Each party that has registered")),
    GrantedTo.AWARDED: Label(_l("Each party that is awarded a prize")),
}
