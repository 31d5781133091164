"""Pages of the screening besides the queue: who screens, the checklist, remarks, saved answers."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field

from challenges.contract import clauses
from challenges.contract.draft import draft_document
from challenges.models import Challenge
from challenges.queries import access, events_of
from challenges.schedule import opening, payment_due_at
from challenges.screening import queries, rounds, services
from challenges.screening.forms import (
    ANSWER_NAMES,
    ApproveForm,
    AssignForm,
    ChecklistForm,
    ChecksForm,
    RemarkForm,
    SavedAnswerForm,
    assign_form,
    checklist_form,
    checks_form,
    field_names,
)
from challenges.screening.models import ScreeningChecklist
from challenges.views import render_page
from crowd import clock
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.policy import can_administer
from crowd.accounts.units.forms import UnitHandOverForm
from crowd.web import confirmation, guards, once
from crowd.web.arguments import posted
from crowd.web.confirmation import Reason
from crowd.web.forms import Form, ReasonForm

blueprint = Blueprint("screening", __name__)
SCREENERS = (PlatformRole.SERVICE_CENTRE, PlatformRole.ADMINISTRATOR)


def screen_page(challenge: Challenge, form: Form | None = None) -> ResponseReturnValue:
    """The page on which a challenge is screened; `form` is one of its forms that was rejected."""
    actor, now = guards.person(), clock.now()
    all_rounds = queries.rounds_of(challenge)
    one = next((row for row in all_rounds if row.ended_at is None), None)
    before = next((row for row in all_rounds if row.ended_at is not None), None)
    shown = one or before
    items, missing = queries.checklist(shown.checklist).items if shown else [], rounds.missing_items(one)
    page = render_page(
        "challenges/screen.html", challenge, round=one, before=before, items=items,
        may_screen=actor.is_any(PlatformRole.SERVICE_CENTRE), mine=one is not None and one.taken_by == actor.id,
        changes=queries.changes(before, one.document if one else None),
        earlier=[event for event in events_of(challenge) if event.action == "challenge.returned"],
        remarks=queries.remarks_of(challenge), field_names=field_names(), saved=queries.saved_answers(actor),
        work=queries.work_on([challenge]).get(challenge.id), chosen=posted().number("saved"), 
        lacks=rounds.lacks(one, missing),
        sections=clauses.sections(draft_document(challenge)), opens_at=opening(challenge, now),
        pays_by=payment_due_at(challenge, now) if challenge.closes_at else None,
        checking=form if isinstance(form, ChecksForm) else checks_form(items, queries.checks_of(shown)),
        last_checks=queries.checks_of(before) if one else {}, missing=missing,
        numbers={row.id: row.number for row in all_rounds}, answer_names=ANSWER_NAMES,
        **_forms(challenge, form, assigns=one is not None and queries.may_assign(actor, challenge)),
    )  # fmt: skip
    return page, form.status if form else 200


def _forms(challenge: Challenge, form: Form | None, *, assigns: bool) -> dict[str, Form | None]:
    """The other forms of that page: the rejected one as it was sent, the others empty."""
    return {
        "form": form if isinstance(form, ReasonForm) else ReasonForm(formdata=None),
        "approving": form if isinstance(form, ApproveForm) else ApproveForm(formdata=None),
        "handing": form if isinstance(form, UnitHandOverForm) else UnitHandOverForm(formdata=None),
        "remarking": form if isinstance(form, RemarkForm) else RemarkForm(formdata=None),
        "assigning": (form if isinstance(form, AssignForm) else _assigning(challenge)) if assigns else None,
    }


def _assigning(challenge: Challenge, sent: AssignForm | None = None) -> AssignForm:
    return assign_form(queries.people_who_screen(challenge), sent)


def insert(field: Field, actor: User, chosen: int | None) -> None:
    """Add a saved answer to what is typed into a field, where there are no scripts."""
    words = [field.data or "", *(answer.text for answer in queries.saved_answers(actor) if answer.id == chosen)]
    field.data = "\n".join(part for part in words if part)


def _done(challenge_id: int, message: str, part: str = "") -> ResponseReturnValue:
    flash(message, "success")
    return redirect(url_for("challenges.screen", challenge_id=challenge_id, _anchor=part or None), 303)


# ---- who screens


@blueprint.post("/screening/<int:challenge_id>/claim")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@confirmation.not_required(Reason.REVERSIBLE)
def claim(challenge_id: int) -> ResponseReturnValue:
    """Take the screening, or take it over from the person whom the page showed."""
    services.claim(guards.person(), challenge_id, holder=posted().number("holder"))
    return _done(challenge_id, _("You screen this challenge."))


@blueprint.post("/screening/<int:challenge_id>/release")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@confirmation.not_required(Reason.REVERSIBLE)
def release(challenge_id: int) -> ResponseReturnValue:
    """Release the screening."""
    services.release(guards.person(), challenge_id)
    return _done(challenge_id, _("Nobody screens this challenge now."))


@blueprint.post("/screening/<int:challenge_id>/assign")
@guards.roles(*SCREENERS)
@confirmation.not_required(Reason.REVERSIBLE)
def assign(challenge_id: int) -> ResponseReturnValue:
    """Say who screens it."""
    challenge = access(guards.actor(), challenge_id)
    form = _assigning(challenge, AssignForm())
    if not form.passes(lambda: services.assign(guards.person(), challenge_id, user_id=form.user_id.data)):
        return screen_page(challenge, form)
    return _done(challenge_id, _("The person is asked to screen this challenge."))


# ---- the checklist of a round, and remarks


@blueprint.post("/screening/<int:challenge_id>/checks")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@confirmation.not_required(Reason.EDITABLE)
def check(challenge_id: int) -> ResponseReturnValue:
    """Save the answers to the checklist."""
    form = ChecksForm()
    if not form.passes(lambda: services.check(guards.person(), challenge_id, answers=form.answers())):
        return screen_page(access(guards.actor(), challenge_id), form)
    return _done(challenge_id, _("The answers are saved."), "checklist")


@blueprint.post("/screening/<int:challenge_id>/remarks")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def remark(challenge_id: int) -> ResponseReturnValue:
    """Pin a remark to a field, or insert a saved answer into it."""
    form, actor = RemarkForm(), guards.person()
    if "insert" in posted():
        insert(form["text"], actor, posted().number("saved"))
        return screen_page(access(actor, challenge_id), form)
    if not form.passes(lambda: services.remark(actor, challenge_id, field=form["field"].data, text=form["text"].data)):
        return screen_page(access(actor, challenge_id), form)
    return _done(challenge_id, _("The remark is pinned; the sponsor reads it with the return."), "remarks")


@blueprint.post("/screening/<int:challenge_id>/remarks/<int:remark_id>/delete")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@confirmation.not_required(Reason.HARMLESS)
def delete_remark(challenge_id: int, remark_id: int) -> ResponseReturnValue:
    """Delete a remark that nobody has read."""
    services.delete_remark(guards.person(), challenge_id, remark_id)
    return _done(challenge_id, _("The remark is deleted."), "remarks")


@blueprint.post("/screening/<int:challenge_id>/remarks/<int:remark_id>/reopen")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@confirmation.not_required(Reason.REVERSIBLE)
def reopen_remark(challenge_id: int, remark_id: int) -> ResponseReturnValue:
    """Say that a remark is not resolved."""
    services.reopen_remark(guards.person(), challenge_id, remark_id)
    return _done(challenge_id, _("The remark is open again; the sponsor reads it with the return."), "remarks")


# ---- saved answers


@blueprint.route("/screening/phrases", methods=["GET", "POST"])
@guards.roles(PlatformRole.SERVICE_CENTRE)
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def phrases() -> ResponseReturnValue:
    """The saved answers of the person, and those that others share; add one."""
    form, actor = SavedAnswerForm(), guards.person()
    if form.passes(lambda: services.save_answer(actor, **form.values())):
        flash(_("The answer is saved."), "success")
        return redirect(url_for(".phrases"), 303)
    page = render_template("screening/phrases.html", form=form, answers=queries.saved_answers(actor))
    return page, form.status


@blueprint.post("/screening/phrases/<int:phrase_id>/delete")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@confirmation.not_required(Reason.CORRECTABLE)
def delete_phrase(phrase_id: int) -> ResponseReturnValue:
    """Delete a saved answer."""
    services.delete_answer(guards.person(), phrase_id)
    flash(_("The answer is deleted."), "success")
    return redirect(url_for(".phrases"), 303)


# ---- the checklist


def _written(form: ChecklistForm) -> ScreeningChecklist:
    actor, note = guards.person(), form.note.data
    return services.write_checklist(actor, items=form.written(), note=note, after=form.version())


@blueprint.route("/screening/checklist", methods=["GET", "POST"])
@guards.roles(*SCREENERS)
@once.acts
@confirmation.not_required(Reason.EDITABLE)
def checklist() -> ResponseReturnValue:
    """The checklist with all its versions; administrators write a new one."""
    versions = queries.checklists()
    form = checklist_form(versions[0].id, versions[0].items)
    if "again" not in posted() and form.passes(lambda: _written(form)):
        flash(_("The new version applies to challenges that are submitted from now on."), "success")
        return redirect(url_for(".checklist"), 303)
    edits = can_administer(guards.actor())
    return render_template("screening/checklist.html", form=form, versions=versions, edits=edits), form.status
