"""How far one challenge goes, and its particularities: data that the scenarios write."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from challenges.brief import Changes


@dataclass(frozen=True)
class ChallengePlan:
    """`key` names the challenge's text. It goes as far as `until`; `cancel` is the state in which it is cancelled."""

    key: str
    opens: datetime
    until: str = "settled"  # draft, screening, approved, funded, open, judging, decided, settled
    closes: datetime | None = None
    sent_back: bool = False
    paid_in_two: bool = False
    cancel: str = ""  # "funded" or "open"
    award: bool = True
    appeals: timedelta | None = None  # the appeal window; None: the platform's
    unreviewed: Sequence[str] = field(default=())  # reviewers' keys that have not finished
    clauses: Changes = field(default_factory=dict)  # of the brief, besides the text's
    silent: bool = False  # the sponsor does not decide: the contract does
