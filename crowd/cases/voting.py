"""What those who vote read besides their case: packages whose rows cases are about ask here."""

from collections.abc import Collection

import sqlalchemy as sa

from crowd.accounts.models import User
from crowd.cases import conflicts, policy
from crowd.cases.models import Case, CaseStep, CaseSubstitute, CaseVote
from crowd.cases.queries import WHOLE
from crowd.cases.workflow import CaseState, StepState, VoteChoice
from crowd.db import db


def substituted_subjects(user: User, subject_types: Collection[str]) -> set[tuple[str, int]]:
    """Of these types, the subjects (type and id) of pending cases in which a person substitutes in an open vote, from
    which they have not recused themselves and in which they have no conflict of interest.
    """
    named = sa.exists(sa.select(1).where(CaseSubstitute.step_id == CaseStep.id, CaseSubstitute.user_id == user.id))
    recused = sa.exists(
        sa.select(1).where(
            CaseVote.step_id == CaseStep.id, CaseVote.member_id == user.id, CaseVote.choice == VoteChoice.RECUSED
        )
    )
    which = (Case.state == CaseState.PENDING, Case.subject_type.in_(subject_types))
    query = sa.select(Case).join(Case.steps).where(*which, CaseStep.state == StepState.OPEN, named, ~recused)
    rows = db.session.scalars(query.options(*WHOLE)).unique().all()
    return {(row.subject_type, row.subject_id) for row in rows if policy.is_official(user, row)}


def recused_subjects(user: User, subject_types: Collection[str]) -> set[tuple[str, int]]:
    """Of these types, the subjects of the cases in which a person recused themselves."""
    return {one for one in conflicts.recusals([user.id])[user.id] if one[0] in subject_types}
