"""What an upheld case about integrity changes in a challenge that is being judged, under its lock."""

from challenges.models import Challenge
from crowd import clock
from crowd.audit import Actor, record
from crowd.cases.models import Case
from crowd.db import db
from crowd.workflow import next_state
from scoring import services as panels
from scoring.awards import services as awards
from scoring.integrity import notifications
from scoring.integrity.queries import OF_PROPOSAL
from scoring.models import Assignment
from scoring.reviews import queries as reviews
from scoring.workflow import ASSIGNMENT_TRANSITIONS, ASSIGNMENT_WORDING, AssignmentState
from submissions import services as submissions
from submissions.models import Proposal
from submissions.workflow import ProposalState


def apply(actor: Actor, challenge: Challenge, case: Case) -> None:
    """Disqualify the proposal, or let the reviewer leave the panel; what is done already stays done."""
    if case.kind == OF_PROPOSAL:
        _disqualify(actor, challenge, case.subject_id)
    else:
        _leave(actor, challenge, db.session.get_one(Assignment, case.subject_id).reviewer_id)
    panels.note_reviews(challenge, clock.db_now())


def _disqualify(actor: Actor, challenge: Challenge, proposal_id: int) -> None:
    """Its open reviews are not needed any more, and what was chosen for it and not published is removed."""
    proposal = db.session.get_one(Proposal, proposal_id, populate_existing=True)
    if proposal.state != ProposalState.SUBMITTED:
        return
    awards.remove_chosen(actor, challenge, proposal_id)
    for row in reviews.of_proposal(proposal_id, AssignmentState.PENDING):
        _end(actor, row, "release")
        notifications.not_needed(challenge, row)
    submissions.disqualify(actor, proposal_id)


def _leave(actor: Actor, challenge: Challenge, reviewer_id: int) -> None:
    """Their submitted reviews are set aside, the others released, and other reviewers asked."""
    rows = reviews.of_reviewer(challenge.id, reviewer_id)
    for row in rows:
        _end(actor, row, "set_aside" if row.is_done else "release")
    db.session.flush()
    if rows:
        notifications.left_panel(challenge, reviewer_id)
        panels.fill_vacancies(actor, challenge.id)


def _end(actor: Actor, row: Assignment, operation: str) -> None:
    row.state = next_state(ASSIGNMENT_TRANSITIONS, ASSIGNMENT_WORDING, row.state, operation)
    record(actor, "review.released" if operation == "release" else "review.set_aside", row, proposal=row.proposal_id)
