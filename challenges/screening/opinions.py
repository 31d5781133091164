"""The opinion of the expert committee on a need, for which the service centre asks in the screening."""

import re
from collections.abc import Sequence

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.policy import can_screen
from challenges.queries import access
from challenges.screening.names import OPINION
from challenges.workflow import ChallengeState
from crowd.access import id_in
from crowd.audit import SYSTEM, Actor
from crowd.cases import queries as cases
from crowd.cases.models import Case
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden
from crowd.notifications.kinds import path_to
from crowd.procedure import (
    EXPERT_COMMITTEE,
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

OPINION_DAYS, CHECK_DAYS = 5, 3


def _need(actor: Actor | None, key: str) -> CaseSubject:
    row = access(actor, id_in(key))
    if not can_screen(actor, row):
        raise Forbidden(_l("Who screens a challenge asks the expert committee."))
    if row.state != ChallengeState.SCREENING:
        raise Conflict(_l("The challenge is not in screening any more."))
    return CaseSubject(
        id=row.id, title=row.title, path=path_to("challenges.screen", challenge_id=row.id), challenge_id=row.id,
        organisations=tuple(one.id for one in row.sponsors), region_id=row.organisation.region_id,
        known={"summary": row.summary, "problem": row.problem_statement},
    )  # fmt: skip


def opinions(challenge: Challenge) -> Sequence[Case]:
    """The cases in which an opinion on the need was asked for, the newest first."""
    query = sa.select(Case).where(Case.kind == OPINION, Case.subject_id == challenge.id).options(*cases.WHOLE)
    return db.session.scalars(query.order_by(Case.id.desc())).all()


@atomic
def send_back(case_id: int, challenge_id: int) -> bool:
    """Return the challenge to its sponsor, for the reasons of the case; False where it is not in screening any more."""
    if access(SYSTEM, challenge_id, lock=True).state != ChallengeState.SCREENING:
        return False
    reasons = [step.reasons for step in cases.get(case_id).steps if step.body == SERVICE_CENTRE]
    lifecycle.return_for_changes(SYSTEM, challenge_id, reason=reasons[-1])
    return True


def _without_marks(text: str) -> str:
    """A problem statement as plain lines: its headings without the marks of Markdown."""
    return re.sub(r"^#+ +", "", text, flags=re.MULTILINE)


KINDS = (
    CaseKind(
        name=OPINION,
        label=_l("Opinion on a need"),
        explanation=_l("The expert committee says whether the need is clear, and whether a challenge can meet it. Its "
                       "experts read the problem before it is published. The sponsor reads what you ask and what they "
                       "answer. Another person of the service centre decides what follows."),
        subject_type="challenge",
        subject=_need,
        form=(
            FormQuestion(name="summary", label=_l("Summary"), type=QuestionType.FACT),
            FormQuestion(name="problem", label=_l("Problem"), type=QuestionType.FACT, show=_without_marks),
            FormQuestion(name="what", label=_l("What the committee is to say"), rows=4),
        ),
        steps=(
            StepKind(
                name="opinion", label=_l("Opinion of the expert committee"), body=EXPERT_COMMITTEE, act=StepAct.OPINION,
                stage=1, days=OPINION_DAYS, working_days=True,
            ),
            StepKind(
                name="check", label=_l("Does the need go on as it is?"), body=SERVICE_CENTRE, act=StepAct.CHECK,
                stage=2, days=CHECK_DAYS, working_days=True, silence=OnSilence.GRANTS,
                hint=_l("With a no the challenge returns to its sponsor, who reads your reasons."),
            ),
        ),
        consequences={
            CaseOutcome.GRANTED: _l("The screening goes on; the opinion stands on its page."),
            CaseOutcome.REFUSED: _l("The challenge returns to its sponsor for changes."),
        },
        effects={CaseOutcome.REFUSED: "screening.send_back"},
        single=True,
    ),
)  # fmt: skip
