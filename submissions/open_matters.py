"""What proposals keep open for a person or an organisation."""

from collections.abc import Iterator

import sqlalchemy as sa
from flask_babel import lazy_ngettext

from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd.accounts.organisations.rights import Right
from crowd.db import db
from crowd.feature import OpenMatter
from crowd.notifications.kinds import path_to
from submissions.models import Proposal, Share
from submissions.workflow import ProposalState

UNDECIDED = (ChallengeState.OPEN, ChallengeState.JUDGING, ChallengeState.DECIDED)


def open_matters(kind: str, row_id: int) -> Iterator[OpenMatter]:
    """The proposals that are begun or submitted, and not decided and paid: their own, and those with a share of theirs;
    for an organisation those in its name.
    """
    column = Share.user_id if kind == "user" else Share.organisation_id
    own = Proposal.user_id if kind == "user" else Proposal.organisation_id
    shared = sa.exists().where(Share.proposal_id == Proposal.id, column == row_id)
    query = (
        sa.select(Proposal.id, Challenge.title)
        .join(Challenge, Challenge.id == Proposal.challenge_id)
        .where(
            sa.or_(own == row_id, shared),
            sa.or_(
                Challenge.state == ChallengeState.OPEN,
                sa.and_(Challenge.state.in_(UNDECIDED), Proposal.state == ProposalState.SUBMITTED),
            ),
            Proposal.state != ProposalState.WITHDRAWN,
        )
    )
    if rows := db.session.execute(query.order_by(Proposal.id)).all():
        text = lazy_ngettext(
            "%(num)d proposal is not withdrawn, and not decided and paid yet.",
            "%(num)d proposals are not withdrawn, and not decided and paid yet.",
            len(rows),
        )
        pages = tuple((row.title, path_to("submissions.show", id=row.id)) for row in rows)
        yield OpenMatter(text, pages, needs=Right.ANSWER)
