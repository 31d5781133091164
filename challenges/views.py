"""Pages of challenges: list, challenge, history, the sponsor's draft and cost, and the screening."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from challenges import brief as briefs
from challenges import (
    charts,
    filtering,
    followers,
    impartiality,
    next_steps,
    policy,
    progress,
    queries,
    schedule,
    search_tokens,
    services,
)
from challenges import history as challenge_history
from challenges.criteria import kind_of, plain
from challenges.filter_names import chip
from challenges.forms import BriefForm, CopyForm, CostForm, NewForm, filled
from challenges.importing.messages import EXPLANATIONS
from challenges.importing.sections import titled
from challenges.library import services as library
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.rules import rules_of
from challenges.types import TYPES, shown_type
from challenges.workflow import IN_ESCROW, PUBLIC, ChallengeState
from crowd import clock
from crowd.accounts import acting
from crowd.config import limits
from crowd.errors import Conflict, Forbidden, Invalid, NotFound, Sentence
from crowd.ledger.fees import queries as fees
from crowd.money import apply_basis_points
from crowd.taxonomy.schemes import INDUSTRY, STAGE
from crowd.taxonomy.vocabulary import current
from crowd.web import confirmation, guards, once, rejected_requests
from crowd.web.arguments import arguments, posted
from crowd.web.confirmation import Reason
from crowd.web.forms import ReasonForm
from crowd.web.fragments import cached
from crowd.web.organisations import labels
from crowd.web.request_locale import reader
from crowd.web.templating import form_problems

blueprint = Blueprint("challenges", __name__)
blueprint.add_app_template_filter(chip, "filter_name")
blueprint.add_app_template_filter(kind_of, "criterion_kind")
blueprint.add_app_template_filter(plain, "decimal")
blueprint.add_app_template_filter(shown_type)
blueprint.add_app_template_filter(rules_of, "rules")
blueprint.add_app_template_filter(search_tokens.mark, "mark_words")
blueprint.add_app_template_filter(progress.progress_steps)
blueprint.add_app_template_filter(progress.deadline)
blueprint.add_app_template_filter(schedule.grace_seconds)
blueprint.add_app_template_filter(lambda challenge: next_steps.phase_of(challenge, clock.now()), "phase")
blueprint.add_app_template_filter(lambda challenge: next_steps.next_of(challenge, clock.now()), "next_of")
blueprint.add_app_template_filter(lambda challenge: next_steps.coming(challenge, clock.now()), "coming")
blueprint.add_app_template_filter(next_steps.ended, "ended")
blueprint.add_app_template_filter(next_steps.decision_due)
blueprint.add_app_template_filter(lambda challenge: progress.turns_soon(challenge, clock.now()), "turns_soon")
blueprint.add_app_template_test(queries.soon, "closing_soon")


@blueprint.get("/challenges")
@guards.public
def index() -> ResponseReturnValue:
    """The list, with search, filters and sort."""
    filters = filtering.read(arguments(), usual=queries.TAKING)
    return render_template(
        "challenges/list.html",
        found=cached(_found, request.full_path),
        address=filtering.arguments(filters),
        term=followers.only_term(filters),
    )


def _found() -> str:
    """The part of the list that is the same for everybody."""
    filters = filtering.read(arguments(), usual=queries.TAKING)
    page = queries.list_page(filters, after=arguments().after, size=limits().page_rows)
    return render_template(
        "challenges/_list.html",
        filters=filters,
        chosen=filtering.chosen(filters, usual=queries.TAKING),
        address=filtering.arguments(filters),
        usual=set(filters.states) == set(queries.TAKING),
        page=page,
        facets=queries.facets(filters),
        industries=[(one.code, one.name(reader().name)) for one in current().all(INDUSTRY)],
        prizes=queries.open_prizes(),
        **_escrows(filters),
        stages=[(one.code, one.name(reader().name)) for one in current().all(STAGE)],
        types=[(kind.value, rules.name) for kind, rules in TYPES.items()],
    )


def _escrows(filters: queries.Filters) -> dict[str, Any]:
    """The money in escrow for the challenges of a list, and for those that have not opened."""
    asked = bool(filters.states) and set(filters.states) <= IN_ESCROW and set(filters.states) != {ChallengeState.OPEN}
    whole = asked and set(filters.states) == PUBLIC & IN_ESCROW
    return {
        "held": queries.in_escrow(filters) if asked else [],
        "unopened": queries.in_escrow_unopened() if whole else [],
    }


@blueprint.app_template_global("barred_because")
def _barred(challenge: Challenge) -> Sentence:
    """Why the reader, who has a role of the platform, must not act on this challenge; empty for all others."""
    actor = guards.actor()
    return impartiality.why_not(actor, challenge) if policy.acts_for_platform(actor) else ""


def render_page(template: str, challenge: Challenge, **values: Any) -> str:
    """A page of one challenge, with the contents of its header and sidebar."""
    actor = guards.actor()
    inside = policy.can_view_internal(actor, challenge)
    phase = next_steps.phase_of(challenge, clock.now())
    barred = _barred(challenge)
    about = ("challenge.stand", challenge.id, challenge.row_version, inside, phase)
    return render_template(
        template,
        challenge=challenge,
        transitions=[] if barred else policy.open_transitions(actor, challenge),
        inside=inside,
        phase=phase,
        stand="" if challenge.external else cached(lambda: _status(challenge, inside), *about),
        sponsor=policy.is_sponsor(actor, challenge),
        copyable=policy.can_copy(actor, challenge),
        **values,
    )


def _status(challenge: Challenge, inside: bool, shown: str = "") -> str:
    """The challenge's phase and the operation that led to it; `shown` is the phase that the reader's page shows."""
    last = challenge_history.last_transition(challenge, inside=inside)
    phase = next_steps.phase_of(challenge, clock.now())
    return render_template("challenges/_status.html", challenge=challenge, last=last, phase=phase, shown=shown)


@blueprint.get("/challenges/<int:challenge_id>")
@guards.public
def show(challenge_id: int) -> ResponseReturnValue:
    """The problem, or another platform's record of its challenge."""
    challenge = queries.access(guards.actor(), challenge_id)
    if challenge.external:
        return _external(challenge)
    gaps = _gaps(challenge) if challenge.state == ChallengeState.DRAFT else []
    return render_page("challenges/show.html", challenge, gaps=gaps)


@blueprint.get("/challenges/<int:challenge_id>/status")
@guards.public
def status(challenge_id: int) -> ResponseReturnValue:
    """The challenge's status, as a fragment for a page that polls while a job is about to change the state."""
    challenge = queries.access(guards.actor(), challenge_id)
    if challenge.external:
        raise NotFound
    inside = policy.can_view_internal(guards.actor(), challenge)
    return _status(challenge, inside, shown=arguments().text("shown"))


def _external(challenge: Challenge) -> str:
    source = queries.source_of(challenge)
    remarks = [
        (problem["field"], EXPLANATIONS.get(problem["reason"], problem["reason"]), problem["source"])
        for problem in (source.errors if source else [])
    ]
    sections = list(titled(source.mapped.get("sections", {}) if source else {}))
    return render_page("challenges/external.html", challenge, source=source, remarks=remarks, sections=sections)


@blueprint.get("/challenges/<int:challenge_id>/prizes")
@guards.public
def prizes(challenge_id: int) -> ResponseReturnValue:
    """Prizes and rubric."""
    challenge = queries.access(guards.actor(), challenge_id)
    if challenge.external:
        return redirect(url_for("challenges.show", challenge_id=challenge_id), 303)
    return render_page("challenges/prizes.html", challenge)


@blueprint.get("/challenges/<int:challenge_id>/history")
@guards.public
def history(challenge_id: int) -> ResponseReturnValue:
    """What happened, who did it, and what comes next."""
    challenge = queries.access(guards.actor(), challenge_id)
    inside = policy.can_view_internal(guards.actor(), challenge)
    picture = None if challenge.external else charts.picture(challenge, clock.now(), inside=inside)
    happened = challenge_history.history_entries(challenge, inside=inside)
    return render_page("challenges/history.html", challenge, happened=happened, picture=picture)


# ---- the sponsor


@blueprint.get("/challenges/mine")
@guards.signed_in
def mine() -> ResponseReturnValue:
    """The challenges of the person's own organisations."""
    actor = guards.person()
    page = queries.mine(actor, after=arguments().after, size=limits().page_rows)
    return render_template("challenges/mine.html", page=page, sponsoring=policy.sponsor_organisations(actor))


def _organisations() -> list[tuple[int, str]]:
    """The choices of "posted by". Raises Forbidden where there are none."""
    found = list(labels(policy.sponsor_organisations(guards.actor())).items())
    if not found:
        raise Forbidden(_("Your organisation or your role in it does not post challenges."))
    return found


@blueprint.route("/challenges/new", methods=["GET", "POST"])
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.HARMLESS)
def new() -> ResponseReturnValue:
    """Create a draft."""
    if not policy.sponsor_organisations(guards.actor()):
        return render_template("challenges/new.html", form=None)
    offered = _organisations()
    begin = {"language": str(get_locale()), "organisation_id": acting.default_among(guards.actor(), dict(offered))}
    form = NewForm(data=begin if request.method == "GET" else None)
    form.organisation_id.choices = offered
    if form.passes(lambda: library.begin(guards.person(), form.organisation_id.data, brief=form.brief())):
        flash(_("The draft is saved. Now describe the problem."), "success")
        return redirect(url_for("challenges.edit", challenge_id=form.outcome.id), 303)
    return render_template("challenges/new.html", form=form), form.status


@blueprint.route("/challenges/<int:challenge_id>/edit", methods=["GET", "POST"])
@guards.signed_in
@confirmation.not_required(Reason.EDITABLE)
def edit(challenge_id: int) -> ResponseReturnValue:
    """The draft as a form; typed text stays on the page whatever happens."""
    challenge = queries.access(guards.actor(), challenge_id, to=policy.can_edit)
    form = BriefForm(data=filled(briefs.from_challenge(challenge), challenge.changed_at))
    if challenge.state != ChallengeState.DRAFT:
        return _closed_page(challenge, form)
    if request.method == "GET" or not form.validate_on_submit() or "again" in posted():
        return _edit_page(challenge, form, 422 if form.errors and "again" not in posted() else 200)
    try:
        services.edit(guards.person(), challenge_id, brief=form.brief(), base=_base(form))
    except Invalid as refusal:
        form.refuse(refusal)
        return _edit_page(challenge, form, 422)
    except Conflict as conflict:
        return _edit_page(challenge, form, 409, conflict)
    flash(_("The draft is saved."), "success")
    return redirect(_after_save(challenge_id), 303)


def _after_save(challenge_id: int) -> str:
    """Where the button leads that saved the draft."""
    if "templates" in posted():
        return url_for("library.choose", challenge_id=challenge_id, kind=posted().text("templates"))
    target = "challenges.cost" if "cost" in posted() else "challenges.show"
    return url_for(target, challenge_id=challenge_id)


def _closed_page(challenge: Challenge, form: BriefForm) -> ResponseReturnValue:
    """A challenge that can no longer be changed, with the reason; text typed meanwhile stays on the page."""
    conflict = Conflict(services.locked(challenge))
    if form.is_submitted():
        rejected_requests.keep(conflict)
    return _edit_page(challenge, form, 409 if form.is_submitted() else 200, conflict)


def _base(form: BriefForm) -> datetime | None:
    """None where the person was told of the other person's save and chose to overwrite it."""
    return None if "over" in posted() else form.base_at()


def _edit_page(
    challenge: Challenge, form: BriefForm, status: int, conflict: Conflict | None = None
) -> ResponseReturnValue:
    if "again" in posted():
        form.form_errors.clear()
        for field in form:
            field.errors = []
    preview = form.problem_statement.data if posted().text("again") == "preview" else None
    page = render_template(
        "challenges/edit.html",
        challenge=challenge,
        form=form,
        conflict=conflict,
        preview=preview,
        limits=limits(),
        gaps=_gaps(challenge),
    )
    return page, status


def _gaps(challenge: Challenge) -> list[briefs.Problem]:
    """What is missing before screening, as (field, message)."""
    return list(briefs.missing_fields(briefs.from_challenge(challenge), limits(), clock.now()))


@blueprint.post("/challenges/<int:challenge_id>/autosave")
@guards.signed_in
@confirmation.not_required(Reason.EDITABLE)
def autosave(challenge_id: int) -> ResponseReturnValue:
    """Save the draft while it is being written; JSON for the page's script."""
    form = BriefForm()
    if not form.validate_on_submit():
        problems = form_problems(form)
        raise Invalid(problems[0][1] if problems else _("Please correct the following"))
    challenge = services.edit(guards.person(), challenge_id, brief=form.brief(), base=form.base_at())
    saved_at = challenge.changed_at.isoformat()
    return jsonify(saved_at=saved_at, fields={"base": saved_at})


@blueprint.route("/challenges/<int:challenge_id>/cost", methods=["GET", "POST"])
@guards.signed_in
@confirmation.not_required(Reason.REVERSIBLE)
def cost(challenge_id: int) -> ResponseReturnValue:
    """What the challenge will cost and when it is due; agreement sends it to screening."""
    challenge = queries.access(guards.actor(), challenge_id, to=policy.can_submit)
    form = CostForm()
    refusal = None
    if form.validate_on_submit():
        try:
            lifecycle.submit(guards.person(), challenge_id, cost=form.cost.data)
        except (Invalid, Conflict) as problem:  # changed since it was shown: show it again
            refusal = problem
        else:
            flash(_("The challenge is with the service centre now. You will be notified of the result."), "success")
    if challenge.state != ChallengeState.DRAFT:
        return redirect(url_for("challenges.show", challenge_id=challenge_id), 303)
    page = render_template("challenges/cost.html", challenge=challenge, form=form, refusal=refusal, **_cost(challenge))
    return page, refusal.status if refusal else 200


def _cost(challenge: Challenge) -> dict[str, Any]:
    now = clock.now()
    version, points = fees.current_fee(kind="award", at=now)
    fee = apply_basis_points(challenge.prize_total, points)
    return {"version": version, "points": points, "fee": fee, "total": challenge.prize_total + fee,
            "gaps": _gaps(challenge), "days": limits().funding_days}  # fmt: skip


@blueprint.post("/challenges/<int:challenge_id>/withdraw")
@guards.signed_in
@confirmation.not_required(Reason.REPEATABLE)
def withdraw_from_screening(challenge_id: int) -> ResponseReturnValue:
    """Withdraw a challenge from screening."""
    lifecycle.withdraw_from_screening(guards.person(), challenge_id)
    flash(_("The challenge is a draft again."), "success")
    return redirect(url_for("challenges.show", challenge_id=challenge_id), 303)


@blueprint.route("/challenges/<int:challenge_id>/cancel", methods=["GET", "POST"])
@guards.signed_in
@confirmation.required
def cancel(challenge_id: int) -> ResponseReturnValue:
    """Cancel a challenge, with a reason."""
    challenge = queries.access(guards.actor(), challenge_id, to=policy.can_cancel)
    impartiality.refuse_party(guards.actor(), challenge)
    form = ReasonForm()
    if form.passes(lambda: lifecycle.cancel(guards.person(), challenge_id, reason=form.reason.data)):
        flash(_("The challenge is cancelled."), "success")
        return redirect(url_for("challenges.show", challenge_id=challenge_id), 303)
    return render_template("challenges/cancel.html", challenge=challenge, form=form), form.status


@blueprint.route("/challenges/<int:challenge_id>/copy", methods=["GET", "POST"])
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.HARMLESS)
def copy(challenge_id: int) -> ResponseReturnValue:
    """Copy a challenge to a draft."""
    challenge = queries.access(guards.actor(), challenge_id, to=policy.can_copy)
    offered = _organisations()
    form = CopyForm(data={"organisation_id": acting.default_among(guards.actor(), dict(offered))})
    form.organisation_id.choices = offered
    if form.passes(lambda: services.copy(guards.person(), challenge_id, form.organisation_id.data)):
        flash(_("This is your draft now. Dates are yours to set."), "success")
        return redirect(url_for("challenges.edit", challenge_id=form.outcome.id), 303)
    return render_template("challenges/copy.html", challenge=challenge, form=form), form.status
