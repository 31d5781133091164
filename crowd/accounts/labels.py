"""The names of roles and of kinds of organisations on pages."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from crowd.accounts.models import MemberRole, OrganisationKind, PlatformRole
from crowd.accounts.organisations.rights import Right
from crowd.accounts.parks.workflow import ParkState
from crowd.feature import Label

PLATFORM_ROLES = {
    PlatformRole.SERVICE_CENTRE: Label(_l("Service centre")),
    PlatformRole.EXPERT: Label(_l("Expert")),
    PlatformRole.COUNCIL: Label(_l("Council")),
    PlatformRole.COUNCIL_OFFICE: Label(_l("Council's office")),
    PlatformRole.FINANCE: Label(_l("Finance")),
    PlatformRole.PROGRAMME_OFFICER: Label(_l("Programme officer")),
    PlatformRole.AUDITOR: Label(_l("Auditor")),
    PlatformRole.ADMINISTRATOR: Label(_l("Administrator")),
}
MEMBER_ROLES = {
    MemberRole.OWNER: Label(_l("Owner")),
    MemberRole.MANAGER: Label(_l("Manager")),
    MemberRole.FINANCE: Label(_l("Finance")),
    MemberRole.MEMBER: Label(_l("Member")),
}
RIGHTS = {
    Right.POST: Label(_l("Prepare and cancel challenges, and read the proposals to them")),
    Right.DECIDE: Label(_l("Decide on awards")),
    Right.ANSWER: Label(_l("Register for challenges and write proposals")),
    Right.LEAD_PROPOSALS: Label(_l("Read and submit all proposals of the organisation, and agree to its shares")),
    Right.VIEW_MONEY: Label(_l("See the balance")),
    Right.FUND: Label(_l("Pay prizes into escrow")),
    Right.GRANT: Label(_l("Agree to support in kind that the organisation grants, and confirm its use")),
    Right.PAY_OUT: Label(_l("Request payouts and set payout accounts")),
    Right.DESCRIBE: Label(_l("Edit the description, the registration and its documents")),
    Right.MANAGE_MEMBERS: Label(_l("Invite and remove members (a manager: only those with the role Member)")),
    Right.MANAGE_PARKS: Label(_l("Agree to memberships of parks, and end them")),
    Right.HAND_OVER: Label(_l("Hand the organisation over")),
    Right.CLOSE: Label(_l("Close the organisation")),
}
ORGANISATION_KINDS = {
    OrganisationKind.ENTERPRISE: Label(_l("Enterprise")),
    OrganisationKind.AGENCY: Label(_l("Agency")),
    OrganisationKind.INSTITUTE: Label(_l("Research institute")),
    OrganisationKind.UNIVERSITY: Label(_l("University")),
    OrganisationKind.GOVERNMENT: Label(_l("Government body")),
    OrganisationKind.PARK: Label(_l("Science and industry park")),
}
PARK_STATES = {
    ParkState.INVITED: Label(_l("Invited"), "calm"),
    ParkState.MEMBER: Label(_l("Member"), "safe"),
    ParkState.DECLINED: Label(_l("Declined")),
    ParkState.WITHDRAWN: Label(_l("Withdrawn")),
    ParkState.ENDED: Label(_l("Ended")),
}
VERIFICATION = {
    "closed": Label(lazy_pgettext("organisation", "Closed"), "warn"),
    "verified": Label(_l("Verified")),
    "unverified": Label(_l("Not verified")),
}
