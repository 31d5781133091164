"""The names of the states of proposals and of registrations on pages."""

from flask_babel import lazy_gettext as _l

from crowd.feature import Label
from submissions.confirmation.workflow import Confirmation
from submissions.workflow import ProposalState

PROPOSAL = {
    ProposalState.DRAFT: Label(_l("Draft")),
    ProposalState.SUBMITTED: Label(_l("Submitted")),
    ProposalState.WITHDRAWN: Label(_l("Withdrawn")),
    ProposalState.SET_ASIDE: Label(_l("Set aside"), "warn"),
    ProposalState.DISQUALIFIED: Label(_l("Disqualified"), "warn"),
}
CONFIRMATION = {
    Confirmation.NOT_NEEDED: Label(_l("Registered")),
    Confirmation.AWAITED: Label(_l("Waits for the service centre"), "warn"),
    Confirmation.CONFIRMED: Label(_l("Confirmed"), "safe"),
    Confirmation.REFUSED: Label(_l("Refused"), "warn"),
}
