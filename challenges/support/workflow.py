"""States of a voucher, and to whom support is granted."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import TransitionWording


class GrantedTo(StrEnum):
    """Which parties get a voucher."""

    REGISTERED = "registered"
    AWARDED = "awarded"


class VoucherState(StrEnum):
    """Where a voucher stands."""

    GRANTED = "granted"
    REDEEMED = "redeemed"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    VOID = "void"


TRANSITIONS = {
    "redeem": ({VoucherState.GRANTED}, VoucherState.REDEEMED),
    "confirm": ({VoucherState.REDEEMED}, VoucherState.CONFIRMED),
    "refuse": ({VoucherState.REDEEMED}, VoucherState.GRANTED),
    "expire": ({VoucherState.GRANTED}, VoucherState.EXPIRED),
    "void": ({VoucherState.GRANTED}, VoucherState.VOID),
}

WORDING = TransitionWording(
    states={
        VoucherState.GRANTED: _l("This voucher is granted and not redeemed yet."),
        VoucherState.REDEEMED: _l("This voucher is redeemed and waits for the grantor."),
        VoucherState.CONFIRMED: _l("This voucher was used."),
        VoucherState.EXPIRED: _l("This voucher has expired."),
        VoucherState.VOID: _l("This voucher is void: its party no longer takes part."),
    },
    operations={
        "redeem": _l("Only a voucher that is granted can be redeemed."),
        "confirm": _l("Only a redeemed voucher can be confirmed."),
        "refuse": _l("Only a redeemed voucher can be handed back."),
        "expire": _l("Only a voucher that is granted can expire."),
        "void": _l("Only a voucher that was not used can become void."),
    },
)
