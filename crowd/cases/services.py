"""Every write of a case by people: acting in a step, withdrawing; `filing` and `entries` have the others, and
`proceedings` says what follows.
"""

from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.accounts.models import User
from crowd.accounts.policy import can_administer
from crowd.accounts.units import services as units
from crowd.audit import record
from crowd.cases import departments, notifications, policy, proceedings, queries
from crowd.cases.days_off import queries as days_off
from crowd.cases.entries import add_entry as add_entry
from crowd.cases.entries import blacken as blacken
from crowd.cases.filing import file_case as file_case
from crowd.cases.filing import try_case as try_case
from crowd.cases.models import Case, CaseStep, CaseSubstitute, CaseVote
from crowd.cases.workflow import TRANSITIONS, WORDING, Finding, VoteChoice
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.procedure import DEPARTMENT
from crowd.reasons import limited, required
from crowd.values import person
from crowd.workflow import next_state

ENDED = _("This step is not open any more.")


@atomic
def withdraw(actor: User, public_id: str) -> Case:
    """Withdraw a pending case. Raises NotFound, Forbidden."""
    case = _access(actor, public_id, policy.can_withdraw)
    now = clock.db_now()
    case.state, case.ended_at = next_state(TRANSITIONS, WORDING, case.state, "withdraw"), now
    proceedings.skip_rest(case)
    record(policy.recorded_as(actor, case), "case.withdrawn", case)
    if job := queries.kind_of(case).withdrawal:
        proceedings.take_effect(case, job)
    notifications.withdrawn(case)
    return case


def _access(actor: User, public_id: str, to: policy.CaseRule) -> Case:
    case = queries.access(actor, public_id, lock=True)
    if not to(actor, case):
        raise Forbidden
    return case


# ---- steps


@atomic
def take(actor: User, public_id: str, position: int, *, holder: int | None) -> CaseStep:
    """Take a step, so that others of the body leave it; also over from another person: `holder` is who had it when the
    actor decided.

    Raises NotFound, Forbidden, Conflict where it is not open, or where somebody else has taken it meanwhile.
    """
    step = _step(actor, public_id, position, policy.can_hand_on)
    if step.taken_by not in (holder, actor.id):
        raise Conflict(_("Somebody else has taken this step meanwhile. Look at the page again."))
    if step.taken_by != actor.id:
        before = _give(step, actor)
        taken_from = person(before) if before else ""
        record(actor, "case.step_taken", step.case, step=queries.step_name(step), taken_from=taken_from)
    return step


def _give(step: CaseStep, to: User) -> User | None:
    """Somebody has a step now; who had it is notified and returned."""
    before, now = db.session.get(User, step.taken_by) if step.taken_by else None, clock.db_now()
    step.taker, step.taken_at = to, now
    db.session.flush()
    if before is not None and before is not to:
        notifications.taken_over(step, before, to)
    return before


@atomic
def assign(actor: User, public_id: str, position: int, *, user_id: int) -> CaseStep:
    """Give a step to somebody of the same body, who is notified. Raises NotFound, Forbidden, Invalid."""
    step = _step(actor, public_id, position, policy.can_hand_on)
    to = db.session.get(User, user_id)
    if to is None or not policy.can_act(to, step):
        raise Invalid.at("user_id", _("Choose somebody who may act in this step."))
    if (last_day := days_off.away([to.id]).get(to.id)) and to.id != actor.id:
        raise Invalid.at("user_id", _("%(name)s is away until %(day)s.", name=to.name, day=last_day))
    before = _give(step, to)
    taken_from = person(before) if before else ""
    record(actor, "case.step_assigned", step.case, step=queries.step_name(step), user=user_id, taken_from=taken_from)
    if user_id != actor.id:
        notifications.assigned(step, user_id)
    return step


@atomic
def release(actor: User, public_id: str, position: int) -> CaseStep:
    """Release a step that the person has taken: it is everybody's again. Raises NotFound, Forbidden."""
    step = _step(actor, public_id, position, policy.can_release)
    step.taker = step.taken_at = None
    record(actor, "case.step_released", step.case, step=queries.step_name(step))
    return step


@atomic
def hand_over(actor: User, public_id: str, position: int, *, unit_id: int | None, note: str) -> CaseStep:
    """Hand a step over with a note: one of the service centre to another unit, or back to the centre (None), one of a
    department to another department. Nobody has taken it any more. Raises NotFound, Forbidden, Invalid.
    """
    return _handed(actor, _step(actor, public_id, position, policy.can_hand_over), unit_id, note)


@atomic
def hand_over_for_unit(actor: User, step_id: int, *, unit_id: int | None, note: str) -> CaseStep:
    """Hand an open step over, as an administrator. Raises NotFound, Forbidden, Conflict, Invalid as above."""
    if not can_administer(actor):
        raise Forbidden
    step = proceedings.locked(step_id)
    if not step.is_open:
        raise Conflict(ENDED)
    return _handed(actor, step, unit_id, note)


def _handed(actor: User, step: CaseStep, unit_id: int | None, note: str) -> CaseStep:
    step.taker = step.taken_at = None
    if step.body == DEPARTMENT:
        departments.hand_on(actor, step, unit_id, note)
    else:
        _to_unit(actor, step, unit_id, note)
    db.session.flush()
    notifications.handed_over(step)
    return step


def _to_unit(actor: User, step: CaseStep, unit_id: int | None, note: str) -> None:
    unit = queries.work_on([step])[step.id].unit
    if unit_id == (unit.id if unit else None):
        raise Invalid.at("unit_id", _("The step is there already. Choose another unit, or the service centre."))
    db.session.flush()
    units.hand_over(actor, "case.step_handed_over", step, unit_id=unit_id, note=note)


@atomic
def conclude(actor: User, public_id: str, position: int, *, finding: Finding, reasons: str) -> Case:
    """Say yes or no in a check or a signature, or give an opinion. Raises NotFound, Forbidden, Invalid."""
    step = _step(actor, public_id, position, policy.can_conclude)
    if finding not in policy.findings(step):
        raise Invalid.at("finding", _("Choose one of these."))
    text = reasons.strip() if policy.needs_no_reasons(step, finding) else required(reasons, "reasons")
    proceedings.conclude(actor, step, finding, limited(text, "reasons"))
    return step.case


@atomic
def vote(actor: User, public_id: str, position: int, *, choice: VoteChoice, reasons: str) -> Case:
    """Cast a vote with reasons, once. What ends the vote is in `tally.vote`. Raises NotFound, Forbidden, Invalid."""
    rule = policy.can_recuse if choice == VoteChoice.RECUSED else policy.can_vote
    step = _step(actor, public_id, position, rule)
    if choice not in policy.choices(step):
        raise Invalid.at("choice", _("Choose one of these."))
    text, now = required(reasons, "reasons"), clock.db_now()
    step.votes.append(CaseVote(member_id=actor.id, choice=choice, reasons=text, voted_at=now))
    db.session.flush()
    action = "case.recused" if choice == VoteChoice.RECUSED else "case.voted"
    by = policy.recorded_as(actor, step.case)  # a party may be a member: they can only say that they are recused
    record(by, action, step.case, step=queries.step_name(step))  # the trail has readers who do not see open votes
    proceedings.count(step)
    notifications.quorum_missing(step)
    return step.case


@atomic
def name_substitute(actor: User, public_id: str, position: int, *, user_id: int) -> CaseStep:
    """Let somebody of the expert committee vote for members with a conflict of interest.

    Raises NotFound, Forbidden, Conflict (the quorum is there without them), Invalid (no expert, a conflict, a member).
    """
    step = _step(actor, public_id, position, policy.can_name_substitutes)
    if not queries.needs_substitute(step):
        raise Conflict(_("Enough members can vote; no substitute is needed."))
    if user_id not in queries.possible_substitutes(step):
        raise Invalid.at("user_id", _("This person cannot substitute: they are no expert, a member, or in conflict."))
    step.substitutes.append(CaseSubstitute(user_id=user_id, named_by=actor.id, named_at=clock.db_now()))
    db.session.flush()
    record(actor, "case.substitute_named", step.case, step=queries.step_name(step), user=user_id)
    notifications.substitute_named(step, user_id)
    return step


def _step(actor: User, public_id: str, position: int, to: policy.StepRule) -> CaseStep:
    """An open step under the case's lock; whether the actor may is decided by what they are now."""
    step = queries.step_of(queries.access(actor, public_id, lock=True), position)
    if not step.is_open:
        raise Conflict(ENDED)
    if _is_over(step):
        raise Conflict(_("The time for this step is over."))
    if not to(actor, step):
        raise Forbidden
    return step


def _is_over(step: CaseStep) -> bool:
    """Whether the time of a step is over; of a kind that has a clock of its own, that clock ends the case."""
    if queries.kind_of(step.case).clocked:
        return False
    return step.due_at is not None and clock.arrived_at() >= step.due_at
