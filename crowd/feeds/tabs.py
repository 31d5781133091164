"""The page of a person's calendar, among those of their account."""

from collections.abc import Iterator

from flask_babel import gettext as _

from crowd.audit import Actor
from crowd.feature import Tab


def of_account(_actor: Actor | None) -> Iterator[Tab]:
    """The link of the person's calendar."""
    yield Tab(44, _("Calendar"), "feeds.calendar")
