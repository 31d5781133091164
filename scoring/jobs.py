"""Scheduled and queued operations of scoring. Every job may run twice or late: a second run changes nothing."""

import logging
from collections import Counter
from collections.abc import Callable

from crowd import background, clock
from crowd.audit import SYSTEM
from crowd.errors import Conflict
from crowd.values import count, term
from scoring import queries, services
from scoring.appeals import services as appeals
from scoring.awards import services as award_services
from scoring.honoraria import services as honoraria
from scoring.integrity import services as integrity
from scoring.reviews import services as review_services
from scoring.settlement import services as settlement
from scoring.silence import queries as silence_queries
from scoring.silence import services as silence

log = logging.getLogger(__name__)
AT_ONCE = 500


@background.job("panels.form", lease=300)
def form_panel(challenge_id: int, round_id: int | None = None) -> dict[str, object]:
    """Form the panel of a round of a challenge that has closed; jobs of before 0.3.0 name none."""
    try:
        panel = services.form_panel(SYSTEM, challenge_id, round_id)
    except Conflict as refusal:  # cancelled in the meantime: nothing was written
        return {"skipped": str(refusal.message)}
    return {"panel": panel.id, "candidates": panel.data.get("candidates"), "missing": panel.data.get("missing")}


@background.job("settlement.settle", outside=True, lease=120)
def settle(challenge_id: int, version: int | None = None) -> Callable[[], dict[str, object]]:
    """Settle a decided challenge whose appeal window has passed, one transaction for each award; awards that the
    council must check first are held. Where the payment as a whole is held, or the decision was opened again, it ends
    as skipped. `version` is that of the result; jobs of before 0.3.0 name none.
    """
    try:
        state = settlement.settle(SYSTEM, challenge_id, version).state
    except (settlement.PaymentHeld, settlement.Superseded) as refusal:  # the release, or a new decision, enqueues it
        skipped = str(refusal.message)
        return lambda: {"skipped": skipped}
    except settlement.Held:  # the others are paid
        return lambda: _wait(challenge_id)
    return lambda: {"state": term(state, "challenge")}


def _wait(challenge_id: int) -> dict[str, object]:
    held, unverified = (wait(SYSTEM, challenge_id) for wait in (settlement.hold, settlement.wait_for_verification))
    return {"held": held, **({"unverified": unverified} if unverified else {})}


@background.job("settlement.settle_verified")
def settle_verified(organisation_id: int) -> dict[str, object]:
    """Enqueue the settlements in which an award to an organisation waited until it is verified."""
    return {"due": settlement.settle_verified(organisation_id)}


@background.job("settlement.settle_due")
def settle_due() -> dict[str, object]:
    """Enqueue settlements that are due and not enqueued yet."""
    return {"due": settlement.settle_due(SYSTEM)}


@background.job("decisions.notify_overdue")
def decision_overdue(challenge_id: int) -> dict[str, object]:
    """Notify sponsor, service centre and council that a decision is overdue, where it still is."""
    return {"notified": count(len(services.notify_overdue(SYSTEM, challenge_id)))}


@background.job("decisions.find_overdue", outside=True, lease=300)
def find_overdue() -> Callable[[], dict[str, object]]:
    """The same for all that are overdue, one transaction each: for challenges whose own jobs have not run."""
    due = queries.overdue_decisions(clock.now())
    for challenge_id in due:
        services.notify_overdue(SYSTEM, challenge_id)
    return lambda: {"due": len(due)}


@background.job("decisions.carry_out_silence", lease=300)
def carry_out_silence(challenge_id: int) -> dict[str, object]:
    """Decide by the contract where nobody has in time."""
    try:
        what = silence.carry_out(SYSTEM, challenge_id)
    except Conflict as refusal:  # nothing was written; `decisions.find_silent` tries again
        return {"skipped": str(refusal.message)}
    return {"consequence": term(what, "silence")} if what else {}


@background.job("decisions.find_silent", outside=True, lease=300)
def find_silent() -> Callable[[], dict[str, object]]:
    """The same for all that are due, one transaction each: for challenges whose own jobs have not run."""
    done: Counter[str] = Counter()
    for challenge_id in silence_queries.silent(clock.now(), AT_ONCE):
        try:
            done["due"] += silence.carry_out(SYSTEM, challenge_id) is not None
        except Conflict:
            done["skipped"] += 1
        except Exception:
            log.exception("challenge %s: the decision by its contract failed", challenge_id)
            done["failed"] += 1
    return lambda: dict(done)


@background.job("decisions.lapse_silence")
def lapse_silence(challenge_id: int) -> None:
    """End the case about a silent sponsor after its challenge was cancelled."""
    silence.lapse(SYSTEM, challenge_id)


@background.job("appeals.carry_out", lease=300)
def carry_out_appeal(case_id: int, _proposal_id: int, _answers: dict[str, str]) -> dict[str, object]:
    """After the last appeal against a result has ended: settle it, or open the decision again."""
    return {"state": term(appeals.carry_out(SYSTEM, case_id), "challenge")}


@background.job("integrity.carry_out", lease=300)
def carry_out_integrity(case_id: int, _subject_id: int, _answers: dict[str, str]) -> dict[str, object]:
    """After a case about integrity has ended: disqualify the proposal, or let the reviewer leave the panel."""
    return {"state": term(integrity.carry_out(SYSTEM, case_id), "challenge")}


@background.job("honoraria.pay", lease=300)
def pay_reviewers(challenge_id: int) -> dict[str, object]:
    """Pay the reviewers of a decided challenge whose reviews came in time."""
    return {"reviews_paid": count(honoraria.pay(SYSTEM, challenge_id))}


@background.job("decisions.remind")
def remind_deciders() -> dict[str, object]:
    """Remind sponsors, and the service centre in their place, of decisions that are due soon."""
    return {"soon": silence.remind(SYSTEM)}


@background.job("awards.notify_followers")
def notify_followers(award_id: int, actor_id: int | None, after: int = 0) -> None:
    """Notify some of those who follow the agency of an award, and enqueue the next."""
    last = award_services.notify_followers(award_id, actor_id, after)
    if last is not None:
        background.enqueue("awards.notify_followers", award_id, actor_id, last)


@background.job("reviews.remind")
def remind_reviewers() -> dict[str, object]:
    """Remind those whose reviews are due soon or overdue; release those of cancelled challenges."""
    return {"released": review_services.release_left_over(SYSTEM), **review_services.remind(SYSTEM)}


@background.job("reviews.release_former", lease=300)
def release_former(user_id: int) -> dict[str, object]:
    """Release the reviews that somebody has not submitted who is no longer an expert."""
    return {"released": review_services.release_former(SYSTEM, user_id)}


@background.job("reviews.replace_conflicted", lease=300)
def replace_conflicted() -> dict[str, object]:
    """Replace reviewers who now have a conflict of interest with a party."""
    return {"released": review_services.replace_conflicted(SYSTEM)}


@background.job("ledger_checks.run", lease=600)
def check_ledger() -> dict[str, object]:
    """Check the ledger and the states that depend on it, and store the findings."""
    row = services.check_ledger(SYSTEM)
    return {"errors": row.errors, "findings": len(row.findings), "postings": count(row.postings)}
