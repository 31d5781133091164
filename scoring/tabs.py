"""The pages of a challenge that belong to its judging."""

from collections.abc import Iterator

from flask_babel import gettext as _

from challenges.models import Challenge
from crowd import clock
from crowd.audit import Actor
from crowd.feature import Tab
from scoring.holds.policy import can_hold
from scoring.policy import can_view_results, decides
from scoring.queries import sees_judging
from scoring.results.queries import versions


def of_challenge(actor: Actor | None, challenge: Challenge) -> Iterator[Tab]:
    """Panel, ranking and awards for those who see the judging; the results once they are published, also while the
    decision is open again or a later round is judged; the page on which the council or the service centre holds a
    payment.
    """
    if sees_judging(actor, challenge):
        yield Tab(40, _("Panel"), "scoring.panel")
        yield Tab(50, _("Ranking"), "scoring.ranking")
        if decides(actor, challenge, clock.now()):
            yield Tab(60, _("Awards"), "scoring.awards")
    published = can_view_results(actor, challenge) or (challenge.is_judged and bool(versions(challenge.id)))
    if not challenge.external and published:
        yield Tab(70, _("Results"), "scoring.results")
    if challenge.awaits_settlement and can_hold(actor, challenge):
        yield Tab(80, _("Hold the payment"), "scoring.holds")
