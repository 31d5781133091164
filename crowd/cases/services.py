"""Every write of a case by people: filing, adding, acting in a step, withdrawing. `proceedings` says what follows."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import IO

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd import clock, files
from crowd.accounts.models import User
from crowd.accounts.policy import can_administer
from crowd.accounts.units import services as units
from crowd.audit import record
from crowd.cases import departments, notifications, policy, proceedings, queries
from crowd.cases import form_answers as types
from crowd.cases.days_off import queries as days_off
from crowd.cases.models import Case, CaseEntry, CaseMember, CaseParty, CaseStep, CaseSubstitute, CaseVote, Side
from crowd.cases.workflow import TRANSITIONS, WORDING, EntryAudience, Finding, VoteChoice
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.procedure import DEPARTMENT, CaseKind, CaseSubject, FormQuestion, QuestionType
from crowd.reasons import limited, required
from crowd.values import person, term
from crowd.workflow import next_state

ENDED = _("This step is not open any more.")
IN_VAIN_FOR = timedelta(days=30)  # so long a case that was withdrawn or refused counts


Upload = tuple[IO[bytes], str]  # a stream and a name


def file_case(
    actor: User, kind_name: str, key: str, *, answers: Mapping[str, str], uploads: Sequence[Upload] = ()
) -> Case:
    """File a case of a kind about a subject, with files where its form asks for them.

    Raises NotFound, Forbidden (about the person themselves, and what the kind says), Conflict (one is pending
    already, too many in a day or about the subject, and what the kind says), Invalid.
    """
    kind = queries.get_kind(kind_name)
    _check_files(kind, len(uploads))
    if uploads:
        queries.may_file(actor, kind_name, key)  # who may not file leaves nothing in the store
    return _file(actor, kind, key, answers, [files.keep(*upload) for upload in uploads])


def try_case(
    actor: User, kind_name: str, key: str, *, answers: Mapping[str, str], uploads: Sequence[Upload] = ()
) -> None:
    """Check what filing would, but the conditions of the kind, which a page shows, and whether there are files. Raises
    as `file_case` does.
    """
    kind, subject = queries.get_kind(kind_name), queries.may_file(actor, kind_name, key)
    _check_number(kind, len(uploads))
    types.checked(kind, answers, subject.known, with_conditions=False)


@atomic
def _file(actor: User, kind: CaseKind, key: str, answers: Mapping[str, str], kept: Sequence[files.Kept]) -> Case:
    subject = queries.may_file(actor, kind.name, key)
    if kind.single:
        _hold(subject)
        subject = queries.may_file(actor, kind.name, key)  # somebody else may have filed meanwhile
    _check_may_file(actor, kind, subject)
    case = _new(actor, kind, subject, types.checked(kind, answers, subject.known))
    _add_parties(case, subject, actor)
    db.session.flush()
    db.session.refresh(case)
    for one in kept:
        _attach(actor, case, "", one)
    kind.filed(actor, case.id, subject)
    record(policy.recorded_as(actor, case), "case.filed", case, case_kind=term(case.kind, "case_kind"))
    proceedings.open_stage(case, 1, clock.db_now())
    notifications.filed(case)
    return case


def _hold(subject: CaseSubject) -> None:
    """Let nobody else file about a row before this transaction ends; the tables of subjects are other packages'."""
    name = f"case:{subject.path}:{subject.id}"
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))


def _check_may_file(actor: User, kind: CaseKind, subject: CaseSubject) -> None:
    # Two forms at once. Rows that name the person do not wait for it, so a lock that `kind.filed` takes is no deadlock.
    db.session.execute(sa.select(User.id).where(User.id == actor.id).with_for_update(key_share=True))
    if kind.single and queries.find_pending(kind.name, subject.id):
        raise Conflict(_("Such a case is pending already."))
    if not kind.application:
        _check_again(actor, kind, subject)
    most = limits().cases_per_day
    if queries.count_filed(actor, clock.db_now() - timedelta(days=1)) >= most:
        raise Conflict(_("You may file at most %(number)s cases in a day.", number=most))


def _check_again(actor: User, kind: CaseKind, subject: CaseSubject) -> None:
    """Raises Conflict where the person has one pending, or has filed too many about the subject in vain."""
    if queries.find_pending(kind.name, subject.id, actor.id):
        raise Conflict(_("You have filed this already; your case is pending."))
    in_vain = queries.count_in_vain(actor, subject.id, kind.subject_type, clock.db_now() - IN_VAIN_FOR)
    if in_vain >= limits().cases_per_subject:
        raise Conflict(
            _(
                "In the last %(days)s days %(number)s of your cases about this were withdrawn or refused. You can file"
                " again later.",
                days=IN_VAIN_FOR.days,
                number=in_vain,
            )
        )


def _new(actor: User, kind: CaseKind, subject: CaseSubject, answers: dict[str, str]) -> Case:
    title = answers[kind.titled_by] if kind.titled_by else subject.title
    case = Case(
        kind=kind.name, subject_type=kind.subject_type, subject_id=subject.id,
        stated_title=title if subject.keeps_title else "",
        path=subject.path, challenge_id=subject.challenge_id, region_id=subject.region_id, filed_by=actor.id,
        language=actor.locale, answers=answers, filed_at=clock.db_now(), contract_version_id=kind.rests_on(subject),
    )  # fmt: skip
    case.steps = departments.new_steps(kind, subject)
    db.session.add(case)
    return case


def _check_files(kind: CaseKind, number: int) -> None:
    """Files where the form needs them, and as many as it takes."""
    _check_number(kind, number)
    needed = [question.name for question in _for_files(kind) if not question.optional]
    if needed and not number:
        raise Invalid.at(needed[0], _("This is needed."))


def _check_number(kind: CaseKind, number: int) -> None:
    """Files only where the form asks for them, and not more than a case takes."""
    if number > (limits().case_entries if _for_files(kind) else 0):
        raise Invalid(_("These are too many files."))


def _for_files(kind: CaseKind) -> list[FormQuestion]:
    return [question for question in kind.form if question.type == QuestionType.FILES]


def _add_parties(case: Case, subject: CaseSubject, actor: User) -> None:
    case.parties = [
        CaseParty(side=Side.FILER, user_id=actor.id),
        *([CaseParty(side=Side.FILER, organisation_id=subject.applicant)] if subject.applicant else []),
        *(CaseParty(side=Side.RESPONDENT, user_id=one) for one in subject.people),
        *(CaseParty(side=Side.RESPONDENT, organisation_id=one) for one in subject.organisations),
    ]
    case.members = [CaseMember(user_id=one, body=body) for body, people in subject.called.items() for one in people]


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


# ---- entries


def add_entry(
    actor: User,
    public_id: str,
    *,
    text: str = "",
    upload: Upload | None = None,
    for_bodies: bool = False,
) -> CaseEntry:
    """Add a text, a file (stream, name) or both to a pending case. What comes with a file from a hidden party is for
    the bodies: a file's name and what it says of its author would give them away.

    Raises NotFound, Forbidden, Invalid, Conflict.
    """
    _access_to_add(actor, public_id, for_bodies)
    return _add_entry(actor, public_id, text.strip(), files.keep(*upload) if upload else None, for_bodies)


def _access_to_add(actor: User, public_id: str, for_bodies: bool, *, lock: bool = False) -> Case:
    case = queries.access(actor, public_id, lock=lock)
    if not policy.can_add(actor, case) or (for_bodies and not policy.is_official(actor, case)):
        raise Forbidden
    return case


@atomic
def _add_entry(actor: User, public_id: str, text: str, kept: files.Kept | None, for_bodies: bool) -> CaseEntry:
    case = _access_to_add(actor, public_id, for_bodies, lock=True)
    if not text and kept is None:
        raise Invalid.at("text", _("Write something, or choose a file."))
    text = limited(text, "text")
    if queries.count_entries(case) >= limits().case_entries:
        raise Conflict(_("This case takes no more entries."))
    entry = _attach(actor, case, text, kept, for_bodies)
    record(policy.recorded_as(actor, case), "case.entry_added", case)
    if entry.audience != EntryAudience.BODIES:
        notifications.entry_added(case, entry)
    return entry


def _attach(actor: User, case: Case, text: str, kept: files.Kept | None, for_bodies: bool = False) -> CaseEntry:
    stored = files.refer(actor, kept) if kept else None
    sealed = for_bodies or (stored is not None and policy.is_hidden(actor, case))
    audience = EntryAudience.BODIES if sealed else EntryAudience.PARTIES
    entry = CaseEntry(
        case_id=case.id, author_id=actor.id, audience=audience, text=text, file_id=stored.id if stored else None
    )
    db.session.add(entry)
    db.session.flush()
    return entry


@atomic
def blacken(actor: User, public_id: str, entry_id: int, *, text: str) -> CaseEntry:
    """Show an entry without personal data from now on: `text` in its place, without its file. The trace says who did.

    Raises NotFound, Forbidden, Conflict (done before).
    """
    case = _access(actor, public_id, policy.can_blacken)
    shown = next((one for one in queries.entries(actor, case) if one.entry.id == entry_id), None)
    if shown is None or shown.instead is not None:
        raise Conflict(_("This entry cannot be blacked out, or was before."))
    text, audience = limited(text, "text"), shown.entry.audience
    row = CaseEntry(case_id=case.id, author_id=actor.id, audience=audience, text=text, blackens=entry_id)
    db.session.add(row)
    record(actor, "case.entry_blackened", case, entry=entry_id)
    return row


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
    proceedings.conclude(actor, step, finding, required(reasons, "reasons"))
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
    if step.due_at is not None and clock.arrived_at() >= step.due_at:
        raise Conflict(_("The time for this step is over."))
    if not to(actor, step):
        raise Forbidden
    return step
