"""The queue of verification, and its page: the organisation's data, and the service centre's decision."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd import files
from crowd.accounts.models import Organisation, PlatformRole
from crowd.accounts.organisations import policy
from crowd.accounts.organisations import queries as organisation_queries
from crowd.accounts.organisations import services as organisations
from crowd.accounts.organisations.queries import access
from crowd.accounts.queries import namesakes
from crowd.accounts.units import services as units
from crowd.accounts.units.forms import UnitHandOverForm
from crowd.accounts.units.views import queue_tabs
from crowd.accounts.verification import queries, services
from crowd.accounts.verification.forms import DocumentForm, RegistrationForm
from crowd.accounts.verification.models import OrganisationContact
from crowd.accounts.verification.procedure import application
from crowd.accounts.views import blueprint
from crowd.config import limits
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason
from crowd.web.forms import ReasonForm
from crowd.web.organisations import country_name


@blueprint.route("/organisations/<int:organisation_id>/verification", methods=["GET", "POST"])
@guards.signed_in
@confirmation.not_required(Reason.EDITABLE)
def verification(organisation_id: int) -> ResponseReturnValue:
    """The registration and the contact, and the documents."""
    if request.method == "GET":
        return _page(organisation_id)
    row = access(guards.actor(), organisation_id, to=policy.can_describe)
    form = RegistrationForm(country=row.country)
    if form.passes(lambda: services.register(guards.person(), organisation_id, **form.values())):
        flash(_("The registration is saved."), "success")
        return redirect(_here(organisation_id), 303)
    return _page(organisation_id, form=form)


@blueprint.post("/organisations/<int:organisation_id>/documents")
@guards.signed_in
@once.acts
@guards.takes_files
@confirmation.not_required(Reason.REVERSIBLE)
def add_document(organisation_id: int) -> ResponseReturnValue:
    """Upload a document."""
    form = DocumentForm()
    upload = form.document.data
    if form.passes(lambda: services.add_document(guards.person(), organisation_id, upload.stream, upload.filename)):
        flash(_("The document is added."), "success")
        return redirect(_here(organisation_id), 303)
    return _page(organisation_id, document_form=form)


@blueprint.get("/organisations/<int:organisation_id>/documents/<int:document_id>")
@guards.signed_in
def document(organisation_id: int, document_id: int) -> ResponseReturnValue:
    """Download a document."""
    return files.attachment(queries.file(guards.actor(), organisation_id, document_id))


@blueprint.post("/organisations/<int:organisation_id>/documents/<int:document_id>/remove")
@guards.signed_in
@confirmation.required
def remove_document(organisation_id: int, document_id: int) -> ResponseReturnValue:
    """Remove a document."""
    services.remove_document(guards.person(), organisation_id, document_id)
    flash(_("The document is removed."), "success")
    return redirect(_here(organisation_id), 303)


def _page(
    organisation_id: int,
    form: RegistrationForm | None = None,
    document_form: DocumentForm | None = None,
    handing: UnitHandOverForm | None = None,
    reason: ReasonForm | None = None,
) -> ResponseReturnValue:
    actor = guards.actor()
    row = access(actor, organisation_id, to=policy.can_view_verification)
    contact = queries.find_contact(row.id)
    status = max(given.status if given else 200 for given in (form, document_form, handing, reason))
    oversees = policy.can_oversee(actor)
    page = render_template(
        "accounts/verification.html", organisation=row, contact=contact, country=country_name(row.country),
        documents=queries.list_documents(row.id), document_form=document_form or DocumentForm(),
        form=form or RegistrationForm(country=row.country, **_known(row, contact)),
        namesakes=namesakes(row) if oversees else [], may_manage=policy.can_describe(actor, row),
        work=queries.work_on([row]).get(row.id) if oversees else None, reason=reason or ReasonForm(formdata=None),
        handing=handing or UnitHandOverForm(formdata=None),
        may_verify=policy.can_verify(actor, row) and not row.verified_at and not queries.pending(row.id),
        **application(actor, row),
    )  # fmt: skip
    return page, status


def _known(row: Organisation, contact: OrganisationContact | None) -> dict[str, str]:
    """The initial values of the form."""
    known = {"registration_number": row.registration_number, "register": row.register}
    if contact is not None:
        known |= {f"contact_{name}": getattr(contact, name) for name in ("name", "email", "phone")}
    return known


def _here(organisation_id: int) -> str:
    return url_for("accounts.verification", organisation_id=organisation_id)


@blueprint.get("/admin/organisations")
@guards.roles(PlatformRole.SERVICE_CENTRE, PlatformRole.ADMINISTRATOR, PlatformRole.AUDITOR)
def organisations_admin() -> ResponseReturnValue:
    """The organisations registered here that are not verified and have not applied, by queue; all of them where none
    waits.
    """
    waiting, words = queries.count_waiting(), arguments().question("q")
    everything = arguments().text("show") == "all" or not waiting
    queues = queries.queues(guards.actor(), arguments().text("unit"))
    rows = organisation_queries.list_organisations(
        within=None if everything else queries.in_queue(queues),
        words=words or None,
        after=arguments().after,
        size=limits().page_rows,
    )
    return render_template(
        "accounts/organisations_admin.html",
        rows=rows,
        everything=everything,
        words=words,
        waiting=waiting,
        last=organisation_queries.last_verified(),
        country_name=country_name,
        tabs=[] if everything else queue_tabs(queues, "accounts.organisations_admin"),
        work=queries.work_on(rows.rows),
        pending=queries.pages_of_pending(rows.rows),
    )


@blueprint.post("/organisations/<int:organisation_id>/verify")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@confirmation.required
def verify_organisation(organisation_id: int) -> ResponseReturnValue:
    """Verify an organisation without an application, with a reason."""
    form = ReasonForm()
    if not form.passes(lambda: organisations.verify(guards.person(), organisation_id, **form.values())):
        return _page(organisation_id, reason=form)
    flash(_("%(organisation)s is verified.", organisation=form.outcome.name), "success")
    return redirect(url_for("accounts.organisations_admin"), 303)


@blueprint.post("/organisations/<int:organisation_id>/verification/hand-over")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def hand_over_verification(organisation_id: int) -> ResponseReturnValue:
    """Hand the verification over to another unit, or back to the service centre."""
    form = UnitHandOverForm()
    if not form.passes(lambda: units.hand_over_organisation(guards.person(), organisation_id, **form.values())):
        return _page(organisation_id, handing=form)
    flash(_("The verification is handed over."), "success")
    return redirect(url_for("accounts.organisations_admin"), 303)
