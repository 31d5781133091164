"""The page of a programme officer: the challenges of their government bodies, the money in them, decisions to take."""

from collections.abc import Sequence
from dataclasses import dataclass

from challenges import queries as challenges
from challenges.models import Challenge
from crowd.accounts.models import Organisation, OrganisationKind, User
from crowd.config import limits
from crowd.ledger.escrows import queries as escrow_queries
from crowd.ledger.escrows.queries import EscrowTotal
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.ledger.statements import queries as statements


@dataclass(frozen=True, slots=True)
class Programme:
    """One body: its undecided challenges by due date, its newest challenges, and its money by currency.

    `free` is the balance in minor units that is not in escrow, by currency.
    """

    organisation: Organisation
    decisions: Sequence[Challenge]
    challenges: Sequence[Challenge]
    escrows: Sequence[EscrowTotal]
    free: dict[str, int]


def programmes_of(actor: User) -> list[Programme]:
    """The government bodies for which the person acts, each with what it has under way."""
    bodies = [membership.organisation for membership in actor.memberships]
    return [_programme(body) for body in bodies if body.kind == OrganisationKind.GOVERNMENT]


def _programme(body: Organisation) -> Programme:
    holdings, _accounts = statements.owned(OwnerType.ORGANISATION, body.id)
    newest = challenges.newest_of(body.id, limits().page_rows)
    return Programme(
        organisation=body,
        decisions=challenges.decisions_due(body.id),
        challenges=newest,
        escrows=escrow_queries.escrow_totals(body.id),
        free={account.currency: account.balance for account in holdings if account.kind == LedgerAccountKind.SPONSOR},
    )
