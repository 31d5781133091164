"""Pages of awards, the decision and results; they belong to the blueprint of scoring (`scoring.awards`)."""

from collections.abc import Sequence

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from challenges import queries as challenges
from challenges.deciding import TieRule
from challenges.impartiality import is_party
from challenges.models import Challenge
from challenges.monthly_totals import decisions
from challenges.next_steps import appeals_open, phase_of
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import PlatformRole
from crowd.config import limits
from crowd.feeds import atom, languages
from crowd.ledger import queries as ledger
from crowd.money import apply_basis_points
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments, posted
from crowd.web.confirmation import Reason
from crowd.web.fragments import cached
from scoring import charts, passing, policy
from scoring.appeals.page import links
from scoring.awards import queries, services
from scoring.awards.contenders import as_published
from scoring.awards.feed import feed_entry
from scoring.forms import AwardForm, ClearForm, DecisionForm, FirstForm
from scoring.holds.queries import holds
from scoring.honoraria.queries import earned
from scoring.models import ResultVersion
from scoring.queries import RankingRow, access_judging, ranked, sees_judging
from scoring.results import queries as result_queries
from scoring.results.page import newest_difference, version_page
from scoring.reviews.queries import criteria_of
from scoring.settlement import queries as settlement_queries
from scoring.settlement import services as settlement_services
from scoring.views import blueprint, head
from submissions import queries as submissions
from submissions.charts import entries
from submissions.models import Proposal
from submissions.participation.queries import participation_of


@blueprint.get("/challenges/<int:challenge_id>/awards")
@guards.signed_in
def awards(challenge_id: int) -> ResponseReturnValue:
    """Choose the awards, see what they cost, decide; once decided, see the results."""
    challenge = _to_award(challenge_id)
    if policy.can_view_results(guards.actor(), challenge):
        return redirect(url_for("scoring.results", challenge_id=challenge_id), 303)
    return _awards_page(challenge, DecisionForm(prefix="decision"))


def _to_award(challenge_id: int) -> Challenge:
    access_judging(guards.actor(), challenge_id)
    return challenges.access(guards.actor(), challenge_id, to=policy.can_award)


def _award_form(challenge: Challenge, winners: list[queries.Winner], left: list[RankingRow]) -> AwardForm:
    """The prizes with free positions, preselected if there is only one; and the proposals without an award."""
    given = [winner.prize_id for winner in winners]
    prizes = _free_prizes(challenge, given)
    form = AwardForm(prefix="award", data={"prize_id": prizes[0][0]} if len(prizes) == 1 else {})
    form.prize_id.choices = [SelectChoice(*pair) for pair in prizes]
    form.proposal_id.choices = [SelectChoice(standing.ranked.proposal, standing.title) for standing in left]
    return form


def _first_form(challenge: Challenge, winners: list[queries.Winner]) -> FirstForm:
    """The prizes with several free positions; as many awards as the first of them has."""
    given = [winner.prize_id for winner in winners]
    several = [prize for prize in queries.prizes(challenge) if prize.award_count - given.count(prize.id) > 1]
    free = several[0].award_count - given.count(several[0].id) if several else None
    form = FirstForm(prefix="first", data={"prize_id": several[0].id if several else None, "number": free})
    ids = {prize.id for prize in several}
    form.prize_id.choices = [SelectChoice(*pair) for pair in _free_prizes(challenge, given) if pair[0] in ids]
    return form


def _free_prizes(challenge: Challenge, given: list[int]) -> list[tuple[int, str]]:
    return [
        (prize.id, charts.prize_line(prize, challenge.currency, prize.award_count - given.count(prize.id)))
        for prize in queries.prizes(challenge)
        if given.count(prize.id) < prize.award_count
    ]


def _left(challenge_id: int, winners: list[queries.Winner]) -> list[RankingRow]:
    """The proposals that have no award yet, best first."""
    won = {winner.proposal_id for winner in winners}
    return [standing for standing in ranked(challenge_id) if standing.ranked.proposal not in won]


def _awards_page(
    challenge: Challenge, decision: DecisionForm, form: AwardForm | None = None, first: FirstForm | None = None
) -> ResponseReturnValue:
    winners = queries.winners(challenge.id)
    left, criteria = _left(challenge.id, winners), criteria_of(challenge.id)
    form = form or _award_form(challenge, winners, left)
    first = first or _first_form(challenge, winners)
    page = render_template(
        "scoring/awards.html",
        winners=winners,
        groups=queries.by_prize(winners),
        left=left,
        form=form,
        first=first,
        below=passing.shortfalls(challenge, criteria, left),
        passing_asked=passing.asks(challenge, criteria),
        scale=charts.scale([row.ranked for row in left]),
        decision=decision,
        stamp=queries.stamp(winners),
        **_shared(challenge, winners, left),
        waits=not challenge.decision_open(clock.now()),
        **_sums(challenge, winners),
        **head(challenge),
    )
    return page, max(form.status, first.status, decision.status)


def _shared(challenge: Challenge, winners: list[queries.Winner], left: list[RankingRow]) -> dict[str, object]:
    """What the choice comes to where equal means share: those who share, and how many awards are published."""
    given = as_published(challenge, queries.awards(challenge.id)) if challenge.tie_rule == TieRule.SHARE else []
    named = {row.proposal_id: row for row in winners} | {row.ranked.proposal: row for row in left}
    shared = [
        {"title": named[one.proposal].title, "language": named[one.proposal].language, "amount": one.amount}
        for one in given
        if one.tie_rank is not None
    ]
    return {"shared": shared, "awards_published": len(given) or len(winners)}


def _sums(challenge: Challenge, winners: list[queries.Winner]) -> dict[str, int]:
    """How the escrow would be split with the present awards."""
    paid = sum(winner.amount for winner in winners)
    fee = apply_basis_points(paid, challenge.fee_basis_points)
    return {"paid": paid, "fee": fee, "reviewers": _earned(challenge)}


def _earned(challenge: Challenge) -> int:
    return earned(challenge.id) if challenge.honoraria else 0


@blueprint.post("/challenges/<int:challenge_id>/awards")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def select_award(challenge_id: int) -> ResponseReturnValue:
    """Give a prize to a proposal."""
    challenge, winners = _to_award(challenge_id), queries.winners(challenge_id)
    form = _award_form(challenge, winners, _left(challenge_id, winners))
    if form.passes(lambda: services.select_award(guards.person(), challenge_id, **form.values())):
        flash(_("The award is chosen. It is published with your decision."), "success")
        return redirect(url_for("scoring.awards", challenge_id=challenge_id), 303)
    return _awards_page(_to_award(challenge_id), DecisionForm(prefix="decision", formdata=None), form)


@blueprint.post("/challenges/<int:challenge_id>/awards/first")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def select_first(challenge_id: int) -> ResponseReturnValue:
    """Give several awards of a prize to the first proposals of the ranking."""
    form = _first_form(_to_award(challenge_id), queries.winners(challenge_id))
    if form.passes(lambda: services.select_first(guards.person(), challenge_id, **form.values())):
        flash(
            _("Awards chosen: %(number)s. They are published with your decision.", number=len(form.outcome)), "success"
        )
        return redirect(url_for("scoring.awards", challenge_id=challenge_id), 303)
    return _awards_page(_to_award(challenge_id), DecisionForm(prefix="decision", formdata=None), first=form)


@blueprint.post("/challenges/<int:challenge_id>/awards/remove")
@guards.signed_in
@confirmation.required
def deselect_all(challenge_id: int) -> ResponseReturnValue:
    """Remove all awards that were chosen."""
    number = services.deselect_all(guards.person(), challenge_id)
    flash(_("Awards removed: %(number)s.", number=number), "success")
    return redirect(url_for("scoring.awards", challenge_id=challenge_id), 303)


@blueprint.post("/awards/<int:award_id>/remove")
@guards.signed_in
@confirmation.required
def deselect_award(award_id: int) -> ResponseReturnValue:
    """Remove an award."""
    challenge = services.deselect_award(guards.person(), award_id)
    flash(_("The award is removed."), "success")
    return redirect(url_for("scoring.awards", challenge_id=challenge.id), 303)


@blueprint.post("/challenges/<int:challenge_id>/decision")
@guards.signed_in
@once.acts
@confirmation.required
def decide(challenge_id: int) -> ResponseReturnValue:
    """Publish the decision."""
    challenge, form = _to_award(challenge_id), DecisionForm(prefix="decision")
    shown = posted().text("awards") if "awards" in posted() else None
    reason = form.reason.data or ""
    if form.passes(lambda: services.decide(guards.person(), challenge_id, reason=reason, shown=shown)):
        flash(_("The decision is published. Everybody behind a submitted proposal is notified."), "success")
        return redirect(url_for("scoring.results", challenge_id=challenge_id), 303)
    return _awards_page(challenge, form)


# ---- results


@blueprint.get("/challenges/<int:challenge_id>/results")
@guards.public
def results(challenge_id: int) -> ResponseReturnValue:
    """Who won what and why, all ranks, and how the money was split; `?version=1` is what an earlier decision
    published.
    """
    if "version" in arguments():
        return _version_page(challenge_id, arguments().number("version") or 0)
    return _results_page(challenge_id, ClearForm(prefix="clear"))


def _version_page(challenge_id: int, number: int) -> str:
    challenge = challenges.access(guards.actor(), challenge_id)
    own = participation_of(guards.actor(), challenge_id).proposal
    values = version_page(challenge, number, own.id if own else None)
    return render_template("scoring/version.html", **values, **head(challenge))


@blueprint.post("/awards/<int:award_id>/clear")
@guards.roles(PlatformRole.COUNCIL)
@confirmation.required
def clear(award_id: int) -> ResponseReturnValue:
    """Release an award that waits for the council."""
    form = ClearForm(prefix="clear")
    if form.passes(lambda: settlement_services.clear(guards.person(), award_id, **form.values())):
        flash(_("The award is released. It is paid within a minute."), "success")
        return redirect(url_for("scoring.results", challenge_id=form.outcome.id), 303)
    return _results_page(settlement_queries.challenge_of(award_id), form), form.status


def _results_page(challenge_id: int, form: ClearForm) -> str:
    actor = guards.actor()
    challenge = challenges.access(actor, challenge_id)
    versions = result_queries.versions(challenge_id)
    if not policy.can_view_results(actor, challenge):
        values = {"versions": versions, "appeals": links(actor, challenge)}
        return render_template("scoring/undecided.html", **values, **head(challenge))
    winners, mine = queries.winners(challenge_id), participation_of(actor, challenge_id).proposal
    held = [award.id for award in settlement_queries.held(challenge_id)] if _sees_held(challenge) else []
    return render_template(
        "scoring/results.html",
        winners=winners,
        groups=queries.by_prize(winners, held),
        readable=submissions.visible_among(actor, [winner.proposal_id for winner in winners]),
        numbers=queries.numbers(challenge_id),
        escrow=challenge.cost - _earned(challenge) - sum(row.amount + (row.fee or 0) for row in winners if row.paid_at),
        published=_published(challenge, winners, versions[0].id),
        mine=mine,
        held=held,
        clears=policy.can_clear(actor, challenge) and not is_party(actor, challenge),
        clear_form=form,
        **_since(challenge, versions, mine),
        **head(challenge),
    )


def _since(challenge: Challenge, versions: Sequence[ResultVersion], mine: Proposal | None) -> dict[str, object]:
    """What has happened since the decision: versions of the result, holds; whether the reader may appeal."""
    return {
        "versions": versions,
        "difference": newest_difference(versions, mine.id if mine else None),
        "holds": holds(challenge.id),
        "appeals_open": appeals_open(challenge, clock.now()),
        "appeals": links(guards.actor(), challenge),
    }


def _sees_held(challenge: Challenge) -> bool:
    actor = guards.actor()
    return policy.can_view_held(actor, challenge) and sees_judging(actor, challenge)


def _published(challenge: Challenge, winners: list[queries.Winner], version_id: int) -> str:
    """The part that is the same for everybody, kept for a moment."""
    key = ("results", challenge.id, challenge.row_version, phase_of(challenge, clock.now()))
    return cached(lambda: _ranks_and_charts(challenge, winners, version_id), *key)


def _ranks_and_charts(challenge: Challenge, winners: list[queries.Winner], version_id: int) -> str:
    """Ranks without the names of those who did not win, and the charts."""
    lines = (
        ledger.postings_of_escrow(challenge.id, challenge.currency) if challenge.state == ChallengeState.SETTLED else []
    )
    published = queries.published_ranking(version_id)
    return render_template(
        "scoring/_published.html",
        challenge=challenge,
        published=published,
        scale=charts.scale(published),
        named={winner.proposal_id: winner for winner in winners},
        flow=charts.flow(challenge, lines),
        timeline=charts.timeline(challenge),
        entries=entries(challenge, submissions.submission_times(challenge.id)),
    )


@blueprint.get("/results")
@guards.public
def latest() -> ResponseReturnValue:
    """All decisions, the newest first; `?awarded=yes` (or `no`) those with an award, or without."""
    awarded = {"yes": True, "no": False}.get(arguments().text("awarded"))
    page = queries.list_results(after=arguments().after, size=limits().page_rows, awarded=awarded)
    number = None if awarded is None else queries.count_results(awarded)
    return render_template("scoring/latest.html", page=page, totals=decisions(), awarded=awarded, number=number)


@blueprint.get("/results.atom")
@guards.public
def latest_feed() -> Response:
    """The newest decisions as Atom."""
    with languages.asked():
        entries = [feed_entry(result) for result in queries.latest_results(atom.MAX_ENTRIES)]
        return atom.response(_("Results"), url_for("scoring.latest"), entries)
