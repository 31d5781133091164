"""The page of a person's choices about email, among those of their account."""

from collections.abc import Iterator

from flask_babel import gettext as _

from crowd.audit import Actor
from crowd.feature import Tab


def of_account(_actor: Actor | None) -> Iterator[Tab]:
    """How often the person is emailed about what."""
    yield Tab(46, _("Email notifications"), "notifications.preferences")
