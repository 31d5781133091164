"""Reads of saved searches; they are their owner's alone."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from challenges import filtering
from challenges.models import Challenge, Origin
from challenges.queries import TAKING, Filters, listed
from challenges.searches.models import SavedSearch
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import NotFound
from crowd.feature import Followed
from crowd.web.arguments import Arguments
from crowd.web.tasks import Task

MAX_COUNTED = 100  # new results of one search; more are not counted
# When a challenge was first to be seen here: the date on another platform has no meaning for what is new.
SHOWN_AT = sa.case((Challenge.origin == Origin.EXTERNAL, Challenge.created_at), else_=Challenge.published_at)


def access(actor: Actor | None, search_id: int) -> SavedSearch:
    """A saved search of the actor. Raises NotFound for anybody else's."""
    row = db.session.get(SavedSearch, search_id)
    if row is None or actor is None or row.user_id != actor.id:
        raise NotFound
    return row


def of_person(user_id: int) -> Sequence[SavedSearch]:
    """The searches of a person, by name."""
    return db.session.scalars(
        sa.select(SavedSearch).where(SavedSearch.user_id == user_id).order_by(SavedSearch.name)
    ).all()


def filters_of(search: SavedSearch) -> Filters:
    """The filters that a search keeps; what is no longer known is left out."""
    pairs = [(name, one) for name, value in search.arguments.items() for one in _several(value)]
    return filtering.read(Arguments(MultiDict(pairs)))


def _several(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def finds(filters: Filters, challenge_id: int) -> bool:
    """Whether the list with these filters has the challenge."""
    return bool(db.session.scalar(sa.select(listed(filters).where(Challenge.id == challenge_id).exists())))


def count_new(searches: Sequence[SavedSearch]) -> dict[int, int]:
    """How many results each of these searches has that its owner has not seen, by its number, in one statement."""
    if not searches:
        return {}
    counts = [
        sa.select(sa.literal(search.id), sa.func.count()).select_from(
            _new(search).with_only_columns(Challenge.id).limit(MAX_COUNTED).subquery()
        )
        for search in searches
    ]
    return dict(db.session.execute(sa.union_all(*counts)).all())


def _new(search: SavedSearch) -> sa.Select[Challenge]:
    """What a search finds that was not there when its owner last looked.

    Where it looks for challenges in later states only, new is what has come into these since.
    """
    filters = filters_of(search)
    later = filters.states and not set(filters.states) & set(TAKING)
    return listed(filters).where((Challenge.changed_at if later else SHOWN_AT) > search.seen_at)


def followed(actor: Actor | None, search_ids: Iterable[int]) -> dict[int, Followed]:
    """The person's own among these searches, for the page of what they follow."""
    mine = {search.id: search for search in of_person(actor.id if actor and actor.id else 0)}
    return {
        number: Followed(mine[number].name, url_for("searches.show", search_id=number))
        for number in search_ids
        if number in mine
    }


def waiting(actor: Actor) -> list[Task]:
    """The searches with new results, for the dashboard."""
    searches = of_person(actor.id or 0)
    new = count_new(searches)
    return [
        Task(search.name, url_for("searches.show", search_id=search.id), _("New results of a saved search"),
             count=new[search.id])
        for search in searches
        if new[search.id]
    ]  # fmt: skip
