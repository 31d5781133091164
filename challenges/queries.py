"""Reads of challenges: the only function that reads a row by id, lists with filters, counts, and what waits for a
person.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import lazyload, load_only

from challenges import next_steps as challenge_next_steps
from challenges import policy, search_tokens
from challenges.importing.models import ExternalRecord
from challenges.models import Challenge, Origin, to_close_at
from challenges.types import Type
from challenges.workflow import PUBLIC, ChallengeState
from crowd import clock
from crowd.access import Rule, access_row
from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.queries import people_with_right
from crowd.audit import Actor, AuditEvent
from crowd.db import db
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType
from crowd.taxonomy.labels import term_code
from crowd.taxonomy.schemes import FIELD, INDUSTRY, REGION, STAGE
from crowd.taxonomy.vocabulary import current
from crowd.web.paging import Page, page
from crowd.web.tasks import Task

TAKING = (ChallengeState.OPEN, ChallengeState.LISTED)  # open for proposals, here or elsewhere
SORTS = ("closing", "newest", "prize")
ORDERS = {
    "closing": ((Challenge.sort_closes_at, False), (Challenge.id, False)),
    "newest": ((Challenge.sort_posted_at, True), (Challenge.id, True)),
    "prize": ((Challenge.prize_total, True), (Challenge.id, True)),
}
# What the ledger reads of challenges.
FOR_LEDGER = sa.select(Challenge.id, Challenge.title, Challenge.language, Challenge.organisation_id).subquery(
    "challenge"
)
FACETS = {
    "state": Challenge.state, "type": Challenge.type, "stage": Challenge.stage_id, "language": Challenge.language,
    "currency": Challenge.currency, "origin": Challenge.origin,
}  # fmt: skip


def access(
    actor: Actor | None, challenge_id: int, *, to: Rule[Challenge] | None = None, lock: bool = False
) -> Challenge:
    """The challenge, if `actor` may see it and do `to` (a rule of policy) with it; under its row lock if `lock`.

    Raises NotFound where there is none or it is hidden, Forbidden where it may only be seen.
    """
    return access_row(
        actor,
        Challenge,
        challenge_id,
        view=policy.can_view,
        to=to,
        lock=lock,
        hidden=_l("There is no such challenge, or it is not public."),
        refused=_l("You do not have permission to do this with this challenge."),
    )


def source_of(challenge: Challenge) -> ExternalRecord | None:
    """The other platform's record, for an external challenge."""
    return db.session.scalar(sa.select(ExternalRecord).where(ExternalRecord.challenge_id == challenge.id))


@dataclass(frozen=True)
class Filters:
    """The filters of a list; empty means all. `here` is "on this platform"; `stages`, `industry`
    and `region` are codes.
    """

    question: str = ""
    states: Sequence[ChallengeState] = ()
    stages: Sequence[str] = ()
    types: Sequence[Type] = ()
    tags: Sequence[str] = ()
    languages: Sequence[str] = ()
    currencies: Sequence[str] = ()
    here: bool = False
    organisation_id: int | None = None
    industry: str = ""
    region: str = ""
    sort: str = ""

    @property
    def searches(self) -> bool:
        """Whether it looks for something, among challenges of all states."""
        return bool(self.question or self.tags or self.industry or self.region)

    @property
    def order(self) -> str:
        """The requested sort order, or the default: by closing date for open challenges, else the newest first."""
        if self.sort in SORTS:
            return self.sort
        return "closing" if self.states and set(self.states) <= set(TAKING) else "newest"


def listed(filters: Filters) -> sa.Select[Challenge]:
    """The published challenges that match, in no order yet; for everybody, so none that is for invited people only."""
    query = _searched(filters)
    if filters.stages:
        query = query.where(Challenge.stage_id.in_(_stage_ids(filters.stages)))
    wanted = (
        (Challenge.type, filters.types),
        (Challenge.language, filters.languages),
        (Challenge.currency, filters.currencies),
    )
    if filters.states:
        query = query.where(Challenge.state.in_(filters.states))
    for column, values in wanted:
        if values:
            query = query.where(column.in_(values))
    if filters.here:
        query = query.where(Challenge.origin == Origin.PLATFORM)
    return query


def _shown(filters: Filters) -> sa.ColumnElement[bool]:
    """Published challenges; those cancelled after the opening only on request."""
    cancelled = sa.and_(Challenge.state == ChallengeState.CANCELLED, Challenge.published_at.is_not(None))
    wanted = sa.or_(Challenge.state.in_(PUBLIC), cancelled) if ChallengeState.CANCELLED in filters.states else None
    return policy.LISTED if wanted is None else sa.and_(wanted, policy.FOR_EVERYBODY)


def _searched(filters: Filters) -> sa.Select[Challenge]:
    """The challenges that match text, tags and organisation: the set whose facets are counted."""
    query = sa.select(Challenge).where(_shown(filters))
    entries = search_tokens.wanted(filters.question)
    if entries:
        query = query.where(Challenge.search.contains(entries))
    elif filters.question.strip():
        query = query.where(sa.false())  # a search for punctuation only has no results
    query = query.where(*(has_term(FIELD, current().field_key(tag)) for tag in filters.tags))
    if filters.industry:
        query = query.where(has_term(INDUSTRY, filters.industry))
    if filters.region:
        query = query.where(Challenge.organisation_id.in_(_organisations_in(filters.region)))
    if filters.organisation_id is not None:
        query = query.where(Challenge.organisation_id == filters.organisation_id)
    return query


def has_term(scheme: str, code: str) -> sa.ColumnElement[bool]:
    """Whether a challenge has a term, or one that was merged with it: also while a job reads the challenge again."""
    return Challenge.search.overlap([search_tokens.term_token(scheme, one) for one in current().codes(scheme, code)])


def _organisations_in(code: str) -> sa.Select[int]:
    """The organisations of a region and of all that lies below it."""
    region = current().get(REGION, code)
    ids = current().ids_below(region) if region else []
    return sa.select(Organisation.id).where(Organisation.region_id.in_(ids))


def _stage_ids(codes: Sequence[str]) -> list[int]:
    """The ids that mean these stages."""
    entries = (current().get(STAGE, code) for code in codes)
    return [term_id for one in entries if one is not None for term_id in current().ids_of(one)]


def list_page(filters: Filters, *, after: str | None, size: int) -> Page[Challenge]:
    """One page of the list."""
    return page(listed(filters), ORDERS[filters.order], name="challenges", after=after, size=size)


def newest(filters: Filters, number: int) -> Sequence[Challenge]:
    """The newest challenges of the list, whatever its order."""
    order = (column.desc() for column, _down in ORDERS["newest"])
    return db.session.scalars(listed(filters).order_by(*order).limit(number)).all()


@dataclass(frozen=True)
class Facets:
    """`counts[facet][value]`: how many search results have the value. `total`: how many the list has."""

    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    total: int = 0

    def of(self, facet: str, value: object) -> int:
        """The number beside one choice of a filter."""
        return self.counts.get(facet, {}).get(str(value), 0)


def facets(filters: Filters) -> Facets:
    """The numbers beside the filters, in one statement, and the total, in another."""
    rows = _searched(filters).with_only_columns(*FACETS.values()).subquery()
    columns = [rows.c[column.key] for column in FACETS.values()]
    sets = sa.func.grouping_sets(*(sa.tuple_(column) for column in columns))
    query = sa.select(*columns, sa.func.grouping(*columns), sa.func.count()).group_by(sets)
    counts: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    names = list(FACETS)
    for *values, grouping, number in db.session.execute(query):
        place = next(i for i in range(len(names)) if not grouping >> (len(names) - 1 - i) & 1)
        value = values[place]
        if value is not None:
            counts[names[place]][term_code(value) if names[place] == "stage" else str(value)] += number
    total = db.session.scalar(
        sa.select(sa.func.count()).select_from(listed(filters).with_only_columns(Challenge.id).subquery())
    )
    return Facets(counts, total or 0)


def of_organisations(organisation_ids: Sequence[int]) -> sa.Select[Challenge]:
    """Everything that these organisations post, drafts too."""
    return sa.select(Challenge).where(
        Challenge.organisation_id.in_(organisation_ids), Challenge.origin == Origin.PLATFORM
    )


def mine(actor: User, *, after: str | None, size: int) -> Page[Challenge]:
    """The challenges of the person's organisations, the newest first."""
    query = of_organisations(actor.organisation_ids)
    return page(query, [(Challenge.id, True)], name="challenges.mine", after=after, size=size)


def newest_of(organisation_id: int, number: int) -> Sequence[Challenge]:
    """The newest challenges of an organisation, drafts too."""
    query = of_organisations([organisation_id]).order_by(Challenge.id.desc()).limit(number)
    return db.session.scalars(query).all()


def decisions_due(organisation_id: int, limit: int = 50) -> Sequence[Challenge]:
    """The challenges of an organisation that are closed and not decided, the first due first."""
    query = of_organisations([organisation_id]).where(Challenge.state == ChallengeState.JUDGING)
    return db.session.scalars(query.order_by(Challenge.decision_due_at, Challenge.id).limit(limit)).all()


def open_challenges(limit: int) -> Sequence[Challenge]:
    """Open challenges of this platform that everybody may see, the first to close first."""
    query = (
        sa.select(Challenge)
        .where(Challenge.state == ChallengeState.OPEN, policy.FOR_EVERYBODY)
        .order_by(Challenge.sort_closes_at, Challenge.id)
        .limit(limit)
    )
    return list(db.session.scalars(query))


def visible_among(actor: Actor | None, challenge_ids: Iterable[int | None]) -> set[int]:
    """The ids of those of these challenges that the person may view."""
    query = sa.select(Challenge.id).where(Challenge.id.in_({one for one in challenge_ids if one}))
    return set(db.session.scalars(query.where(policy.visible_to(actor))))


def in_escrow(filters: Filters) -> list[tuple[str, int]]:
    """The money in escrow for the challenges of a list: (currency, minor units), the largest first."""
    return _escrow_sums(listed(filters).with_only_columns(Challenge.id))


def in_escrow_unopened() -> list[tuple[str, int]]:
    """The money in escrow for challenges that have not opened, which are in no list."""
    unopened = Challenge.state == ChallengeState.FUNDED, policy.FOR_EVERYBODY
    return _escrow_sums(sa.select(Challenge.id).where(*unopened))


def _escrow_sums(challenge_ids: sa.Select[int]) -> list[tuple[str, int]]:
    total = sa.func.sum(LedgerAccount.balance)
    query = sa.select(LedgerAccount.currency, total).where(
        LedgerAccount.kind == LedgerAccountKind.ESCROW,
        LedgerAccount.owner_type == OwnerType.CHALLENGE,
        LedgerAccount.owner_id.in_(challenge_ids),
        LedgerAccount.balance > 0,
    )
    rows = db.session.execute(query.group_by(LedgerAccount.currency).order_by(total.desc()))
    return [(currency, int(amount)) for currency, amount in rows]


def open_prizes() -> list[tuple[str, int]]:
    """The prizes of the open challenges of this platform that everybody may see: (currency, minor units), the largest
    first.
    """
    total = sa.func.sum(Challenge.prize_total)
    open_to_all = Challenge.state == ChallengeState.OPEN, policy.FOR_EVERYBODY
    query = sa.select(Challenge.currency, total).where(*open_to_all).group_by(Challenge.currency)
    return [(currency, int(amount)) for currency, amount in db.session.execute(query.order_by(total.desc()))]


def due(now: datetime, limit: int) -> list[tuple[str, int]]:
    """(operation, id) of what should open, close or expire by `now`, the most overdue first. A hint: the
    operations check again.
    """
    rules = (
        ("open", ChallengeState.FUNDED, sa.func.coalesce(Challenge.opens_at, Challenge.funded_at)),
        ("close", ChallengeState.OPEN, to_close_at()),
        ("expire_funding", ChallengeState.APPROVED, Challenge.funding_due_at),
    )
    found = []
    for operation, state, column in rules:
        query = sa.select(Challenge.id).where(Challenge.state == state, column <= now).order_by(column).limit(limit)
        found += [(operation, challenge_id) for challenge_id in db.session.scalars(query)]
    return found


def ended_listings(now: datetime, limit: int) -> list[int]:
    """External records that are still listed although their dates have passed."""
    query = sa.select(Challenge.id).where(Challenge.state == ChallengeState.LISTED, Challenge.closes_at <= now)
    return list(db.session.scalars(query.order_by(Challenge.closes_at).limit(limit)))


def events_of(challenge: Challenge, limit: int = 200) -> Sequence[AuditEvent]:
    """What happened to the challenge itself, in order."""
    query = _events(challenge).order_by(AuditEvent.id.desc()).limit(limit)
    return list(db.session.scalars(query))[::-1]


def _events(challenge: Challenge) -> sa.Select[AuditEvent]:
    """By the subject, which has an index, so that events of its proposals are not read."""
    return sa.select(AuditEvent).where(
        AuditEvent.subject_type == Challenge.__tablename__, AuditEvent.subject_id == challenge.id
    )


def last_event(challenge: Challenge, actions: Iterable[str] = ()) -> AuditEvent | None:
    """The latest event of the challenge itself, or the latest of these kinds."""
    query = _events(challenge)
    if actions:
        query = query.where(AuditEvent.action.in_(sorted(actions)))
    return db.session.scalar(query.order_by(AuditEvent.id.desc()).limit(1))


def members(organisation_id: int, right: Right, *others: Right) -> list[int]:
    """The ids of the active people who have at least one of these rights in an organisation."""
    return [person.id for person in people_with_right(organisation_id, right, *others)]


def people_with(role: PlatformRole) -> list[int]:
    """The ids of the active people who have a platform role."""
    return list(db.session.scalars(sa.select(User.id).where(User.active, User.roles.any(name=role.value))))


_NEEDED = (
    Challenge.state, Challenge.funding_due_at, Challenge.funded_at, Challenge.opens_at, Challenge.closes_at,
    Challenge.proposals_count, Challenge.panel_formed_at, Challenge.reviews_due_at, Challenge.reviews_in_at,
    Challenge.decision_due_at, Challenge.appeals_until, Challenge.held_at, Challenge.payment_held_at,
    Challenge.unverified_at,
    Challenge.rules,
    Challenge.silence, Challenge.silence_at, Challenge.honoraria,
)  # fmt: skip


def next_steps(challenge_ids: Iterable[int]) -> dict[int, str]:
    """What each of these challenges waits for, by number, in one statement."""
    wanted, now = set(challenge_ids), clock.now()
    query = sa.select(Challenge).where(Challenge.id.in_(wanted)).options(load_only(*_NEEDED), lazyload("*"))
    return {row.id: challenge_next_steps.sentence(row, now) for row in db.session.scalars(query)} if wanted else {}


_DRAFTS = (
    sa.select(Challenge.id, Challenge.title, Challenge.screening_note, Challenge.funding_due_at)
    .where(
        Challenge.organisation_id.in_(sa.bindparam("organisations", expanding=True)),
        Challenge.state == ChallengeState.DRAFT,
    )
    .order_by(Challenge.changed_at.desc())
    .limit(10)
)


def waiting(actor: User) -> list[Task]:
    """What waits for a person here: drafts that were returned or are not sent yet."""
    organisations = [organisation.id for organisation in policy.sponsor_organisations(actor)]
    if not organisations:
        return []
    return [
        Task(
            title or _("Draft"),
            url_for("challenges.show", challenge_id=challenge_id),
            _why(note, funding_due_at),
            challenge_id=challenge_id,
        )
        for challenge_id, title, note, funding_due_at in db.session.execute(_DRAFTS, {"organisations": organisations})
    ]


def _why(note: str, funding_due_at: datetime | None) -> str:
    if note:
        return _("Returned by the service centre: see the remarks")
    return _("Not paid in time: submit it again") if funding_due_at else _("A draft, not submitted for screening yet")


def soon(challenge: Challenge) -> bool:
    """Whether the challenge closes within three days."""
    left = (challenge.closes_at - clock.now()).total_seconds() if challenge.closes_at else None
    return challenge.state in TAKING and left is not None and 0 < left < 3 * 86400
