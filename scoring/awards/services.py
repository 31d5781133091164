"""Awards and the decision: one transaction per operation. `settlement` pays them."""

from collections.abc import Container, Iterable, Mapping, Sequence

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from challenges import queries as challenges
from challenges.impartiality import refuse_party
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge, Prize
from challenges.monthly_totals import add_to_month
from challenges.rounds import current_round
from challenges.support import services as support
from challenges.support.workflow import GrantedTo
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.audit import Actor, record
from crowd.background import enqueue
from crowd.db import atomic, db
from crowd.errors import Conflict, Invalid, NotFound
from crowd.notifications.emails import in_all_languages
from crowd.reasons import required
from crowd.values import money
from crowd.workflow import next_state
from scoring import candidates, notifications, passing, policy
from scoring.awards import distribution, queries
from scoring.awards.contenders import as_published, chosen, contenders
from scoring.integrity import holding
from scoring.models import Assignment, Award, ResultVersion
from scoring.queries import ranked
from scoring.ranking import RankedProposal
from scoring.results import services as results
from scoring.settlement import payments
from scoring.settlement.asking import ask as ask_to_settle
from scoring.silence import cases as silence_cases
from scoring.workflow import (
    ASSIGNMENT_TRANSITIONS,
    ASSIGNMENT_WORDING,
    AWARD_TRANSITIONS,
    AWARD_WORDING,
    AssignmentState,
    AwardState,
)
from submissions import parties
from submissions import queries as submissions
from submissions.entry import eligibility
from submissions.models import Proposal
from submissions.parties import contributors
from submissions.workflow import ProposalState as ProposalState

CONFLICTED = _(
    "Somebody behind this proposal belongs to the sponsor, has belonged to it since the challenge was published, or"
    " screened the challenge. It cannot win."
)
SHARES = _("It has the same mean as another proposal that gets a prize: by the contract they share the prizes of their"
           " places.")  # fmt: skip


@atomic
def select_award(actor: Actor, challenge_id: int, *, prize_id: int, proposal_id: int, reason: str) -> Award:
    """Give the lowest free position of a prize to a proposal. It can be removed until the decision.

    Raises Conflict while reviews are awaited, where all positions are taken or the proposal has an award; Invalid where
    an insider of the challenge is a party of the proposal, its entrant does not meet the contract, or it is below a
    passing score, without a reason, and for another challenge's rows.
    """
    challenge = _judged(actor, challenge_id)
    reason = _published(reason)
    prize = _prize(challenge_id, prize_id)
    proposal = db.session.scalar(
        sa.select(Proposal).where(Proposal.id == proposal_id, Proposal.challenge_id == challenge_id)
    )
    if proposal is None or proposal.state != ProposalState.SUBMITTED:
        raise Invalid.at("proposal_id", _("Choose one of the proposals that were submitted to this challenge."))
    if parties.conflicted([proposal.id]):
        raise Invalid.at("proposal_id", CONFLICTED)
    if why := eligibility.ineligible([proposal.id]):
        message = _("The entrant does not meet the contract. %(why)s", why=why[proposal.id])
        raise Invalid.at("proposal_id", message)
    if missing := passing.shortfalls(challenge, challenge.criteria, ranked(challenge_id)).get(proposal.id):
        raise Invalid.at("proposal_id", _("This proposal cannot win. %(missing)s", missing=missing[0]))
    given = queries.awards(challenge_id)
    if any(award.proposal_id == proposal_id for award in given):
        raise Conflict(_("This proposal has an award already."))
    free = _free_positions(prize, given)
    if not free:
        raise Conflict(_("All awards of this prize have been given."))
    return _give(actor, challenge, prize, {proposal.id: free[0]}, reason)[0]


def _give(
    actor: Actor, challenge: Challenge, prize: Prize, positions: Mapping[int, int], reason: str
) -> Sequence[Award]:
    """Give these positions of a prize to proposals: by the proposal's id."""
    given = [
        Award(
            challenge_id=challenge.id, round_id=prize.round_id, prize_id=prize.id, position=position,
            proposal_id=proposal_id, amount=prize.amount, reason=reason, selected_by=actor.id,
            selected_at=clock.db_now(), contract_version_id=challenge.contract_version_id,
        )
        for proposal_id, position in positions.items()
    ]  # fmt: skip
    db.session.add_all(given)
    db.session.flush()
    for award in given:
        record(
            actor, "award.selected", award, prize=prize.title, position=award.position, proposal=award.proposal_id,
            reason=reason,
        )  # fmt: skip
    return given


@atomic
def select_first(actor: Actor, challenge_id: int, *, prize_id: int, number: int, reason: str) -> Sequence[Award]:
    """Give free positions of a prize to the first `number` proposals of the ranking that can win and have no award, all
    with the same reason.

    Raises as `select_award`; Invalid, too, where there are fewer positions or proposals, and where the last chosen one
    shares its rank with one that would be left out.
    """
    challenge = _judged(actor, challenge_id)
    reason = _published(reason)
    prize = _prize(challenge_id, prize_id)
    given = queries.awards(challenge_id)
    free = _free_positions(prize, given)
    if not 1 <= number <= len(free):
        raise Invalid.at("number", _("Choose a number from 1 to %(most)s.", most=len(free)))
    line = _can_win(challenge, {award.proposal_id for award in given})
    if number > len(line):
        raise Invalid.at("number", _("Only %(number)s more proposals can win.", number=len(line)))
    if line[number - 1].rank == (line[number].rank if number < len(line) else None):
        rank = line[number - 1].rank
        raise Invalid.at(
            "number",
            _("Several proposals share rank %(rank)s, where the number ends. Choose another one.", rank=rank),
        )
    positions = zip((one.proposal for one in line[:number]), free, strict=False)
    return _give(actor, challenge, prize, dict(positions), reason)


def _can_win(challenge: Challenge, won: Container[int]) -> list[RankedProposal]:
    """The reviewed proposals that have no award and can get one, best first."""
    standings = ranked(challenge.id)
    below = passing.shortfalls(challenge, challenge.criteria, standings)
    barred = parties.conflicted([row.ranked.proposal for row in standings])
    return [
        one
        for one in (row.ranked for row in standings)
        if one.rank is not None and one.proposal not in won and one.proposal not in below and one.proposal not in barred
    ]


def _prize(challenge_id: int, prize_id: int) -> Prize:
    here = Prize.round_id == current_round(challenge_id)
    prize = db.session.scalar(sa.select(Prize).where(Prize.id == prize_id, here))
    if prize is None:
        raise Invalid.at("prize_id", _("Choose one of this challenge's prizes."))
    return prize


def _judged(actor: Actor, challenge_id: int) -> Challenge:
    """The challenge under its lock, if `actor` may decide about it now."""
    challenge = challenges.access(actor, challenge_id, to=policy.can_award, lock=True)
    if challenge.state != ChallengeState.JUDGING:
        raise Conflict(_("The challenge is not being judged, so its awards cannot be changed."))
    if challenge.panel_formed_at is None or challenge.reviews_due_at is None:
        raise Conflict(_("The panel is being formed. Please come back in a moment."))
    refuse_party(actor, challenge)
    now = clock.db_now()
    if not policy.decides(actor, challenge, now):
        raise Conflict(_("The sponsor still has time to decide."))
    if not challenge.decision_open(now):
        raise Conflict(_("Reviews are still missing. You can decide when all are submitted, or when they are overdue."))
    if candidates.conflicts_on_panel(challenge):
        raise Conflict(
            _("A reviewer now has a conflict of interest with a party. Another reviewer is assigned within minutes.")
        )
    holding.refuse_unfinished(challenge)
    return challenge


def _free_positions(prize: Prize, given: Iterable[Award]) -> list[int]:
    taken = {award.position for award in given if award.prize_id == prize.id}
    return [place for place in range(1, prize.award_count + 1) if place not in taken]


@atomic
def deselect_award(actor: Actor, award_id: int) -> Challenge:
    """Remove an award, before the decision. Raises NotFound, Forbidden, Conflict."""
    challenge_id = db.session.scalar(sa.select(Award.challenge_id).where(Award.id == award_id))
    if challenge_id is None:
        raise NotFound
    challenge = _judged(actor, challenge_id)
    award = db.session.scalar(sa.select(Award).where(Award.id == award_id).with_for_update(of=Award))
    if award is None or award.state != AwardState.SELECTED:
        raise Conflict(_("This award was removed before."))
    _remove(actor, award)
    return challenge


@atomic
def deselect_all(actor: Actor, challenge_id: int) -> int:
    """Remove all awards, before the decision; returns how many. Raises NotFound, Forbidden, Conflict."""
    _judged(actor, challenge_id)
    given = queries.awards(challenge_id, lock=True)
    for award in given:
        _remove(actor, award)
    return len(given)


def remove_chosen(actor: Actor, challenge: Challenge, proposal_id: int) -> None:
    """Remove what was chosen for a proposal and not published; the challenge's row is locked."""
    for award in queries.awards(challenge.id, lock=True):
        if award.proposal_id == proposal_id and award.state == AwardState.SELECTED:
            _remove(actor, award)
    db.session.flush()


def _remove(actor: Actor, award: Award) -> None:
    record(actor, "award.removed", award, prize=award.prize.title, position=award.position, proposal=award.proposal_id)
    db.session.delete(award)


# ---- the decision


@atomic
def decide(actor: Actor, challenge_id: int, *, reason: str = "", shown: str | None = None) -> Challenge:
    """Publish the awards as chosen, or that there is none, which needs a reason, and the ranks of all proposals. The
    appeal window begins. `shown` is the stamp of the awards that the person was asked about.

    Raises Conflict while reviews are awaited, where the awards have changed, where an insider of the challenge is a
    party of a chosen proposal, and where one is below a passing score by now; Invalid without award and reason.
    """
    challenge = _judged(actor, challenge_id)
    awards = queries.awards(challenge_id, lock=True)
    if shown is not None and shown != queries.stamp(awards):
        raise Conflict(_("The awards have changed since you were asked. Check them again; nothing was published."))
    if parties.conflicted(award.proposal_id for award in awards):
        raise Conflict(_("An award that you have chosen cannot be given. %(why)s Remove it.", why=str(CONFLICTED)))
    _refuse_ineligible(awards)
    below = passing.shortfalls(challenge, challenge.criteria, ranked(challenge_id))
    if missing := [below[award.proposal_id][0] for award in awards if award.proposal_id in below]:
        raise Conflict(_("An award that you have chosen cannot be given. %(why)s Remove it.", why=missing[0]))
    reason = _published(reason) if reason.strip() or not awards else ""
    _follow_tie_rule(actor, challenge, awards)
    return publish(actor, challenge, reason)


def _follow_tie_rule(actor: Actor, challenge: Challenge, awards: Sequence[Award]) -> None:
    """Make the choice what the contract says of equal means. Raises Conflict where it passes over a proposal that goes
    ahead.
    """
    passed_over = distribution.unfair(contenders(challenge), chosen(awards), challenge.tie_rule)
    if passed_over is not None:
        version = db.session.get_one(Proposal, passed_over).submitted_version
        title = version.title if version else ""
        raise Conflict(_("“%(title)s” has the same mean and was submitted earlier: by the contract it goes ahead.",
                         title=title))  # fmt: skip
    written = {award.proposal_id: award for award in awards}
    reason = in_all_languages(lambda: str(SHARES))
    for given in as_published(challenge, awards):
        if given.tie_rank is not None and given.proposal in written:
            written[given.proposal].amount, written[given.proposal].tie_rank = given.amount, given.tie_rank
        elif given.tie_rank is not None:
            add(challenge, given, reason=reason, selected_by=actor.id)


def add(challenge: Challenge, given: distribution.Allotment, *, reason: str, selected_by: int | None) -> Award:
    """An award by the contract's rules; nobody selected it where `selected_by` is None."""
    award = Award(
        challenge_id=challenge.id, round_id=challenge.round.id, prize_id=given.prize, position=given.position,
        proposal_id=given.proposal,
        amount=given.amount, tie_rank=given.tie_rank, reason=reason, selected_by=selected_by,
        selected_at=clock.db_now(), contract_version_id=challenge.contract_version_id,
    )  # fmt: skip
    db.session.add(award)
    db.session.flush()
    return award


@atomic
def publish(actor: Actor, challenge: Challenge, reason: str) -> Challenge:
    """Publish the awards of a challenge, whose row is locked, with the ranks of all proposals. From here on the fee of
    each award is fixed.
    """
    challenge_id, awards = challenge.id, queries.awards(challenge.id)
    lifecycle.decide(actor, challenge_id)
    assert challenge.decided_at is not None
    fees = payments.fees((award.amount for award in awards), challenge.fee_basis_points)
    ranking = [row.ranked for row in ranked(challenge_id)]
    given = list(zip(awards, fees, strict=True))
    version = results.publish(challenge, ranking, given, note=reason, now=challenge.decided_at)
    for award, fee in given:
        _announce(actor, challenge, award, fee, version)
    if not awards:
        record(actor, "challenge.not_awarded", challenge, reason=reason)
    _add_to_month(challenge, awards)
    done, released = _dismiss(challenge_id)
    notifications.decided(challenge, awards, _people_by_proposal(challenge_id), version.number)
    notifications.thank_reviewers(challenge, done, released - done)
    if challenge.honoraria:
        key = f"honoraria:{challenge.id}:v{version.number}"
        enqueue("honoraria.pay", challenge.id, key=key, challenge_id=challenge.id)
    holding.hold_pending(challenge)
    silence_cases.decided(actor, challenge)
    ask_to_settle(challenge)
    return challenge


def _announce(actor: Actor, challenge: Challenge, award: Award, fee: int, version: ResultVersion) -> None:
    """An award is published, and its winner is given what the contract grants besides."""
    assert challenge.decided_at is not None
    announced, whose = next_state(AWARD_TRANSITIONS, AWARD_WORDING, award.state, "announce"), award.proposal
    award.state, award.fee, award.result_version_id = announced, fee, version.id
    award.region_id = (whose.organisation or whose.user).region_id
    record(
        actor, "award.announced", award, prize=award.prize.title, amount=money(award.amount, challenge.currency),
        reason=award.reason,
    )  # fmt: skip
    support.issue(challenge, GrantedTo.AWARDED, whose.user_id, whose.organisation_id, now=challenge.decided_at)
    if whose.organisation_id is not None and not challenge.by_invitation:
        enqueue("awards.notify_followers", award.id, actor.id, challenge_id=challenge.id, wake=False)


def _refuse_ineligible(awards: Sequence[Award]) -> None:
    """Raise Conflict where an entrant no longer meets the contract that was in force at the submission."""
    for found in eligibility.ineligible(award.proposal_id for award in awards).values():
        raise Conflict(_("An award that you have chosen cannot be given. %(why)s Remove it.", why=found))


@atomic
def remove_announced(actor: Actor, challenge: Challenge) -> list[tuple[int, int | None]]:
    """Remove what the decision about a challenge, whose row is locked, announced, also from its month: the decision is
    opened again. Returns who had the awards: (author, agency). The version of the result keeps them.
    """
    given = queries.awards(challenge.id, lock=True)
    if any(award.state != AwardState.ANNOUNCED for award in given):
        raise Conflict(_("Awards are paid already."))
    _add_to_month(challenge, given, sign=-1)
    for award in given:
        _remove(actor, award)
    db.session.flush()
    return [(award.proposal.user_id, award.proposal.organisation_id) for award in given]


def _add_to_month(challenge: Challenge, awards: Sequence[Award], *, sign: int = 1) -> None:
    assert challenge.decided_at is not None
    assert challenge.closed_at is not None
    add_to_month(
        challenge,
        challenge.decided_at,
        decided=sign,
        rewarded=sign * bool(awards),
        awarded=sign * sum(award.amount for award in awards),
        decision_seconds=sign * int((challenge.decided_at - challenge.closed_at).total_seconds()),
    )


def _dismiss(challenge_id: int) -> tuple[set[int], set[int]]:
    """Release open reviews; returns the people who have reviewed, and those who no longer need to."""
    of_round = Assignment.round_id == current_round(challenge_id)
    rows = list(db.session.scalars(sa.select(Assignment).where(of_round)))
    done = {row.reviewer_id for row in rows if row.state == AssignmentState.DONE}
    released = set()
    for row in rows:
        if row.state == AssignmentState.PENDING:
            row.state = next_state(ASSIGNMENT_TRANSITIONS, ASSIGNMENT_WORDING, row.state, "release")
            released.add(row.reviewer_id)
    return done, released


def _people_by_proposal(challenge_id: int) -> dict[int, set[int]]:
    return {proposal.id: set(contributors(proposal)) for proposal in submissions.submitted(challenge_id)}


@atomic
def notify_followers(award_id: int, actor_id: int | None, after: int) -> int | None:
    """Notify the next of those who follow the agency of an award that `actor_id` announced; returns behind whom the
    next ones come.
    """
    award = db.session.get(Award, award_id)  # None where the decision was opened again
    return notifications.agency_won(award, actor_id, after) if award is not None else None


def _published(reason: str) -> str:
    return required(reason, missing=_("Give a reason. It is published with the result."))
