"""The administrator's pages of people and roles."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd.accounts import policy, queries, services
from crowd.accounts.forms import RoleForm
from crowd.accounts.models import PlatformRole
from crowd.accounts.views import blueprint
from crowd.config import limits
from crowd.web import confirmation, guards
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason
from crowd.web.forms import ReasonForm


@blueprint.get("/admin/people")
@guards.roles(PlatformRole.ADMINISTRATOR)
def people_admin() -> ResponseReturnValue:
    """All accounts, by part of name or email address and by role."""
    words, role = arguments().question("q"), arguments().text("role")
    size = limits().page_rows
    people = queries.list_people(words=words or None, role=role or None, after=arguments().after, size=size)
    return render_template(
        "accounts/people_admin.html", people=people, words=words, role=role, roles=list(PlatformRole)
    )


@blueprint.get("/admin/people/<int:user_id>")
@guards.roles(PlatformRole.ADMINISTRATOR)
def person_admin(user_id: int) -> ResponseReturnValue:
    """One account: roles, organisations, sessions, and what may be done."""
    return _person_page(user_id, RoleForm(formdata=None), ReasonForm(formdata=None))


def _person_page(user_id: int, role_form: RoleForm, reason_form: ReasonForm) -> ResponseReturnValue:
    actor = guards.actor()
    person = queries.access(actor, user_id, to=policy.can_administer)
    page = render_template(
        "accounts/person_admin.html",
        holder=person,
        sessions=queries.list_sessions(person.id),
        namesakes=queries.namesakes(person),
        revocable=[role for role in person.roles if policy.can_revoke(actor, person, PlatformRole(role.name))],
        may_grant=policy.can_grant(actor, person),
        may_close=policy.can_close(actor, person),
        role_form=role_form,
        reason_form=reason_form,
    )
    return page, max(role_form.status, reason_form.status)


@blueprint.post("/admin/people/<int:user_id>/roles")
@guards.roles(PlatformRole.ADMINISTRATOR)
@confirmation.not_required(Reason.REVERSIBLE)
def grant_role(user_id: int) -> ResponseReturnValue:
    """Give a role."""
    form = RoleForm()
    if not form.passes(lambda: services.grant(guards.person(), user_id, role=PlatformRole(form.role.data))):
        return _person_page(user_id, form, ReasonForm(formdata=None))
    flash(_("The role is granted."), "success")
    return redirect(url_for("accounts.person_admin", user_id=user_id), 303)


@blueprint.post("/admin/people/<int:user_id>/roles/revoke")
@guards.roles(PlatformRole.ADMINISTRATOR)
@confirmation.required
def revoke_role(user_id: int) -> ResponseReturnValue:
    """Take a role away."""
    form = RoleForm().check()
    services.revoke(guards.person(), user_id, role=PlatformRole(form.role.data))
    flash(_("The role is removed."), "success")
    return redirect(url_for("accounts.person_admin", user_id=user_id), 303)


@blueprint.post("/admin/people/<int:user_id>/close")
@guards.roles(PlatformRole.ADMINISTRATOR)
@confirmation.required
def close_account(user_id: int) -> ResponseReturnValue:
    """Close an account."""
    form = ReasonForm()
    if not form.passes(lambda: services.close_account(guards.person(), user_id, **form.values())):
        return _person_page(user_id, RoleForm(formdata=None), form)
    flash(_("The account is closed."), "success")
    return redirect(url_for("accounts.person_admin", user_id=user_id), 303)


@blueprint.post("/admin/people/<int:user_id>/reopen")
@guards.roles(PlatformRole.ADMINISTRATOR)
@confirmation.not_required(Reason.REVERSIBLE)
def reopen_account(user_id: int) -> ResponseReturnValue:
    """Open a closed account again."""
    form = ReasonForm()
    if not form.passes(lambda: services.reopen_account(guards.person(), user_id, **form.values())):
        return _person_page(user_id, RoleForm(formdata=None), form)
    flash(_("The account is open again."), "success")
    return redirect(url_for("accounts.person_admin", user_id=user_id), 303)
