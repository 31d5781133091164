"""The pages where a draft is written, step by step, and the last one, where its sponsor sends it to screening."""

from flask import Blueprint, flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges import brief as briefs
from challenges import policy, queries, services
from challenges.contract import clauses
from challenges.contract.draft import draft_document
from challenges.cost import cost_now
from challenges.drafting import queries as drafts
from challenges.drafting import services as drafting
from challenges.drafting import steps
from challenges.drafting.steps import CHECK, NAMED, STEPS, Step
from challenges.entry.views import attached
from challenges.forms import AttachmentsForm, CostForm, PartForm, filled
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.rule_set import rule_limits
from challenges.screening import queries as screening
from challenges.views import render_as_visitor
from crowd.config import limits
from crowd.errors import Conflict, Invalid, Sentence
from crowd.web import confirmation, guards, rejected_requests
from crowd.web.arguments import posted
from crowd.web.confirmation import Reason
from crowd.web.templating import form_problems

blueprint = Blueprint("drafting", __name__)
STEP = f"/challenges/<int:challenge_id>/edit/<any({', '.join(NAMED)}):step>"


@blueprint.get("/challenges/<int:challenge_id>/edit")
@guards.signed_in
def edit(challenge_id: int) -> ResponseReturnValue:
    """To the first step with something missing; to the last page where nothing is."""
    challenge = queries.access(guards.actor(), challenge_id, to=policy.can_edit)
    name = steps.first_to_write(drafts.gaps_of(challenge)) if challenge.is_draft else STEPS[0].name
    return redirect(_url(challenge_id, name), 303)


def _url(challenge_id: int, name: str) -> str:
    if name == CHECK:
        return url_for("drafting.check", challenge_id=challenge_id)
    return url_for("drafting.step", challenge_id=challenge_id, step=name)


@blueprint.route(STEP, methods=["GET", "POST"])
@guards.signed_in
@guards.takes_files
@confirmation.not_required(Reason.EDITABLE)
def step(challenge_id: int, step: str) -> ResponseReturnValue:
    """One step of the draft; typed text stays on the page whatever happens."""
    one = NAMED[step]
    challenge = queries.access(guards.actor(), challenge_id, to=policy.can_edit)
    form = _form(challenge, one)
    if not challenge.is_draft:
        return _locked(challenge, one, form)
    _take_files(challenge_id, form)
    if not _asks_again() and form.passes(lambda: _saved(challenge_id, one, form, _base(form))):
        flash(_("The draft is saved."), "success")
        return redirect(_after(challenge_id, one), 303)
    return _page(challenge, one, form)


def _form(challenge: Challenge, one: Step) -> PartForm:
    brief = briefs.from_challenge(challenge)
    return one.form(data=filled(brief, briefs.mark(brief, one.fields)))


def _take_files(challenge_id: int, form: PartForm) -> None:
    """Keep what was chosen, whatever else is wrong."""
    if isinstance(form, AttachmentsForm):
        form.take_files(lambda upload: attached(challenge_id, upload))


def _asks_again() -> bool:
    """Whether a button was pressed that shows the page again, with what was typed: more rows, a preview."""
    return "again" in posted()


def _saved(challenge_id: int, one: Step, form: PartForm, base: str | None) -> Challenge:
    return drafting.save_step(
        guards.person(), challenge_id, changes=form.changes(), base=base,
        shown=posted().numbers("remark"), resolved=posted().numbers("resolved"),
    )  # fmt: skip


def _base(form: PartForm) -> str | None:
    """None where the person was told of the other person's save and chose to overwrite it."""
    return None if "over" in posted() else str(form.base.data)


def _after(challenge_id: int, one: Step) -> str:
    """The URL of the page that the pressed button leads to."""
    if "templates" in posted():
        return url_for("brief_templates.choose", challenge_id=challenge_id, kind=posted().text("templates"))
    before, after = steps.beside(one.name)
    return _url(challenge_id, {"stay": one.name, "back": before or one.name}.get(posted().text("to"), after))


def _locked(challenge: Challenge, one: Step, form: PartForm) -> ResponseReturnValue:
    """A challenge that can no longer be changed, with the reason; text typed meanwhile stays on the page."""
    conflict = Conflict(services.locked(challenge))
    if form.is_submitted():
        rejected_requests.keep(conflict)
        form.refuse(conflict)
    return _page(challenge, one, form, locked=conflict.message)


def _page(challenge: Challenge, one: Step, form: PartForm, *, locked: Sentence | None = None) -> ResponseReturnValue:
    if _asks_again():
        form.form_errors.clear()
        for field in form:
            field.errors = list(field.process_errors) if field.name == "uploads" else []
    remarks = screening.remarks_of(challenge, sent=True)
    for field in form:
        field.remarks = [remark for remark in remarks if remark.field == field.short_name]
    other = drafts.typed_over(challenge, form.changes()) if form.conflict and not locked else []
    preview = form["problem_statement"].data if posted().text("again") == "preview" else None
    page = render_template(
        "challenges/step.html", form=form, locked=locked, preview=preview, limits=rule_limits(), step=one,
        other=other, used=drafts.template_of(challenge, one), kept=drafts.kept_files(challenge, one),
        **_about(challenge, one.name),
    )  # fmt: skip
    return page, form.status


def _about(challenge: Challenge, name: str) -> dict[str, object]:
    """What every page of the draft shows: the steps with what is missing, and the cost."""
    before, after = steps.beside(name)
    return {
        "challenge": challenge,
        "steps": STEPS,
        "here": name,
        "before": before,
        "after": after,
        "gaps": drafts.gaps_of(challenge) if challenge.is_draft else [],
        "cost": cost_now(challenge) if challenge.is_draft else None,
        "step_url": lambda name: _url(challenge.id, name),
    }


@blueprint.post(f"{STEP}/autosave")
@guards.signed_in
@confirmation.not_required(Reason.EDITABLE)
def autosave(challenge_id: int, step: str) -> ResponseReturnValue:
    """Save a step while it is being written; JSON for the page's script."""
    one = NAMED[step]
    form = one.form()
    if not form.validate_on_submit():
        problems = form_problems(form)
        raise Invalid(problems[0][1] if problems else _("Please correct the following"))
    challenge = _saved(challenge_id, one, form, str(form.base.data))
    base = briefs.mark(briefs.from_challenge(challenge), one.fields)
    about = _about(challenge, step)
    parts = {part: render_template(f"challenges/_draft_{part}.html", **about) for part in ("steps", "beside")}
    return jsonify(saved_at=challenge.changed_at.isoformat(), fields={"base": base}, parts=parts)


@blueprint.route("/challenges/<int:challenge_id>/edit/check", methods=["GET", "POST"])
@guards.signed_in
@confirmation.not_required(Reason.REVERSIBLE)
def check(challenge_id: int) -> ResponseReturnValue:
    """What the challenge will cost and when it is due; agreement sends it to screening."""
    challenge = queries.access(guards.actor(), challenge_id, to=policy.can_submit)
    form = CostForm()
    if form.passes(lambda: lifecycle.submit(guards.person(), challenge_id, cost=form.cost.data)):
        flash(_("The challenge is with the service centre now. You will be notified of the result."), "success")
    if not challenge.is_draft:
        return redirect(url_for("challenges.show", challenge_id=challenge_id), 303)
    sections = clauses.sections(draft_document(challenge))
    about = _about(challenge, CHECK) | {"days": limits().funding_days, "sections": sections}
    return render_template("challenges/check.html", form=form, **_sent_before(challenge), **about), form.status


def _sent_before(challenge: Challenge) -> dict[str, object]:
    """How long the screening takes, and what has changed since the challenge was with it, if it was."""
    rounds = screening.rounds_of(challenge)
    last = rounds[0] if rounds else None
    changes = screening.changes(last, draft_document(challenge)) if last else None
    return {"pace": screening.pace(), "last": last, "changes": changes}


@blueprint.get("/challenges/<int:challenge_id>/preview")
@guards.signed_in
def preview(challenge_id: int) -> ResponseReturnValue:
    """The challenge as a visitor will see it."""
    challenge = queries.access(guards.actor(), challenge_id, to=policy.can_edit)
    if challenge.published_at is not None:
        return redirect(url_for("challenges.show", challenge_id=challenge_id), 303)
    sections = clauses.sections(draft_document(challenge))
    return render_as_visitor("challenges/preview.html", challenge, sections=sections)
