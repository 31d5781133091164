"""A person's private calendar, and the page on which they create and withdraw its link."""

from collections import Counter
from collections.abc import Iterable, Iterator
from uuid import NAMESPACE_URL, uuid5

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd import clock
from crowd.feeds import calendars, queries, services
from crowd.feeds.calendars import Deadline
from crowd.notifications.emails import in_locale
from crowd.web import confirmation, guards
from crowd.web.confirmation import Reason
from crowd.web.request_locale import platform_name
from crowd.web.tasks import Task
from crowd.web.values import show

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/account/calendar")
@guards.signed_in
def calendar() -> ResponseReturnValue:
    """The link of the person's calendar."""
    link = queries.find_link(guards.person().id)
    return render_template("feeds/calendar.html", link=link, token=queries.token_of(link) if link else None)


@blueprint.post("/account/calendar")
@guards.signed_in
@confirmation.not_required(Reason.REPEATABLE)
def create_link() -> ResponseReturnValue:
    """Create the link, or a new one in its place."""
    services.create_link(guards.person())
    flash(_("The link is created. Whoever has it can see your deadlines: do not pass it on."), "success")
    return redirect(url_for("feeds.calendar"), 303)


@blueprint.post("/account/calendar/revoke")
@guards.signed_in
@confirmation.not_required(Reason.REPEATABLE)
def revoke_link() -> ResponseReturnValue:
    """Withdraw the link."""
    services.revoke_link(guards.person())
    flash(_("The link no longer works."), "success")
    return redirect(url_for("feeds.calendar"), 303)


@blueprint.get("/calendar/<token>.ics")
@guards.public
@guards.sealed
def private(token: str) -> Response:
    """A person's deadlines, for a calendar program that has their link."""
    owner = queries.owner_of(token)
    with in_locale(owner.locale, owner.time_zone):
        name = _("%(platform)s: my deadlines", platform=platform_name())
        return calendars.response(name, _deadlines(queries.deadlines(owner)), "deadlines", private=True)


def _deadlines(tasks: Iterable[Task]) -> Iterator[Deadline]:
    """Each task by the page on which it is done, which stays the same when its date or its words change."""
    seen: Counter[str] = Counter()
    for task in tasks:
        assert task.due_at is not None
        seen[task.url] += 1
        key = uuid5(NAMESPACE_URL, f"{task.url} {seen[task.url]}").hex
        words = ": ".join(str(show(part)) for part in (task.text, task.detail) if part)
        yield Deadline(key, task.due_at, words, task.url, clock.now())
