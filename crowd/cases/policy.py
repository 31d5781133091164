"""Who sees a case and acts in it. A party never decides, and who has a conflict of interest neither decides nor sees
what is for the bodies.
"""

from collections.abc import Callable

import sqlalchemy as sa

from crowd.accounts import departments
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.organisations.rights import Right
from crowd.audit import HIDDEN, SYSTEM, Actor, Recorded
from crowd.cases import bodies, conflicts
from crowd.cases.models import Case, CaseStep, CaseVote, Side
from crowd.cases.workflow import CaseState, Finding, StepState, VoteChoice
from crowd.db import db
from crowd.feature import declared
from crowd.procedure import DEPARTMENT, CaseKind, StepAct

OVERSEERS = (PlatformRole.AUDITOR,)
CaseRule = Callable[[Actor | None, Case], bool]
# Who acts for an organisation that is a party: who describes it files for it, who posts for it answers.
ACTS_FOR = {Side.FILER: Right.DESCRIBE, Side.RESPONDENT: Right.POST}
StepRule = Callable[[Actor | None, CaseStep], bool]


def sides(actor: Actor | None, case: Case) -> set[Side]:
    """The sides for which the person may act: their own, or that of an organisation that they represent."""
    if not isinstance(actor, User):
        return set()
    return {
        party.side
        for party in case.parties
        if party.user_id == actor.id
        or (party.organisation_id and actor.may(ACTS_FOR[party.side], party.organisation_id))
    }


def is_hidden(actor: Actor | None, case: Case) -> bool:
    """Whether the person, or the platform where it has filed the case, is of a side of which the other side does not
    know who it is.
    """
    kind, mine = declared().case_kinds[case.kind], sides(actor, case)
    if actor is SYSTEM:
        return kind.hides_filer and case.filed_by is None
    return (kind.hides_filer and Side.FILER in mine) or (kind.hides_respondent and Side.RESPONDENT in mine)


def recorded_as(actor: User, case: Case) -> Recorded:
    """As whom the audit trail records what a party does: the trail has more readers than may know who the hidden party
    of a case is.
    """
    return HIDDEN if is_hidden(actor, case) else actor


def called_as(actor: Actor | None, case: Case) -> str | None:
    """The body as which the person is called into the case; parties are not called."""
    if not isinstance(actor, User) or sides(actor, case):
        return None
    return next((one.body for one in case.members if one.user_id == actor.id), None)


def hides_filer(actor: Actor | None, case: Case) -> bool:
    """Whether the person does not learn who has filed the case: of the other side, or called into it as somebody who
    judges without knowing whose it is.
    """
    kind = declared().case_kinds[case.kind]
    hidden = kind.hides_filer or called_as(actor, case) in kind.hides_filer_from
    return hidden and Side.FILER not in sides(actor, case) and not sees_names(actor, case)


def can_view(actor: Actor | None, case: Case) -> bool:
    """The parties, the bodies that act in it, who is called into it, those who oversee, and who decides an appeal
    against its decision: they read what the parties read.
    """
    if actor is SYSTEM or sides(actor, case) or called_as(actor, case):
        return True
    if not isinstance(actor, User):
        return False
    return is_official(actor, case) or actor.is_any(*OVERSEERS) or _decides_appeal(actor, case)


def _decides_appeal(actor: User, case: Case) -> bool:
    appeal = declared().case_kinds[case.kind].appeal
    found = appeal(case.id) if appeal else None
    return found is not None and acts_in(actor, *found)


def acts_in(actor: Actor | None, kind: str, subject_id: int) -> bool:
    """Whether the person is of a body that acts in a case of a kind about a subject, without a conflict of interest."""
    rows = db.session.scalars(sa.select(Case).where(Case.kind == kind, Case.subject_id == subject_id))
    return any(is_official(actor, row) for row in rows)


def is_official(actor: Actor | None, case: Case) -> bool:
    """Whether the person reads what is for the bodies: somebody of a body of the case without a conflict, and the
    service centre, the office of those who vote.
    """
    if not isinstance(actor, User):
        return actor is SYSTEM
    office = bodies.OFFICE in bodies.of_person(actor) and any(step.is_vote for step in case.steps)
    acting = office or any(is_member(actor, step) for step in case.steps)
    return acting and not conflicts.is_conflicted(actor, case)


def sees_names(actor: Actor | None, case: Case) -> bool:
    """Whether the person sees who the hidden party of a case is: the bodies that act in it, and those who oversee and
    have no conflict of interest.
    """
    if is_official(actor, case):
        return True
    return isinstance(actor, User) and actor.is_any(*OVERSEERS) and not conflicts.is_conflicted(actor, case)


def votes_seen(actor: Actor | None, step: CaseStep) -> list[CaseVote]:
    """The votes that the person sees: the members who vote in the step at once, all others once the vote has a result
    or its time is over, but who acts in the case sees who has recused themselves. A vote that ended with the
    withdrawal of its case stays closed to all others.
    """
    if step.state in (StepState.CONCLUDED, StepState.SILENT):
        return step.votes
    if not isinstance(actor, User) or not is_official(actor, step.case):
        return []
    return step.votes if is_member(actor, step) else [one for one in step.votes if one.choice == VoteChoice.RECUSED]


def can_add(actor: Actor | None, case: Case) -> bool:
    """Add a text or a file: the parties, the bodies and who is called, while it is pending."""
    theirs = bool(sides(actor, case)) or called_as(actor, case) is not None
    return case.is_pending and (theirs or is_official(actor, case))


def can_blacken(actor: Actor | None, case: Case) -> bool:
    """Black out entries: those who read what is for the bodies, but who is still to vote, for whom the parties' words
    stay as they are; in a case that has ended the service centre alone.
    """
    if not isinstance(actor, User) or not is_official(actor, case) or any(can_vote(actor, one) for one in case.steps):
        return False
    return case.is_pending or bodies.OFFICE in bodies.of_person(actor)


def can_add_minutes(actor: Actor | None, case: Case) -> bool:
    """Add the minutes of the council's vote once it is decided: its office, in kinds of which everybody reads how they
    were decided.
    """
    if not isinstance(actor, User) or case.outcome is None or not declared().case_kinds[case.kind].minutes:
        return False
    return bodies.COUNCIL_OFFICE in bodies.of_person(actor) and not conflicts.is_conflicted(actor, case)


def can_withdraw(actor: Actor | None, case: Case) -> bool:
    """Who has filed it, while it is pending."""
    return case.is_pending and Side.FILER in sides(actor, case)


def in_last_stage(case: Case) -> bool:
    """Whether the stage that decides it has begun."""
    return case.stage == max(step.stage for step in case.steps)


def can_correct(actor: Actor | None, case: Case) -> bool:
    """Correct an application that was refused or withdrawn, and file it again: those who filed it."""
    ended = case.state in (CaseState.REFUSED, CaseState.WITHDRAWN)
    return ended and declared().case_kinds[case.kind].application and Side.FILER in sides(actor, case)


def can_act(actor: Actor | None, step: CaseStep) -> bool:
    """Act in an open step: its body's people without a conflict; the other side in a step of its own."""
    case = step.case
    if not (step.is_open and case.is_pending and isinstance(actor, User) and actor.active):
        return False
    if step.body == bodies.RESPONDENT:
        return Side.RESPONDENT in sides(actor, case)
    if step.body in bodies.CALLED:
        return called_as(actor, case) == step.body
    return is_member(actor, step) and not conflicts.is_conflicted(actor, case)


def is_member(actor: User, step: CaseStep) -> bool:
    """Whether the person is of the step's body, or substitutes in it."""
    return bodies.is_of(actor, step) or substitutes(actor, step)


def substitutes(actor: User, step: CaseStep) -> bool:
    """Whether the person substitutes in the step: who was named for it, while they are of the expert committee."""
    return bodies.EXPERTS in bodies.of_person(actor) and any(one.user_id == actor.id for one in step.substitutes)


def can_conclude(actor: Actor | None, step: CaseStep) -> bool:
    """Conclude a step that one person concludes: who has taken it, or anybody of the body where nobody has. Those of a
    kind with a clock of its own are concluded by what people do elsewhere.
    """
    if step.is_vote or _kind(step).clocked:
        return False
    return can_act(actor, step) and step.taken_by in (None, actor.id if actor else None)


def needs_no_reasons(step: CaseStep, finding: Finding) -> bool:
    """Whether a party signs, and says yes: what there is to say stands in the case already."""
    return step.body == bodies.RESPONDENT and step.act == StepAct.SIGNATURE and finding == Finding.YES


def can_take(actor: Actor | None, step: CaseStep) -> bool:
    """Take a step that one person concludes, also from somebody else of the body; not again who has it."""
    return can_hand_on(actor, step) and actor is not None and step.taken_by != actor.id


def can_hand_on(actor: Actor | None, step: CaseStep) -> bool:
    """Assign a step that one person concludes: everybody who may act in it."""
    shared = not step.is_vote and step.body != bodies.RESPONDENT and step.body not in bodies.CALLED
    return shared and can_act(actor, step)


def can_release(actor: Actor | None, step: CaseStep) -> bool:
    """Release a step: who has taken it."""
    return can_hand_on(actor, step) and actor is not None and step.taken_by == actor.id


def can_hand_over(actor: Actor | None, step: CaseStep) -> bool:
    """Hand a step over: the service centre to another of its units, a department to another department."""
    return step.body in (bodies.OFFICE, DEPARTMENT) and can_hand_on(actor, step)


def can_vote(actor: Actor | None, step: CaseStep) -> bool:
    """Vote once: a member without a conflict of interest."""
    return step.is_vote and can_act(actor, step) and all(one.member_id != actor.id for one in step.votes if actor)


def can_recuse(actor: Actor | None, step: CaseStep) -> bool:
    """Declare a conflict of interest instead of voting: any member who has not voted."""
    if not (step.is_vote and step.is_open and isinstance(actor, User) and actor.active and is_member(actor, step)):
        return False
    return all(one.member_id != actor.id for one in step.votes)


def can_name_substitutes(actor: Actor | None, step: CaseStep) -> bool:
    """Name substitutes of a vote: the service centre, which is the council's office, by those without a conflict."""
    return (
        step.is_vote
        and step.is_open
        and isinstance(actor, User)
        and bodies.OFFICE in bodies.of_person(actor)
        and not conflicts.is_conflicted(actor, step.case)
    )


def can_be_away(actor: Actor | None) -> bool:
    """Have days off: the people of bodies, to whom steps are assigned."""
    return isinstance(actor, User) and actor.active and bool(bodies.of_person(actor) or departments.of_officer(actor))


# ---- what a step can find


def findings(step: CaseStep) -> list[Finding]:
    """What somebody who concludes a step can find: an opinion is given, everything else says yes or no, and partly
    where the kind can be granted in part. Before the end of a period only a no can be found.
    """
    if step.act == StepAct.OPINION:
        return [Finding.GIVEN]
    if any(one.name == step.name and one.period for one in _kind(step).steps):
        return [Finding.NO]
    return [Finding.YES, Finding.PARTLY, Finding.NO] if _kind(step).partly else [Finding.YES, Finding.NO]


def choices(step: CaseStep) -> list[VoteChoice]:
    """What a member can say in a vote."""
    return [one for one in VoteChoice if one != VoteChoice.PARTLY or _kind(step).partly]


def _kind(step: CaseStep) -> CaseKind:
    return declared().case_kinds[step.case.kind]
