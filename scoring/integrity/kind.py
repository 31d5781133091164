"""A case about integrity: whom it is about replies, the service centre gives its opinion, the council votes. A kind for
proposals and one for reviewers: what follows differs.
"""

from collections.abc import Callable, Collection, Mapping

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from crowd.access import id_in
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Forbidden, NotFound, Sentence
from crowd.notifications.kinds import path_to
from crowd.procedure import (
    COUNCIL,
    RESPONDENT,
    SERVICE_CENTRE,
    CaseKind,
    CaseOutcome,
    CaseSubject,
    Conflicts,
    FormQuestion,
    OnSilence,
    QuestionType,
    StepAct,
    StepKind,
)
from scoring.conflicting import conflicting
from scoring.integrity import holding, policy
from scoring.integrity.queries import CARRY_OUT, OF_PROPOSAL, OF_REVIEWER
from scoring.models import Assignment
from scoring.workflow import AssignmentState
from submissions.models import Proposal
from submissions.parties import contributors

REPLY_DAYS, OPINION_DAYS, VOTE_DAYS, QUORUM = 5, 3, 10, 3
LEAST = 40  # characters of what has happened
OF_PROPOSALS: Mapping[str, Sentence] = {
    "collusion": _l("Collusion: it was agreed with another proposal"),
    "copied": _l("It copies somebody else’s work"),
    "arrangement": _l("Scores were arranged for it"),
    "pressure": _l("Its people put pressure on reviewers"),
}
OF_REVIEWERS: Mapping[str, Sentence] = {
    "conflict": _l("A conflict of interest that they did not declare"),
    "arrangement": _l("They gave scores by arrangement"),
    "pressure": _l("They put pressure on other reviewers"),
}


def _assigned(actor: Actor | None, proposal: Proposal) -> bool:
    named = (AssignmentState.PENDING, AssignmentState.DONE)
    query = sa.select(Assignment.id).where(Assignment.proposal_id == proposal.id, Assignment.state.in_(named))
    mine = query.where(Assignment.reviewer_id == (actor.id if actor else None))
    return db.session.scalar(mine.limit(1)) is not None


def _proposal(actor: Actor | None, key: str) -> CaseSubject:
    """The submitted proposal with this number, for those who may file about it now."""
    proposal = db.session.get(Proposal, id_in(key))
    if proposal is None or not policy.can_file_about_proposal(actor, proposal, reviews=_assigned(actor, proposal)):
        raise NotFound
    holding.refuse(proposal.challenge, proposal)
    assert proposal.submitted_version is not None
    agency, challenge = proposal.organisation_id, proposal.challenge
    return CaseSubject(
        id=proposal.id, title=proposal.submitted_version.title, path=path_to("submissions.show", id=proposal.id),
        people=tuple(contributors(proposal)), organisations=(agency,) if agency else (), challenge_id=challenge.id,
        region_id=challenge.organisation.region_id,
    )  # fmt: skip


def _reviewer(actor: Actor | None, key: str) -> CaseSubject:
    """Who has this review, for those who may file about them now."""
    assignment = db.session.get(Assignment, id_in(key))
    if assignment is None or not policy.can_file_about_reviewer(actor, assignment):
        raise NotFound
    if assignment.state not in (AssignmentState.PENDING, AssignmentState.DONE):
        raise Forbidden(_l("This review does not count any more."))
    proposal = assignment.proposal
    holding.refuse(proposal.challenge, proposal)
    assert proposal.submitted_version is not None
    return CaseSubject(
        id=assignment.id, title=proposal.submitted_version.title,
        path=path_to("scoring.feedback", proposal_id=proposal.id), people=(assignment.reviewer_id,),
        challenge_id=proposal.challenge_id,
        region_id=proposal.challenge.organisation.region_id,
    )  # fmt: skip


def _close_to_review(user_id: int, assignment_ids: Collection[int]) -> set[int]:
    """The ids of those of these reviews about whose proposal a person must not decide."""
    query = sa.select(Assignment.id, Assignment.proposal_id).where(Assignment.id.in_(assignment_ids))
    proposal_of = dict(db.session.execute(query).all())
    close = conflicting(user_id, set(proposal_of.values()))
    return {number for number, proposal_id in proposal_of.items() if proposal_id in close}


STEPS = (
    StepKind(
        name="reply", label=_l("Reply of whom it is about"), body=RESPONDENT, act=StepAct.OPINION, stage=1,
        days=REPLY_DAYS, working_days=True,
    ),
    StepKind(
        name="centre", label=_l("Opinion of the service centre"), body=SERVICE_CENTRE, act=StepAct.OPINION, stage=2,
        days=OPINION_DAYS, working_days=True,
        hint=_l("Say what the evidence shows. From here a sanction can be proposed, too, which is a case of its own."),
    ),
    StepKind(
        name="council", label=_l("Vote of the council"), body=COUNCIL, act=StepAct.VOTE, stage=3, days=VOTE_DAYS,
        working_days=True, silence=OnSilence.REFUSES, quorum=QUORUM,
    ),
)  # fmt: skip


def _form(grounds: Mapping[str, Sentence]) -> tuple[FormQuestion, ...]:
    return (
        FormQuestion(name="ground", label=_l("Ground"), choices=grounds),
        FormQuestion(
            name="what", label=_l("What has happened, and what shows it"), rows=8, least=LEAST,
            hint=_l("At least %(least)s characters.", least=LEAST),
        ),
        FormQuestion(
            name="evidence", label=_l("Evidence"), type=QuestionType.FILES, optional=True,
            hint=_l("Files are read only by those who decide."),
        ),
    )  # fmt: skip


def _kind(
    name: str, label: Sentence, explanation: Sentence, upheld: Sentence, *, subject_type: str,
    subject: Callable[[Actor | None, str], CaseSubject], grounds: Mapping[str, Sentence], conflicts: Conflicts,
    hides_respondent: bool = False,
) -> CaseKind:  # fmt: skip
    """A kind of case about integrity. `upheld` says what follows when it is upheld."""
    return CaseKind(
        name=name,
        label=label,
        explanation=explanation,
        subject_type=subject_type,
        subject=subject,
        form=_form(grounds),
        steps=STEPS,
        consequences={CaseOutcome.GRANTED: upheld, CaseOutcome.REFUSED: _l("Nothing changes.")},
        link=_l("File a case about integrity"),
        restricted=True,
        single=True,
        effects=dict.fromkeys((CaseOutcome.GRANTED, CaseOutcome.REFUSED), CARRY_OUT),
        withdrawal=CARRY_OUT,
        filed=holding.hold,
        hides_filer=True,
        hides_respondent=hides_respondent,
        conflicts=conflicts,
    )


PROPOSAL = _kind(
    OF_PROPOSAL,
    _l("Integrity of a proposal"),
    _l(
        "For collusion, copied work and pressure on reviewers. Whom it is about replies without knowing who you are,"
        " the service centre gives its opinion, and the council decides by vote."
    ),
    _l(
        "The proposal is disqualified: it does not count any more and wins nothing. Where the awards are published,"
        " nothing is paid before the vote, and they are decided again. Once awards are paid, a sanction is the way."
    ),
    subject_type="proposal",
    subject=_proposal,
    grounds=OF_PROPOSALS,
    conflicts=conflicting,
)
REVIEWER = _kind(
    OF_REVIEWER,
    _l("Integrity of a reviewer"),
    _l(
        "For a conflict of interest that was not declared, and for scores by arrangement. The reviewer replies without"
        " knowing who you are, the service centre gives its opinion, and the council decides by vote. You do not learn"
        " who the reviewer is."
    ),
    _l(
        "The reviewer leaves the panel of this challenge, their reviews are set aside, and other reviewers take"
        " their place. Where the awards are published, nothing is paid before the vote, and they are decided again."
        " Once awards are paid, a sanction is the way."
    ),
    subject_type="assignment",
    subject=_reviewer,
    grounds=OF_REVIEWERS,
    conflicts=_close_to_review,
    hides_respondent=True,
)
KINDS = (PROPOSAL, REVIEWER)
