"""The page of a person's entries, among those of their account."""

from collections.abc import Iterator

from flask_babel import gettext as _

from crowd.audit import Actor
from crowd.feature import Tab


def of_account(_actor: Actor | None) -> Iterator[Tab]:
    """The entries of the person and of their organisations."""
    yield Tab(19, _("Register entries"), "registers.own")
