"""What happens to organisations, for the packages that rely on them."""

from dataclasses import dataclass

from crowd.events import Event


@dataclass(frozen=True)
class ExpertLeft(Event):
    """A person is no longer an expert."""

    user_id: int


@dataclass(frozen=True)
class OrganisationRenamed(Event):
    """It has a new name."""

    organisation_id: int


@dataclass(frozen=True)
class OrganisationVerified(Event):
    """It is verified, for the first time or again."""

    organisation_id: int


@dataclass(frozen=True)
class ParkMembershipEnded(Event):
    """A firm is no longer a member of a park."""

    membership_id: int
