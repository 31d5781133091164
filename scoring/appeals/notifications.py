"""Who hears that a decision is opened again: everybody with a proposal, the sponsor, the council and the service
centre.
"""

from flask_babel import lazy_gettext as _l

from challenges import queries as challenges
from challenges.models import Challenge
from crowd.accounts.models import PlatformRole
from crowd.accounts.organisations.rights import Right
from crowd.notifications.kinds import path_to
from crowd.values import moment
from scoring.models import ResultVersion
from scoring.notifications import define, notify_about, officers
from submissions import queries as submissions
from submissions.parties import contributors

REOPENED = define(
    "scoring.reopened",
    _l("The decision is opened again: %(title)s"),
    _l(
        "The council has upheld an appeal or a case about integrity. What was published no longer counts, and nothing"
        " was paid. The awards are"
        " decided again by %(decision_due_at)s."
    ),
)
REVIEWED_AGAIN = define(
    "scoring.reviewed_again",
    _l("The decision is opened again: %(title)s"),
    _l(
        "The council has upheld an appeal or a case about integrity. What was published no longer counts, and nothing"
        " was paid. New reviewers are asked; the awards are decided again by %(decision_due_at)s."
    ),
)


def reopened(challenge: Challenge, version: ResultVersion, *, new_reviews: bool) -> None:
    """Once for each version that was opened again."""
    assert challenge.decision_due_at is not None
    people = {one for proposal in submissions.submitted(challenge.id) for one in contributors(proposal)}
    people |= {*challenges.members(challenge.organisation_id, Right.POST, Right.DECIDE)}
    people |= {*officers(challenge, PlatformRole.COUNCIL), *officers(challenge, PlatformRole.SERVICE_CENTRE)}
    kind = REVIEWED_AGAIN if new_reviews else REOPENED
    params = {"decision_due_at": moment(challenge.decision_due_at)}
    path = path_to("challenges.show", challenge_id=challenge.id)
    notify_about(people, kind, challenge, params, key=f"{challenge.id}:{version.number}", path=path)
