"""How a stage and a vote end: pure calculations."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from crowd.cases.workflow import Finding, VoteChoice
from crowd.procedure import CaseOutcome

OUTCOMES = {
    Finding.YES: CaseOutcome.GRANTED,
    Finding.PARTLY: CaseOutcome.PARTLY_GRANTED,
    Finding.NO: CaseOutcome.REFUSED,
}


def vote(choices: Iterable[VoteChoice], to_come: int, quorum: int) -> Finding | None:
    """The result of a vote; None while it is open. `to_come` is how many may still vote: nobody once its time is over.

    More votes for than against grant; with those for a part they grant a part; everything else refuses. Abstentions
    count for the quorum and for no side. The vote ends when nothing that is still to come can change it; without a
    quorum it has no result.
    """
    counted = Counter(choices)
    present = sum(
        counted[choice] for choice in (VoteChoice.FOR, VoteChoice.PARTLY, VoteChoice.AGAINST, VoteChoice.ABSTAIN)
    )
    if present < quorum:
        return None
    now = _result(counted)
    others = {
        _result(counted + Counter({side: to_come})) for side in (VoteChoice.FOR, VoteChoice.PARTLY, VoteChoice.AGAINST)
    }
    return now if others == {now} else None


def _result(counted: Mapping[VoteChoice, int]) -> Finding:
    against = counted[VoteChoice.AGAINST]
    if counted[VoteChoice.FOR] > against + counted[VoteChoice.PARTLY]:
        return Finding.YES
    return Finding.PARTLY if counted[VoteChoice.FOR] + counted[VoteChoice.PARTLY] > against else Finding.NO


def stage(findings: Collection[Finding], signed: int = 0, needed: int = 0) -> CaseOutcome:
    """What the steps of a stage that have ended amount to: one that says no refuses, and so do fewer signatures than
    are needed; one that says partly grants a part.
    """
    if signed < needed:
        return CaseOutcome.REFUSED
    worst = next((one for one in (Finding.NO, Finding.PARTLY) if one in findings), Finding.YES)
    return OUTCOMES[worst]
