"""Pages of panels, reviews, rankings, awards, results and profiles."""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges import queries as challenges
from challenges.models import Challenge
from challenges.policy import is_sponsor
from challenges.workflow import State
from crowd import clock, files
from crowd.accounts.models import PlatformRole
from crowd.config import limits
from crowd.errors import Conflict, Invalid
from crowd.ledger import queries as ledger
from crowd.money import basis_points
from crowd.web import guards
from crowd.web.templating import form_problems
from scoring import pictures, policy, queries, services
from scoring.forms import AwardForm, DecisionForm, DeclineForm, TieForm, review_form
from scoring.models import Assignment
from scoring.profiles import queries as profiles
from scoring.reviewing import services as reviewing
from submissions import queries as submissions

blueprint = Blueprint("scoring", __name__)


def _after() -> str | None:
    return request.args.get("after")


# ---- the reviewer


@blueprint.get("/reviews")
@guards.signed_in
def reviews() -> ResponseReturnValue:
    """A reviewer's inbox, by due time."""
    done = request.args.get("done") == "1"
    page = queries.inbox(guards.actor(), done=done, after=_after(), size=limits().page_rows)
    return render_template("scoring/reviews.html", page=page, done=done)


@blueprint.route("/reviews/<int:assignment_id>", methods=["GET", "POST"])
@guards.signed_in
def review(assignment_id: int) -> ResponseReturnValue:
    """The proposal beside the rubric. A post hands the review in, or (`draft`) keeps it as it is."""
    assignment = queries.access_assignment(guards.actor(), assignment_id)
    form = review_form(queries.criteria_of(assignment.challenge_id), queries.find_review(assignment_id))
    if not form.validate_on_submit():
        return _review_page(assignment, form, 422 if form.is_submitted() else 200)
    draft = "draft" in request.form
    verb = reviewing.save if draft else reviewing.submit
    try:
        verb(guards.actor(), assignment_id, **form.content())
    except Invalid as refusal:
        form.refuse(refusal)
        return _review_page(queries.access_assignment(guards.actor(), assignment_id), form, 422)
    except Conflict as refusal:
        return _review_page(queries.access_assignment(guards.actor(), assignment_id), form, 409, refusal)
    flash(_("Your review is saved as a draft.") if draft else _("Your review is in. Thank you."), "success")
    return redirect(request.url if draft else url_for("scoring.reviews"), 303)


def _review_page(
    assignment: Assignment, form: Any, status: int, conflict: Conflict | None = None, decline: Any = None
) -> ResponseReturnValue:
    proposal = assignment.proposal
    page = render_template(
        "scoring/review.html",
        assignment=assignment,
        challenge=proposal.challenge,
        version=proposal.final,
        form=form,
        decline=decline or DeclineForm(prefix="decline"),
        conflict=conflict,
        open=policy.judging_is_open(proposal.challenge) and policy.can_review(guards.actor(), assignment),
        progress=queries.progress(assignment.challenge_id),
        limits=limits(),
    )
    return page, status


@blueprint.post("/reviews/<int:assignment_id>/autosave")
@guards.signed_in
def autosave(assignment_id: int) -> ResponseReturnValue:
    """Keep a review while it is being written; JSON for the page's script."""
    assignment = queries.access_assignment(guards.actor(), assignment_id)
    form = review_form(queries.criteria_of(assignment.challenge_id))
    if not form.validate_on_submit():
        problems = form_problems(form)
        raise Invalid(problems[0][1] if problems else _("Something needs your attention"))
    saved = reviewing.save(guards.actor(), assignment_id, **form.content())
    return jsonify(saved_at=saved.saved_at.isoformat())


@blueprint.post("/reviews/<int:assignment_id>/decline")
@guards.signed_in
def decline(assignment_id: int) -> ResponseReturnValue:
    """Give a review back."""
    form = DeclineForm(prefix="decline")
    if form.validate_on_submit():
        try:
            reviewing.decline(guards.actor(), assignment_id, **form.values())
            flash(_("You have declined. Somebody else is asked."), "success")
            return redirect(url_for("scoring.reviews"), 303)
        except Invalid as refusal:
            form.refuse(refusal)
    assignment = queries.access_assignment(guards.actor(), assignment_id)
    filled = review_form(queries.criteria_of(assignment.challenge_id), queries.find_review(assignment_id))
    return _review_page(assignment, filled, 422, decline=form)


@blueprint.get("/reviews/<int:assignment_id>/files/<int:file_id>")
@guards.signed_in
def file(assignment_id: int, file_id: int) -> ResponseReturnValue:
    """Download a file of the proposal that one reviews."""
    return files.attachment(queries.file_for_reviewer(guards.actor(), assignment_id, file_id))


@blueprint.route("/reviews/ties", methods=["GET", "POST"])
@guards.roles(PlatformRole.EXPERT)
def ties() -> ResponseReturnValue:
    """The ties that one has declared, and a form for another."""
    form, actor = TieForm(), guards.actor()
    if form.validate_on_submit():
        try:
            reviewing.declare_tie(actor, **profiles.named_party(form.party.data), note=form.note.data or "")
            flash(_("The tie is declared. You will not be asked to judge them."), "success")
            return redirect(url_for("scoring.ties"), 303)
        except Invalid as refusal:
            form.refuse(refusal)
    page = render_template("scoring/ties.html", form=form, ties=queries.ties_of(actor.id))
    return page, 422 if form.is_submitted() else 200


@blueprint.post("/reviews/ties/<int:tie_id>/withdraw")
@guards.roles(PlatformRole.EXPERT)
def withdraw_tie(tie_id: int) -> ResponseReturnValue:
    """Take a declaration back."""
    reviewing.withdraw_tie(guards.actor(), tie_id)
    flash(_("The tie is withdrawn."), "success")
    return redirect(url_for("scoring.ties"), 303)


# ---- panel and ranking


@blueprint.get("/challenges/<int:challenge_id>/panel")
@guards.signed_in
def panel(challenge_id: int) -> ResponseReturnValue:
    """Who judges, why they were chosen, and how far they are."""
    challenge = queries.access_judging(guards.actor(), challenge_id)
    return render_template(
        "scoring/panel.html",
        panel=queries.find_panel(challenge_id),
        rows=queries.assignments(challenge_id),
        progress=queries.progress(challenge_id),
        missing=queries.missing(challenge_id, limits().reviews_per_proposal),
        **_head(challenge),
    )


@blueprint.post("/challenges/<int:challenge_id>/panel")
@guards.roles(PlatformRole.SERVICE_CENTRE)
def fill_up(challenge_id: int) -> ResponseReturnValue:
    """Look for reviewers again where some are missing."""
    found = len(services.fill_up(guards.actor(), challenge_id))
    flash(_("Reviews that were asked for: %(number)s.", number=found), "success" if found else "warning")
    return redirect(url_for("scoring.panel", challenge_id=challenge_id), 303)


def _head(challenge: Challenge) -> dict[str, Any]:
    """What every page of a challenge's judging shows."""
    actor = guards.actor()
    return {
        "challenge": challenge,
        "sponsor": is_sponsor(actor, challenge),
        "judging": policy.can_see_judging(actor, challenge),
        "awards_open": policy.can_award(actor, challenge) and policy.judging_is_open(challenge),
        "fills_up": policy.can_fill_up(actor, challenge) and policy.judging_is_open(challenge),
    }


@blueprint.get("/challenges/<int:challenge_id>/ranking")
@guards.signed_in
def ranking(challenge_id: int) -> ResponseReturnValue:
    """The proposals by the means of their reviews."""
    challenge = queries.access_judging(guards.actor(), challenge_id)
    standings = queries.ranked(challenge_id)
    return render_template(
        "scoring/ranking.html",
        standings=standings,
        interval=pictures.interval,
        progress=queries.progress(challenge_id),
        winners=queries.winners(challenge_id),
        **_head(challenge),
    )


@blueprint.get("/proposals/<int:proposal_id>/reviews")
@guards.signed_in
def feedback(proposal_id: int) -> ResponseReturnValue:
    """The reviews of one proposal: for its authors without the reviewers' names."""
    actor = guards.actor()
    proposal = queries.access_feedback(actor, proposal_id)
    return render_template(
        "scoring/feedback.html",
        proposal=proposal,
        verdicts=queries.verdicts(proposal_id, names=policy.sees_reviewers(actor, proposal)),
        **_head(proposal.challenge),
    )


# ---- awards


@blueprint.get("/challenges/<int:challenge_id>/awards")
@guards.signed_in
def awards(challenge_id: int) -> ResponseReturnValue:
    """Choose the awards, see what they cost, decide."""
    return _awards_page(_to_award(challenge_id), DecisionForm(prefix="decision"))


def _to_award(challenge_id: int) -> Challenge:
    queries.access_judging(guards.actor(), challenge_id)
    return challenges.access(guards.actor(), challenge_id, to=policy.can_award)


def _award_form(challenge: Challenge, winners: list[queries.Winner]) -> AwardForm:
    """The prizes that have places left, and the proposals without an award, best first."""
    form = AwardForm(prefix="award")
    given = [winner.prize_id for winner in winners]
    won = {winner.proposal_id for winner in winners}
    form.prize_id.choices = [
        (prize.id, pictures.prize_line(prize, challenge.currency, prize.places - given.count(prize.id)))
        for prize in challenge.prizes
        if given.count(prize.id) < prize.places
    ]
    form.proposal_id.choices = [
        (standing.place.proposal, pictures.standing_line(standing))
        for standing in queries.ranked(challenge.id)
        if standing.place.proposal not in won
    ]
    return form


def _awards_page(
    challenge: Challenge, decision: DecisionForm, form: AwardForm | None = None, status: int = 200
) -> ResponseReturnValue:
    winners = queries.winners(challenge.id)
    paid = sum(winner.amount for winner in winners)
    page = render_template(
        "scoring/awards.html",
        winners=winners,
        form=form or _award_form(challenge, winners),
        decision=decision,
        paid=paid,
        fee=basis_points(paid, challenge.fee_points),
        waits=_waits(challenge),
        **_head(challenge),
    )
    return page, status


def _waits(challenge: Challenge) -> bool:
    overdue = challenge.reviews_due_at is not None and challenge.reviews_due_at <= clock.now()
    return not overdue and (challenge.panel_formed_at is None or queries.waits_for_reviews(challenge.id))


@blueprint.post("/challenges/<int:challenge_id>/awards")
@guards.signed_in
def choose(challenge_id: int) -> ResponseReturnValue:
    """Give a prize to a proposal."""
    challenge = _to_award(challenge_id)
    form = _award_form(challenge, queries.winners(challenge_id))
    if form.validate_on_submit():
        try:
            services.choose(guards.actor(), challenge_id, **form.values())
            flash(_("The award is chosen. It is published with your decision."), "success")
            return redirect(url_for("scoring.awards", challenge_id=challenge_id), 303)
        except Invalid as refusal:
            form.refuse(refusal)
    return _awards_page(_to_award(challenge_id), DecisionForm(prefix="decision"), form, 422)


@blueprint.post("/awards/<int:award_id>/take-back")
@guards.signed_in
def unchoose(award_id: int) -> ResponseReturnValue:
    """Take an award back."""
    challenge = services.unchoose(guards.actor(), award_id)
    flash(_("The award is taken back."), "success")
    return redirect(url_for("scoring.awards", challenge_id=challenge.id), 303)


@blueprint.post("/challenges/<int:challenge_id>/decision")
@guards.signed_in
def decide(challenge_id: int) -> ResponseReturnValue:
    """Publish the decision."""
    challenge, form = _to_award(challenge_id), DecisionForm(prefix="decision")
    if form.validate_on_submit():
        try:
            services.decide(guards.actor(), challenge_id, reason=form.reason.data or "")
            flash(_("The decision is published. Everybody who takes part is told."), "success")
            return redirect(url_for("scoring.results", challenge_id=challenge_id), 303)
        except Invalid as refusal:
            form.refuse(refusal)
    return _awards_page(challenge, form, status=422)


# ---- results


@blueprint.get("/challenges/<int:challenge_id>/results")
@guards.public
def results(challenge_id: int) -> ResponseReturnValue:
    """Who won what and why, and where the money went."""
    challenge = challenges.access(guards.actor(), challenge_id, to=policy.can_see_results)
    winners = queries.winners(challenge_id)
    panel = queries.find_panel(challenge_id)
    lines = ledger.postings_of_escrow(challenge_id, challenge.currency) if challenge.state == State.SETTLED else []
    return render_template(
        "scoring/results.html",
        winners=winners,
        note=panel.note if panel else "",
        numbers=queries.numbers(challenge_id),
        timeline=pictures.timeline(challenge),
        flow=pictures.flow(challenge, lines),
        mine=submissions.part_of(guards.actor(), challenge_id).proposal,
        **_head(challenge),
    )


@blueprint.get("/results")
@guards.public
def latest() -> ResponseReturnValue:
    """All decisions, the newest first."""
    return render_template("scoring/latest.html", page=queries.list_results(after=_after(), size=limits().page_rows))


# ---- profiles


@blueprint.get("/people")
@guards.public
def people() -> ResponseReturnValue:
    """Everybody who has points, the most first."""
    return render_template("scoring/people.html", page=profiles.people(after=_after(), size=limits().page_rows))


@blueprint.get("/people/<int:user_id>")
@guards.public
def person(user_id: int) -> ResponseReturnValue:
    """A person's record, explained event by event."""
    profile = profiles.person(guards.actor(), user_id)
    return render_template("scoring/person.html", profile=profile, picture=pictures.reputation(profile))


@blueprint.get("/organisations/<int:organisation_id>")
@guards.public
def organisation(organisation_id: int) -> ResponseReturnValue:
    """An organisation's record, as a sponsor and as an agency."""
    profile = profiles.organisation(organisation_id)
    return render_template("scoring/organisation.html", profile=profile, picture=pictures.reputation(profile))
