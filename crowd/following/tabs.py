"""The page of what a person follows, among those of their account."""

from collections.abc import Iterator

from flask_babel import gettext as _

from crowd.audit import Actor
from crowd.feature import Tab


def of_account(_actor: Actor | None) -> Iterator[Tab]:
    """What the person follows."""
    yield Tab(40, _("Following"), "following.index")
