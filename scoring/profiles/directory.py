"""The public list of organisations: what they say of themselves, by name."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from challenges import policy as challenge_policy
from challenges.models import Challenge
from challenges.search_tokens import term_token
from crowd.accounts.models import Organisation, OrganisationKind
from crowd.accounts.parks.models import ParkMembership
from crowd.accounts.parks.workflow import ParkState
from crowd.config import limits
from crowd.db import db
from crowd.taxonomy.lookup import Lookup, lookup
from crowd.taxonomy.schemes import INDUSTRY, REGION
from crowd.taxonomy.vocabulary import Entry, current
from crowd.web.arguments import Arguments
from crowd.web.paging import Page, page

ORDER = ((Organisation.name, False), (Organisation.id, False))
LISTED = sa.and_(Organisation.origin.is_(None), Organisation.closed_at.is_(None))


@dataclass(frozen=True, slots=True)
class DirectoryFilters:
    """Which organisations are wanted; `place` is what was typed as a region, and `region` the term that it means."""

    words: str = ""
    kind: OrganisationKind | None = None
    place: str = ""
    region: Lookup = field(default_factory=Lookup)
    industry: Entry | None = None
    verified: bool = False

    @property
    def are_on(self) -> bool:
        """Whether one of them is on."""
        return bool(self.words or self.kind or self.place or self.industry or self.verified)


@dataclass(frozen=True, slots=True)
class Directory:
    """A page of organisations; by their ids, how many challenges each has published, and how many firms a park has.

    `kinds` counts the organisations of each kind that the other filters leave.
    """

    page: Page[Organisation]
    posted: Mapping[int, int]
    firms: Mapping[int, int]
    kinds: Mapping[OrganisationKind, int]

    @property
    def total(self) -> int:
        """How many there are of all kinds."""
        return sum(self.kinds.values())


def read(args: Arguments) -> DirectoryFilters:
    """The filters in a URL; unknown values are ignored, but for a place, of which the page says that it is unknown."""
    kind, place = args.text("kind", among=list(OrganisationKind)), args.question("region")
    return DirectoryFilters(
        words=args.question("q"),
        kind=OrganisationKind(kind) if kind else None,
        place=place,
        region=lookup(REGION, place),
        industry=current().get(INDUSTRY, args.text("industry")),
        verified=args.flag("verified"),
    )


def load(filters: DirectoryFilters, *, after: str | None) -> Directory:
    """A page of the list, in a constant number of statements."""
    found = page(matching(filters), ORDER, name="directory", after=after, size=limits().page_rows)
    kinds = (
        matching(replace(filters, kind=None))
        .with_only_columns(Organisation.kind, sa.func.count())
        .group_by(Organisation.kind)
    )
    ids = [row.id for row in found]
    return Directory(found, _posted(ids), _firms(ids), dict(db.session.execute(kinds).all()))


def matching(filters: DirectoryFilters) -> sa.Select[Organisation]:
    """The organisations that these filters leave, in no order yet."""
    query = sa.select(Organisation).where(LISTED)
    if filters.kind is not None:
        query = query.where(Organisation.kind == filters.kind)
    if filters.words:
        query = query.where(Organisation.called(filters.words))
    if filters.verified:
        query = query.where(Organisation.verified_at.is_not(None))
    if filters.place:
        region = filters.region.term
        query = query.where(Organisation.region_id.in_(current().ids_below(region) if region else []))
    if filters.industry is not None:
        of_industry = Challenge.search.contains([term_token(INDUSTRY, filters.industry.code)])
        sponsors = sa.select(Challenge.organisation_id).where(of_industry, challenge_policy.LISTED)
        query = query.where(Organisation.id.in_(sponsors))
    return query


def _posted(ids: list[int]) -> dict[int, int]:
    query = sa.select(Challenge.organisation_id, sa.func.count()).group_by(Challenge.organisation_id)
    theirs = query.where(Challenge.organisation_id.in_(ids), challenge_policy.LISTED)
    return dict(db.session.execute(theirs).all())


def _firms(ids: list[int]) -> dict[int, int]:
    query = sa.select(ParkMembership.park_id, sa.func.count()).group_by(ParkMembership.park_id)
    theirs = query.where(ParkMembership.park_id.in_(ids), ParkMembership.state == ParkState.MEMBER)
    return dict(db.session.execute(theirs).all())
