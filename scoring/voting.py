"""The proposals that cases are about: of a case about a review it is the proposal that was reviewed."""

from collections.abc import Iterable

import sqlalchemy as sa

from crowd.accounts.models import User
from crowd.cases import voting
from crowd.db import db
from scoring.models import Assignment
from submissions.models import Proposal

ABOUT = (Proposal.__tablename__, Assignment.__tablename__)


def voted_on(user: User) -> frozenset[int]:
    """About which a person votes in a pending case, in the place of others."""
    return _proposals(voting.substituted_subjects(user, ABOUT))


def recused_from(user: User) -> frozenset[int]:
    """About which a person has declared a conflict of interest in a case."""
    return _proposals(voting.recused_subjects(user, ABOUT))


def _proposals(subjects: Iterable[tuple[str, int]]) -> frozenset[int]:
    found = list(subjects)
    reviews = [number for kind, number in found if kind == Assignment.__tablename__]
    of_reviews = sa.select(Assignment.proposal_id).where(Assignment.id.in_(reviews))
    own = (number for kind, number in found if kind == Proposal.__tablename__)
    return frozenset([*own, *(db.session.scalars(of_reviews) if reviews else ())])
