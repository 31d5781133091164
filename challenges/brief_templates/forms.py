"""The editor of a template: every language on one page."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from wtforms import FormField, HiddenField

from challenges.brief_templates.document import TemplateText
from challenges.brief_templates.models import TemplateKind
from challenges.forms import CriterionForm, row_of
from crowd.languages import LANGUAGES
from crowd.web.fields import area, line
from crowd.web.forms import Form, Rows

LENGTHS = {TemplateKind.PROBLEM: "max_problem_statement_length", TemplateKind.RIGHTS: "max_reason_length"}


class TemplateForm(Form):
    """`shown` is the number of the version that is edited. Made by `form_of`, with fields for each language:
    `name_<locale>`, and `text_<locale>` or `criteria_<locale>`.
    """

    shown = HiddenField()
    note = line(_l("Why it changes"), "200", optional=True)

    def texts(self) -> dict[str, TemplateText]:
        """The texts by language."""
        return {locale: self._text(locale) for locale in LANGUAGES}

    def _text(self, locale: str) -> TemplateText:
        name = self[f"name_{locale}"].data
        if f"text_{locale}" in self:
            return TemplateText(name=name, text=self[f"text_{locale}"].data)
        criteria = [row.form.criterion() for row in self[f"criteria_{locale}"].filled]
        return TemplateText(name=name, criteria=criteria)

    def offer_numbers(self) -> None:
        """Offer the usual scales and steps in every row."""
        for locale in LANGUAGES:
            rows = self._fields.get(f"criteria_{locale}")
            for row in rows or ():
                row.form.offer_numbers()


def form_of(kind: TemplateKind, texts: Mapping[str, TemplateText] | None = None, shown: int = 0) -> TemplateForm:
    """The form of a template of this kind, filled with what is in force."""
    fields: dict[str, object] = {}
    data: dict[str, object] = {"shown": str(shown)}
    for locale, language in LANGUAGES.items():
        fields[f"name_{locale}"] = line(_l("Name (%(language)s)", language=language.name), "120")
        if kind == TemplateKind.RUBRIC:
            label = _l("Criteria (%(language)s)", language=language.name)
            fields[f"criteria_{locale}"] = Rows(FormField(CriterionForm), label, most="criteria", spare=2)
        else:
            label = _l("Text (%(language)s)", language=language.name)
            fields[f"text_{locale}"] = area(label, LENGTHS[kind], rows=14 if kind == TemplateKind.PROBLEM else 6)
        if texts and locale in texts:
            one = texts[locale]
            data |= {f"name_{locale}": one.name, f"text_{locale}": one.text}
            data[f"criteria_{locale}"] = [row_of(held) for held in one.criteria]
    form: TemplateForm = type("OneTemplateForm", (TemplateForm,), fields)(data=data)
    form.offer_numbers()
    if kind == TemplateKind.RUBRIC:
        form.note.label.text = _l("Reasons, which the expert committee reads")
    return form
