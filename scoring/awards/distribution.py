"""Who gets which place by the contract's rules: a pure calculation in minor units.

`by_ranking` distributes all prizes, best mean first. `as_chosen` is what a person's choice comes to where equal means
share; `unfair` finds a choice that passes over a proposal with the same mean that was submitted earlier.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from challenges.deciding import TieRule
from crowd.money import split
from scoring.ranking import RankedProposal, bands


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """One award of a prize. In the order of places the best comes first: `order` is the prize's position."""

    order: int
    position: int
    prize: int
    amount: int


@dataclass(frozen=True, slots=True)
class Allotment:
    """What a proposal gets: its place; or a part of the places of its rank (`tie_rank`), where it may have no
    `position` of its own.
    """

    proposal: int
    prize: int
    position: int | None
    amount: int
    tie_rank: int | None = None


def by_ranking(ranked: Sequence[RankedProposal], places: Iterable[Place], rule: TieRule) -> list[Allotment]:
    """The prizes for these proposals, which are in the order of their ranks and, where means are equal, of their
    submission. Where the rule leaves a tie to the sponsor, who was silent, equal means share, too.
    """
    free, given = sorted(places), list[Allotment]()
    for band in bands(ranked):
        covered, free = free[: len(band)], free[len(band) :]
        if rule == TieRule.EARLIEST:
            given += [_whole(one, place) for one, place in zip(band, covered, strict=False)]
        elif covered:
            given += _shared(band, dict(zip((one.proposal for one in band), covered, strict=False)))
    return given


def as_chosen(ranked: Sequence[RankedProposal], chosen: Mapping[int, Place], rule: TieRule) -> list[Allotment]:
    """What the places that were chosen, by proposal, come to: where equal means share, all proposals of a rank that got
    a place share the places of that rank.
    """
    given: list[Allotment] = []
    for band in [*bands(ranked), *([one] for one in ranked if one.rank is None)]:
        own = {one.proposal: chosen[one.proposal] for one in band if one.proposal in chosen}
        if rule == TieRule.SHARE and own:
            given += _shared(band, own)
        else:
            given += [_whole(one, own[one.proposal]) for one in band if one.proposal in own]
    return given


def unfair(ranked: Sequence[RankedProposal], chosen: Mapping[int, Place], rule: TieRule) -> int | None:
    """The proposal that was passed over for one with the same mean that was submitted later; None where none was."""
    if rule != TieRule.EARLIEST:
        return None
    for band in bands(ranked):
        for earlier, later in pairwise(band):
            place, next_place = chosen.get(earlier.proposal), chosen.get(later.proposal)
            if next_place is not None and (place is None or next_place < place):
                return earlier.proposal
    return None


def _whole(one: RankedProposal, place: Place) -> Allotment:
    return Allotment(one.proposal, place.prize, place.position, place.amount)


def _shared(band: Sequence[RankedProposal], own: Mapping[int, Place]) -> list[Allotment]:
    """Equal parts of the band's own places, exact to the minor unit: the units that remain go to those submitted first.
    A part of nothing is no award.
    """
    if len(band) == 1:
        return [_whole(band[0], own[band[0].proposal])]
    last = max(own.values())
    parts = split(sum(place.amount for place in own.values()), [1] * len(band))
    given = []
    for one, amount in zip(band, parts, strict=True):
        place = own.get(one.proposal)
        prize, position = (place.prize, place.position) if place else (last.prize, None)
        if amount:
            given.append(Allotment(one.proposal, prize, position, amount, one.rank))
    return given
