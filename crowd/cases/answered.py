"""What packages below read of cases that were decided."""

from collections.abc import Sequence

import sqlalchemy as sa

from crowd.cases.models import Case
from crowd.db import db
from crowd.procedure import CaseOutcome
from crowd.registers.questions import Inspection

MAX_SHOWN = 20


def inspections(kind: str, entry_id: int) -> Sequence[Inspection]:
    """The inspections of an entry that were decided, the newest first."""
    query = (
        sa.select(Case.ended_at, Case.outcome)
        .where(Case.kind == kind, Case.subject_id == entry_id, Case.outcome.is_not(None))
        .order_by(Case.id.desc())
        .limit(MAX_SHOWN)
    )
    return [
        Inspection(at, outcome == CaseOutcome.REFUSED) for at, outcome in db.session.execute(query) if at is not None
    ]
