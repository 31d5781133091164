"""What the page of a case shows its reader: one history, and the forms of what they can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from wtforms import SelectChoice

from crowd.accounts.models import User
from crowd.accounts.queries import names
from crowd.cases import policy, queries
from crowd.cases.forms import ConcludeForm, EntryForm, SubstituteForm, VoteForm
from crowd.cases.models import Case, CaseStep, Side
from crowd.web.forms import Form

F = TypeVar("F", bound=Form)


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step as its reader sees it. `present` counts the members who may vote; forms are those that the reader has."""

    step: CaseStep
    title: str
    takes: bool
    present: int
    quorum_missing: bool
    conclude: ConcludeForm | None
    vote: VoteForm | None
    substitute: SubstituteForm | None


def page_of(actor: User, case: Case, rejected: Sequence[Form]) -> dict[str, Any]:
    """The values of the page; `rejected` is a form that was just refused."""
    kind, official = queries.kind_of(case), policy.is_official(actor, case)
    hides = kind.hides_filer and Side.FILER not in policy.sides(actor, case) and not official
    return {
        "kind": kind,
        "answers": [(one.label, _said(one.choices, case.answers.get(one.name, ""))) for one in kind.form],
        "filer": None if hides else case.filer,
        "respondents": queries.parties_of(case, Side.RESPONDENT),
        "steps": [_shown(actor, step, rejected) for step in case.steps],
        "entries": queries.entries(actor, case),
        "hidden_author": case.filed_by if hides else None,
        "official": official,
        "entry_form": _form(EntryForm, rejected) if policy.can_add(actor, case) else None,
        "withdrawable": policy.can_withdraw(actor, case),
        "refused": rejected[0] if rejected else None,
    }


def _said(choices: Any, answer: str) -> Any:
    return choices.get(answer, answer)


def _form(kind: type[F], rejected: Sequence[Form]) -> F:
    return next((form for form in rejected if isinstance(form, kind)), None) or kind(formdata=None)


def _shown(actor: User, step: CaseStep, rejected: Sequence[Form]) -> StepShown:
    present = len(queries.voters(step)) if step.is_vote and step.is_open else 0
    votes, concludes = policy.can_vote(actor, step), policy.can_conclude(actor, step)
    recuses = policy.can_recuse(actor, step)
    lacking = step.is_vote and step.is_open and present < step.quorum
    return StepShown(
        step=step,
        title=queries.title_of(step),
        takes=policy.can_take(actor, step),
        present=present,
        quorum_missing=lacking,
        conclude=_form(ConcludeForm, rejected).offer(step) if concludes else None,
        vote=_form(VoteForm, rejected).offer(step, votes=votes) if votes or recuses else None,
        substitute=_substitutes(step, rejected) if lacking and policy.can_name_substitutes(actor, step) else None,
    )


def _substitutes(step: CaseStep, rejected: Sequence[Form]) -> SubstituteForm:
    form = _form(SubstituteForm, rejected)
    people = names(queries.possible_substitutes(step))
    form.user_id.choices = [SelectChoice(number, name) for number, name in people.items()]
    return form
