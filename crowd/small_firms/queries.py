"""Reads of SMEs: applications that are published."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crowd.accounts.models import Organisation, User
from crowd.accounts.questions import ORGANISATION_PAGE
from crowd.audit import Actor
from crowd.cases.models import Case, CaseStep
from crowd.cases.workflow import CaseState, StepState
from crowd.db import db
from crowd.notifications.kinds import path_to
from crowd.small_firms.kinds import APPLICATION
from crowd.web.paging import Page, page


@dataclass(frozen=True, slots=True)
class Published:
    """An application to which anybody may object until its time is over; `own` where the reader is of the firm."""

    organisation_id: int
    name: str
    url: str
    until: datetime | None
    own: bool


def published(reader: Actor | None, *, after: str | None, size: int) -> tuple[Page[Case], list[Published]]:
    """A page of the applications, the newest first."""
    query = sa.select(Case).where(Case.kind == APPLICATION, Case.state == CaseState.PENDING)
    found = page(query, ((Case.id, True),), name="small firms", after=after, size=size)
    ids = [row.id for row in found.rows]
    open_step = (CaseStep.case_id.in_(ids), CaseStep.state == StepState.OPEN)
    until = dict(db.session.execute(sa.select(CaseStep.case_id, CaseStep.due_at).where(*open_step)).all())
    named = sa.select(Organisation).where(Organisation.id.in_([row.subject_id for row in found.rows]))
    firms = {row.id: row for row in db.session.scalars(named)}
    return found, [_published(reader, row, firms[row.subject_id], until[row.id]) for row in found.rows]


def _published(reader: Actor | None, case: Case, firm: Organisation, until: datetime | None) -> Published:
    own = isinstance(reader, User) and reader.acts_for(firm.id)
    return Published(firm.id, firm.name, path_to(ORGANISATION_PAGE(), organisation_id=firm.id), until, own)
