"""What happens to organisations, for the packages that show their names."""

from dataclasses import dataclass

from crowd.events import Event


@dataclass(frozen=True)
class OrganisationRenamed(Event):
    """It has a new name."""

    organisation_id: int
