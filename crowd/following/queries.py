"""Reads of who follows what."""

from collections import defaultdict
from collections.abc import Collection, Iterable

import sqlalchemy as sa

from crowd.audit import Actor
from crowd.db import db
from crowd.errors import NotFound
from crowd.feature import Followed, FollowedKind, declared
from crowd.following.models import Follow

Subject = tuple[str, int]  # a declared kind, and the number of a row of it


def kind_of(subject_type: str) -> FollowedKind:
    """The kind of that name. Raises NotFound where no package declares it."""
    found = declared().followed.get(subject_type)
    if found is None:
        raise NotFound
    return found


_FOLLOWS = sa.select(sa.literal(1)).where(
    Follow.user_id == sa.bindparam("me"),
    Follow.subject_type == sa.bindparam("kind"),
    Follow.subject_id == sa.bindparam("id"),
)


def follows(actor: Actor, subject_type: str, subject_id: int) -> bool:
    """Whether the person follows this."""
    return bool(db.session.scalar(_FOLLOWS, {"me": actor.id, "kind": subject_type, "id": subject_id}))


def count_followed(actor: Actor) -> int:
    """How much a person follows."""
    return int(db.session.scalar(sa.select(sa.func.count()).where(Follow.user_id == actor.id)) or 0)


def list_followed(actor: Actor) -> list[tuple[str, FollowedKind, list[tuple[int, Followed | None]]]]:
    """What a person follows, by kind in the order of the manifests, the newest first; None for what they can no longer
    see.
    """
    query = sa.select(Follow.subject_type, Follow.subject_id).where(Follow.user_id == actor.id)
    ids: dict[str, list[int]] = defaultdict(list)
    for subject_type, subject_id in db.session.execute(query.order_by(Follow.created_at.desc(), Follow.subject_id)):
        ids[subject_type].append(subject_id)
    kinds = [(name, kind) for name, kind in declared().followed.items() if name in ids]
    shown = {name: kind.find(actor, ids[name]) for name, kind in kinds}
    return [(name, kind, [(number, shown[name].get(number)) for number in ids[name]]) for name, kind in kinds]


def followers(
    subjects: Collection[Subject],
    *,
    after: int,
    number: int,
    besides: Iterable[sa.Select[int]] = (),
    among: sa.ColumnElement[bool] | None = None,
) -> list[int]:
    """The next people, behind the one with the id `after`, who follow one of these; none whom `besides` selects, and
    those only of whom `among` is true, which is about `Follow.user_id`.
    """
    query = (
        sa.select(Follow.user_id)
        .distinct()
        .where(sa.tuple_(Follow.subject_type, Follow.subject_id).in_(list(subjects)), Follow.user_id > after)
    )
    for others in besides:
        query = query.where(Follow.user_id.not_in(others))
    if among is not None:
        query = query.where(among)
    return list(db.session.scalars(query.order_by(Follow.user_id).limit(number)))
