"""Pages of panels, rankings and the reviews of a proposal. The subpackages add theirs to the same blueprint."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges.models import Challenge, Prize
from challenges.policy import is_sponsor
from challenges.rules import rules_of
from crowd import clock
from crowd.accounts.models import PlatformRole
from crowd.web import confirmation, guards, once
from crowd.web.confirmation import Reason
from scoring import charts, passing, policy, queries, services
from scoring import ranking as ranks
from scoring.appeals.page import AppealLinks, UpheldCase, is_reopened, links_of, upheld
from scoring.awards import queries as award_queries
from scoring.awards.queries import outcomes, winners
from scoring.feedback import queries as feedback_queries
from scoring.integrity.policy import can_file_in
from scoring.labels import who_sees_reviewers
from scoring.reviews.queries import criteria_of
from scoring.silence import cases as silence_cases
from submissions.charts import entries
from submissions.models import Proposal
from submissions.policy import is_contributor
from submissions.queries import submission_times, votes_on

blueprint = Blueprint("scoring", __name__)
blueprint.add_app_template_filter(charts.score)
blueprint.add_app_template_filter(charts.because)
blueprint.add_app_template_global(charts.interval, "score_interval")


@blueprint.app_template_global("outcomes_of")
def _outcomes_of(proposals: Sequence[Proposal]) -> dict[int, Any]:
    """The outcomes of those of these proposals whose reviews the reader may know, by id; none while no decision
    counts.
    """
    actor = guards.actor()
    decided = (row for row in proposals if row.challenge.has_results)
    return outcomes([row.id for row in decided if policy.can_read_feedback(actor, row)])


@blueprint.app_template_global("panel_progress")
def _panel_progress(challenge: Challenge) -> queries.Progress | None:
    """The progress of the panel of a challenge in judging, for those who see the judging."""
    return queries.find_progress(guards.actor(), challenge)


blueprint.add_app_template_global(who_sees_reviewers)


@blueprint.app_template_global("appeal_of")
def _appeal_of(proposal: Proposal) -> AppealLinks | None:
    """What the reader can open of appeals for a proposal; None where there is nothing."""
    return links_of(guards.actor(), proposal)


blueprint.add_app_template_global(is_reopened)


@blueprint.app_template_global("upheld_appeals")
def _upheld_appeals(challenge: Challenge) -> Sequence[UpheldCase]:
    """The appeals for which the decision was opened again, with the cases that the reader may open."""
    return upheld(guards.actor(), challenge)


@blueprint.app_template_global("votes_on")
def _votes_on(proposal: Proposal) -> bool:
    """Whether the reader votes about a proposal in a pending case, in the place of others."""
    return votes_on(guards.actor(), proposal)


@blueprint.app_template_global("silence_case_url")
def _silence_case_url(challenge: Challenge) -> str:
    """The page of the pending case about a silent sponsor, for those who may open it; else empty."""
    return silence_cases.path_of(guards.actor(), challenge, clock.now())


@blueprint.app_template_global("may_decide")
def _may_decide(challenge: Challenge) -> bool:
    """Whether the reader may decide on the awards now."""
    return queries.may_decide(guards.actor(), challenge)


@blueprint.get("/challenges/<int:challenge_id>/panel")
@guards.signed_in
def panel(challenge_id: int) -> ResponseReturnValue:
    """Who judges, why they were chosen, and their progress."""
    challenge = queries.access_judging(guards.actor(), challenge_id)
    rows = queries.assignments(challenge_id)
    return render_template(
        "scoring/panel.html",
        panel=queries.find_panel(challenge_id),
        blocks=queries.by_proposal(rows),
        members=queries.by_reviewer(rows),
        progress=queries.progress(challenge_id),
        missing=queries.missing(challenge_id, rules_of(challenge).reviews_per_proposal),
        files_integrity=can_file_in(guards.actor(), challenge, clock.now()),
        **head(challenge),
    )


@blueprint.post("/challenges/<int:challenge_id>/panel")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@once.acts
@confirmation.not_required(Reason.HARMLESS)
def fill_vacancies(challenge_id: int) -> ResponseReturnValue:
    """Assign missing reviewers."""
    found = len(services.fill_vacancies(guards.person(), challenge_id))
    flash(_("Reviews assigned: %(number)s.", number=found), "success" if found else "warning")
    return redirect(url_for("scoring.panel", challenge_id=challenge_id), 303)


def head(challenge: Challenge) -> dict[str, object]:
    """The common data of the pages of a challenge's judging."""
    actor = guards.actor()
    return {
        "challenge": challenge,
        "sponsor": is_sponsor(actor, challenge),
        "judging": queries.sees_judging(actor, challenge),
        "awards_open": policy.decides(actor, challenge, clock.now()),
        "can_fill": policy.can_fill_vacancies(actor, challenge) and policy.judging_is_open(challenge),
    }


@blueprint.get("/challenges/<int:challenge_id>/ranking")
@guards.signed_in
def ranking(challenge_id: int) -> ResponseReturnValue:
    """The proposals by the means of their reviews."""
    challenge = queries.access_judging(guards.actor(), challenge_id)
    standings, criteria = queries.ranked(challenge_id), criteria_of(challenge_id)
    ranked = [standing.ranked for standing in standings]
    below = passing.shortfalls(challenge, criteria, standings)
    passed = [one for one in ranked if one.proposal not in below]
    prizes = _prizes(challenge)
    return render_template(
        "scoring/ranking.html",
        standings=standings,
        total=len(prizes),
        agreement=ranks.agreement(ranked),
        below=below,
        passing_asked=passing.asks(challenge, criteria),
        ahead=ranks.in_line(passed, prizes) if policy.judging_is_open(challenge) else {},
        scale=charts.scale(ranked),
        heat=charts.heat(standings, criteria, queries.points(challenge_id)),
        progress=queries.progress(challenge_id),
        won={winner.proposal_id: winner for winner in winners(challenge_id)},
        entries=entries(challenge, submission_times(challenge_id)),
        **head(challenge),
    )


def _prizes(challenge: Challenge) -> list[Prize]:
    """The prizes of the current round, one for each position, the first prize first."""
    return [prize for prize in award_queries.prizes(challenge) for _place in range(prize.award_count)]


@blueprint.get("/proposals/<int:proposal_id>/reviews")
@guards.signed_in
@guards.sealed
def feedback(proposal_id: int) -> ResponseReturnValue:
    """The reviews of one proposal: for its authors without the reviewers' names."""
    actor = guards.actor()
    proposal = feedback_queries.access_feedback(actor, proposal_id)
    summaries = feedback_queries.reviews_of(proposal_id, names=policy.sees_reviewers(actor, proposal))
    return render_template(
        "scoring/feedback.html",
        proposal=proposal,
        inside=is_contributor(actor, proposal),
        summaries=summaries,
        means=ranks.means_by_criterion(review.points for review in summaries),
        medians=feedback_queries.medians(proposal.challenge_id),
        **head(proposal.challenge),
    )
