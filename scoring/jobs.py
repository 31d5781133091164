"""What the clock and the queue do here. Every job may run twice or late: a second run changes nothing."""

from collections.abc import Callable
from typing import Any

from crowd import background, clock
from crowd.audit import SYSTEM
from crowd.errors import Conflict
from scoring import queries, services
from scoring.reviews import services as reviewing
from scoring.settlement import services as settling


@background.job(lease=300)
def form_panel(challenge_id: int) -> dict[str, Any]:
    """Form the panel of a challenge that has closed."""
    try:
        panel = services.form_panel(SYSTEM, challenge_id)
    except Conflict as refusal:  # cancelled in the meantime: nothing was written
        return {"skipped": str(refusal.message)}
    return {"panel": panel.id, "candidates": panel.facts.get("candidates"), "missing": panel.facts.get("missing")}


@background.job(lease=300)
def settle(challenge_id: int) -> dict[str, Any]:
    """Settle a decided challenge whose appeal window has passed; what the council has to look at first is held."""
    try:
        return {"state": str(settling.settle(SYSTEM, challenge_id).state)}
    except settling.Held:  # nothing was written
        return {"held": settling.hold(SYSTEM, challenge_id)}


@background.job()
def settle_due() -> dict[str, Any]:
    """Ask for settlements that are due and that nobody asked for."""
    return {"due": settling.settle_due(SYSTEM)}


@background.job()
def decision_overdue(challenge_id: int) -> dict[str, Any]:
    """Tell sponsor, service centre and council that a decision is overdue, where it still is."""
    return {"told": len(services.tell_overdue(SYSTEM, challenge_id))}


@background.job(outside=True, lease=300)
def find_overdue() -> Callable[[], dict[str, Any]]:
    """The same for all that are overdue, one transaction each: what the jobs of single challenges have missed."""
    due = queries.overdue_decisions(clock.now())
    for challenge_id in due:
        services.tell_overdue(SYSTEM, challenge_id)
    return lambda: {"due": len(due)}


@background.job()
def remind_reviewers() -> dict[str, Any]:
    """Remind those whose reviews are due soon or overdue; release those of cancelled challenges."""
    return {"released": reviewing.release_left_over(SYSTEM), **reviewing.remind(SYSTEM)}


@background.job(lease=300)
def replace_conflicted() -> dict[str, Any]:
    """Let others review what somebody must not review any more, who has come to be tied to a party."""
    return {"released": reviewing.replace_conflicted(SYSTEM)}


@background.job(lease=600)
def check_ledger() -> dict[str, Any]:
    """Check all books and the states beside them, and keep what was found."""
    row = services.check_ledger(SYSTEM)
    return {"errors": row.errors, "findings": len(row.findings), "postings": row.postings}
