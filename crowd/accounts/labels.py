"""The names of roles and of kinds of organisations on pages."""

from flask_babel import lazy_gettext as _l

from crowd.accounts.models import MemberRole, OrganisationKind, PlatformRole
from crowd.feature import Label

PLATFORM_ROLES = {
    PlatformRole.SERVICE_CENTRE: Label(_l("Service centre")),
    PlatformRole.EXPERT: Label(_l("Expert")),
    PlatformRole.COUNCIL: Label(_l("Council")),
    PlatformRole.FINANCE: Label(_l("Finance")),
    PlatformRole.PROGRAMME_OFFICER: Label(_l("Programme officer")),
    PlatformRole.AUDITOR: Label(_l("Auditor")),
    PlatformRole.ADMINISTRATOR: Label(_l("Administrator")),
}
MEMBER_ROLES = {
    MemberRole.OWNER: Label(_l("Owner")),
    MemberRole.MEMBER: Label(_l("Member")),
}
ORGANISATION_KINDS = {
    OrganisationKind.ENTERPRISE: Label(_l("Enterprise")),
    OrganisationKind.AGENCY: Label(_l("Agency")),
    OrganisationKind.GOVERNMENT: Label(_l("Government body")),
}
VERIFICATION = {
    "verified": Label(_l("Verified")),
    "unverified": Label(_l("Not verified")),
}
