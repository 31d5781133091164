"""What cases ask of the packages above."""

import sqlalchemy as sa

from crowd.feature import Question

DECLARED_CONFLICTS: Question[sa.Select[int, int | None, int | None]] = Question(
    "the conflicts of interest that people declared: who, with which person or which organisation"
)
