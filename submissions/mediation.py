"""Mediation: after the decision the sponsor and those behind a proposal settle a dispute with the help of the service
centre. The platform changes nothing by it; the record says what both have agreed.
"""

from flask_babel import lazy_gettext as _l

from challenges.contract import queries as contracts
from challenges.workflow import RESULTS
from crowd.access import id_in
from crowd.audit import Actor
from crowd.errors import Conflict, Forbidden
from crowd.notifications.kinds import path_to
from crowd.procedure import (
    RESPONDENT,
    SERVICE_CENTRE,
    CaseKind,
    CaseOutcome,
    CaseSubject,
    FormQuestion,
    OnSilence,
    QuestionType,
    StepAct,
    StepKind,
)
from submissions.models import Proposal
from submissions.parties import contributors
from submissions.policy import asks_as_author, can_seek_mediation
from submissions.queries import access
from submissions.reports import close_to_proposals

KIND = "mediation"
REPLY_DAYS, MEDIATION_DAYS = 10, 20


def _proposal(actor: Actor | None, key: str) -> CaseSubject:
    """The proposal about which there is a dispute; who answers is the other side."""
    proposal = access(actor, id_in(key))
    if not can_seek_mediation(actor, proposal):
        if proposal.is_submitted and proposal.challenge.state not in RESULTS:
            raise Conflict(_l("The service centre mediates once the decision about the challenge is published."))
        raise Forbidden(_l("Its author or somebody with a share asks, or who posts challenges for the sponsor."))
    assert proposal.submitted_version is not None
    challenge, by_author = proposal.challenge, asks_as_author(actor, proposal)
    people, organisations = ((), _sponsors(proposal)) if by_author else _behind(proposal)
    return CaseSubject(
        id=proposal.id, title=proposal.submitted_version.title, path=path_to("submissions.show", id=proposal.id),
        people=people, organisations=organisations, challenge_id=challenge.id,
        applicant=proposal.organisation_id if by_author else challenge.organisation_id,
        region_id=challenge.organisation.region_id,
    )  # fmt: skip


def _sponsors(proposal: Proposal) -> tuple[int, ...]:
    return tuple(one.id for one in proposal.challenge.sponsors)


def _behind(proposal: Proposal) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The people and organisations behind a proposal."""
    agency = proposal.organisation_id
    return tuple(contributors(proposal)), (agency,) if agency else ()


KINDS = (
    CaseKind(
        name=KIND,
        label=_l("Mediation"),
        explanation=_l(
            "The service centre helps the sponsor and those behind a proposal to settle a dispute about what follows a"
            " decision: delivery, rights, use, money outside the platform. Only both sides, the centre and those who"
            " oversee read it. Whoever thinks that the decision itself is wrong appeals instead."
        ),
        subject_type="proposal",
        subject=_proposal,
        form=(
            FormQuestion(name="what", label=_l("What the dispute is about"), rows=6),
            FormQuestion(name="tried", label=_l("What both sides have tried so far")),
            FormQuestion(name="wanted", label=_l("What you want")),
            FormQuestion(name="evidence", label=_l("Evidence"), type=QuestionType.FILES, optional=True),
        ),
        steps=(
            StepKind(
                name="reply", label=_l("Reply of the other side"), body=RESPONDENT, act=StepAct.OPINION, stage=1,
                days=REPLY_DAYS, working_days=True, hint=_l("Say what happened, and what you could agree to."),
            ),
            StepKind(
                name="mediate", label=_l("Have both sides agreed?"), body=SERVICE_CENTRE, act=StepAct.CHECK, stage=2,
                days=MEDIATION_DAYS, working_days=True, silence=OnSilence.REFUSES,
                hint=_l(
                    "Propose on this page, where both sides answer. With a yes, write what they have agreed; both"
                    " must have said so here."
                ),
            ),
        ),
        consequences={
            CaseOutcome.GRANTED: _l(
                "The reasons say what both sides have agreed. They carry it out themselves: the platform changes no"
                " award, payment or contract."
            ),
            CaseOutcome.REFUSED: _l("Nothing was agreed; nothing changes."),
        },
        link=_l("Ask the service centre to mediate"),
        restricted=True,
        single=True,
        conflicts=close_to_proposals,
        rests_on=contracts.rested_on,
    ),
)  # fmt: skip
