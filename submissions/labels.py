"""The names of a proposal's states on pages."""

from flask_babel import lazy_gettext as _l

from crowd.feature import Label
from submissions.workflow import ProposalState

PROPOSAL = {
    ProposalState.DRAFT: Label(_l("Draft")),
    ProposalState.SUBMITTED: Label(_l("Submitted")),
    ProposalState.WITHDRAWN: Label(_l("Withdrawn")),
    ProposalState.SET_ASIDE: Label(_l("Set aside"), "warn"),
}
