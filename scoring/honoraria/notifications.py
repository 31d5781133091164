"""Who hears of reviewers' fees: the reviewers and the sponsor."""

from flask_babel import lazy_gettext as _l

from challenges import queries as challenges
from challenges.models import Challenge
from crowd.accounts.organisations.rights import Right
from crowd.ledger.models import OwnerType
from crowd.ledger.notifications import balance_path
from crowd.notifications.kinds import path_to
from crowd.values import money
from scoring.notifications import define, notify_about

EARNED = define(
    "scoring.honorarium",
    _l("Your fee for reviewing: %(title)s"),
    _l("%(amount)s has been added to your balance, for reviews: %(number)s. You can request a payout."),
)
SPENT = define(
    "scoring.honoraria_paid",
    _l("Reviewers are paid: %(title)s"),
    _l("Fees of %(amount)s were paid from escrow, for reviews that came in time: %(number)s."),
)


def earned(challenge: Challenge, reviewer_id: int, *, first: int, amount: int, number: int) -> None:
    """A reviewer, of the fees for those of their reviews of a challenge that are paid now; `first` is the number of the
    first, because more may be paid after another decision.
    """
    params = {"amount": money(amount, challenge.currency), "number": number}
    path = balance_path(OwnerType.USER, reviewer_id)
    notify_about([reviewer_id], EARNED, challenge, params, key=str(first), path=path)


def spent(challenge: Challenge, *, first: int, amount: int, number: int) -> None:
    """The sponsor, once for each payment."""
    people = challenges.members(challenge.organisation_id, Right.POST, Right.FUND)
    params = {"amount": money(amount, challenge.currency), "number": number}
    path = path_to("challenges.show", challenge_id=challenge.id)
    notify_about(people, SPENT, challenge, params, key=str(first), path=path)
