"""Pages of templates: the operator edits them, a sponsor inserts one into a draft."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from challenges import brief as briefs
from challenges import policy as drafts_policy
from challenges import queries as challenges
from challenges.brief_templates import adoption, clauses, queries, services
from challenges.brief_templates.document import texts_of
from challenges.brief_templates.forms import TemplateForm, form_of
from challenges.brief_templates.labels import KINDS
from challenges.brief_templates.models import BriefTemplate, TemplateKind
from challenges.brief_templates.policy import READERS, can_edit
from challenges.models import Challenge
from challenges.services import locked
from challenges.tiers import tier_of
from challenges.types import TYPES
from crowd.access import id_in
from crowd.canonical import read
from crowd.contracts import queries as contracts
from crowd.errors import Conflict, NotFound
from crowd.roles import OPERATORS
from crowd.taxonomy.labels import term_code
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments, posted
from crowd.web.confirmation import Reason

blueprint = Blueprint("brief_templates", __name__)
VOTES = _l("The expert committee votes on this version. Until it is adopted, sponsors are not offered it.")


def _kind(word: str) -> TemplateKind:
    if word not in list(TemplateKind):
        raise NotFound
    return TemplateKind(word)


# ---- the operator


@blueprint.get("/admin/templates")
@guards.roles(*OPERATORS)
def index() -> ResponseReturnValue:
    """All templates by kind."""
    here = str(get_locale())
    rows, proposed = queries.list_templates(here), queries.list_proposed(here)
    return render_template("brief_templates/index.html", rows=rows, proposed=proposed, kinds=KINDS)


@blueprint.route("/admin/templates/new/<kind>", methods=["GET", "POST"])
@guards.roles(*OPERATORS)
@once.acts
@confirmation.not_required(Reason.EDITABLE)
def add(kind: str) -> ResponseReturnValue:
    """Add a template."""
    chosen = _kind(kind)
    form = form_of(chosen)
    if "again" not in posted() and form.passes(lambda: _added(chosen, form)):
        flash(VOTES if chosen == TemplateKind.RUBRIC else _("The template is offered to sponsors now."), "success")
        return redirect(url_for(".show", template_id=form.outcome.id), 303)
    return _editor(chosen, form, None)


def _added(kind: TemplateKind, form: TemplateForm) -> object:
    return services.add(guards.person(), kind, form.texts(), note=form.note.data or "")


def _editor(kind: TemplateKind, form: TemplateForm, template: BriefTemplate | None) -> ResponseReturnValue:
    again = "again" in posted()
    page = render_template(
        "brief_templates/edit.html", kind=kind, form=form, template=template, kinds=KINDS, again=again
    )
    return page, 200 if again else form.status


@blueprint.get("/admin/templates/<int:template_id>")
@guards.roles(*READERS)
def show(template_id: int) -> ResponseReturnValue:
    """A version (`?version=2`, without it the one in force), what it changed, who adopted it, and the history."""
    template, versions = queries.get_template(template_id), queries.every_version(template_id)
    version = queries.shown_among(versions, arguments().number("version"))
    before, document = contracts.previous(version), read(version.document)
    return render_template(
        "brief_templates/show.html", template=template, version_shown=version, versions=versions, kinds=KINDS,
        sections=clauses.sections(document),
        differences=clauses.differences(read(before.document), document) if before else [],
        vote=adoption.vote_on(guards.actor(), version), edits=can_edit(guards.actor()),
    )  # fmt: skip


@blueprint.route("/admin/templates/<int:template_id>/edit", methods=["GET", "POST"])
@guards.roles(*OPERATORS)
@once.acts
@confirmation.not_required(Reason.EDITABLE)
def edit(template_id: int) -> ResponseReturnValue:
    """Change a template: its next version."""
    template, present = queries.get_template(template_id), queries.get_version(template_id, None)
    form = form_of(template.kind, texts_of(read(present.document)), present.number)
    if "again" not in posted() and form.passes(lambda: _edited(template_id, form)):
        number, voted = form.outcome.number, template.kind == TemplateKind.RUBRIC
        flash(VOTES if voted else _("Version %(number)s is offered now.", number=number), "success")
        return redirect(url_for(".show", template_id=template_id, version=number if voted else None), 303)
    return _editor(template.kind, form, template)


def _edited(template_id: int, form: TemplateForm) -> object:
    shown = id_in(form.shown.data or "")
    return services.edit(guards.person(), template_id, form.texts(), shown=shown, note=form.note.data or "")


@blueprint.post("/admin/templates/<int:template_id>/retire")
@guards.roles(*OPERATORS)
@confirmation.not_required(Reason.REVERSIBLE)
def retire(template_id: int) -> ResponseReturnValue:
    """Offer a template no longer."""
    services.retire(guards.person(), template_id)
    flash(_("The template is no longer offered. Drafts that used it keep their text."), "success")
    return redirect(url_for(".show", template_id=template_id), 303)


@blueprint.post("/admin/templates/<int:template_id>/restore")
@guards.roles(*OPERATORS)
@confirmation.not_required(Reason.REVERSIBLE)
def restore(template_id: int) -> ResponseReturnValue:
    """Offer a template again."""
    services.restore(guards.person(), template_id)
    flash(_("The template is offered again."), "success")
    return redirect(url_for(".show", template_id=template_id), 303)


# ---- the sponsor


@blueprint.get("/challenges/<int:challenge_id>/templates/<kind>")
@guards.signed_in
def choose(challenge_id: int, kind: str) -> ResponseReturnValue:
    """The templates for a part of a draft, the usual one of its tier or type first."""
    challenge, chosen = _draft(challenge_id), _kind(kind)
    rows = queries.list_templates(challenge.language, chosen, offered=True)
    tier = term_code(challenge.tier_id)
    usual = tier_of(tier).rubric if tier else TYPES[challenge.type].rubric
    return render_template(
        "brief_templates/choose.html",
        challenge=challenge,
        kind=chosen,
        used=queries.used_in(challenge, chosen),
        rows=sorted(rows, key=lambda row: row.template.code != usual),
        adopted=adoption.dates([row.version.id for row in rows]),
        usual=usual if chosen == TemplateKind.RUBRIC else "",
        written=services.is_written(briefs.from_challenge(challenge), chosen),
        kinds=KINDS,
    )


def _draft(challenge_id: int) -> Challenge:
    challenge = challenges.access(guards.actor(), challenge_id, to=drafts_policy.can_edit)
    if not challenge.is_draft:
        raise Conflict(locked(challenge))
    return challenge


@blueprint.post("/challenges/<int:challenge_id>/templates/<kind>/<int:template_id>")
@guards.signed_in
@once.acts
@confirmation.required
def use(challenge_id: int, kind: str, template_id: int) -> ResponseReturnValue:
    """Insert a template into the draft."""
    chosen = _kind(kind)
    services.use(guards.person(), challenge_id, chosen, template_id, base=_base(posted().text("base")))
    flash(_("The template is in the draft. Change it as you need; you can undo this."), "success")
    return redirect(url_for("drafting.step", challenge_id=challenge_id, step=chosen.value), 303)


def _base(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


@blueprint.post("/challenges/<int:challenge_id>/templates/<kind>/undo")
@guards.signed_in
@confirmation.required
def undo(challenge_id: int, kind: str) -> ResponseReturnValue:
    """Bring back what was there before a template was inserted."""
    services.undo(guards.person(), challenge_id, _kind(kind))
    flash(_("What was there before is back."), "success")
    return redirect(url_for("drafting.step", challenge_id=challenge_id, step=_kind(kind).value), 303)
