"""States of an invitation."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import Transitions, TransitionWording


class InvitationState(StrEnum):
    """Where an invitation stands. `blocked`: its address wants no invitations, so it was never sent."""

    PREPARED = "prepared"
    SENT = "sent"
    SEEN = "seen"
    DECLINED = "declined"
    REGISTERED = "registered"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    BLOCKED = "blocked"


OUT = frozenset({InvitationState.SENT, InvitationState.SEEN})  # and without an answer
ADMITS = OUT | {InvitationState.REGISTERED}  # whoever has one may register
HELD = ADMITS | {InvitationState.EXPIRED}  # and read the challenge, also after its close

TRANSITIONS: Transitions[InvitationState] = {
    "prepare": ({InvitationState.WITHDRAWN}, InvitationState.PREPARED),
    "send": ({InvitationState.PREPARED}, InvitationState.SENT),
    "block": ({InvitationState.PREPARED}, InvitationState.BLOCKED),
    "see": ({InvitationState.SENT}, InvitationState.SEEN),
    "remind": ({InvitationState.SENT}, InvitationState.SENT),
    "decline": (OUT, InvitationState.DECLINED),
    "accept": (OUT | {InvitationState.DECLINED}, InvitationState.SEEN),
    "register": (OUT, InvitationState.REGISTERED),
    "unregister": ({InvitationState.REGISTERED}, InvitationState.SEEN),
    "withdraw": ({InvitationState.PREPARED} | OUT, InvitationState.WITHDRAWN),
    "expire": (OUT, InvitationState.EXPIRED),
}

WORDING = TransitionWording(
    states={
        InvitationState.PREPARED: _l("This invitation is not sent yet."),
        InvitationState.SENT: _l("This invitation is sent."),
        InvitationState.SEEN: _l("This invitation was opened."),
        InvitationState.DECLINED: _l("This invitation was declined."),
        InvitationState.REGISTERED: _l("Whoever was invited is registered."),
        InvitationState.WITHDRAWN: _l("This invitation was withdrawn."),
        InvitationState.EXPIRED: _l("The challenge has closed, so this invitation has ended."),
        InvitationState.BLOCKED: _l("This address wants no invitations."),
    },
    operations={
        "prepare": _l("Only a withdrawn invitation can be given again."),
        "send": _l("Only an invitation that is not sent yet can be sent."),
        "block": _l("Only an invitation that is not sent yet can be held back."),
        "see": _l("Only an invitation that is sent can be opened."),
        "remind": _l("Only whoever has not opened the invitation is reminded."),
        "decline": _l("It can no longer be declined."),
        "accept": _l("It can no longer be accepted."),
        "register": _l("Nobody can register with it any more."),
        "unregister": _l("Nobody is registered with it."),
        "withdraw": _l("It can no longer be withdrawn."),
        "expire": _l("It has been answered."),
    },
)
