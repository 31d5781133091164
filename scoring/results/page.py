"""What a page shows of the versions of a result: an earlier one, and how each differs from the one before."""

from collections.abc import Sequence
from dataclasses import dataclass

from challenges.models import Challenge
from scoring.models import ResultVersion
from scoring.results import differences, queries
from scoring.results.queries import PublishedAward


@dataclass(frozen=True, slots=True)
class AwardChange:
    """A proposal whose award is another one: what it had and what it has; None for no award."""

    named: PublishedAward
    before: PublishedAward | None
    after: PublishedAward | None


@dataclass(frozen=True, slots=True)
class RankChange:
    """A rank before and after; named where the proposal has, or had, an award. `own`: it is the reader's."""

    before: int | None
    after: int | None
    title: str
    language: str
    own: bool


@dataclass(frozen=True, slots=True)
class ResultDifference:
    """What a version has changed of the one before: awards, the reasons of those that are the same otherwise, the
    statement on the decision (before and after), ranks.
    """

    number: int
    awards: Sequence[AwardChange]
    reasons: Sequence[AwardChange]
    note: tuple[str, str] | None
    ranks: Sequence[RankChange]


def difference(version: ResultVersion, before: ResultVersion, own: int | None) -> ResultDifference:
    """How `version` differs from the one `before` it; `own` is the reader's proposal."""
    found = differences.changes(queries.lines(before.id), queries.lines(version.id))
    old = {one.proposal_id: one for one in queries.given(before.id)}
    new = {one.proposal_id: one for one in queries.given(version.id)}
    named = old | new

    def change(one: differences.LineChange) -> AwardChange:
        return AwardChange(named[one.proposal], old.get(one.proposal), new.get(one.proposal))

    return ResultDifference(
        version.number,
        [change(one) for one in found if one.award_changed],
        [change(one) for one in found if one.reason_changed and not one.award_changed],
        (before.note, version.note) if before.note != version.note else None,
        [_rank(one, named.get(one.proposal), own) for one in found if one.rank_changed],
    )


def _rank(change: differences.LineChange, named: PublishedAward | None, own: int | None) -> RankChange:
    before, after = change.rank
    title, language = (named.title, named.language) if named else ("", "")
    return RankChange(before, after, title, language, change.proposal == own)


def version_page(challenge: Challenge, number: int, own: int | None) -> dict[str, object]:
    """The values of the page of one version. Raises NotFound."""
    versions = queries.versions(challenge.id)
    version = queries.get(challenge.id, number)
    before = next((one for one in versions if _follows(version, one)), None)
    given = queries.given(version.id)
    return {
        "version": version,
        "versions": versions,
        "counts": not version.reopened,
        "given": given,
        "named": {one.proposal_id: one for one in given},
        "lines": queries.lines(version.id)[: queries.MAX_LINES],
        "difference": difference(version, before, own) if before else None,
    }


def newest_difference(versions: Sequence[ResultVersion], own: int | None) -> ResultDifference | None:
    """How the newest version differs from the one before of the same round; None where that has one."""
    before = next((one for one in versions if _follows(versions[0], one)), None)
    return difference(versions[0], before, own) if before else None


def _follows(version: ResultVersion, before: ResultVersion) -> bool:
    """Whether a version is the next one of its round."""
    return (before.round_id, before.number) == (version.round_id, version.number - 1)
