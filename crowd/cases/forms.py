"""Forms of cases; the one by which a case is filed is made from its kind."""

from collections.abc import Mapping
from typing import IO, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectChoice, SelectField
from wtforms.validators import Optional

from crowd.accounts.forms import ExpertiseField
from crowd.accounts.queries import names
from crowd.accounts.units.forms import UnitHandOverForm
from crowd.cases import departments, policy
from crowd.cases import form_answers as types
from crowd.cases.bodies import RESPONDENT
from crowd.cases.labels import CHOICES, FINDINGS
from crowd.cases.models import CaseStep
from crowd.cases.queries import assignable, kind_of
from crowd.cases.tally import OUTCOMES
from crowd.cases.workflow import Finding, VoteChoice
from crowd.errors import Sentence
from crowd.procedure import DEPARTMENT, CaseKind, CaseSubject, FormQuestion, QuestionType
from crowd.taxonomy.vocabulary import current
from crowd.web.arguments import posted
from crowd.web.fields import CurrencyField, MoneyField, PercentField, WholeField, area, line, required
from crowd.web.forms import Form
from crowd.web.request_locale import reader
from crowd.web.time_fields import DayField
from crowd.web.uploads import UploadField, UploadsField


class FilingForm(Form):
    """The base of the form by which a case is filed."""

    def answers(self) -> dict[str, str]:
        """The answers by question, as they are kept."""
        return {name: _kept(self[name], data) for name, data in self.values().items() if not _takes_files(self[name])}

    def uploads(self) -> list[tuple[IO[bytes], str]]:
        """The files that were chosen, each a stream and a name."""
        return [(one.stream, one.filename) for field in self if _takes_files(field) for one in field.uploads()]

    @property
    def only_tries(self) -> bool:
        """Whether the conditions are to be checked, and nothing is filed."""
        return posted().flag("try")

    @property
    def is_complete(self) -> bool:
        """Whether it was sent, and every field of it is right."""
        return bool(self.is_submitted()) and not any(field.errors for field in self)

    def kept_answers(self) -> dict[str, str]:
        """The answers once all of them are right; none before."""
        return self.answers() if self.is_complete else {}


def _kept(field: Field, data: object) -> str:
    return types.kept(field.points if isinstance(field, PercentField) and data is not None else data)


def _takes_files(field: Field) -> bool:
    return isinstance(field, UploadsField)


def filing_form(kind: CaseKind, subject: CaseSubject, earlier: Mapping[str, str] | None = None) -> FilingForm:
    """The form of a kind, a field for each question that is answered, which begins with what is known, or with the
    answers of an earlier case.
    """
    asked = [question for question in kind.form if question.type != QuestionType.FACT]
    known = {**subject.known, **(earlier or {})}
    data = {question.name: types.data_of(question, known) for question in asked}
    made: FilingForm = type("KindForm", (FilingForm,), {one.name: _field_of(one) for one in asked})(data=data)
    return made


def _field_of(question: FormQuestion) -> Field:
    label, needed = question.label, [Optional()] if question.optional else [required()]
    if question.choices:
        return RadioField(label, choices=[SelectChoice(key, text) for key, text in question.choices.items()])
    match question.type:
        case QuestionType.FILES:
            return UploadsField(label)
        case QuestionType.FIELDS:
            return ExpertiseField(label)
        case QuestionType.LINE:
            return line(label, str(types.MAX_LINE), optional=question.optional)
        case QuestionType.DATE:
            return DayField(label, needed)
        case QuestionType.WHOLE:
            return WholeField(label, needed, most=question.most)
        case QuestionType.PERCENT:
            return PercentField(label, least=0)
        case QuestionType.CURRENCY:
            return CurrencyField(label)
        case QuestionType.MONEY:
            return MoneyField(label, needed, currency=question.currency, least=0)
        case QuestionType.TERM:
            terms = [SelectChoice(one.code, one.name(reader().name)) for one in current().all(question.scheme)]
            return SelectField(label, needed, choices=[SelectChoice("", ""), *terms])
        case _:
            return area(label, "max_reason_length", optional=question.optional, rows=question.rows)


class CaseEntryForm(Form):
    """A text, a file or both."""

    text = area(_l("Add to the case"), "max_reason_length", optional=True, rows=4)
    file = UploadField(_l("File"), optional=True)
    for_bodies = BooleanField(_l("Only for those who decide: the parties do not see it"))


class MinutesForm(Form):
    """The minutes of a vote."""

    text = area(_l("Minutes of the vote"), "max_reason_length", rows=6)


class ConcludeForm(Form):
    """What a check, a signature or an opinion found, with reasons; of a party their reply."""

    is_reply = False
    asks_finding = True

    consents = False

    finding = RadioField(_l("Result"))
    reasons = area(_l("Reasons"), "max_reason_length", optional=True, rows=4)  # the operation says when they are needed

    def offer(self, step: CaseStep) -> "ConcludeForm":
        """Offer what the step can find; a party replies."""
        found = policy.findings(step)
        self.finding.choices = [SelectChoice(one.value, _said(step, one)) for one in found]
        self.is_reply, self.asks_finding = step.body == RESPONDENT, found != [Finding.GIVEN]
        self.consents = any(policy.needs_no_reasons(step, one) for one in found)
        if self.is_reply:
            self.finding.label.text, self.reasons.label.text = _("Your decision"), _("Your reply")
        if len(found) == 1 and not self.finding.raw_data:  # what was sent is checked, not replaced
            self.finding.data = found[0].value
        return self


_CONSENT = {Finding.YES: _l("I accept"), Finding.NO: _l("I decline")}


def _said(step: CaseStep, finding: Finding) -> Sentence:
    """What a finding is called: what a party says; of the step that alone decides the case, with what follows."""
    if step.body == RESPONDENT and finding in _CONSENT:
        return _CONSENT[finding]
    alone = [one for one in step.case.steps if one.stage >= step.stage] == [step]
    if finding == Finding.GIVEN or not alone:
        return FINDINGS[finding].text
    what = kind_of(step.case).consequences.get(OUTCOMES[finding], "")
    return _("%(finding)s: %(what)s", finding=FINDINGS[finding].text, what=what)


_FOUND = {VoteChoice.FOR: Finding.YES, VoteChoice.PARTLY: Finding.PARTLY, VoteChoice.AGAINST: Finding.NO}


def _voted(step: CaseStep, choice: VoteChoice) -> Sentence:
    """What a vote is called for who casts it, with what follows where it is the result of the last stage."""
    if choice == VoteChoice.RECUSED:
        return _("I recuse myself")
    if choice not in _FOUND or step.stage < max(one.stage for one in step.case.steps):
        return CHOICES[choice].text
    what = kind_of(step.case).consequences.get(OUTCOMES[_FOUND[choice]], "")
    return _("%(finding)s: %(what)s", finding=CHOICES[choice].text, what=what)


class VoteForm(Form):
    """A member's vote."""

    choice = RadioField(_l("Your vote"))
    reasons = area(_l("Reasons"), "max_reason_length", rows=4)

    def offer(self, step: CaseStep, *, votes: bool) -> "VoteForm":
        """Offer the votes of the kind; who cannot vote may only declare a conflict of interest."""
        offered = policy.choices(step) if votes else [VoteChoice.RECUSED]
        self.choice.choices = [SelectChoice(one.value, _voted(step, one)) for one in offered]
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


class StepHandOverForm(UnitHandOverForm):
    """To whom a step goes, and a note: to a unit of the operator, of a department to another one."""

    def offer_for(self, step: CaseStep) -> "StepHandOverForm":
        """Offer who can take over."""
        if step.body == DEPARTMENT:
            self.unit_id.choices = [SelectChoice(row.id, row.name) for row in departments.others(step)]
        return self


class SubstituteForm(Form):
    """Who substitutes."""

    user_id = SelectField(_l("Substitute"), coerce=int)
