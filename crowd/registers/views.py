"""The public pages of registers, what a holder and a keeper find there, and the verification of a number."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd import documents
from crowd.config import limits
from crowd.errors import Forbidden
from crowd.feature import declared
from crowd.registers import certificates, keeping, policy, queries
from crowd.registers.forms import form_of
from crowd.registers.inspections import INSPECTION
from crowd.registers.models import RegisterEntry
from crowd.registers.questions import INSPECTIONS
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason
from crowd.web.forms import ReasonForm

blueprint = Blueprint("registers", __name__)


@blueprint.get("/registers")
@guards.public
def index() -> ResponseReturnValue:
    """All registers, with how many entries of each are valid."""
    return render_template("registers/index.html", registers=declared().registers, counts=queries.counts())


@blueprint.get("/registers/<register>")
@guards.public
def entries(register: str) -> ResponseReturnValue:
    """A register: its entries, by number or by a part of the holder's name."""
    kind, words = queries.get_kind(register), arguments().question("q")
    found = queries.list_entries(register, words, after=arguments().after, size=limits().page_rows)
    return render_template(
        "registers/entries.html", register=register, kind=kind, words=words, page=found,
        views=queries.views(found, guards.actor()), may_enter=policy.can_enter(guards.actor(), kind),
        apply=queries.application_page(guards.actor(), kind),
    )  # fmt: skip


@blueprint.route("/registers/<register>/new", methods=["GET", "POST"])
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def new(register: str) -> ResponseReturnValue:
    """Enter somebody into a register that is kept by hand."""
    kind = queries.get_kind(register)
    if not policy.can_enter(guards.actor(), kind):
        raise Forbidden
    form = form_of(register)()
    if form.passes(lambda: keeping.enter(guards.person(), register, **form.typed(), data=form.entry())):
        flash(_("The entry is made. Its holder is notified."), "success")
        return _to_entry(register, form.outcome.number)
    return render_template("registers/new.html", register=register, kind=kind, form=form), form.status


@blueprint.get("/registers/<register>/<number>")
@guards.public
def entry(register: str, number: str) -> ResponseReturnValue:
    """An entry: what is public, and for its holder and the keepers also the rest, its history and its certificate."""
    return _page(register, number)


def _page(register: str, number: str, form: ReasonForm | None = None, operation: str = "") -> ResponseReturnValue:
    actor = guards.actor()
    row = queries.access(actor, register, number)
    if form is None and row.number != number:
        return redirect(url_for(".entry", register=register, number=row.number), 301)
    shown, whole = queries.view(row, actor), policy.can_view_whole(actor, row)
    page = render_template(
        "registers/entry.html",
        register=register,
        view=shown,
        whole=whole,
        **_happened(row, whole),
        renewal=queries.renewal_page(actor, shown),
        act=queries.act_page(actor, row),
        documents=certificates.offered(actor, shown),
        without=certificates.WITHOUT,
        awaited=policy.holds(actor, row) and shown.holder.name is not None,
        operations={
            name: form if form and name == operation else ReasonForm(prefix=name, formdata=None)
            for name in policy.open_operations(actor, row, shown.state)
        },
        form=form,
        operation=operation,
    )
    return page, form.status if form else 200


def _happened(row: RegisterEntry, whole: bool) -> dict[str, object]:
    """What the page says of the past: the history, the cases that decided it, and the inspections."""
    history = queries.history(row.id) if whole else []
    return {
        "history": history,
        "cases": queries.cases_of(history, guards.actor()),
        "inspected": INSPECTIONS()(INSPECTION, row.id),
    }


@blueprint.get("/registers/<register>/<number>/certificate-<locale>.pdf")
@guards.public
def certificate(register: str, number: str, locale: str) -> Response:
    """The certificate in a language."""
    row, document = certificates.find(guards.actor(), register, number, locale)
    return documents.attachment(document, f"{row.number}-{locale}.pdf")


def _keep(register: str, number: str, operation: str) -> ResponseReturnValue | None:
    """The page with the form where the operation was rejected, None where it was carried out."""
    form = ReasonForm(prefix=operation)
    if form.passes(lambda: keeping.keep(guards.person(), register, number, operation, **form.values())):
        return None
    return _page(register, number, form, operation)


def _to_entry(register: str, number: str) -> ResponseReturnValue:
    return redirect(url_for(".entry", register=register, number=number), 303)


@blueprint.post("/registers/<register>/<number>/suspend")
@guards.signed_in
@confirmation.required
def suspend(register: str, number: str) -> ResponseReturnValue:
    """Suspend an entry."""
    if rejected := _keep(register, number, "suspend"):
        return rejected
    flash(_("The entry is suspended. Its holder is notified."), "success")
    return _to_entry(register, number)


@blueprint.post("/registers/<register>/<number>/resume")
@guards.signed_in
@confirmation.required
def resume(register: str, number: str) -> ResponseReturnValue:
    """Resume a suspended entry."""
    if rejected := _keep(register, number, "resume"):
        return rejected
    flash(_("The entry is valid again. Its holder is notified."), "success")
    return _to_entry(register, number)


@blueprint.post("/registers/<register>/<number>/renew")
@guards.signed_in
@once.acts
@confirmation.required
def renew(register: str, number: str) -> ResponseReturnValue:
    """Renew an entry for the usual term of its register."""
    if rejected := _keep(register, number, "renew"):
        return rejected
    flash(_("The entry is renewed. Its holder is notified."), "success")
    return _to_entry(register, number)


@blueprint.post("/registers/<register>/<number>/revoke")
@guards.signed_in
@confirmation.required
def revoke(register: str, number: str) -> ResponseReturnValue:
    """Revoke an entry for good."""
    if rejected := _keep(register, number, "revoke"):
        return rejected
    flash(_("The entry is revoked. Its holder is notified."), "success")
    return _to_entry(register, number)


@blueprint.get("/account/register-entries")
@guards.signed_in
def own() -> ResponseReturnValue:
    """The entries of the person and of the organisations to which they belong."""
    return render_template("registers/own.html", views=queries.own(guards.person()))


# ---- verification


@blueprint.get("/verify")
@guards.public
def verify() -> ResponseReturnValue:
    """Type a number that stands on a certificate."""
    typed = arguments().question("number")
    if not typed:
        return render_template("registers/verify.html", typed="", view=None, readable=True)
    return _verified(typed)


@blueprint.get("/verify/<number>")
@guards.public
def verify_number(number: str) -> ResponseReturnValue:
    """What is entered under a number, and whether it is valid now; 404 where there is none."""
    return _verified(number)


def _verified(typed: str) -> ResponseReturnValue:
    view, readable = queries.verified(typed, guards.actor())
    if view is not None and request.path != (here := url_for(".verify_number", number=view.entry.number)):
        return redirect(here, 303)
    page = render_template("registers/verify.html", typed=typed, view=view, readable=readable)
    return page, 200 if view else 404
