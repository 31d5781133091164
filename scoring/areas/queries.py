"""What belongs to an industry or to a region, in a constant number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import load_only

from challenges.models import Challenge, Origin
from challenges.policy import FOR_EVERYBODY, LISTED
from challenges.queries import TAKING, has_term
from challenges.search_tokens import term_token
from challenges.workflow import RESULTS
from crowd.accounts.models import Organisation, User
from crowd.accounts.profiles.visibility import visible_clause
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import NotFound
from crowd.taxonomy.schemes import FIELD, INDUSTRY, REGION
from crowd.taxonomy.vocabulary import Entry, current
from scoring.awards import queries as awards
from scoring.profiles.models import ReputationTotal

Clause = sa.ColumnElement[bool]
SHOWN = 10  # rows of each part of the page


@dataclass(frozen=True, slots=True)
class Area:
    """An industry or a region (`term`), with the regions above and right below it.

    `open` are challenges, the next to close first; `results` the latest decisions; `organisations` by name; `people`,
    the most points first. `sums` counts open challenges and decisions.
    """

    term: Entry
    above: Sequence[Entry]
    below: Sequence[Entry]
    open: Sequence[Challenge]
    results: Sequence[awards.Result]
    organisations: Sequence[Organisation]
    people: Sequence[User]
    sums: sa.Row[int, int]


def industries() -> list[tuple[Entry, int]]:
    """All industries, with the number of open challenges of each."""
    entries = current().all(INDUSTRY)
    tokens = sa.func.unnest(Challenge.search).table_valued("token").render_derived()
    wanted = {term_token(INDUSTRY, one.code): one for one in entries}
    query = (
        sa.select(tokens.c.token, sa.func.count())
        .select_from(Challenge)
        .join(tokens, sa.true())
        .where(Challenge.state.in_(TAKING), FOR_EVERYBODY, tokens.c.token.in_(wanted))
        .group_by(tokens.c.token)
    )
    counted: dict[str, int] = dict(db.session.execute(query).tuples().all())
    return [(entry, counted.get(token, 0)) for token, entry in wanted.items()]


def industry(actor: Actor | None, code: str) -> Area:
    """An industry by its code. Raises NotFound."""
    term = _term(INDUSTRY, code)
    fields = [one for one in current().linked(term, FIELD) if one.is_offered]
    names = [name for one in fields for name in one.spellings]
    within = has_term(INDUSTRY, term.code)
    sponsors = sa.select(Challenge.organisation_id).where(within, LISTED)
    members = sa.and_(User.expertise.overlap(names), visible_clause(actor, "expertise")) if names else sa.false()
    return _area(actor, term, within, Organisation.id.in_(sponsors), members)


def region(actor: Actor | None, code: str) -> Area:
    """A region by its code, with all that lies below it. Raises NotFound."""
    term = _term(REGION, code)
    ids = current().ids_below(term)
    here = Organisation.region_id.in_(ids)
    within = Challenge.organisation_id.in_(sa.select(Organisation.id).where(here))
    return _area(actor, term, within, here, sa.and_(User.region_id.in_(ids), visible_clause(actor, "region")))


def _term(scheme: str, code: str) -> Entry:
    found = current().get(scheme, code)
    if found is None:
        raise NotFound(_l("There is no such page."))
    return found


def _area(actor: Actor | None, term: Entry, within: Clause, organisations: Clause, members: Clause) -> Area:
    taking = sa.select(Challenge).where(within, Challenge.state.in_(TAKING), FOR_EVERYBODY)
    here = sa.select(Organisation).where(organisations, Organisation.origin.is_(None), Organisation.closed_at.is_(None))
    return Area(
        term=term,
        above=current().above(term)[1:],
        below=current().children(term),
        open=db.session.scalars(taking.order_by(Challenge.sort_closes_at, Challenge.id).limit(SHOWN)).all(),
        results=awards.latest_results(SHOWN, within),
        organisations=db.session.scalars(here.order_by(Organisation.name, Organisation.id).limit(SHOWN)).all(),
        people=_people(actor, members),
        sums=_sums(within),
    )


def _people(actor: Actor | None, members: Clause) -> Sequence[User]:
    """The most points first. Visitors see the profiles of those only who have some (`scoring.profiles.queries`)."""
    points = ReputationTotal.solving + ReputationTotal.reviewing
    query = sa.select(User).join(ReputationTotal, ReputationTotal.user_id == User.id, isouter=actor is not None)
    query = query.where(User.active, members).options(load_only(User.name))
    return db.session.scalars(query.order_by(points.desc().nulls_last(), User.id).limit(SHOWN)).all()


def _sums(within: Clause) -> sa.Row[int, int]:
    """A row (open, decided) of this platform's challenges."""
    taking, decided = Challenge.state.in_(TAKING), Challenge.state.in_(RESULTS)
    query = sa.select(sa.func.count().filter(taking).label("open"), sa.func.count().filter(decided).label("decided"))
    return db.session.execute(query.where(within, FOR_EVERYBODY, Challenge.origin == Origin.PLATFORM)).one()
