"""States of a firm's membership of a park. Both sides agree to it, and either may end it."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import TransitionWording


class ParkState(StrEnum):
    """Where a membership stands."""

    INVITED = "invited"
    MEMBER = "member"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


OPEN = (ParkState.INVITED, ParkState.MEMBER)
TRANSITIONS = {
    "accept": ({ParkState.INVITED}, ParkState.MEMBER),
    "decline": ({ParkState.INVITED}, ParkState.DECLINED),
    "withdraw": ({ParkState.INVITED}, ParkState.WITHDRAWN),
    "end": ({ParkState.MEMBER}, ParkState.ENDED),
}
WORDING = TransitionWording(
    states={
        ParkState.INVITED: _l("The firm has not responded to the invitation yet."),
        ParkState.MEMBER: _l("The firm is a member of the park."),
        ParkState.DECLINED: _l("The firm has declined the invitation."),
        ParkState.WITHDRAWN: _l("The park has withdrawn the invitation."),
        ParkState.ENDED: _l("The membership has ended."),
    },
    operations={
        "accept": _l("Only an open invitation can be accepted."),
        "decline": _l("Only an open invitation can be declined."),
        "withdraw": _l("Only an open invitation can be withdrawn."),
        "end": _l("Only a membership can be ended."),
    },
)
