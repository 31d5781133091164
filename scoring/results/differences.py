"""What has changed between two versions of a result: a pure calculation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class Line(Protocol):
    """A proposal in a version."""

    @property
    def proposal_id(self) -> int: ...
    @property
    def rank(self) -> int | None: ...
    @property
    def prize_id(self) -> int | None: ...
    @property
    def position(self) -> int | None: ...
    @property
    def amount(self) -> int | None: ...
    @property
    def reason(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class LineChange:
    """A proposal whose rank, award or reason is another one, each before and after."""

    proposal: int
    rank: tuple[int | None, int | None]
    prize: tuple[int | None, int | None]
    amount: tuple[int | None, int | None]
    place: tuple[int | None, int | None]
    reason: tuple[str | None, str | None]

    @property
    def award_changed(self) -> bool:
        """Whether it has another award, has one now, or has none any more."""
        return any(before != after for before, after in (self.prize, self.amount, self.place))

    @property
    def rank_changed(self) -> bool:
        """Whether it has another rank."""
        return self.rank[0] != self.rank[1]

    @property
    def reason_changed(self) -> bool:
        """Whether its award has another reason."""
        return self.reason[0] != self.reason[1]


def changes(before: Sequence[Line], after: Sequence[Line]) -> list[LineChange]:
    """The proposals that changed, in the order of the later ranking."""
    old: Mapping[int, Line] = {line.proposal_id: line for line in before}
    found = [_change(old[line.proposal_id], line) for line in after if line.proposal_id in old]
    return [one for one in found if one.rank_changed or one.award_changed or one.reason_changed]


def _change(before: Line, after: Line) -> LineChange:
    return LineChange(
        after.proposal_id,
        (before.rank, after.rank),
        (before.prize_id, after.prize_id),
        (before.amount, after.amount),
        (before.position, after.position),
        (before.reason, after.reason),
    )
