"""How a stage and a vote end: pure calculations."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from crowd.cases.workflow import Choice, Finding
from crowd.procedure import Outcome


def vote(choices: Iterable[Choice], members: int, quorum: int, *, over: bool) -> Finding | None:
    """The result of a vote; None while it is open. `members` are all who may vote, without those who are recused.

    More votes for than against grant; with those for a part they grant a part; everything else refuses. Abstentions
    count for the quorum and for no side. The vote ends when nothing that is still to come can change it, or when its
    time is `over`; without a quorum it has no result.
    """
    counted = Counter(choices)
    present = sum(counted[choice] for choice in (Choice.FOR, Choice.PARTLY, Choice.AGAINST, Choice.ABSTAIN))
    missing = 0 if over else max(members - present, 0)
    if present < quorum:
        return None
    now = _result(counted)
    others = {_result(counted + Counter({side: missing})) for side in (Choice.FOR, Choice.PARTLY, Choice.AGAINST)}
    return now if others == {now} else None


def _result(counted: Mapping[Choice, int]) -> Finding:
    against = counted[Choice.AGAINST]
    if counted[Choice.FOR] > against + counted[Choice.PARTLY]:
        return Finding.YES
    return Finding.PARTLY if counted[Choice.FOR] + counted[Choice.PARTLY] > against else Finding.NO


def stage(findings: Collection[Finding]) -> Outcome:
    """What the steps of a stage that have ended amount to: one that says no refuses, one that says partly grants a
    part.
    """
    if Finding.NO in findings:
        return Outcome.REFUSED
    return Outcome.PARTLY_GRANTED if Finding.PARTLY in findings else Outcome.GRANTED
