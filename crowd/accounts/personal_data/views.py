"""The page of a person's data: export and deletion."""

from flask import Response, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import logout_user

from crowd.accounts import open_matters
from crowd.accounts.personal_data import queries, services
from crowd.accounts.personal_data.forms import PasswordForm
from crowd.accounts.views import blueprint
from crowd.clock import today
from crowd.file_names import as_attachment
from crowd.registers import queries as registers
from crowd.web import confirmation, guards, once
from crowd.web.confirmation import Reason


@blueprint.get("/account/data")
@guards.signed_in
def personal_data() -> ResponseReturnValue:
    """Export and deletion of the account's data."""
    return _page(PasswordForm(formdata=None))


def _page(form: PasswordForm, ending: PasswordForm | None = None) -> ResponseReturnValue:
    actor = guards.person()
    ending = ending or PasswordForm(formdata=None, prefix="ending-")
    page = render_template(
        "accounts/personal_data.html",
        export=queries.find_export(actor.id),
        entered=bool(registers.all_of_holder("user", actor.id)),
        matters=open_matters.for_reader(actor, "user", actor.id),
        form=form,
        ending=ending,
    )
    return page, max(form.status, ending.status)


@blueprint.get("/account/data/progress")
@guards.signed_in
def export_progress() -> ResponseReturnValue:
    """How far the export is, as a part of the page."""
    return render_template("accounts/_export.html", export=queries.find_export(guards.person().id))


@blueprint.post("/account/data/export")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.AUTHENTICATED)
def request_export() -> ResponseReturnValue:
    """Request an export."""
    form = PasswordForm()
    if not form.passes(lambda: services.request_export(guards.person())):
        return _page(form)
    flash(_("We are preparing your data. You get a notification when the file is ready."), "success")
    return redirect(url_for("accounts.personal_data"), 303)


@blueprint.get("/account/data/exports/<int:export_id>.zip")
@guards.signed_in
def download_export(export_id: int) -> ResponseReturnValue:
    """Download the export, as long as it is kept."""
    response = Response(queries.read_archive(guards.person().id, export_id), content_type="application/zip")
    response.headers["Content-Disposition"] = as_attachment(f"crowd-{today().isoformat()}.zip")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.post("/account/data/export/delete")
@guards.signed_in
@confirmation.not_required(Reason.REPEATABLE)
def delete_export() -> ResponseReturnValue:
    """Delete the export."""
    services.delete_export(guards.person())
    flash(_("The file is deleted."), "success")
    return redirect(url_for("accounts.personal_data"), 303)


@blueprint.post("/account/data/delete-account")
@guards.signed_in
@confirmation.required
def erase_account() -> ResponseReturnValue:
    """Delete the person's account, with their password."""
    form = PasswordForm(prefix="ending-")
    if not form.passes(lambda: services.erase_account(guards.person(), guards.person().id)):
        return _page(PasswordForm(formdata=None), form)
    logout_user()
    session.clear()
    flash(_("Your account is deleted. We have sent you a last email about it."), "success")
    return redirect("/", 303)
