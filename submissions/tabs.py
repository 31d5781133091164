"""Pages that submissions add to those of a challenge."""

from collections.abc import Iterator

from flask_babel import gettext as _

from challenges.models import Challenge
from crowd.audit import Actor
from crowd.feature import Tab
from submissions.entry.policy import can_list
from submissions.numbers.policy import can_view_numbers


def of_challenge(actor: Actor | None, challenge: Challenge) -> Iterator[Tab]:
    """Who has registered, where the contract asks for anything; the sponsor's numbers."""
    if challenge.published_at is not None and can_list(actor, challenge):
        yield Tab(26, _("Registrants"), "entry.registrants")
    if can_view_numbers(actor, challenge):
        yield Tab(85, _("Numbers"), "numbers.show")
