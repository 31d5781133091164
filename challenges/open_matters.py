"""What challenges keep open for an organisation."""

from collections.abc import Iterator

import sqlalchemy as sa
from flask_babel import lazy_ngettext

from challenges.models import Challenge
from challenges.support.queries import open_vouchers
from challenges.workflow import IN_ESCROW, PREPARATION, ChallengeState
from crowd.accounts.organisations.rights import Right
from crowd.db import db
from crowd.feature import OpenMatter
from crowd.notifications.kinds import path_to

UNFINISHED = (PREPARATION | IN_ESCROW) - {ChallengeState.DRAFT}


def open_matters(kind: str, row_id: int) -> Iterator[OpenMatter]:
    """The challenges of an organisation, or for it, between their submission and their settlement."""
    if kind == "organisation":
        query = sa.select(Challenge.id, Challenge.title).where(
            sa.or_(Challenge.organisation_id == row_id, Challenge.for_organisation_id == row_id),
            Challenge.state.in_(sorted(UNFINISHED)),
        )
        if rows := db.session.execute(query.order_by(Challenge.id)).all():
            text = lazy_ngettext(
                "%(num)d challenge is not finished.", "%(num)d challenges are not finished.", len(rows)
            )
            pages = tuple((row.title, path_to("challenges.show", challenge_id=row.id)) for row in rows)
            yield OpenMatter(text, pages, needs=Right.POST)
        if number := open_vouchers(row_id):
            text = lazy_ngettext(
                "%(num)d voucher of what it grants is not used.",
                "%(num)d vouchers of what it grants are not used.",
                number,
            )
            yield OpenMatter(text, ((text, path_to("support.vouchers")),))
