"""Pages of awards, the decision and results; they belong to the blueprint of scoring (`scoring.awards`)."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges import queries as challenges
from challenges.models import Challenge
from challenges.workflow import State
from crowd import clock
from crowd.config import limits
from crowd.errors import Invalid
from crowd.ledger import queries as ledger
from crowd.money import basis_points
from crowd.web import guards
from scoring import pictures, policy
from scoring.awarding import queries, services
from scoring.forms import AwardForm, DecisionForm
from scoring.queries import access_judging, find_panel, ranked, waits_for_reviews
from scoring.views import blueprint, head
from submissions import queries as submissions


@blueprint.get("/challenges/<int:challenge_id>/awards")
@guards.signed_in
def awards(challenge_id: int) -> ResponseReturnValue:
    """Choose the awards, see what they cost, decide."""
    return _awards_page(_to_award(challenge_id), DecisionForm(prefix="decision"))


def _to_award(challenge_id: int) -> Challenge:
    access_judging(guards.actor(), challenge_id)
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
        for standing in ranked(challenge.id)
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
        **head(challenge),
    )
    return page, status


def _waits(challenge: Challenge) -> bool:
    overdue = challenge.reviews_due_at is not None and challenge.reviews_due_at <= clock.now()
    return not overdue and (challenge.panel_formed_at is None or waits_for_reviews(challenge.id))


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
    panel = find_panel(challenge_id)
    lines = ledger.postings_of_escrow(challenge_id, challenge.currency) if challenge.state == State.SETTLED else []
    return render_template(
        "scoring/results.html",
        winners=winners,
        note=panel.note if panel else "",
        numbers=queries.numbers(challenge_id),
        timeline=pictures.timeline(challenge),
        flow=pictures.flow(challenge, lines),
        mine=submissions.part_of(guards.actor(), challenge_id).proposal,
        **head(challenge),
    )


@blueprint.get("/results")
@guards.public
def latest() -> ResponseReturnValue:
    """All decisions, the newest first."""
    return render_template(
        "scoring/latest.html", page=queries.list_results(after=request.args.get("after"), size=limits().page_rows)
    )
