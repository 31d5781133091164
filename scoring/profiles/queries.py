"""Reads of public profiles: who has won what, and the reasons for the points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, load_only, undefer_group

from challenges.models import Challenge, Prize
from challenges.policy import LISTED, visible_to
from challenges.workflow import RESULTS
from crowd import email_address
from crowd.access import id_in
from crowd.accounts.models import Membership, Organisation, OrganisationKind, User
from crowd.accounts.policy import can_report
from crowd.accounts.profiles.visibility import may_see, shown, visible_clause
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Invalid, NotFound
from crowd.names import plain_name
from crowd.taxonomy.schemes import FIELD
from crowd.taxonomy.vocabulary import current
from crowd.text import key
from crowd.web.organisations import labels
from crowd.web.paging import Page, page
from scoring import policy
from scoring.models import Award, PaymentHold, ReputationEvent, ReputationKind
from scoring.profiles.models import ReputationTotal
from scoring.profiles.sponsor_record import Record, of_sponsor
from submissions.models import Proposal, ProposalVersion, Share

Party = TypeVar("Party", User, Organisation)
EVENTS, AWARDS = 200, 50
_NONE = sa.literal_column("0", sa.BigInteger)  # a constant, so that every plan may use the partial indexes
_ANSWERED = ReputationTotal.awarded + ReputationTotal.placed > _NONE
_PERSON = contains_eager(ReputationTotal.user).options(load_only(User.name, User.expertise, User.visibility))
_HOUSE = contains_eager(ReputationTotal.organisation).options(load_only(Organisation.name, Organisation.city))
_PEOPLE = sa.select(ReputationTotal).join(ReputationTotal.user).where(ReputationTotal.user_id > _NONE, User.active)
LISTS: dict[str, tuple[InstrumentedAttribute[int], sa.Select[ReputationTotal]]] = {  # its order, and who is in it
    "solvers": (ReputationTotal.solving, _PEOPLE.where(_ANSWERED).options(_PERSON)),
    "reviewers": (ReputationTotal.reviewing, _PEOPLE.where(ReputationTotal.reviewed > _NONE).options(_PERSON)),
    "agencies": (
        ReputationTotal.solving,
        sa.select(ReputationTotal)
        .join(ReputationTotal.organisation)
        .where(ReputationTotal.organisation_id > _NONE, _ANSWERED)
        .options(_HOUSE),
    ),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a list: equal points share a rank."""

    rank: int
    points: int
    standing: ReputationTotal

    def fields_for(self, actor: Actor | None) -> list[str]:
        """The person's fields that this reader sees."""
        user = self.standing.user
        return user.expertise if user is not None and may_see(actor, user, "expertise") else []


@dataclass(frozen=True, slots=True)
class Profile(Generic[Party]):
    """The public profile of a person or an organisation.

    `events` are rows (kind, points, data, at, challenge_id, title, language), oldest first, the newest 200. Points
    from reviewing are one sum (`reviewing`) for other readers, outside of the events: who judged which challenge is
    confidential, and so is when. So are the points (`hidden`) from challenges for invited people only that this reader
    may not see. `record` is a sponsor's. `shown` are the fields of a person's profile that this reader
    sees.
    """

    party: Party
    points: int
    reviewing: int
    hidden: int
    events: Sequence[Any]
    awards: Sequence[Any]
    organisations: Sequence[sa.Row[int, str, OrganisationKind, int]] = ()
    challenges: Sequence[Any] = ()
    record: Record | None = None
    shown: Mapping[str, object] = field(default_factory=dict)
    reports: bool = False  # whether the reader may report it

    @property
    def says_something(self) -> bool:
        """Whether the reader sees a field of the profile."""
        return any(self.shown.values())

    @property
    def before(self) -> int:
        """The points before the events shown."""
        return self.points - self.reviewing - self.hidden - sum(event.points for event in self.events)

    @property
    def lines(self) -> list[tuple[Any, int]]:
        """Each event with the running total, the newest first."""
        sums = accumulate((event.points for event in self.events), initial=self.before)
        return list(zip(self.events, list(sums)[1:], strict=True))[::-1]


def listed(kind: str, *, field: str, after: str | None, size: int, actor: Actor | None = None) -> Page[Listed]:
    """A page of one of the lists, the most points first; `field` filters people by that field, with any of
    its names, as far as this reader (None: a visitor) sees their fields.
    """
    points, query = LISTS[kind]
    if field and kind != "agencies":
        query = query.where(_knows(field), visible_clause(actor, "expertise"))
    order = [(points, True), (ReputationTotal.id, True)]
    found = page(query, order, name=f"people.{kind}", after=after, size=size)
    return Page(_with_ranks(points, query, found), found.after, found.first)


def _knows(field: str) -> sa.ColumnElement[bool]:
    """Whether a person has a field: one of our list by any of its names, any other in any case and width."""
    if current().find(FIELD, field):
        return User.expertise.contains(current().kept([field]))
    written = sa.func.unnest(User.expertise).table_valued("field").render_derived()
    plain = sa.func.lower(sa.func.normalize(written.c.field, sa.literal_column("NFKC")))
    return sa.exists(sa.select(1).select_from(written).where(plain == key(field)))


def _with_ranks(
    points: InstrumentedAttribute[int], query: sa.Select[ReputationTotal], found: Page[ReputationTotal]
) -> list[Listed]:
    """The rows of a page with their ranks, which continue from the previous page."""
    rank, before = 1, 0
    if not found.first and found.rows:
        at, row_id = getattr(found.rows[0], points.key), found.rows[0].id
        ahead = query.where(sa.or_(points > at, sa.and_(points == at, ReputationTotal.id > row_id)))
        counted = ahead.with_only_columns(sa.func.count(), sa.func.count().filter(points > at))
        before, above = db.session.execute(counted).one()
        rank = above + 1
    rows: list[Listed] = []
    for number, row in enumerate(found.rows):
        now = getattr(row, points.key)
        if rows and now != rows[-1].points:
            rank = before + number + 1
        rows.append(Listed(rank, now, row))
    return rows


_COUNTS = sa.select(
    *(query.with_only_columns(sa.func.count()).scalar_subquery().label(kind) for kind, (_by, query) in LISTS.items())
)


def counts() -> Any:
    """A row (solvers, agencies, reviewers): the length of each list."""
    return db.session.execute(_COUNTS).one()


def person(actor: Actor | None, user_id: int) -> Profile[User]:
    """A person's profile. Raises NotFound for a closed account, and, for visitors, for a person with
    neither points nor an announced award.
    """
    whole = policy.can_view_everything_of(actor, user_id)
    query = sa.select(User).where(User.id == user_id, opens_to(actor)).options(undefer_group("profile"))
    user = db.session.scalar(query.execution_options(populate_existing=True))
    if user is None:
        raise NotFound(_("There is no such person here."))
    standing = _standing(ReputationTotal.user_id == user_id)
    whose = ReputationEvent.user_id == user_id
    return Profile(
        party=user,
        points=standing.points if standing else 0,
        reviewing=standing.reviewing if standing and not whole else 0,
        hidden=_hidden(actor, whose) if standing else 0,
        events=_events(actor, whose, whole) if standing else (),
        awards=_awards_of_person(actor, user_id),
        organisations=_organisations_of(user_id) if may_see(actor, user, "organisations") else (),
        shown=shown(actor, user),
        reports=can_report(actor, user),
    )


def opens_to(actor: Actor | None) -> sa.ColumnElement[bool]:
    """Whether a person's profile opens for this reader, as SQL over people: the account is open, and for a visitor it
    has points or an announced award.
    """
    if actor is not None:
        return sa.and_(User.active)
    earned = sa.exists().where(ReputationTotal.user_id == User.id).correlate(User)
    public = Challenge.state.in_(RESULTS), visible_to(None)
    won = sa.select(Proposal.user_id).join(Award, Award.proposal_id == Proposal.id)
    won = won.join(Challenge, Challenge.id == Award.challenge_id).where(*public)
    alone = won.where(Proposal.user_id == User.id, ~_shares_in(User.id)).correlate(User)
    shared = won.join(Share, Share.proposal_id == Proposal.id)
    shared = shared.where(Share.user_id == User.id, Share.agreed_at.is_not(None)).correlate(User)
    return sa.and_(User.active, sa.or_(earned, alone.exists(), shared.exists()))


def _shares_in(user_id: int | sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    """Whether a person has a share in a proposal."""
    return sa.exists().where(Share.proposal_id == Proposal.id, Share.user_id == user_id).correlate(Proposal, User)


def _organisations_of(user_id: int) -> Sequence[sa.Row[int, str, OrganisationKind, int]]:
    """Rows (id, name, kind, posted): the organisations of a person, and how many challenges each has published."""
    posted = sa.select(sa.func.count()).where(Challenge.organisation_id == Organisation.id, LISTED)
    query = (
        sa.select(Organisation.id, Organisation.name, Organisation.kind, posted.scalar_subquery().label("posted"))
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.user_id == user_id)
    )
    return db.session.execute(query.order_by(Organisation.name)).all()


def organisation(actor: Actor | None, organisation_id: int) -> Profile[Organisation]:
    """An organisation's profile: what it has won, and the challenges that it has posted. Raises NotFound."""
    row = db.session.get(Organisation, organisation_id)
    if row is None:
        raise NotFound(_("There is no such organisation here."))
    standing = _standing(ReputationTotal.organisation_id == organisation_id)
    released = sa.select(sa.func.max(PaymentHold.released_at)).where(PaymentHold.challenge_id == Challenge.id)
    posted = sa.select(
        Challenge.id, Challenge.title, Challenge.language, Challenge.state, Challenge.currency, Challenge.prize_total,
        Challenge.sort_posted_at, Challenge.origin, Challenge.closed_at, Challenge.decision_due_at,
        Challenge.decided_at, Challenge.appeals_until, Challenge.settled_at,
        released.scalar_subquery().label("released_at"),
    ).where(Challenge.organisation_id == organisation_id, LISTED)  # fmt: skip
    whose = ReputationEvent.organisation_id == organisation_id
    rows = db.session.execute(posted.order_by(Challenge.sort_posted_at.desc(), Challenge.id.desc()).limit(50)).all()
    return Profile(
        party=row,
        points=standing.points if standing else 0,
        reviewing=0,
        hidden=_hidden(actor, whose) if standing else 0,
        events=_events(actor, whose, whole=True) if standing else (),
        awards=_awards_of_organisation(actor, organisation_id),
        challenges=rows,
        record=of_sponsor(rows),
        reports=can_report(actor, row),
    )


def _standing(whose: sa.ColumnElement[bool]) -> ReputationTotal | None:
    return db.session.scalar(sa.select(ReputationTotal).where(whose))


def _hidden(actor: Actor | None, whose: sa.ColumnElement[bool]) -> int:
    """The points from challenges that the reader may not see; who reviewed one is in another sum."""
    query = sa.select(sa.func.coalesce(sa.func.sum(ReputationEvent.points), 0)).join(
        Challenge, Challenge.id == ReputationEvent.challenge_id
    )
    unseen = whose, ReputationEvent.kind != ReputationKind.REVIEWED, ~visible_to(actor)
    return int(db.session.scalar(query.where(*unseen)) or 0)


def _events(actor: Actor | None, whose: sa.ColumnElement[bool], whole: bool) -> Sequence[Any]:
    query = (
        sa.select(
            ReputationEvent.id, ReputationEvent.kind, ReputationEvent.points, ReputationEvent.data,
            ReputationEvent.at, Challenge.id.label("challenge_id"), Challenge.title, Challenge.language,
        )
        .join(Challenge, Challenge.id == ReputationEvent.challenge_id)
        .where(whose, visible_to(actor))
    )  # fmt: skip
    if not whole:
        query = query.where(ReputationEvent.kind != ReputationKind.REVIEWED)
    return list(reversed(db.session.execute(query.order_by(ReputationEvent.id.desc()).limit(EVENTS)).all()))


_AWARD: tuple[Any, ...] = (
    Award.id, Award.position, Award.amount, Award.state, Prize.title.label("prize"), Challenge.currency,
    Challenge.id.label("challenge_id"), Challenge.title.label("challenge"),
    Challenge.language.label("challenge_language"), Challenge.decided_at, Award.paid_at, ProposalVersion.title,
    ProposalVersion.language,
)  # fmt: skip


def _awards_of_person(actor: Actor | None, user_id: int) -> Sequence[Any]:
    """The awards in which a person has a share, and those won alone or for an agency, which is then paid.

    Further columns: `part` (hundredths of a percent, None where the person has no share), `agency`, `agency_id`.
    """
    own = sa.select(Proposal.id).where(Proposal.user_id == user_id, ~_shares_in(user_id))
    agreed = sa.select(Share.proposal_id).where(Share.user_id == user_id, Share.agreed_at.is_not(None))
    further = (
        Share.basis_points.label("part"), Organisation.name.label("agency"), Organisation.id.label("agency_id"),
    )  # fmt: skip
    query = (
        _awards(actor, own.union(agreed), *further)
        .outerjoin(Share, sa.and_(Share.proposal_id == Proposal.id, Share.user_id == user_id))
        .outerjoin(Organisation, Organisation.id == Proposal.organisation_id)
    )
    return db.session.execute(query).all()


def _awards_of_organisation(actor: Actor | None, organisation_id: int) -> Sequence[Any]:
    """What an organisation has won, with the columns of `_awards_of_person`: `part` is its own, None for all of it."""
    own = sa.select(Proposal.id).where(Proposal.organisation_id == organisation_id)
    shared = sa.select(Share.proposal_id).where(Share.organisation_id == organisation_id, Share.basis_points > 0)
    further = (Share.basis_points.label("part"), sa.null().label("agency"), sa.null().label("agency_id"))
    query = _awards(actor, own.union(shared), *further).outerjoin(
        Share, sa.and_(Share.proposal_id == Proposal.id, Share.organisation_id == organisation_id)
    )
    return db.session.execute(query).all()


def awards_of_organisations(organisation_ids: Sequence[int]) -> Sequence[object]:
    """What these organisations have won, as everybody may see it, with proposals of their own; with the columns of a
    profile's awards.
    """
    own = sa.select(Proposal.id).where(Proposal.organisation_id.in_(organisation_ids))
    whole = (sa.null().label("part"), Organisation.name.label("agency"), Organisation.id.label("agency_id"))
    query = _awards(None, own, *whole).join(Organisation, Organisation.id == Proposal.organisation_id)
    return db.session.execute(query).all()


def _awards(actor: Actor | None, proposals: Any, *further: Any) -> sa.Select[Any]:
    """The announced awards of these proposals that the reader may see, the newest first."""
    return (
        sa.select(*_AWARD, *further)
        .select_from(Award)
        .join(Prize, Prize.id == Award.prize_id)
        .join(Challenge, Challenge.id == Award.challenge_id)
        .join(Proposal, Proposal.id == Award.proposal_id)
        .join(ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id)
        .where(Award.proposal_id.in_(proposals), Challenge.state.in_(RESULTS), visible_to(actor))
        .order_by(Challenge.decided_at.desc(), Award.id)
        .limit(AWARDS)
    )


def _by_address(address: str) -> list[int]:
    return list(db.session.scalars(sa.select(User.id).where(User.email == email_address.normal(address))))


def _by_name(name: str) -> Sequence[Organisation]:
    """Organisations of that name in whatever case, width or script; those that only look like it do not count."""
    called = Organisation.name_keys.contains([plain_name(name)])
    found = db.session.scalars(sa.select(Organisation).where(called, Organisation.origin.is_(None))).all()
    return [row for row in found if plain_name(row.name) == plain_name(name)]


def _by_number(text: str) -> Sequence[Organisation]:
    """Those with that registration number, a verified one before those that only claim it; else the one with
    that id.
    """
    number = key(text)
    query = sa.select(Organisation).where(Organisation.origin.is_(None)).order_by(Organisation.id)
    found = db.session.scalars(query.where(sa.func.lower(Organisation.registration_number) == number)).all()
    if not found:
        found = db.session.scalars(query.where(Organisation.id == id_in(number))).all()
    return [row for row in found if row.verified_at] or found


def named_party(text: str) -> dict[str, int]:
    """The party that a reviewer means: `{"user_id": ...}` by email address, or `{"organisation_id": ...}` by its name
    or number.

    Raises Invalid where there is none, or more than one of that name; then the message distinguishes them.
    """
    rows = [] if "@" in text else _by_name(text) or _by_number(text)
    if len(rows) > 1:
        told = "; ".join(labels(rows).values())
        raise Invalid.at(
            "party",
            _("Several organisations are called this. Write the number of the one you mean: %(list)s", list=told),
        )
    name, found = ("user_id", _by_address(text)) if "@" in text else ("organisation_id", [row.id for row in rows])
    if not found:
        raise Invalid.at("party", _("No person or organisation here has this name or address."))
    return {name: found[0]}
