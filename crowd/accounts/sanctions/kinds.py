"""The kinds of cases: a sanction of a person or of an organisation, and the appeal against one."""

from collections.abc import Collection

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from crowd.access import id_in
from crowd.accounts.belonging import is_close
from crowd.accounts.models import Organisation, User
from crowd.accounts.questions import ORGANISATION_PAGE, PENDING_CASE, PERSON_PAGE, VOTED_IN
from crowd.accounts.sanctions import policy, queries, rules
from crowd.accounts.sanctions.models import Sanction
from crowd.accounts.sanctions.workflow import APPEAL, MEASURES
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Conflict, Forbidden, NotFound, Sentence
from crowd.notifications.kinds import path_to
from crowd.procedure import (
    COUNCIL,
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
from crowd.rules.services import version_in_force

QUORUM = 3
FORM = (
    FormQuestion(
        name="measure", label=_l("Proposed measure"), choices={key: one.label for key, one in MEASURES.items()}
    ),
    FormQuestion(name="what", label=_l("What happened, and by which evidence"), rows=6),
    FormQuestion(name=rules.APPEAL, label=_l("Days to appeal once it is decided"), type=QuestionType.FACT),
)
VOTE = StepKind(
    name="vote", label=_l("Vote of the council"), body=COUNCIL, act=StepAct.VOTE, stage=2,
    days=rules.in_force(rules.VOTE), working_days=True, silence=OnSilence.REFUSES, quorum=QUORUM,
)  # fmt: skip
STEPS = (
    StepKind(
        name="reply", label=_l("Reply of whom it is about"), body=RESPONDENT, act=StepAct.OPINION, stage=1,
        days=rules.in_force(rules.REPLY), working_days=True,
    ),
    VOTE,
)  # fmt: skip
GRANTED, PARTLY, REFUSED = CaseOutcome.GRANTED, CaseOutcome.PARTLY_GRANTED, CaseOutcome.REFUSED
OF_PERSON = _l(
    "The proposed measure begins once the time to appeal is over, unless an appeal is granted. While a suspension or an"
    " exclusion lasts, the person cannot sign in and their page is not shown; what they have earned stays theirs."
    " A suspension ends by itself.",
)
OF_ORGANISATION = _l(
    "The proposed measure begins once the time to appeal is over, unless an appeal is granted. While a suspension or an"
    " exclusion lasts, the organisation is closed and is shown as closed; it keeps its balance, and its challenges"
    " go on by their contracts. A suspension ends by itself.",
)


def _person(actor: Actor | None, key: str) -> CaseSubject:
    _check_may_propose(actor)
    row = db.session.get(User, id_in(key))
    if row is None or not row.active:
        raise NotFound
    path = path_to(PERSON_PAGE(), user_id=row.id)
    return CaseSubject(id=row.id, title=row.name, path=path, keeps_title=False, people=(row.id,), known=_known())


def _organisation(actor: Actor | None, key: str) -> CaseSubject:
    _check_may_propose(actor)
    row = db.session.get(Organisation, id_in(key))
    if row is None or row.origin is not None or row.closed_at is not None:
        raise NotFound
    return CaseSubject(
        id=row.id, title=row.name, path=path_to(ORGANISATION_PAGE(), organisation_id=row.id), organisations=(row.id,),
        region_id=row.region_id, known=_known(),
    )  # fmt: skip


def _known() -> dict[str, str]:
    return {rules.APPEAL: str(rules.in_force(rules.APPEAL)())}


def _rests_on(_subject: CaseSubject) -> int:
    return version_in_force(rules.SANCTIONS.name).id


def _check_may_propose(actor: Actor | None) -> None:
    if not policy.can_propose(actor):
        raise Forbidden(_l("The service centre proposes sanctions."))


def _sanction(name: str, label: Sentence, subject_type: str, granted: Sentence, effect: str) -> CaseKind:
    return CaseKind(
        name=name,
        label=label,
        explanation=_l("The council votes after the reply of whom it is about. Add the evidence once it is filed."),
        subject_type=subject_type,
        subject=_person if subject_type == "user" else _organisation,
        form=FORM,
        steps=STEPS,
        consequences={GRANTED: granted, PARTLY: _l("They are warned; nothing else follows."),
                      REFUSED: _l("Nothing follows.")},
        link=_l("Propose a sanction"),
        follows=True,
        effects={GRANTED: effect, PARTLY: f"{effect}_warned"},
        restricted=True,
        single=True,
        appeal=_appeal_against,
        lifted=queries.lifted,
        rests_on=_rests_on,
    )  # fmt: skip


def _appealed(actor: Actor | None, key: str) -> CaseSubject:
    row = queries.access(actor, id_in(key))
    if not policy.is_sanctioned(actor, row):
        raise Forbidden
    if not policy.can_appeal(actor, row):
        raise Conflict(_l("The time for an appeal is over."))
    if PENDING_CASE()(APPEAL, row.id):
        raise Conflict(_l("An appeal against this sanction is pending already."))
    keeps = row.organisation is not None
    return CaseSubject(
        id=row.id, title=row.party.name if keeps else "", path=path_to("sanctions.show", sanction_id=row.id),
        keeps_title=keeps,
    )  # fmt: skip


def _conflicts(user_id: int, sanction_ids: Collection[int]) -> set[int]:
    """The ids of those of these sanctions in whose case the person voted, or that are about an organisation to which
    they are close: only who appeals for it is a party.
    """
    rows = db.session.scalars(sa.select(Sanction).where(Sanction.id.in_(sanction_ids))).all()
    voted = VOTED_IN()(user_id, {row.case_id for row in rows})
    firms = {row.organisation_id for row in rows if row.organisation_id}
    close = {number for number in firms if is_close(user_id, "organisation", number)}
    return {row.id for row in rows if row.case_id in voted or row.organisation_id in close}


def _appeal_against(case_id: int) -> tuple[str, int] | None:
    number = db.session.scalar(sa.select(Sanction.id).where(Sanction.case_id == case_id))
    return (APPEAL, number) if number else None


KINDS = (
    _sanction("person_sanction", _l("Sanction of a person"), "user", OF_PERSON, "sanctions.decide_person"),
    _sanction(
        "organisation_sanction", _l("Sanction of an organisation"), "organisation", OF_ORGANISATION,
        "sanctions.decide_organisation",
    ),
    CaseKind(
        name=APPEAL,
        label=_l("Appeal against a sanction"),
        explanation=_l("The council decides again, without the members who have voted. Until then nothing begins."),
        subject_type="sanction",
        subject=_appealed,
        form=(FormQuestion(name="what", label=_l("Why the decision is wrong"), rows=6),),
        steps=(
            StepKind(
                name="opinion", label=_l("Opinion of the service centre"), body=SERVICE_CENTRE, act=StepAct.OPINION,
                stage=1, days=rules.in_force(rules.OPINION), working_days=True,
            ),
            VOTE,
        ),
        consequences={GRANTED: _l("The sanction is lifted."), REFUSED: _l("The sanction begins.")},
        link=_l("Appeal"),
        restricted=True,
        single=True,
        effects={GRANTED: "sanctions.lift"},
        conflicts=_conflicts,
        rests_on=_rests_on,
    ),
    rules.CHANGE,
)  # fmt: skip
