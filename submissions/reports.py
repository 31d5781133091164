"""Reports of abuse on proposals: by those who may read one that is not theirs, once its challenge has closed."""

from flask_babel import lazy_gettext as _l

from challenges.impartiality import is_party
from challenges.policy import has_belonged
from crowd.abuse import report
from crowd.accounts.models import User
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
    proposal = access(actor, int(key) if key.isdecimal() else 0)
    if not can_report(actor, proposal):
        raise Forbidden(_l("A proposal of others can be reported once its challenge has closed."))
    challenge, agency = proposal.challenge, proposal.organisation_id
    return CaseSubject(
        id=proposal.id, title=challenge.title, path=path_to("submissions.show", id=proposal.id),
        people=tuple(contributors(proposal)), organisations=(agency,) if agency else (), challenge_id=challenge.id,
        region_id=challenge.organisation.region_id,
    )  # fmt: skip


def _is_close(user_id: int, proposal_id: int) -> bool:
    """Whether a person is a party of a proposal for the challenge, or belonged to its sponsor."""
    challenge, user = db.session.get_one(Proposal, proposal_id).challenge, db.session.get_one(User, user_id)
    return is_party(user, challenge) or has_belonged(user, challenge)


KINDS = (
    report(
        "proposal_report",
        _l("Report of a proposal"),
        "proposal",
        _proposal,
        upheld=_l("The people of the proposal are warned. Its place is decided with the challenge."),
        conflicted=_is_close,
    ),
)
