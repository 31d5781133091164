"""Reports of abuse on proposals: by those who may read one that is not theirs, once its challenge has closed."""

from collections.abc import Collection

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from challenges.reports import close_to
from crowd.abuse import report
from crowd.access import id_in
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Forbidden
from crowd.notifications.kinds import path_to
from crowd.procedure import CaseSubject
from submissions.models import Proposal
from submissions.parties import contributors
from submissions.policy import can_report
from submissions.queries import access


def _proposal(actor: Actor | None, key: str) -> CaseSubject:
    proposal = access(actor, id_in(key))
    if not can_report(actor, proposal):
        raise Forbidden(_l("A proposal of others can be reported once its challenge has closed."))
    challenge, agency = proposal.challenge, proposal.organisation_id
    return CaseSubject(
        id=proposal.id, title=challenge.title, path=path_to("submissions.show", id=proposal.id),
        people=tuple(contributors(proposal)), organisations=(agency,) if agency else (), challenge_id=challenge.id,
        region_id=challenge.organisation.region_id,
    )  # fmt: skip


def close_to_proposals(user_id: int, proposal_ids: Collection[int]) -> set[int]:
    """The ids of those of these proposals to whose challenge a person is close."""
    query = sa.select(Proposal.id, Proposal.challenge_id).where(Proposal.id.in_(proposal_ids))
    challenge_of = dict(db.session.execute(query).all())
    close = close_to(user_id, set(challenge_of.values()))
    return {number for number, challenge_id in challenge_of.items() if challenge_id in close}


KINDS = (
    report(
        "proposal_report",
        _l("Report of a proposal"),
        "proposal",
        _proposal,
        upheld=_l("The people of the proposal are warned. Its place is decided with the challenge."),
        conflicts=close_to_proposals,
    ),
)
