"""A person's own pages: profile and sessions. Flask-Security signs in and out, see `security.py`."""

from babel.lists import format_list
from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from crowd.accounts import queries, services
from crowd.accounts.entries import ADMISSION
from crowd.accounts.forms import ProfileForm, profile_data
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.profiles.fields import language_name
from crowd.accounts.security import SESSION_KEY
from crowd.registers.questions import CASE_FORM
from crowd.web import confirmation, guards
from crowd.web.confirmation import Reason
from crowd.web.request_locale import reader

blueprint = Blueprint("accounts", __name__)


@blueprint.app_template_filter("language_names")
def _language_names(codes: list[str]) -> str:
    """Languages by their names in the reader's language."""
    return format_list([language_name(code) for code in codes], locale=reader().name)


@blueprint.route("/account/profile", methods=["GET", "POST"])
@guards.signed_in
@confirmation.not_required(Reason.EDITABLE)
def profile() -> ResponseReturnValue:
    """The person's own profile."""
    actor = guards.person()
    form, before = ProfileForm(data=profile_data(actor)), actor.name
    if form.passes(lambda: services.edit_profile(actor, actor.id, **form.values())):
        if form.outcome.name != before:
            warn_of_namesakes(form.outcome)
        flash(_("Your profile is saved."), "success")
        return redirect(url_for("accounts.profile"), 303)
    apply = "" if actor.is_any(PlatformRole.EXPERT) else CASE_FORM()(ADMISSION, str(actor.id))
    return render_template("accounts/profile.html", form=form, person=actor, apply=apply), form.status


def warn_of_namesakes(person: User) -> None:
    """Say that another person has the same or a similar name, without saying who."""
    if queries.namesakes(person, 1):
        told = _("Somebody else here has the same name or one that looks like it. Say in your profile who you are.")
        flash(told, "warning")


@blueprint.get("/account/sessions")
@guards.signed_in
def sessions() -> ResponseReturnValue:
    """The person's own sessions."""
    rows = queries.list_sessions(guards.person().id)
    return render_template("accounts/sessions.html", sessions=rows, sid=session.get(SESSION_KEY))


@blueprint.post("/account/sessions/<int:session_id>/revoke")
@guards.signed_in
@confirmation.not_required(Reason.REPEATABLE)
def revoke_session(session_id: int) -> ResponseReturnValue:
    """End one session."""
    services.revoke_session(guards.person(), session_id)
    flash(_("The session has ended."), "success")
    return redirect(url_for("accounts.sessions"), 303)


@blueprint.post("/account/sessions/revoke")
@guards.signed_in
@confirmation.not_required(Reason.REPEATABLE)
def revoke_sessions() -> ResponseReturnValue:
    """End every session but this one."""
    number = services.revoke_sessions(guards.person(), keep=session.get(SESSION_KEY))
    flash(ngettext("%(num)d other session has ended.", "%(num)d other sessions have ended.", number), "success")
    return redirect(url_for("accounts.sessions"), 303)
