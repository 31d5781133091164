"""Import of a feed's rows: each in a transaction of its own, so that a bad row does not affect the others."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from challenges import followers
from challenges.importing import feed
from challenges.importing.errors import Problem
from challenges.importing.mapping import Understood, understand
from challenges.importing.models import ExternalRecord
from challenges.indexing import index
from challenges.models import Challenge, Origin
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import OrganisationKind
from crowd.accounts.organisations import services as organisations
from crowd.audit import Actor, record
from crowd.config import limits
from crowd.db import atomic, db

PLATFORM = "challenge.gov"
ZONE = "America/New_York"
NOBODY = "Agency not named"


@dataclass
class Report:
    """Counts of rows, and what could not be understood: (row's number, its id, problem)."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[tuple[int, str, Problem]] = field(default_factory=list)

    def by_reason(self) -> list[tuple[str, int]]:
        """Reasons with how often each occurred, the most frequent first."""
        return Counter(str(problem.reason) for _, _, problem in self.problems).most_common()

    def summary(self) -> dict[str, object]:
        """The counts as one JSON object; `problems` counts what is worse than a note."""
        worse = sum(1 for _, _, problem in self.problems if not problem.is_note)
        counts = {"read": self.read, "created": self.created, "updated": self.updated, "unchanged": self.unchanged}
        return {**counts, "problems": worse, "reasons": dict(self.by_reason())}


def import_feed(actor: Actor, path: Path, *, progress: Callable[[int, int], None] = lambda done, all: None) -> Report:
    """Import every row of the file at `path`; imported rows that have not changed stay unchanged.

    `progress(done, all)` is called after each row. Raises Invalid where the file is no feed at all.
    """
    rows = feed.read(path, largest=limits().import_bytes, most=limits().import_rows).rows
    report = Report(read=len(rows))
    for done, row in enumerate(rows, start=1):
        if isinstance(row, feed.BadRow):
            report.problems.append((row.number, "", row.problem))
        else:
            _take(actor, row, report)
        progress(done, len(rows))
    return report


def _take(actor: Actor, row: feed.FeedRow, report: Report) -> None:
    now = clock.now()
    understood = understand(row.source, now=now)
    outcome = import_row(actor, row, understood, now=now)
    setattr(report, outcome, getattr(report, outcome) + 1)
    report.problems.extend((row.number, row.origin_id, problem) for problem in understood.problems)
    db.session.expunge_all()  # a feed may be long; nothing of a finished row is needed again


@atomic
def import_row(actor: Actor, row: feed.FeedRow, understood: Understood, *, now: datetime) -> str:
    """Create or update one record: `created`, `updated` or `unchanged`."""
    digest = feed.digest(row.source)
    source = db.session.scalar(
        sa.select(ExternalRecord)
        .where(ExternalRecord.platform == PLATFORM, ExternalRecord.foreign_id == row.origin_id)
        .with_for_update()
    )
    if source is not None and source.digest == digest:
        return "unchanged"
    challenge = _challenge(actor, source, understood, now)
    if source is None:
        source = ExternalRecord(challenge_id=challenge.id, platform=PLATFORM, foreign_id=row.origin_id)
        db.session.add(source)
        outcome = "created"
    else:
        outcome = "updated"
    source.digest, source.row, source.imported_at = digest, row.source, now
    source.url, source.agency = understood.url, understood.agency
    source.mapped, source.errors = _kept(understood), [_problem(p) for p in understood.problems]
    record(actor, f"challenge.import_{outcome}", challenge, platform=PLATFORM, foreign_id=row.origin_id)
    if outcome == "updated" or challenge.state == ChallengeState.LISTED:
        followers.announce(actor, challenge, "changed" if outcome == "updated" else "listed")
    return outcome


def _challenge(actor: Actor, source: ExternalRecord | None, understood: Understood, now: datetime) -> Challenge:
    agency_id = organisations.ensure_imported(
        actor, name=understood.agency or NOBODY, origin=PLATFORM, kind=OrganisationKind.GOVERNMENT, country="US"
    )
    challenge = db.session.get(Challenge, source.challenge_id) if source else None
    if challenge is None:
        challenge = Challenge(origin=Origin.EXTERNAL, proposals_limit=0, appeal_seconds=0)
        db.session.add(challenge)
    challenge.organisation_id = agency_id
    challenge.state = ChallengeState.LISTED if understood.listed_at(now) else ChallengeState.ARCHIVED
    challenge.type = understood.type
    challenge.title, challenge.summary, challenge.language = understood.title, understood.summary, understood.language
    challenge.tags = list(dict.fromkeys(str(kind) for kind in understood.types))
    challenge.currency = understood.prize_total.currency if understood.prize_total else "USD"
    challenge.prize_total = understood.prize_total.amount if understood.prize_total else 0
    challenge.opens_at, challenge.closes_at, challenge.time_zone = understood.opens_at, understood.closes_at, ZONE
    challenge.published_at, challenge.changed_at = understood.opens_at, now  # not the day of the import
    db.session.flush()
    index(challenge, understood.text)
    return challenge


def _kept(understood: Understood) -> dict[str, object]:
    """The page's contents as JSON: sections are safe HTML."""
    return {
        "sections": {str(section): html for section, html in understood.sections.items()},
        "types_given": list(understood.types_given),
        "prize_given": understood.prize_given,
        "prize_known": understood.prize_total is not None,
        "prize_is_limit": understood.prize_is_limit,
        "opens_given": understood.opens_given,
        "closes_given": understood.closes_given,
        "status_given": understood.status_given,
        "external_url": understood.external_url,
        "partners_federal": understood.partners_federal,
        "partners_other": understood.partners_other,
        "legal_authority": understood.legal_authority,
        "fiscal_years": list(understood.fiscal_years),
    }


def _problem(problem: Problem) -> dict[str, object]:
    return {"field": problem.field, "reason": str(problem.reason), "source": problem.source, "note": problem.is_note}


def problem_lines(report: Report) -> Iterator[str]:
    """A line for each thing that could not be understood, in the order of the rows."""
    for number, foreign_id, problem in report.problems:
        yield f"row {number} ({foreign_id or 'no id'}) {problem.field}: {problem.reason}: {problem.source[:80]!r}"
