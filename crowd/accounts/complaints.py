"""Complaints about organisations that answer challenges: the service centre checks them, and what is upheld stands on
the organisation's public page for a time.
"""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from crowd.access import id_in
from crowd.accounts.models import Organisation, User
from crowd.accounts.organisations.rights import ANSWERS
from crowd.accounts.policy import can_report
from crowd.accounts.questions import ORGANISATION_PAGE
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from crowd.feature import Label
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

KIND = "organisation_complaint"
REPLY_DAYS, CHECK_DAYS = 10, 10
STANDS = timedelta(days=730)
GROUNDS = {
    "late": Label(_l("Work that was late, or not delivered")),
    "poor": Label(_l("Work that was not what had been agreed")),
    "claims": Label(_l("False claims about people, equipment or experience")),
    "conduct": Label(_l("Conduct towards clients or competitors")),
}


def _provider(actor: Actor | None, key: str) -> CaseSubject:
    row = db.session.get(Organisation, id_in(key))
    if row is None or row.kind not in ANSWERS:
        raise NotFound
    if not isinstance(actor, User) or not can_report(actor, row):
        raise Forbidden(_l("Complaints are about organisations of others that are open here."))
    return CaseSubject(
        id=row.id, title=row.name, path=path_to(ORGANISATION_PAGE(), organisation_id=row.id), organisations=(row.id,),
        region_id=row.region_id,
    )  # fmt: skip


COMPLAINT = CaseKind(
    name=KIND,
    label=_l("Complaint about an organisation"),
    explanation=_l("Complain about the work or the conduct of an agency, an institute or a university. It reads what "
                   "you write, with your name, and replies; then the service centre decides."),
    subject_type="organisation",
    subject=_provider,
    form=(
        FormQuestion(
            name="ground", label=_l("What it is about"), choices={key: one.text for key, one in GROUNDS.items()}
        ),
        FormQuestion(name="what", label=_l("What was agreed, and what happened"), rows=6),
        FormQuestion(name="evidence", label=_l("Evidence"), type=QuestionType.FILES, optional=True),
    ),
    steps=(
        StepKind(
            name="reply", label=_l("Reply of the organisation"), body=RESPONDENT, act=StepAct.OPINION, stage=1,
            days=REPLY_DAYS, working_days=True,
        ),
        StepKind(
            name="check", label=_l("Check of the complaint"), body=SERVICE_CENTRE, act=StepAct.CHECK, stage=2,
            days=CHECK_DAYS, working_days=True, silence=OnSilence.REFUSES,
            hint=_l("Where a warning is not enough, propose a sanction on the page of the organisation, too."),
        ),
    ),
    consequences={
        CaseOutcome.GRANTED: _l(
            "The organisation is warned, and for %(days)s days its public page says when and for what.",
            days=STANDS.days,
        ),
        CaseOutcome.PARTLY_GRANTED: _l("The organisation is warned; its public page says nothing of it."),
        CaseOutcome.REFUSED: _l("Nothing follows."),
    },
    link=_l("Complain about this organisation"),
    restricted=True,
    warns=frozenset({CaseOutcome.GRANTED, CaseOutcome.PARTLY_GRANTED}),
)  # fmt: skip
