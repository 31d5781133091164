"""The page of a person's entries, among those of their account; and that of all registers, for administration."""

from collections.abc import Iterator

from flask_babel import gettext as _

from crowd.audit import Actor
from crowd.feature import Tab


def of_account(_actor: Actor | None) -> Iterator[Tab]:
    """The entries of the person and of their organisations."""
    yield Tab(19, _("Register entries"), "registers.own")


def of_administration(_actor: Actor | None) -> Iterator[Tab]:
    """All registers: their keepers act on the pages of entries."""
    yield Tab(22, _("Registers"), "registers.index", _("Who is entered where; keepers enter, renew and revoke."))
