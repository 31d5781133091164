"""Who is paid what part of an award: the one rule, for pages, settlement and reputation."""

from dataclasses import dataclass

from crowd.accounts.models import Organisation, User
from crowd.ledger.models import OwnerType
from submissions.models import Proposal, Share
from submissions.submission_errors import WHOLE


@dataclass(frozen=True, slots=True)
class Beneficiary:
    """A person or an organisation with their part in hundredths of a percent; `party` is the row."""

    owner: OwnerType
    owner_id: int
    basis_points: int
    party: User | Organisation

    @property
    def has_page(self) -> bool:
        """Whether they have a public page: closed accounts have none."""
        return isinstance(self.party, Organisation) or self.party.active


def beneficiaries(proposal: Proposal) -> list[Beneficiary]:
    """Who gets what part of an award for the proposal; the parts add up to 10,000, and nobody has none.

    The shares as agreed; without any, all goes to the agency that it is from, else to its author.
    """
    if proposal.shares:
        return [_of_share(share) for share in proposal.shares if share.basis_points]
    if proposal.organisation is not None:
        return [Beneficiary(OwnerType.ORGANISATION, proposal.organisation.id, WHOLE, proposal.organisation)]
    return [Beneficiary(OwnerType.USER, proposal.user_id, WHOLE, proposal.user)]


def _of_share(share: Share) -> Beneficiary:
    if share.user is not None:
        return Beneficiary(OwnerType.USER, share.user.id, share.basis_points, share.user)
    assert share.organisation is not None
    return Beneficiary(OwnerType.ORGANISATION, share.organisation.id, share.basis_points, share.organisation)
