"""The roles of people on the platform as a whole; organisations have roles of their own."""

from enum import StrEnum


class PlatformRole(StrEnum):
    """A person's role on the platform as a whole; organisations have roles of their own."""

    SERVICE_CENTRE = "service_centre"
    EXPERT = "expert"
    COUNCIL = "council"
    COUNCIL_OFFICE = "council_office"
    FINANCE = "finance"
    PROGRAMME_OFFICER = "programme_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


OPERATORS = (PlatformRole.SERVICE_CENTRE, PlatformRole.ADMINISTRATOR)  # who run the platform
