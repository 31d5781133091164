"""Reads of SMEs: applications that are published, and the firms for which somebody can apply."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crowd.accounts.models import Organisation, User
from crowd.accounts.organisations.rights import Right
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
    firms = {row.id: row for row in _organisations([row.subject_id for row in found.rows])}
    return found, [_published(reader, row, firms[row.subject_id], until[row.id]) for row in found.rows]


def _published(reader: Actor | None, case: Case, firm: Organisation, until: datetime | None) -> Published:
    own = isinstance(reader, User) and reader.acts_for(firm.id)
    return Published(firm.id, firm.name, path_to(ORGANISATION_PAGE(), organisation_id=firm.id), until, own)


def _organisations(ids: list[int]) -> list[Organisation]:
    return list(db.session.scalars(sa.select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.name)))


def firms(actor: Actor | None) -> list[Organisation]:
    """The open organisations that the reader manages."""
    if not isinstance(actor, User):
        return []
    return [row for row in _organisations(actor.organisations_with(Right.DESCRIBE)) if row.closed_at is None]
