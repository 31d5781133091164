"""The feeds of challenges: public, in the language that their URL names."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from challenges import filtering, queries
from challenges.feeds import entries
from challenges.history import history_entries
from crowd.feeds import atom, calendars, languages
from crowd.web import guards
from crowd.web.arguments import arguments

blueprint = Blueprint("challenge_feeds", __name__)


@blueprint.get("/challenges.atom")
@guards.public
def listed() -> Response:
    """The newest challenges of the list with these filters."""
    with languages.asked():
        filters = filtering.read(arguments(), usual=queries.TAKING)
        rows = queries.newest(filters, atom.MAX_ENTRIES)
        page = url_for("challenges.index", **filtering.arguments(filters))
        return atom.response(_("Challenges"), page, [entries.listed(row) for row in rows])


@blueprint.get("/challenges/<int:challenge_id>/history.atom")
@guards.public
def history(challenge_id: int) -> Response:
    """What happened to a published challenge, the newest first."""
    challenge = queries.access(None, challenge_id)
    with languages.asked():
        happened = history_entries(challenge, inside=False)[::-1][: atom.MAX_ENTRIES]
        title = _("History of %(title)s", title=challenge.title)
        page = url_for("challenges.history", challenge_id=challenge.id)
        return atom.response(title, page, [entries.happened(challenge, one) for one in happened])


@blueprint.get("/challenges/<int:challenge_id>/calendar.ics")
@guards.public
def calendar(challenge_id: int) -> Response:
    """The dates of a published challenge."""
    challenge = queries.access(None, challenge_id)
    with languages.asked():
        return calendars.response(challenge.title, entries.dates(challenge), f"challenge-{challenge.id}")
