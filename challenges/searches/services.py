"""Every write about saved searches, and the notifications of those who have them."""

import json
from collections.abc import Mapping

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from challenges import followers
from challenges.models import Challenge
from challenges.notifications import SEARCH_HIT, followed_params
from challenges.searches import queries
from challenges.searches.models import SavedSearch
from crowd import clock
from crowd.audit import Actor
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Invalid
from crowd.following import services as following
from crowd.following.models import Follow
from crowd.notifications.kinds import path_to
from crowd.notifications.services import notify

SAVED_SEARCH = "saved_search"
AT_ONCE = 200  # searches in a transaction


@atomic
def save(actor: Actor, *, name: str, arguments: Mapping[str, object]) -> SavedSearch:
    """Keep a search, and follow it. Raises Invalid where the person has one of this name, or as many as allowed."""
    mine, most = queries.of_person(actor.id or 0), limits().saved_searches
    if len(mine) >= most:
        raise Invalid(_("You have saved %(number)s searches, which is the most. Delete one first.", number=most))
    if any(search.name == name for search in mine):
        raise Invalid.at("name", _("You have a saved search of this name."))
    row = SavedSearch(user_id=actor.id, name=name, arguments=dict(arguments), seen_at=clock.db_now())
    db.session.add(row)
    db.session.flush()
    following.follow(actor, SAVED_SEARCH, row.id)
    return row


@atomic
def look(actor: Actor, search_id: int) -> SavedSearch:
    """The owner looks at the results: what comes from now on is new. Raises NotFound for anybody else's."""
    row = queries.access(actor, search_id)
    row.seen_at = clock.db_now()
    return row


@atomic
def delete(actor: Actor, search_id: int) -> None:
    """Delete a saved search; nobody hears of it any more. Raises NotFound for anybody else's."""
    row = queries.access(actor, search_id)
    following.unfollow(actor, SAVED_SEARCH, row.id)
    db.session.delete(row)


@atomic
def notify_next(challenge_id: int, actor_id: int | None, after: int) -> int | None:
    """Notify the owners of the next saved searches, behind the one with the id `after`, that find a new challenge and
    that are followed. Equal searches of several people are made once.

    Returns behind which search the next ones come; None at the end.
    """
    challenge = db.session.get_one(Challenge, challenge_id)
    searches, found = _followed(challenge, actor_id, after), dict[str, bool]()
    for search in searches:
        key = json.dumps(search.arguments, sort_keys=True)
        if key not in found:
            found[key] = queries.finds(queries.filters_of(search), challenge_id)
        if found[key]:
            _notify(challenge, search)
    return searches[-1].id if len(searches) == AT_ONCE else None


def _followed(challenge: Challenge, actor_id: int | None, after: int) -> list[SavedSearch]:
    query = (
        sa.select(SavedSearch)
        .join(Follow, sa.and_(Follow.user_id == SavedSearch.user_id, Follow.subject_id == SavedSearch.id))
        .where(Follow.subject_type == SAVED_SEARCH, SavedSearch.id > after)
    )
    for others in followers.informed(challenge, actor_id):
        query = query.where(SavedSearch.user_id.not_in(others))
    return list(db.session.scalars(query.order_by(SavedSearch.id).limit(AT_ONCE)))


def _notify(challenge: Challenge, search: SavedSearch) -> None:
    params = followed_params(challenge) | {"search": search.name}
    notify(
        search.user_id,
        kind=SEARCH_HIT,
        key=followers.key_of(challenge, "opened"),
        path=path_to("challenges.show", challenge_id=challenge.id),
        params=params,
        challenge_id=challenge.id,
    )
