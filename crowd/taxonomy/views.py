"""The operator's pages of the taxonomy."""

from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd import csv_export
from crowd.errors import Invalid
from crowd.roles import OPERATORS
from crowd.taxonomy import exchange, importing, listing, queries, services, uses
from crowd.taxonomy.fields import SUGGESTED
from crowd.taxonomy.forms import MAX_BYTES, AppliedForm, ImportForm, JoinForm, MergeForm, TermForm, form_of
from crowd.taxonomy.labels import term_name
from crowd.taxonomy.lookup import MOST_ALIKE, search
from crowd.taxonomy.models import Term
from crowd.taxonomy.reading import MAX_LINES, decoded, read_checked
from crowd.taxonomy.schemes import FIELD, SCHEMES
from crowd.taxonomy.vocabulary import Entry, current
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments, posted
from crowd.web.confirmation import Reason
from crowd.web.paging import Page

SHOWN = 20  # terms on a page that has a form for each
blueprint = Blueprint("taxonomy", __name__, url_prefix="/admin/taxonomy")


@blueprint.get("")
@guards.roles(*OPERATORS)
def index() -> ResponseReturnValue:
    """All schemes, and the free terms that wait."""
    return render_template("taxonomy/index.html", schemes=SCHEMES, counts=queries.counts(), free=queries.count_free())


@blueprint.get("/<scheme>")
@guards.roles(*OPERATORS)
def terms(scheme: str) -> ResponseReturnValue:
    """The terms of a scheme."""
    known, words = queries.get_scheme(scheme), arguments().question("q")
    page = queries.list_terms(scheme, words, after=arguments().after)
    return render_template("taxonomy/terms.html", scheme=scheme, known=known, page=page, words=words, schemes=SCHEMES)


@blueprint.get("/<scheme>.csv")
@guards.roles(*OPERATORS)
def export(scheme: str) -> Response:
    """A scheme as CSV, which can be imported again."""
    queries.get_scheme(scheme)
    return csv_export.response(f"{scheme}.csv", exchange.HEADER, exchange.rows(queries.records(scheme)))


@blueprint.route("/<scheme>/new", methods=["GET", "POST"])
@guards.roles(*OPERATORS)
@once.acts
@confirmation.not_required(Reason.EDITABLE)
def add(scheme: str) -> ResponseReturnValue:
    """Add a term."""
    known = queries.get_scheme(scheme)
    form = form_of(scheme, new=True)(data={"name_en": arguments().question("name")})
    if form.passes(lambda: services.add(guards.person(), scheme, form.record(), note=form.note.data or "")):
        flash(_("The term is added."), "success")
        return redirect(url_for("taxonomy.term", term_id=form.outcome.id), 303)
    return render_template("taxonomy/new.html", scheme=scheme, known=known, form=form), form.status


@blueprint.get("/terms/<int:term_id>")
@guards.roles(*OPERATORS)
def term(term_id: int) -> ResponseReturnValue:
    """A term, what may be done with it, and its history."""
    row = queries.get_term(term_id)
    form = form_of(row.scheme, new=False)(formdata=None)
    form.show(queries.record_of(row))
    return _term_page(row, form)


def _term_page(row: Term, form: TermForm) -> ResponseReturnValue:
    versions, entry = queries.versions(row.id), current().by_id(row.id)
    page = render_template(
        "taxonomy/term.html",
        term=row,
        entry=entry,
        known=SCHEMES[row.scheme],
        form=form,
        uses=uses.of_terms([entry])[entry.id] if entry else [],
        versions=versions,
        authors=queries.authors(versions),
    )
    return page, form.status


@blueprint.post("/terms/<int:term_id>")
@guards.roles(*OPERATORS)
@confirmation.not_required(Reason.EDITABLE)
def edit(term_id: int) -> ResponseReturnValue:
    """Change a term."""
    row = queries.get_term(term_id)
    form = form_of(row.scheme, new=False)()
    if not form.passes(
        lambda: services.edit(guards.person(), row.id, form.record(row.code), note=form.note.data or "")
    ):
        return _term_page(row, form)
    flash(_changed(form.outcome), "success")
    return redirect(url_for("taxonomy.term", term_id=row.id), 303)


def _changed(row: Term) -> str:
    """That a term is changed, and below which one it lies."""
    above = current().by_id(row.parent_id)
    if above is None:
        return _("The term is changed.")
    return _("The term is changed. It lies below: %(term)s (%(code)s).", term=term_name(above), code=above.code)


@blueprint.post("/terms/<int:term_id>/retire")
@guards.roles(*OPERATORS)
@confirmation.not_required(Reason.REVERSIBLE)
def retire(term_id: int) -> ResponseReturnValue:
    """Offer a term no longer."""
    services.retire(guards.person(), term_id)
    flash(_("The term is no longer offered. It stays where it is used."), "success")
    return redirect(url_for("taxonomy.term", term_id=term_id), 303)


@blueprint.post("/terms/<int:term_id>/restore")
@guards.roles(*OPERATORS)
@confirmation.not_required(Reason.REVERSIBLE)
def restore(term_id: int) -> ResponseReturnValue:
    """Offer a term again."""
    services.restore(guards.person(), term_id)
    flash(_("The term is offered again."), "success")
    return redirect(url_for("taxonomy.term", term_id=term_id), 303)


@blueprint.get("/terms/<int:term_id>/merge")
@guards.roles(*OPERATORS)
def merging(term_id: int) -> ResponseReturnValue:
    """Search the term into which this one is merged; each that is found is shown with its uses."""
    return _merge_page(term_id, MergeForm(formdata=None), arguments().question("q"))


def _merge_page(term_id: int, form: MergeForm, words: str) -> ResponseReturnValue:
    row = queries.get_unmerged(term_id)
    entry = current().by_id(row.id)
    found = [one for one in search(row.scheme, words, limit=SHOWN) if entry and one.id != entry.id]
    page = render_template(
        "taxonomy/merge.html",
        term=entry,
        known=SCHEMES[row.scheme],
        words=words,
        found=found,
        names=[term_name(one) for one in current().all(row.scheme)[:SUGGESTED] if one is not entry],
        uses=uses.of_terms([*([entry] if entry else []), *found]),
        form=form,
    )
    return page, form.status


@blueprint.post("/terms/<int:term_id>/merge")
@guards.roles(*OPERATORS)
@confirmation.required
def merge(term_id: int) -> ResponseReturnValue:
    """Merge a term into another one."""
    form = MergeForm()
    if not form.passes(lambda: services.merge(guards.person(), term_id, into=form.into.data or "")):
        return _merge_page(term_id, form, form.into.data or "")
    flash(_("The terms are merged."), "success")
    return redirect(url_for("taxonomy.term", term_id=form.outcome.id), 303)


@blueprint.route("/<scheme>/links/<other>", methods=["GET", "POST"])
@guards.roles(*OPERATORS)
@confirmation.not_required(Reason.EDITABLE)
def links(scheme: str, other: str) -> ResponseReturnValue:
    """The links between two schemes: the terms of the first, page by page, each with those of the other."""
    known, words = queries.get_scheme(scheme), arguments().question("q")
    if request.method == "POST":
        source, targets = posted().text("source"), posted().texts("target")
        services.link(guards.person(), scheme, other, source=source, targets=targets)
        flash(_("The links are saved."), "success")
        return redirect(f"{request.full_path.rstrip('?')}#t-{quote(source)}", 303)
    others = current().all(queries.get_linked(scheme, other))
    return render_template(
        "taxonomy/links.html", scheme=scheme, known=known, page=_linking(scheme, words), words=words, targets=others,
        name=other, other=SCHEMES[other],
    )  # fmt: skip


def _linking(scheme: str, words: str) -> Page[Entry]:
    """A page of the terms of a scheme, of which a name or the code has these words."""
    found = search(scheme, words, limit=MOST_ALIKE) if words else current().all(scheme)
    return listing.page_of(found, name=f"links {scheme} {words}", after=arguments().after, size=SHOWN)


@blueprint.route("/<scheme>/import", methods=["GET", "POST"])
@guards.roles(*OPERATORS)
@guards.takes_files
@confirmation.not_required(Reason.REPEATABLE)
def import_file(scheme: str) -> ResponseReturnValue:
    """Choose a file; what it would change is shown before anything is written."""
    known, form = queries.get_scheme(scheme), ImportForm()
    if not form.validate_on_submit():
        return render_template(
            "taxonomy/import.html", scheme=scheme, known=known, form=form, most=MAX_LINES
        ), form.status
    return _checked(scheme, decoded(form.table.data.stream.read(MAX_BYTES)), AppliedForm(formdata=None))


def _checked(scheme: str, text: str, form: AppliedForm) -> ResponseReturnValue:
    """What a file would change, and what is wrong with it."""
    sheet, plan = read_checked(text, scheme), None
    try:
        plan = None if sheet.faults else importing.import_terms(guards.person(), scheme, sheet, dry=True)
    except Invalid as refusal:
        form.refuse(refusal)
    form.text.data = text
    page = render_template(
        "taxonomy/checked.html", scheme=scheme, known=SCHEMES[scheme], form=form, faults=sheet.faults, plan=plan
    )
    return page, form.status if plan else 422


@blueprint.post("/<scheme>/import/apply")
@guards.roles(*OPERATORS)
@guards.takes_files
@confirmation.not_required(Reason.EXPLAINED)
def apply(scheme: str) -> ResponseReturnValue:
    """Write what was checked."""
    queries.get_scheme(scheme)
    form = AppliedForm()
    sheet, note = read_checked(form.text.data or "", scheme), form.note.data or ""
    if sheet.faults or not form.passes(lambda: importing.import_terms(guards.person(), scheme, sheet, note=note)):
        return _checked(scheme, form.text.data or "", form)
    done = form.outcome
    flash(
        _("Imported: %(added)s new terms, %(changed)s changed.", added=len(done.added), changed=len(done.changed)),
        "success",
    )
    return redirect(url_for("taxonomy.terms", scheme=scheme), 303)


@blueprint.get("/free")
@guards.roles(*OPERATORS)
def free_terms() -> ResponseReturnValue:
    """Fields that people wrote and that are in no scheme."""
    return _free_page(JoinForm(formdata=None))


def _free_page(form: JoinForm) -> ResponseReturnValue:
    page = queries.free_terms(after=arguments().after)
    used, fields = uses.of_free(page), current().all(FIELD)
    return render_template("taxonomy/free.html", page=page, form=form, fields=fields, used=used), form.status


@blueprint.post("/free/assign")
@guards.roles(*OPERATORS)
@confirmation.not_required(Reason.CORRECTABLE)
def assign() -> ResponseReturnValue:
    """Join a free term to a field."""
    form = JoinForm()
    if not form.passes(lambda: services.join(guards.person(), form.key.data, into=form.into.data)):
        return _free_page(form)
    flash(_("What people wrote is now a name of this field."), "success")
    return redirect(url_for("taxonomy.term", term_id=form.outcome.id), 303)


@blueprint.post("/free/dismiss")
@guards.roles(*OPERATORS)
@confirmation.not_required(Reason.HARMLESS)
def dismiss() -> ResponseReturnValue:
    """Leave a free term as it is."""
    services.dismiss(guards.person(), posted().text("key"))
    flash(_("The free term stays as people wrote it."), "success")
    return redirect(url_for("taxonomy.free_terms"), 303)
