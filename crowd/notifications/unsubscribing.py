"""Links that stop mail about notifications without signing in (RFC 8058): signed, for one person, never expiring.

Such a link only stops mail; everything still appears in the inbox, and the person's settings undo it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import current_app
from flask_babel import lazy_gettext as _
from itsdangerous import BadSignature, URLSafeSerializer

from crowd.errors import NotFound
from crowd.notifications import kinds


@dataclass(frozen=True, slots=True)
class Link:
    """Whose mail a link stops, and for which notification groups."""

    user_id: int
    groups: tuple[str, ...]


def path(user_id: int, groups: Iterable[str]) -> str:
    """The path that stops mail about these groups for a person."""
    return kinds.path_to("unsubscribing.unsubscribe", token=_signer().dumps([user_id, *sorted(groups)]))


def read(token: str) -> Link:
    """The contents of such a path. Raises NotFound where it is not signed by us."""
    try:
        user_id, *groups = _signer().loads(token)
    except BadSignature as error:
        raise NotFound(_("This link is not valid. Choose in your settings which emails you receive.")) from error
    return Link(user_id, tuple(group for group in groups if group in kinds.groups()))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="crowd.unsubscribe")
