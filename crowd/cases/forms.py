"""Forms of cases; the one by which a case is filed is made from its kind."""

from typing import IO, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectChoice, SelectField

from crowd.accounts.forms import ExpertiseField
from crowd.accounts.queries import names
from crowd.cases import policy
from crowd.cases.labels import CHOICES, FINDINGS
from crowd.cases.models import CaseStep
from crowd.cases.queries import assignable, kind_of
from crowd.cases.tally import OUTCOMES
from crowd.cases.workflow import Finding, VoteChoice
from crowd.errors import Sentence
from crowd.procedure import CaseKind, CaseSubject, FormQuestion, QuestionType
from crowd.web.fields import area, line
from crowd.web.forms import Form
from crowd.web.uploads import UploadField, UploadsField

MAX_LINE = "200"


class FilingForm(Form):
    """The base of the form by which a case is filed."""

    def answers(self) -> dict[str, str]:
        """The answers by question, as they are kept: fields of work one a line."""
        kept = {name: data for name, data in self.values().items() if not isinstance(self[name], UploadsField)}
        return {name: "\n".join(data) if isinstance(data, list) else data or "" for name, data in kept.items()}

    def uploads(self) -> list[tuple[IO[bytes], str]]:
        """The files that were chosen, each a stream and a name."""
        fields = [field for field in self if isinstance(field, UploadsField)]
        return [(one.stream, one.filename) for field in fields for one in field.uploads()]


def filing_form(kind: CaseKind, subject: CaseSubject) -> FilingForm:
    """The form of a kind, a field for each question that is answered, which begins with what is known."""
    fields = {question.name: _field(question) for question in kind.form if question.type != QuestionType.FACT}
    lists = [question.name for question in kind.form if question.type == QuestionType.FIELDS]
    known = {name: text.split("\n") if name in lists and text else text for name, text in subject.known.items()}
    made: FilingForm = type("KindForm", (FilingForm,), fields)(data=known)
    return made


def _field(question: FormQuestion) -> Field:
    if question.choices:
        choices = [SelectChoice(key, label) for key, label in question.choices.items()]
        return RadioField(question.label, choices=choices)
    if question.type == QuestionType.FILES:
        return UploadsField(question.label)
    if question.type == QuestionType.FIELDS:
        return ExpertiseField(question.label)
    if question.type == QuestionType.LINE:
        return line(question.label, MAX_LINE, optional=question.optional)
    return area(question.label, "max_reason_length", optional=question.optional, rows=question.rows)


class CaseEntryForm(Form):
    """A text, a file or both."""

    text = area(_l("Add to the case"), "max_reason_length", optional=True, rows=4)
    file = UploadField(_l("File"), optional=True)
    for_bodies = BooleanField(_l("Only for those who decide: the parties do not see it"))


class ConcludeForm(Form):
    """What a check, a signature or an opinion found, with reasons."""

    finding = RadioField(_l("Result"))
    reasons = area(_l("Reasons"), "max_reason_length", rows=4)

    def offer(self, step: CaseStep) -> "ConcludeForm":
        """Offer what the step can find."""
        found = policy.findings(step)
        self.finding.choices = [SelectChoice(one.value, _said(step, one)) for one in found]
        if len(found) == 1:
            self.finding.default = found[0].value
        return self


def _said(step: CaseStep, finding: Finding) -> Sentence:
    """What a finding is called; in the last stage with what follows."""
    last = step.stage == max(one.stage for one in step.case.steps)
    if finding == Finding.GIVEN or not last:
        return FINDINGS[finding].text
    what = kind_of(step.case).consequences.get(OUTCOMES[finding], "")
    return _("%(finding)s: %(what)s", finding=FINDINGS[finding].text, what=what)


class VoteForm(Form):
    """A member's vote."""

    choice = RadioField(_l("Your vote"))
    reasons = area(_l("Reasons"), "max_reason_length", rows=4)

    def offer(self, step: CaseStep, *, votes: bool) -> "VoteForm":
        """Offer the votes of the kind; who cannot vote may only declare a conflict of interest."""
        offered = policy.choices(step) if votes else [VoteChoice.RECUSED]
        self.choice.choices = [SelectChoice(one.value, CHOICES[one].text) for one in offered]
        return self


class BlackenForm(Form):
    """What stands in the place of an entry; a page has one for each."""

    text = area(_l("Text without personal data"), "max_reason_length", optional=True, rows=3)

    def __init__(self, entry_id: int, **kwargs: Any) -> None:
        super().__init__(prefix=f"entry-{entry_id}-", **kwargs)
        self.entry_id = entry_id


class AssignStepForm(Form):
    """Who of the same body is to act."""

    user_id = SelectField(_l("Assign to"), coerce=int)

    def offer(self, step: CaseStep) -> "AssignStepForm":
        """Offer the people of its body who are no parties, but who has taken it."""
        people = names(assignable(step))
        self.user_id.choices = [SelectChoice(number, name) for number, name in people.items()]
        return self


class SubstituteForm(Form):
    """Who substitutes."""

    user_id = SelectField(_l("Substitute"), coerce=int)
