"""Links by which mail about notices is stopped without signing in (RFC 8058): signed, for one person, without an end.

Such a link stops mail and does nothing else; everything still comes to the inbox, and a person's settings undo it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer

from crowd.errors import NotFound
from crowd.notifications import kinds


@dataclass(frozen=True, slots=True)
class Link:
    """Whose mail a link stops, and about which groups of notices."""

    user_id: int
    groups: tuple[str, ...]


def path(user_id: int, groups: Iterable[str]) -> str:
    """The path that stops mail about these groups for a person."""
    return f"/unsubscribe/{_signer().dumps([user_id, *sorted(groups)])}"


def read(token: str) -> Link:
    """What the end of such a path says. Raises NotFound where it is not signed by us."""
    try:
        user_id, *groups = _signer().loads(token)
    except BadSignature as error:
        raise NotFound(_("This link is not valid. Choose in your settings which emails you receive.")) from error
    return Link(user_id, tuple(group for group in groups if group in kinds.GROUPS))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="crowd.unsubscribe")
