"""How far the life of one challenge goes, and what is particular about it: data that the chapters write."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Plan:
    """`key` names the challenge's text. Its life goes as far as `until`; `cancel` is the state in which it ends."""

    key: str
    opens: datetime
    until: str = "settled"  # draft, screening, approved, funded, open, judging, decided, settled
    closes: datetime | None = None
    sent_back: bool = False
    paid_in_two: bool = False
    cancel: str = ""  # "funded" or "open"
    award: bool = True
    appeals: timedelta | None = None  # how long; None: as long as the platform has it
    unreviewed: Sequence[str] = field(default=())  # reviewers' keys that have not finished
