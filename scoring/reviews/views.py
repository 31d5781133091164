"""Pages of a reviewer; they belong to the blueprint of scoring (`scoring.reviews`, `scoring.declared_conflicts`)."""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd import files
from crowd.accounts.models import PlatformRole
from crowd.config import limits
from crowd.errors import Invalid
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments, posted
from crowd.web.confirmation import Reason
from crowd.web.templating import form_problems
from scoring import policy, ranking
from scoring.awards.queries import outcomes
from scoring.forms import ConflictForm, DeclineForm, ReviewForm, review_form
from scoring.honoraria.queries import awaited as fees_awaited
from scoring.models import Assignment
from scoring.profiles.queries import named_party
from scoring.queries import progress
from scoring.reviews import queries, services
from scoring.views import blueprint

EARLIER = 5  # reviews shown where nothing waits


@blueprint.get("/reviews")
@guards.signed_in
def reviews() -> ResponseReturnValue:
    """A reviewer's inbox, by due time; where nothing waits, submitted reviews are shown below."""
    done = arguments().text("done") == "1"
    page = queries.inbox(guards.person(), done=done, after=arguments().after, size=limits().page_rows)
    earlier = None if page or done else queries.inbox(guards.person(), done=True, after=None, size=EARLIER)
    awaited = fees_awaited(guards.person().id)
    return render_template("scoring/reviews.html", page=page, done=done, earlier=earlier, awaited=awaited)


@blueprint.route("/reviews/<int:assignment_id>", methods=["GET", "POST"])
@guards.signed_in
@confirmation.not_required(Reason.EDITABLE)
def review(assignment_id: int) -> ResponseReturnValue:
    """The proposal beside the rubric. A POST submits the review, or (`draft`) saves it."""
    assignment = queries.access_assignment(guards.actor(), assignment_id)
    form = review_form(queries.criteria_of(assignment.challenge_id), queries.find_review(assignment_id))
    draft = "draft" in posted()
    operation = services.save if draft else services.submit
    if not form.passes(lambda: operation(guards.person(), assignment_id, **form.content())):
        return _review_page(queries.access_assignment(guards.actor(), assignment_id), form)
    flash(_("Your review is saved as a draft.") if draft else _("Your review is submitted. Thank you."), "success")
    return redirect(request.url if draft else url_for("scoring.reviews"), 303)


def _review_page(assignment: Assignment, form: ReviewForm, decline: DeclineForm | None = None) -> ResponseReturnValue:
    challenge, decline = assignment.proposal.challenge, decline or DeclineForm(prefix="decline", formdata=None)
    page = render_template(
        "scoring/review.html",
        assignment=assignment,
        challenge=challenge,
        version=assignment.proposal.submitted_version,
        form=form,
        decline=decline,
        open=policy.judging_is_open(challenge)
        and policy.can_review(guards.actor(), assignment)
        and not queries.is_published(assignment),
        can_decline=policy.judging_is_open(challenge) and policy.can_decline(guards.actor(), assignment),
        **_progress(assignment, form),
    )
    return page, max(form.status, decline.status)


def _progress(assignment: Assignment, form: ReviewForm) -> dict[str, Any]:
    """The progress of the review and the panel; once decided, the proposal's rank."""
    challenge = assignment.proposal.challenge
    decided = policy.can_view_results(guards.actor(), challenge)
    return {
        "tally": ranking.tally(form.points(), challenge.criteria),
        "progress": progress(assignment.challenge_id),
        "outcome": outcomes([assignment.proposal_id]).get(assignment.proposal_id) if decided else None,
        "saved_at": form.saved_at,
        "limits": limits(),
    }


@blueprint.post("/reviews/<int:assignment_id>/autosave")
@guards.signed_in
@confirmation.not_required(Reason.EDITABLE)
def autosave(assignment_id: int) -> ResponseReturnValue:
    """Save a review while it is being written; JSON for the page's script."""
    form = review_form(queries.rubric_for(guards.person(), assignment_id))
    if not form.validate_on_submit():
        problems = form_problems(form)
        raise Invalid(problems[0][1] if problems else _("Please correct the following"))
    saved_at = services.save(guards.person(), assignment_id, **form.content())
    return jsonify(saved_at=saved_at.isoformat())


@blueprint.post("/reviews/<int:assignment_id>/decline")
@guards.signed_in
@confirmation.required
def decline(assignment_id: int) -> ResponseReturnValue:
    """Decline a review."""
    form = DeclineForm(prefix="decline")
    if form.passes(lambda: services.decline(guards.person(), assignment_id, **form.values())):
        flash(_("You have declined. Another reviewer is assigned."), "success")
        return redirect(url_for("scoring.reviews"), 303)
    assignment = queries.access_assignment(guards.actor(), assignment_id)
    review = queries.find_review(assignment_id)
    filled = review_form(queries.criteria_of(assignment.challenge_id), review, formdata=None)
    return _review_page(assignment, filled, form)


@blueprint.get("/reviews/<int:assignment_id>/files/<int:file_id>")
@guards.signed_in
def file(assignment_id: int, file_id: int) -> ResponseReturnValue:
    """Download a file of the reviewed proposal."""
    return files.attachment(queries.file_for_reviewer(guards.actor(), assignment_id, file_id))


@blueprint.route("/reviews/conflicts", methods=["GET", "POST"])
@guards.roles(PlatformRole.EXPERT)
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def declared_conflicts() -> ResponseReturnValue:
    """The person's declared conflicts of interest, and a form for another."""
    form = ConflictForm()
    if form.passes(lambda: _declare(form)):
        flash(_("The conflict of interest is declared. You will not be assigned their proposals."), "success")
        return redirect(url_for("scoring.declared_conflicts"), 303)
    return render_template(
        "scoring/conflicts.html", form=form, conflicts=queries.conflicts_of(guards.person().id)
    ), form.status


def _declare(form: ConflictForm) -> object:
    return services.declare_conflict(guards.person(), **named_party(form.party.data), note=form.note.data or "")


@blueprint.post("/reviews/conflicts/<int:conflict_id>/withdraw")
@guards.roles(PlatformRole.EXPERT)
@confirmation.required
def withdraw_conflict(conflict_id: int) -> ResponseReturnValue:
    """Withdraw a declaration."""
    services.withdraw_conflict(guards.person(), conflict_id)
    flash(_("The declaration is withdrawn."), "success")
    return redirect(url_for("scoring.declared_conflicts"), 303)
