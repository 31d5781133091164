"""The administrator's pages of units; names of units and links of queues for the pages of work."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd.accounts.models import PlatformRole
from crowd.accounts.units import queries, services
from crowd.accounts.units.forms import StaffForm, UnitForm, UnitHandOverForm
from crowd.accounts.units.models import OperatorUnit
from crowd.accounts.units.queries import Queue, Queues
from crowd.accounts.views import blueprint
from crowd.feature import declared
from crowd.web import confirmation, guards, once
from crowd.web.arguments import posted
from crowd.web.confirmation import Reason
from crowd.web.labels import state_label
from crowd.web.request_locale import reader
from crowd.web.tabs import Link
from crowd.web.templating import number


@blueprint.app_template_filter("unit_name")
def unit_name(unit: OperatorUnit | None) -> str:
    """The name of a unit; the service centre where there is none."""
    return unit.name(reader().name) if unit else state_label(PlatformRole.SERVICE_CENTRE, "platform_role")


def queue_tabs(queues: Queues, endpoint: str) -> list[Link]:
    """The queues of a person with their counts, as links; none where there is only one."""
    labels = {
        queue: label
        for queue, label in (
            (Queue.MINE, _("My unit (%(number)s)", number=number(queues.counts.get(Queue.MINE, 0)))),
            (Queue.NONE, _("Without a unit (%(number)s)", number=number(queues.counts.get(Queue.NONE, 0)))),
            (Queue.ALL, _("All (%(number)s)", number=number(queues.counts[Queue.ALL]))),
        )
        if queue in queues.counts
    }
    links = [(label, url_for(endpoint, unit=queue), queue == queues.shown) for queue, label in labels.items()]
    return links if len(links) > 1 else []


@blueprint.route("/admin/units", methods=["GET", "POST"])
@guards.roles(PlatformRole.ADMINISTRATOR)
@once.acts
@confirmation.not_required(Reason.EDITABLE)
def units() -> ResponseReturnValue:
    """All units with the number of their staff; add one."""
    form = UnitForm()
    if form.passes(lambda: services.add_unit(guards.person(), names=form.names(), region_id=form.region_id.data)):
        flash(_("The unit is added."), "success")
        return redirect(url_for("accounts.unit", unit_id=form.outcome.id), 303)
    page = render_template("accounts/units.html", units=queries.list_units(), staff=queries.staff(), form=form)
    return page, form.status


@blueprint.route("/admin/units/<int:unit_id>", methods=["GET", "POST"])
@guards.roles(PlatformRole.ADMINISTRATOR)
@confirmation.not_required(Reason.EDITABLE)
def unit(unit_id: int) -> ResponseReturnValue:
    """A unit with its staff; change its names and its region."""
    form = UnitForm()
    actor = guards.person()
    if form.passes(lambda: services.edit_unit(actor, unit_id, names=form.names(), region_id=form.region_id.data)):
        flash(_("The unit is changed."), "success")
        return redirect(url_for("accounts.unit", unit_id=unit_id), 303)
    return _page(unit_id, form, StaffForm(formdata=None))


def _page(
    unit_id: int, form: UnitForm, staff_form: StaffForm, moving: UnitHandOverForm | None = None
) -> ResponseReturnValue:
    row = queries.get_unit(unit_id)
    if not form.is_submitted():
        form.show(row)
    moving = moving or UnitHandOverForm(formdata=None)
    moving.offer(unit for unit in queries.staffed_units() if unit.id != unit_id)
    page = render_template(
        "accounts/unit.html",
        unit=row,
        members=queries.members_of(unit_id),
        staff=queries.staff().get(unit_id, []),
        form=form,
        staff_form=staff_form,
        waiting=_waiting(unit_id),
        moving=moving,
    )
    return page, max(form.status, staff_form.status, moving.status)


def _waiting(unit_id: int) -> list[str]:
    """How much work of each kind waits in a unit."""
    return [declared().unit_work[name].text(len(ids)) for name, ids in queries.waiting_in(unit_id).items()]


@blueprint.post("/admin/units/<int:unit_id>/hand-over")
@guards.roles(PlatformRole.ADMINISTRATOR)
@confirmation.not_required(Reason.REPEATABLE)
def hand_over_unit(unit_id: int) -> ResponseReturnValue:
    """Give all work that waits in a unit to another one, or to the service centre."""
    form = UnitHandOverForm()
    to, note = form.unit_id.data, form.note.data or ""
    if not form.passes(lambda: services.hand_over_all(guards.person(), unit_id, to=to, note=note)):
        return _page(unit_id, UnitForm(formdata=None), StaffForm(formdata=None), form)
    flash(_("The work is handed over."), "success")
    return redirect(url_for("accounts.unit", unit_id=unit_id), 303)


@blueprint.post("/admin/units/<int:unit_id>/close")
@guards.roles(PlatformRole.ADMINISTRATOR)
@confirmation.required
def close_unit(unit_id: int) -> ResponseReturnValue:
    """Close a unit in which no work waits."""
    row = services.close_unit(guards.person(), unit_id)
    flash(_("%(unit)s is closed.", unit=unit_name(row)), "success")
    return redirect(url_for("accounts.units"), 303)


@blueprint.post("/admin/units/<int:unit_id>/staff")
@guards.roles(PlatformRole.ADMINISTRATOR)
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def add_unit_member(unit_id: int) -> ResponseReturnValue:
    """Add a person of the service centre to the staff."""
    form = StaffForm()
    if not form.passes(lambda: services.add_member(guards.person(), unit_id, **form.values())):
        return _page(unit_id, UnitForm(formdata=None), form)
    flash(_("The person is added to the staff."), "success")
    return redirect(url_for("accounts.unit", unit_id=unit_id), 303)


@blueprint.post("/admin/units/<int:unit_id>/staff/lead")
@guards.roles(PlatformRole.ADMINISTRATOR)
@confirmation.not_required(Reason.REVERSIBLE)
def lead_unit(unit_id: int) -> ResponseReturnValue:
    """Say whether a person of the staff leads the unit."""
    leads = bool(posted().text("leads"))
    services.set_lead(guards.person(), unit_id, user_id=posted().number("user_id") or 0, leads=leads)
    flash(_("The person leads the unit.") if leads else _("The person does not lead the unit any more."), "success")
    return redirect(url_for("accounts.unit", unit_id=unit_id), 303)


@blueprint.post("/admin/units/<int:unit_id>/staff/remove")
@guards.roles(PlatformRole.ADMINISTRATOR)
@confirmation.not_required(Reason.REVERSIBLE)
def remove_unit_member(unit_id: int) -> ResponseReturnValue:
    """Remove a person from the staff."""
    services.remove_member(guards.person(), unit_id, user_id=posted().number("user_id") or 0)
    flash(_("The person is removed from the staff."), "success")
    return redirect(url_for("accounts.unit", unit_id=unit_id), 303)
