"""A challenge is cancelled from every state before its decision, and its money is free again."""

from collections.abc import Callable

import pytest

from challenges.lifecycle import services
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd.errors import Conflict
from crowd.ledger import check
from crowd.ledger.queries import free_balance, in_escrow
from tests import factories
from tests.cast import Cast

BEFORE: dict[ChallengeState, Callable[[Cast], Challenge]] = {
    ChallengeState.DRAFT: lambda cast: factories.challenge(cast.ada, cast.luoyang),
    ChallengeState.SCREENING: factories.screened,
    ChallengeState.APPROVED: factories.approved,
    ChallengeState.FUNDED: factories.funded,
    ChallengeState.OPEN: factories.opened,
    ChallengeState.JUDGING: factories.closed,
}


@pytest.mark.parametrize("state", BEFORE)
def test_before_the_decision_it_is_cancelled_and_the_escrow_returned(cast: Cast, state: ChallengeState) -> None:
    challenge = BEFORE[state](cast)
    assert challenge.state == state
    held = in_escrow(challenge.id, "CNY")
    assert bool(held) is challenge.in_escrow
    actor = cast.eve if challenge.closed_at else cast.ada
    services.cancel(actor, challenge.id, reason="The mains are replaced.")
    assert (challenge.state, in_escrow(challenge.id, "CNY")) == (ChallengeState.CANCELLED, 0)
    assert free_balance(cast.luoyang.id, "CNY") == held
    assert check.errors(check.findings()) == []
    with pytest.raises(Conflict):
        services.cancel(actor, challenge.id, reason="Again.")


def test_after_the_decision_it_is_not(cast: Cast) -> None:
    challenge = factories.decided(cast)
    with pytest.raises(Conflict):
        services.cancel(cast.eve, challenge.id, reason="Too late.")
    assert challenge.state == ChallengeState.DECIDED
