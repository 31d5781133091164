"""Who hears of a settlement: who is paid, the sponsor, and those for whom an award waits."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from challenges import queries as challenges
from challenges.models import Challenge
from crowd.accounts.models import Organisation, PlatformRole
from crowd.accounts.organisations.rights import Right
from crowd.accounts.queries import people_with_right
from crowd.ledger.models import OwnerType
from crowd.ledger.notifications import balance_path
from crowd.ledger.owners import people_of
from crowd.notifications.kinds import path_to
from crowd.values import money
from scoring.models import Award
from scoring.notifications import define, notify_about, notify_sponsor, officers
from submissions.parties import contributors

PAID = define(
    "scoring.paid",
    _l("Paid: %(title)s"),
    _l("%(amount)s has been added to your balance. You can request a payout to your bank account."),
)
HELD = define(
    "scoring.held",
    _l("Award awaiting council review: %(title)s"),
    _l(
        "Somebody behind an award of %(amount)s now belongs to the sponsor, or screened the challenge. It stays "
        "in escrow until the council has reviewed it; other awards are paid."
    ),
)
UNVERIFIED = define(
    "scoring.unverified",
    _l("An award waits for the verification of %(organisation)s: %(title)s"),
    _l("%(organisation)s is not verified, so its award stays in escrow. Apply for the verification; once it is granted "
       "the award is paid by itself."),
)  # fmt: skip
SETTLED = define(
    "scoring.settled",
    _l("Settled: %(title)s"),
    _l("Awards of %(paid)s and a fee of %(fee)s were paid from escrow; %(back)s was returned to your free balance."),
)
SPENT = define(
    "scoring.spent",
    _l("Settled: %(title)s"),
    _l("Awards of %(paid)s and a fee of %(fee)s were paid from escrow, which is now empty."),
)
RETURNED = define(
    "scoring.returned",
    _l("Settled: %(title)s"),
    _l("No award was made. What was left in escrow was returned to your free balance: %(back)s."),
)


def paid(challenge: Challenge, award_id: int, shares: Iterable[tuple[OwnerType, int, int]]) -> None:
    """Notify those with new earnings: the person, or the agency's owners."""
    for owner, owner_id, amount in shares:
        if not amount:
            continue
        path = balance_path(owner, owner_id)
        params = {"amount": money(amount, challenge.currency)}
        people, key = people_of(owner, owner_id), f"{award_id}:{owner}:{owner_id}"
        notify_about(people, PAID, challenge, params, key=key, path=path)


def held(challenge: Challenge, award: Award) -> None:
    """Notify the council, the sponsor's people, and the author and contributors of the proposal."""
    people = {*officers(challenge, PlatformRole.COUNCIL), *challenges.members(challenge.organisation_id, Right.POST)}
    people |= {*contributors(award.proposal)}
    params = {"amount": money(award.amount, challenge.currency)}
    path = path_to("scoring.results", challenge_id=challenge.id)
    notify_about(people, HELD, challenge, params, key=str(award.id), path=path)


def unverified(challenge: Challenge, award_id: int, organisations: Iterable[Organisation]) -> None:
    """Notify those who describe the organisations, and so apply for their verification."""
    for row in organisations:
        people = [person.id for person in people_with_right(row.id, Right.DESCRIBE)]
        path = path_to("accounts.verification", organisation_id=row.id)
        params = {"organisation": row.name}
        notify_about(people, UNVERIFIED, challenge, params, key=f"{award_id}:{row.id}", path=path)


def settled(challenge: Challenge, *, paid: int, fee: int, back: int) -> None:
    """Notify the sponsor of the split of the escrow."""
    params = {
        name: money(amount, challenge.currency) for name, amount in (("paid", paid), ("fee", fee), ("back", back))
    }
    kind = RETURNED if not paid else SETTLED if back else SPENT
    notify_sponsor(kind, challenge, params, path=path_to("scoring.results", challenge_id=challenge.id))
