"""Forms of the screening."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import BooleanField, FormField, HiddenField, RadioField, SelectChoice, SelectField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from challenges.drafting.steps import STEPS
from challenges.screening.models import ChecklistItem, ScreeningCheck
from challenges.screening.workflow import CheckAnswer
from crowd.access import id_in
from crowd.accounts.models import User
from crowd.errors import Sentence
from crowd.languages import LANGUAGES
from crowd.web.fields import WholeField, area, line
from crowd.web.forms import Fieldset, Form, Rows

ANSWER_NAMES = {CheckAnswer.YES: _l("Yes"), CheckAnswer.NO: _l("No"), CheckAnswer.NOT_APPLICABLE: _l("Does not apply")}
ANSWERS = [SelectChoice(answer.value, name) for answer, name in ANSWER_NAMES.items()]


class CheckForm(Fieldset):
    """The answer to one item of the checklist."""

    key = HiddenField()
    answer = RadioField(_l("Answer"), [Optional()], choices=ANSWERS)
    note = line(_l("Note"), "400", optional=True)


class ChecksForm(Form):
    """The answers to all items."""

    checks = Rows(FormField(CheckForm), _l("Checklist"), most="screening_items", spare=0)

    def answers(self) -> dict[str, tuple[CheckAnswer, str]]:
        """The answers that were given, by the keys of the items."""
        given = [row for row in self.checks.data if row["answer"]]
        return {row["key"]: (CheckAnswer(row["answer"]), row["note"] or "") for row in given}


def checks_form(items: Iterable[ChecklistItem], checks: Mapping[str, ScreeningCheck]) -> ChecksForm:
    """The form of a round's checklist, with the answers that there are."""
    rows = [
        {"key": item.key, "answer": done.answer if done else None, "note": done.note if done else ""}
        for item, done in ((item, checks.get(item.key)) for item in items)
    ]
    return ChecksForm(formdata=None, data={"checks": rows})  # another form of the page may have been sent


def field_choices() -> list[SelectChoice]:
    """The fields of the brief by their steps."""
    return [SelectChoice(name, label, optgroup=step.title) for step in STEPS for name, label in step.labels().items()]


class RemarkForm(Form):
    """A remark about a field."""

    field = SelectField(lazy_pgettext("remark", "About"), choices=field_choices)
    text = area(_l("Remark"), "max_reason_length", rows=3)


def field_names() -> dict[str, Sentence]:
    """The labels of the brief's fields by their names."""
    return {name: label for step in STEPS for name, label in step.labels().items()}


class ApproveForm(Form):
    """The approval, at the cost that was shown."""

    cost = WholeField(_l("Cost"), [Optional()], widget=HiddenInput())


class AssignForm(Form):
    """Who screens."""

    user_id = SelectField(_l("Assign to"), coerce=int)


def assign_form(people: Iterable[User], sent: AssignForm | None = None) -> AssignForm:
    """The form that offers these people, or the one that was sent."""
    form = sent or AssignForm(formdata=None)
    form.user_id.choices = [SelectChoice(person.id, person.name) for person in people]
    return form


class SavedAnswerForm(Form):
    """Words to use again."""

    heading = line(_l("Name"), "80")
    text = area(_l("Text"), "max_reason_length", rows=4)
    shared = BooleanField(_l("Offer it to everybody who screens"))


class ItemForm(Fieldset):
    """One item of the checklist, in every language. A row whose names are all empty is left out."""

    key = HiddenField()
    required = BooleanField(_l("An approval needs it"))

    def blank(self) -> bool:
        """Whether it has no name: the hidden key does not count."""
        return not any((self[f"name_{locale}"].data or "").strip() for locale in LANGUAGES)


for _language in LANGUAGES.values():
    _name = line(_l("Item (%(language)s)", language=_language.name), "300")
    setattr(ItemForm, f"name_{_language.locale}", _name)


class ChecklistForm(Form):
    """A new version of the checklist. `after` is the version that the person changes."""

    after = HiddenField()
    items = Rows(FormField(ItemForm), _l("Items"), most="screening_items", least=1, spare=2)
    note = line(_l("Why it changes"), "400")

    def written(self) -> list[ChecklistItem]:
        """The items in the order of the page."""
        return [
            ChecklistItem(row["key"] or "", {locale: row[f"name_{locale}"] for locale in LANGUAGES}, row["required"])
            for row in self.items.data
        ]

    def version(self) -> int:
        """The number in `after`; 0, which no version has, where it is none."""
        return id_in(self.after.data or "")


def checklist_form(number: int, items: Iterable[ChecklistItem]) -> ChecklistForm:
    """The form that shows a version."""
    rows = [{**asdict(item), **{f"name_{locale}": item.name(locale) for locale in LANGUAGES}} for item in items]
    return ChecklistForm(data={"after": str(number), "items": rows})
