"""Forms of cases; the one by which a case is filed is made from its kind."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectChoice, SelectField

from crowd.cases.labels import CHOICES, FINDINGS
from crowd.cases.models import CaseStep
from crowd.cases.queries import kind_of
from crowd.cases.workflow import Choice, Finding
from crowd.procedure import Act, CaseKind, Question
from crowd.web.fields import area, line
from crowd.web.forms import Form
from crowd.web.uploads import UploadField


def filing_form(kind: CaseKind) -> Form:
    """The form of a kind: one field for each question."""
    return type("FilingForm", (Form,), {question.name: _field(question) for question in kind.form})()


def _field(question: Question) -> Field:
    if question.choices:
        choices = [SelectChoice(key, label) for key, label in question.choices.items()]
        return RadioField(question.label, choices=choices, description=question.hint)
    if question.rows == 1:
        return line(question.label, "max_title_length", optional=question.optional, description=question.hint)
    return area(
        question.label, "max_reason_length", optional=question.optional, rows=question.rows, description=question.hint
    )


class EntryForm(Form):
    """A text, a file or both."""

    text = area(_l("Add to the case"), "max_reason_length", optional=True, rows=4)
    file = UploadField(_l("File"), optional=True)
    for_organs = BooleanField(_l("For the organs only: the parties do not see it"))


class ConcludeForm(Form):
    """What a check, a signature or an opinion found, with reasons."""

    finding = RadioField(_l("Result"))
    reasons = area(_l("Reasons"), "max_reason_length", rows=4)

    def offer(self, step: CaseStep) -> "ConcludeForm":
        """Offer what the step can find."""
        found = [Finding.GIVEN] if step.act == Act.OPINION else [Finding.YES, Finding.NO]
        if step.act != Act.OPINION and kind_of(step.case).partly:
            found.insert(1, Finding.PARTLY)
        self.finding.choices = [SelectChoice(one.value, FINDINGS[one].text) for one in found]
        if len(found) == 1:
            self.finding.default = found[0].value
        return self


class VoteForm(Form):
    """A member's vote."""

    choice = RadioField(_l("Your vote"))
    reasons = area(_l("Reasons"), "max_reason_length", rows=4)

    def offer(self, step: CaseStep, *, votes: bool) -> "VoteForm":
        """Offer the votes of the kind; who cannot vote may only declare a conflict of interest."""
        choices = [one for one in Choice if one != Choice.PARTLY or kind_of(step.case).partly]
        offered = choices if votes else [Choice.RECUSED]
        self.choice.choices = [SelectChoice(one.value, CHOICES[one].text) for one in offered]
        return self


class SubstituteForm(Form):
    """Who substitutes."""

    user_id = SelectField(_l("Substitute"), coerce=int)
