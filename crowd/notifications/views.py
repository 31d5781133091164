"""The inbox."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crowd.config import limits
from crowd.notifications import kinds, queries, services, unsubscribing
from crowd.notifications.forms import preference_form
from crowd.notifications.questions import CHALLENGE_PAGE
from crowd.web import confirmation, guards, link_access
from crowd.web.arguments import arguments, posted
from crowd.web.confirmation import Reason

blueprint = Blueprint("notifications", __name__, url_prefix="/inbox")
unsubscribing_blueprint = Blueprint("unsubscribing", __name__, url_prefix="/unsubscribe")  # without a form token


@blueprint.get("")
@guards.signed_in
def inbox() -> ResponseReturnValue:
    """The person's notifications, newest first; only unread ones where requested, if there are any."""
    actor, count = guards.person(), queries.unread_count(guards.person().id)
    unread = arguments().text("show") == "unread" and count > 0
    size = limits().page_rows
    notifications = queries.list_inbox(actor.id, unread=unread, after=arguments().after, size=size)
    return render_template("notifications/inbox.html", notifications=notifications, unread=unread, count=count)


@blueprint.get("/<int:notification_id>")
@guards.signed_in
def show(notification_id: int) -> ResponseReturnValue:
    """Open the page that a notification links to, and mark it as read. Where that page has closed, show the
    notification itself.
    """
    notification = services.read(guards.person(), notification_id)
    refusal = link_access.refusal(guards.actor(), notification.path)
    if refusal is None:
        return redirect(notification.path, 303)
    about = url_for(CHALLENGE_PAGE(), challenge_id=notification.challenge_id) if notification.challenge_id else ""
    opens = about and about != notification.path and link_access.refusal(guards.actor(), about) is None
    return render_template(
        "notifications/closed.html",
        notification=notification,
        reason=refusal.message,
        challenge=about if opens else None,
    )


@blueprint.post("/<int:notification_id>/read")
@guards.signed_in
@confirmation.not_required(Reason.HARMLESS)
def read(notification_id: int) -> ResponseReturnValue:
    """Mark one notification as read."""
    services.read(guards.person(), notification_id)
    return redirect(url_for("notifications.inbox"), 303)


@blueprint.post("/read")
@guards.signed_in
@confirmation.not_required(Reason.HARMLESS)
def read_all() -> ResponseReturnValue:
    """Mark everything as read."""
    number = services.read_all(guards.person())
    flash(
        ngettext("%(num)d notification is marked as read.", "%(num)d notifications are marked as read.", number),
        "success",
    )
    return redirect(url_for("notifications.inbox"), 303)


@unsubscribing_blueprint.route("/<token>", methods=["GET", "POST"])
@guards.public
@confirmation.not_required(Reason.EDITABLE)
def unsubscribe(token: str) -> ResponseReturnValue:
    """Stop mail without signing in: a GET asks, a POST does it, also for a mail program (RFC 8058)."""
    link = unsubscribing.read(token)
    done = request.method == "POST"
    everything = posted().text("scope") == "all"
    if done:
        services.unsubscribe(link, all_groups=everything)
    groups = [str(label) for name, label in kinds.groups().items() if everything or name in link.groups]
    return render_template("notifications/unsubscribe.html", groups=groups, done=done)


@blueprint.route("/preferences", methods=["GET", "POST"])
@guards.signed_in
@confirmation.not_required(Reason.EDITABLE)
def preferences() -> ResponseReturnValue:
    """How often notifications are mailed, and when not."""
    actor = guards.person()
    chosen, quiet = queries.frequencies([actor.id])[actor.id], queries.quiet_hours([actor.id]).get(actor.id)
    form = preference_form(chosen, quiet)
    if form.passes(lambda: services.choose(actor, frequencies=form.frequencies(), quiet=form.quiet())):
        flash(_("Your choice is saved."), "success")
        return redirect(url_for("notifications.inbox"), 303)
    return render_template("notifications/preferences.html", form=form), form.status
