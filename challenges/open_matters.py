"""What challenges keep open for an organisation."""

from collections.abc import Iterator

import sqlalchemy as sa
from flask_babel import lazy_ngettext

from challenges.models import Challenge
from challenges.workflow import IN_ESCROW, PREPARATION, ChallengeState
from crowd.db import db
from crowd.errors import Sentence

UNFINISHED = (PREPARATION | IN_ESCROW) - {ChallengeState.DRAFT}


def open_matters(kind: str, row_id: int) -> Iterator[Sentence]:
    """The challenges of an organisation, or for it, between their submission and their settlement."""
    if kind == "organisation":
        query = sa.select(sa.func.count()).where(
            sa.or_(Challenge.organisation_id == row_id, Challenge.for_organisation_id == row_id),
            Challenge.state.in_(sorted(UNFINISHED)),
        )
        if number := int(db.session.scalar(query) or 0):
            yield lazy_ngettext("%(num)d challenge is not finished.", "%(num)d challenges are not finished.", number)
