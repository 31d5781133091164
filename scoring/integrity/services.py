"""What follows when a case about integrity has ended, as the platform, under the challenge's lock."""

from flask_babel import lazy_gettext as _

from challenges import queries as challenges
from challenges.workflow import ChallengeState
from crowd.audit import Actor
from crowd.cases import queries as cases
from crowd.cases.workflow import CaseState
from crowd.db import atomic
from crowd.errors import Conflict
from scoring import policy
from scoring.appeals import queries as appeals
from scoring.appeals import services as appealing
from scoring.integrity import effects


@atomic
def carry_out(actor: Actor, case_id: int) -> ChallengeState:
    """Where the case holds a payment, end the hold as of an appeal; else change in the panel what the case has found.
    Returns the state of the challenge; a second call changes nothing.
    """
    case = cases.get(case_id)
    assert case.challenge_id is not None
    challenge = challenges.access(actor, case.challenge_id, to=policy.can_run, lock=True)
    if case.is_pending:
        raise Conflict(_("The case is pending."))
    if appeals.find_hold(case_id) is not None:
        return appealing.carry_out(actor, case_id)
    if case.state == CaseState.GRANTED and challenge.state == ChallengeState.JUDGING:
        effects.apply(actor, challenge, case)
    return challenge.state
