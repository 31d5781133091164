"""The names of an invitation's states."""

from flask_babel import lazy_gettext as _l

from challenges.invitations.workflow import InvitationState
from crowd.feature import Label

STATES = {
    InvitationState.PREPARED: Label(_l("Not sent yet")),
    InvitationState.SENT: Label(_l("Sent, not opened"), "calm"),
    InvitationState.SEEN: Label(_l("Opened"), "calm"),
    InvitationState.DECLINED: Label(_l("Declined"), "warn"),
    InvitationState.REGISTERED: Label(_l("Registered"), "safe"),
    InvitationState.WITHDRAWN: Label(_l("Withdrawn")),
    InvitationState.EXPIRED: Label(_l("Ended without an answer")),
    InvitationState.BLOCKED: Label(_l("Not sent: wants no invitations"), "warn"),
}
