"""The expert committee fixes the templates of rubrics: a version is proposed, voted on, and in use once it is adopted.

A change of a template (`services`) proposes a version and files the case about it in one transaction.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from challenges.brief_templates import policy, queries
from challenges.brief_templates.clauses import sections
from challenges.brief_templates.document import KIND as CONTRACT
from challenges.brief_templates.document import texts_of
from crowd import clock
from crowd.access import id_in
from crowd.audit import SYSTEM, Actor, record
from crowd.canonical import read
from crowd.cases import answers as cases
from crowd.cases.answers import path_of
from crowd.cases.models import Case
from crowd.cases.policy import can_view
from crowd.cases.workflow import CaseState
from crowd.contracts import queries as contracts
from crowd.contracts import services as versions
from crowd.contracts.models import ContractVersion
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden
from crowd.languages import ENGLISH
from crowd.notifications.kinds import path_to
from crowd.procedure import (
    EXPERT_COMMITTEE,
    CaseKind,
    CaseOutcome,
    CaseSubject,
    FormQuestion,
    OnSilence,
    QuestionType,
    StepAct,
    StepKind,
)
from crowd.rules.questions import Ruling

ADOPTION, CARRY_OUT = "rubric_template", "templates.carry_out"
VOTE_DAYS, QUORUM = 10, 3


def _template(actor: Actor | None, key: str) -> CaseSubject:
    row = queries.get_template(id_in(key))
    if not policy.can_edit(actor):
        raise Forbidden(_l("The service centre proposes templates of rubrics."))
    version = contracts.find_proposed(CONTRACT, row.id)
    if version is None or cases.pending_path(ADOPTION, row.id):
        raise Conflict(_l("A change of the template, on its page, is what the expert committee votes on."))
    return CaseSubject(
        id=row.id, title=texts_of(read(version.document))[ENGLISH.locale].name,
        path=path_to("brief_templates.show", template_id=row.id) + f"?version={version.number}",
        known={"criteria": str(version.id)},
    )  # fmt: skip


def _written_out(version_id: str) -> str:
    """A version as it is voted on: its name and criteria in every language."""
    document = read(db.session.get_one(ContractVersion, int(version_id)).document)
    lines = (f"{one.label}: {one.text}" for section in sections(document) for one in section.clauses)
    return "\n".join(lines)


@atomic
def carry_out(case_id: int, template_id: int, version_id: int) -> bool:
    """Put the version of a case in use where the committee has adopted it, else drop it; False where that is done."""
    row = queries.get_template(template_id)
    db.session.refresh(row, with_for_update=True)
    version = db.session.get_one(ContractVersion, version_id, populate_existing=True)
    if not version.is_proposed:
        return False
    granted = db.session.get_one(Case, case_id).state == CaseState.GRANTED
    if granted:
        versions.put_in_force(version, now=clock.db_now())
    else:
        versions.withdraw(version)
    action = "template.adopted" if granted else "template.not_adopted"
    record(SYSTEM, action, row, title=texts_of(read(version.document))[ENGLISH.locale].name, version=version.number)
    return True


def _about(version_ids: Collection[int]) -> sa.ColumnElement[bool]:
    proposed = Case.answers["criteria"].astext
    return sa.and_(Case.kind == ADOPTION, proposed.in_([str(one) for one in version_ids]))


def dates(version_ids: Collection[int]) -> Mapping[int, datetime]:
    """When the committee adopted each of these versions, without those that it has not."""
    query = sa.select(Case.answers["criteria"].astext, Case.ended_at)
    rows = db.session.execute(query.where(_about(version_ids), Case.state == CaseState.GRANTED)).all()
    return {int(version_id): at for version_id, at in rows if at is not None}


@dataclass(frozen=True, slots=True)
class Vote:
    """The vote on a version: how it ended (None while it runs, and where the proposal was withdrawn), and its page,
    empty for who may not open it.
    """

    ruling: Ruling | None
    path: str


def vote_on(actor: Actor | None, version: ContractVersion) -> Vote | None:
    """The vote of the committee on a version; None where there was none."""
    case = db.session.scalar(sa.select(Case).where(_about([version.id])))
    if case is None:
        return None
    return Vote(cases.ruling(case.id) if case.outcome else None, path_of(case.id) if can_view(actor, case) else "")


KINDS = (
    CaseKind(
        name=ADOPTION,
        label=_l("Version of a rubric template"),
        explanation=_l(
            "The expert committee votes on the version. Adopted, it is what new drafts begin with; drafts and"
            " challenges that have taken an earlier one keep it."
        ),
        subject_type="brief_template",
        subject=_template,
        form=(
            FormQuestion(
                name="criteria", label=_l("The version that is proposed"), type=QuestionType.FACT, show=_written_out
            ),
            FormQuestion(name="why", label=_l("Reasons")),
        ),
        steps=(
            StepKind(
                name="vote", label=_l("Vote of the expert committee"), body=EXPERT_COMMITTEE, act=StepAct.VOTE,
                stage=1, days=VOTE_DAYS, working_days=True, silence=OnSilence.REFUSES, quorum=QUORUM,
                hint=_l("The page of the template shows what the version changes."),
            ),
        ),
        consequences={
            CaseOutcome.GRANTED: _l("The version is in use for new drafts."),
            CaseOutcome.REFUSED: _l("The version is dropped; what was in use stays in use."),
        },
        effects={CaseOutcome.GRANTED: CARRY_OUT, CaseOutcome.REFUSED: CARRY_OUT},
        withdrawal=CARRY_OUT,
        single=True,
    ),
)  # fmt: skip
