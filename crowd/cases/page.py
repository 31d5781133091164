"""What the page of a case shows its reader: one history, and the forms of what they can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from flask import url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from crowd.accounts.models import ERASED, User
from crowd.accounts.queries import names
from crowd.accounts.units.queries import Work
from crowd.cases import bodies, conflicts, labels, policy, queries
from crowd.cases.bodies import CALLED, RESPONDENT
from crowd.cases.forms import (
    AssignStepForm,
    BlackenForm,
    CaseEntryForm,
    ConcludeForm,
    FilingForm,
    MinutesForm,
    StepHandOverForm,
    SubstituteForm,
    VoteForm,
)
from crowd.cases.models import Case, CaseStep, CaseVote, Side
from crowd.cases.resting import rests_on
from crowd.errors import NotFound, Sentence
from crowd.procedure import CaseKind, CaseSubject, QuestionType
from crowd.registers import queries as registers
from crowd.web import link_access
from crowd.web.forms import Form

F = TypeVar("F", bound=Form)


@dataclass(frozen=True, slots=True)
class StepForms:
    """What the reader can do in a step; None for what they cannot."""

    takes: bool = False
    releases: bool = False
    conclude: ConcludeForm | None = None
    vote: VoteForm | None = None
    substitute: SubstituteForm | None = None
    assign: AssignStepForm | None = None
    hand_over: StepHandOverForm | None = None

    @property
    def whole(self) -> list[Form]:
        """Those forms into which something is typed."""
        forms = (self.conclude, self.vote, self.substitute, self.assign, self.hand_over)
        return [form for form in forms if form is not None]


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step as its reader sees it. `present` counts those who vote. One step of a page has its `forms`;
    of another in which the reader can act, too, `acts` says so. `votes` are those that the reader sees by now.
    """

    step: CaseStep
    title: str
    body: Sentence
    doer: Sentence
    work: Work | None
    present: int
    quorum_missing: bool
    votes: Sequence[CaseVote]
    acts: bool
    hint: Sentence
    forms: StepForms = field(default_factory=StepForms)


def page_of(actor: User, case: Case, rejected: Form | None = None, *, asked: int | None = None) -> dict[str, object]:
    """The values of the page; `rejected` is a form that was just refused, `asked` the position of a step: of the one
    to which the form belongs.
    """
    with conflicts.asked_once():
        return _values(actor, case, rejected, asked)


def _values(actor: User, case: Case, rejected: Form | None, asked: int | None) -> dict[str, object]:
    kind, official = queries.kind_of(case), policy.is_official(actor, case)
    hidden = hidden_people(actor, case)
    steps, entries = _steps(actor, case, rejected, asked, hidden), queries.entries(actor, case)
    entry_form = _form(CaseEntryForm, rejected) if policy.can_add(actor, case) else None
    blackens = policy.can_blacken(actor, case)
    instead = {one.entry.id: _instead(one, rejected) for one in entries if blackens and one.instead is None}
    minutes_form = _form(MinutesForm, rejected) if policy.can_add_minutes(actor, case) else None
    shown = [entry_form, minutes_form, *instead.values(), *(form for step in steps for form in step.forms.whole)]
    return {
        "kind": kind,
        "answers": _answers(kind, case),
        "filer": "" if case.filed_by in hidden else case.filed_by_name,
        "applicants": [] if case.filed_by in hidden else queries.applicants(case),
        "entered": [] if case.filed_by in hidden else registers.entered_by(case.id),
        "respondents": [] if _hides(actor, case, Side.RESPONDENT) else queries.parties_of(case, Side.RESPONDENT),
        "steps": steps,
        "entries": entries,
        "instead": instead,
        "hidden": hidden,
        "called": {one.user_id: CALLED[one.body] for one in case.members},
        "earlier": queries.earlier(actor, case) if official else [],
        "follow_ups": _follow_ups(actor, case) if official else [],
        "about_it": queries.about_case(actor, case) if official else [],
        "official": official,
        "hides_reader": policy.is_hidden(actor, case),
        "entry_form": entry_form,
        "minutes_form": minutes_form,
        "rests_on": rests_on(actor, case),
        "subject_opens": link_access.refusal(actor, case.path) is None,
        "withdrawable": policy.can_withdraw(actor, case),
        "late_withdrawal": kind.late_withdrawal if policy.in_last_stage(case) else "",
        "correctable": policy.can_correct(actor, case),
        "refused": rejected,
        "lost": rejected if all(form is not rejected for form in shown) else None,
    }


def _follow_ups(actor: User, case: Case) -> list[tuple[Sentence, str, str]]:
    """What the reader can file about those whom a case is about, besides it: what it is called, about whom, and its
    form.
    """
    found = []
    for party in queries.parties_of(case, Side.RESPONDENT):
        who = party.user or party.organisation
        assert who is not None
        for kind in queries.linked(who.__tablename__):
            url = url_for("cases.new", kind=kind.name, key=who.id)
            if kind.follows and kind.name != case.kind and link_access.refusal(actor, url) is None:
                found.append((kind.link, who.name, url))
    return found


def hidden_people(actor: User, case: Case) -> set[int | None]:
    """The ids of the people whose names the reader does not see: who filed the case (None is the platform), whom it is
    about, or who is called into it.
    """
    if policy.sees_names(actor, case):
        return set()
    found: set[int | None] = {one.user_id for one in case.members if one.user_id != actor.id}
    if _hides(actor, case, Side.FILER):
        found.add(case.filed_by)
    if _hides(actor, case, Side.RESPONDENT):
        found |= set(queries.people_of(queries.parties_of(case, Side.RESPONDENT)))
    return found


def _hides(actor: User, case: Case, side: Side) -> bool:
    """Whether the reader does not see who is of a side: it is not theirs, and the kind hides it from them."""
    if side == Side.FILER:
        return policy.hides_filer(actor, case)
    hidden = queries.kind_of(case).hides_respondent
    return hidden and side not in policy.sides(actor, case) and not policy.sees_names(actor, case)


def earlier_answers(actor: User, kind: CaseKind, key: str, public_id: str) -> Mapping[str, str]:
    """The answers of an earlier application about the same subject, with which the form begins; none without a number.

    Raises NotFound where the person may not correct it.
    """
    if not public_id:
        return {}
    case = queries.access(actor, public_id)
    if (case.kind, str(case.subject_id)) != (kind.name, key) or not policy.can_correct(actor, case):
        raise NotFound
    return case.answers


def _answers(kind: CaseKind, case: Case) -> list[tuple[Sentence, Sentence]]:
    """The answers of the form; of a kind about a person nothing once their account is deleted."""
    about = queries.parties_of(case, Side.RESPONDENT) or queries.parties_of(case, Side.FILER)
    deleted = kind.personal and any(party.user is not None and party.user.name == ERASED for party in about)
    asked = [one for one in kind.form if one.type != QuestionType.FILES]
    return [(one.label, "" if deleted else labels.answer(one, case.answers)) for one in asked]


def filing_page(kind: CaseKind, subject: CaseSubject, form: FilingForm) -> dict[str, object]:
    """The values of the page on which a case is filed: what is known and becomes part of it, and the conditions, which
    are checked once every field is right.
    """
    facts = [question for question in kind.form if question.type == QuestionType.FACT]
    known = {question.name: subject.known[question.name] for question in facts}
    return {
        "kind": kind,
        "subject": subject,
        "form": form,
        "facts": [(one.label, labels.answer(one, subject.known) or _("nothing stated")) for one in facts],
        "conditions": kind.conditions({**known, **form.kept_answers()}) if kind.conditions else [],
    }


def _form(kind: type[F], rejected: Form | None) -> F:
    return rejected if isinstance(rejected, kind) else kind(formdata=None)


def _instead(shown: queries.EntryShown, rejected: Form | None) -> BlackenForm:
    """The form by which an entry is blacked out."""
    number = shown.entry.id
    if isinstance(rejected, BlackenForm) and rejected.entry_id == number:
        return rejected
    return BlackenForm(number, formdata=None, data={"text": shown.text})


def _steps(
    actor: User, case: Case, rejected: Form | None, asked: int | None, hidden: set[int | None]
) -> list[StepShown]:
    can = [step for step in case.steps if acts(actor, step)]
    chosen = next((step for step in can if step.position == asked), can[0] if can else None)
    rejected = rejected if chosen is not None and chosen.position == asked else None
    work = queries.work_on(case.steps) if policy.sees_names(actor, case) else {}
    return [
        StepShown(
            step=step,
            title=queries.title_of(step),
            body=body_of(actor, step),
            doer=_doer(step, hidden),
            work=work.get(step.id) if step.is_open else None,
            present=queries.count_present(step) if step.is_vote and step.is_open else 0,
            quorum_missing=queries.needs_substitute(step),
            votes=policy.votes_seen(actor, step),
            acts=step in can and step is not chosen,
            hint=queries.hint_of(step) if step in can else "",
            forms=_forms(actor, step, rejected) if step is chosen else StepForms(),
        )
        for step in case.steps
    ]


def body_of(actor: User, step: CaseStep) -> Sentence:
    """Whose step it is, as its reader says it."""
    if step.organisation is not None:
        return step.organisation.name
    own = step.body == RESPONDENT and Side.RESPONDENT in policy.sides(actor, step.case)
    return _("Your side") if own else labels.BODIES[step.body].text


def _doer(step: CaseStep, hidden: set[int | None]) -> Sentence:
    """Whose the result of a step is: of a vote the body, else who concluded it, unless they are hidden."""
    if step.is_vote:
        return labels.BODIES[step.body].text
    return "" if step.doer is None or step.done_by in hidden else step.doer.name


def acts(actor: User, step: CaseStep) -> bool:
    """Whether the person can do something in the step."""
    rules = (policy.can_act, policy.can_recuse, policy.can_name_substitutes)
    return any(rule(actor, step) for rule in rules)


def _forms(actor: User, step: CaseStep, rejected: Form | None) -> StepForms:
    votes, recuses = policy.can_vote(actor, step), policy.can_recuse(actor, step)
    return StepForms(
        takes=policy.can_take(actor, step),
        releases=policy.can_release(actor, step),
        conclude=_form(ConcludeForm, rejected).offer(step) if policy.can_conclude(actor, step) else None,
        vote=_form(VoteForm, rejected).offer(step, votes=votes) if votes or recuses else None,
        substitute=_substitutes(actor, step, rejected),
        assign=_assign(actor, step, rejected),
        hand_over=_hand_over(actor, step, rejected),
    )


def _substitutes(actor: User, step: CaseStep, rejected: Form | None) -> SubstituteForm | None:
    if not policy.can_name_substitutes(actor, step) or not queries.needs_substitute(step):
        return None
    form = _form(SubstituteForm, rejected)
    people = names(queries.possible_substitutes(step))
    form.user_id.choices = [SelectChoice(number, name) for number, name in people.items()]
    return form


def _assign(actor: User, step: CaseStep, rejected: Form | None) -> AssignStepForm | None:
    if not policy.can_hand_on(actor, step):
        return None
    form = _form(AssignStepForm, rejected).offer(step)
    return form if form.user_id.choices else None


def _hand_over(actor: User, step: CaseStep, rejected: Form | None) -> StepHandOverForm | None:
    if not policy.can_hand_over(actor, step):
        return None
    form = _form(StepHandOverForm, rejected).offer_for(step)
    return form if len(form.unit_id.choices) > (step.body == bodies.OFFICE) else None
