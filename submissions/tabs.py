"""The pages of a challenge that belong to proposals."""

from collections.abc import Iterator

from flask_babel import gettext as _

from challenges.models import Challenge
from crowd.audit import Actor
from crowd.feature import Tab
from submissions.entry.policy import can_list


def of_challenge(actor: Actor | None, challenge: Challenge) -> Iterator[Tab]:
    """Who has registered, for those who may know, where the contract asks for anything."""
    if challenge.published_at is not None and can_list(actor, challenge):
        yield Tab(26, _("Registrants"), "entry.registrants")
