"""The entries of the feed of results."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from crowd.feeds.atom import FeedEntry
from crowd.values import money
from crowd.web.values import show
from scoring.awards.queries import Result


def feed_entry(result: Result) -> FeedEntry:
    """A decision, as its public page shows it."""
    return FeedEntry(
        title=result.title,
        path=url_for("scoring.results", challenge_id=result.challenge_id),
        updated_at=result.settled_at or result.decided_at,
        published_at=result.decided_at,
        summary=_summary(result),
        author=result.organisation,
        language=result.language,
    )


def _summary(result: Result) -> str:
    if not result.awards:
        return _("Decided without an award.")
    awards = ngettext("%(num)s award", "%(num)s awards", result.awards)
    return " · ".join([result.winner, awards, show(money(result.amount, result.currency))])
