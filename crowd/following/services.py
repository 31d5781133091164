"""Every write about following, and the notifications of followers."""

from collections.abc import Collection, Iterable, Mapping
from typing import cast

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert

from crowd.audit import Actor
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict
from crowd.following import queries
from crowd.following.models import Follow
from crowd.following.queries import Subject
from crowd.notifications.services import notify_all

AT_ONCE = 500  # followers in a transaction


@atomic
def follow(actor: Actor, subject_type: str, subject_id: int) -> None:
    """Follow something that the person may see. Doing it again changes nothing.

    Raises NotFound where it is hidden or there is none, Conflict where the person follows as much as is allowed.
    """
    queries.kind_of(subject_type).access(actor, subject_id)
    most = limits().follows
    if not queries.follows(actor, subject_type, subject_id) and queries.count_followed(actor) >= most:
        raise Conflict(_("You follow %(number)s things, which is the most. Stop following one first.", number=most))
    row = {"user_id": actor.id, "subject_type": subject_type, "subject_id": subject_id}
    db.session.execute(insert(cast(sa.Table, Follow.__table__)).values(row).on_conflict_do_nothing())


@atomic
def unfollow(actor: Actor, subject_type: str, subject_id: int) -> None:
    """Stop following something, also where it is no longer to be seen. Doing it again changes nothing."""
    queries.kind_of(subject_type)
    mine = Follow.user_id == actor.id, Follow.subject_type == subject_type, Follow.subject_id == subject_id
    db.session.execute(sa.delete(Follow).where(*mine))


@atomic
def notify_followers(
    subjects: Collection[Subject],
    *,
    after: int,
    kind: str,
    key: str,
    path: str,
    params: Mapping[str, object],
    challenge_id: int | None = None,
    besides: Iterable[sa.Select[int]] = (),
    among: sa.ColumnElement[bool] | None = None,
) -> int | None:
    """Notify the next people, behind the one with the id `after`, who follow one of these, each once for each `key`;
    none of those whom `besides` selects, because they did it or hear of it otherwise, and those only of whom `among`
    is true, where not everybody may hear of it.

    Returns behind whom the next ones come; None at the end. The caller is a job, which asks for another one.
    """
    people = queries.followers(subjects, after=after, number=AT_ONCE, besides=besides, among=among)
    notify_all(people, kind=kind, key=key, path=path, params=params, challenge_id=challenge_id)
    return people[-1] if len(people) == AT_ONCE else None
