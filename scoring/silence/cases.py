"""The case about a silent sponsor, in the transaction and under the lock of what happens to the challenge."""

from datetime import datetime

from challenges.models import Challenge
from challenges.policy import is_sponsor
from challenges.silence import consequence
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import User
from crowd.audit import SYSTEM, Actor
from crowd.cases import bodies, clocked, policy
from crowd.cases import queries as cases
from crowd.cases.models import Case
from crowd.notifications.kinds import path_to
from crowd.procedure import RESPONDENT, CaseEnd, CaseSubject
from scoring.silence.kind import KIND


def open_case(challenge: Challenge) -> Case:
    """The sponsor's date has passed without a decision; once for a challenge, while the case is pending."""
    assert challenge.decision_due_at is not None
    subject = CaseSubject(
        id=challenge.id, title=challenge.title, path=path_to("scoring.awards", challenge_id=challenge.id),
        organisations=(challenge.organisation_id,), challenge_id=challenge.id,
        region_id=challenge.organisation.region_id,
    )  # fmt: skip
    answers = {
        "due": challenge.decision_due_at.isoformat(),
        "then": str(consequence(challenge) or challenge.silence),
    }
    return clocked.open_case(KIND, subject, answers=answers, due_at=challenge.silence_at or challenge.decision_due_at)


def decided(actor: Actor, challenge: Challenge) -> None:
    """A decision is published: by the sponsor after all, by others in its place, or by the contract."""
    if isinstance(actor, User) and is_sponsor(actor, challenge):
        clocked.end_case(KIND, challenge.id, CaseEnd.LAPSED, by=actor, bodies=frozenset({RESPONDENT}))
    else:
        theirs = bodies.of_person(actor) if isinstance(actor, User) else ()
        clocked.end_case(KIND, challenge.id, CaseEnd.CARRIED_OUT, by=actor, bodies=frozenset(theirs))


def lapse(challenge: Challenge) -> None:
    """End the case of a challenge whose decision is not overdue any more: it was cancelled, or its date has moved."""
    if challenge.state != ChallengeState.JUDGING or not challenge.decision_overdue(clock.db_now()):
        clocked.end_case(KIND, challenge.id, CaseEnd.LAPSED, by=SYSTEM, bodies=frozenset())


def path_of(actor: Actor | None, challenge: Challenge, now: datetime) -> str:
    """The page of the pending case, for those who may open it; else empty."""
    if not challenge.decision_overdue(now) or actor is None:
        return ""
    case = cases.find_pending(KIND, challenge.id)
    return path_to("cases.show", public_id=case.public_id) if case and policy.can_view(actor, case) else ""
