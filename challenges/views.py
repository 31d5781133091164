"""Pages of challenges: list, challenge, history, the sponsor's draft and cost, and the screening."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms import SelectChoice

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
    silence_text,
)
from challenges import history as challenge_history
from challenges.brief_templates import services as brief_templates
from challenges.criteria import kind_of, plain
from challenges.drafting.queries import gaps_of
from challenges.filter_names import chip
from challenges.forms import CopyForm, NewForm
from challenges.importing.messages import EXPLANATIONS
from challenges.importing.sections import titled
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.rules import rules_of
from challenges.support.queries import lines_of
from challenges.types import TYPES, shown_type
from challenges.workflow import IN_ESCROW, PUBLIC, ChallengeState
from crowd import clock
from crowd.accounts import acting
from crowd.config import limits
from crowd.errors import Forbidden, NotFound, Sentence
from crowd.ledger import queries as ledger
from crowd.taxonomy.schemes import INDUSTRY, STAGE
from crowd.taxonomy.vocabulary import current
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason
from crowd.web.forms import ReasonForm
from crowd.web.fragments import cached
from crowd.web.organisations import labels
from crowd.web.request_locale import reader

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
blueprint.add_app_template_filter(silence_text.text_of, "silence_text")
blueprint.add_app_template_filter(silence_text.ties_of, "ties_text")
blueprint.add_app_template_filter(silence_text.ranking_of, "ranking_text")
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
        reports=policy.can_report(actor, challenge),
        **values,
    )


def render_as_visitor(template: str, challenge: Challenge, **more: object) -> str:
    """A page of one challenge as a stranger would see it, whoever reads it: nothing internal, nothing to do."""
    phase = next_steps.phase_of(challenge, clock.now())
    return render_template(
        template, challenge=challenge, transitions=[], inside=False, phase=phase, stand="", sponsor=False,
        copyable=False, reports=False, support=lines_of(challenge.id), **more,
    )  # fmt: skip


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
    gaps = gaps_of(challenge) if challenge.state == ChallengeState.DRAFT else []
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
    return render_page("challenges/prizes.html", challenge, support=lines_of(challenge_id))


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
    return render_template(
        "challenges/mine.html", page=page, sponsoring=policy.sponsor_organisations(actor),
        escrows=ledger.escrows(row.id for row in page.rows),
    )  # fmt: skip


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
    form.organisation_id.choices = [SelectChoice(*pair) for pair in offered]
    if form.passes(lambda: brief_templates.begin(guards.person(), form.organisation_id.data, brief=form.brief())):
        flash(_("The draft is saved. Now describe the problem."), "success")
        return redirect(url_for("drafting.edit", challenge_id=form.outcome.id), 303)
    return render_template("challenges/new.html", form=form), form.status


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
    form.organisation_id.choices = [SelectChoice(*pair) for pair in offered]
    if form.passes(lambda: services.copy(guards.person(), challenge_id, form.organisation_id.data)):
        flash(_("This is your draft now. Dates are yours to set."), "success")
        return redirect(url_for("drafting.edit", challenge_id=form.outcome.id), 303)
    return render_template("challenges/copy.html", challenge=challenge, form=form), form.status
