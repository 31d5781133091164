"""Forms of the taxonomy. Those of a term are made for its scheme: a field for each language, attribute and link."""

from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SelectChoice, SelectField, SelectMultipleField
from wtforms.validators import Optional

from crowd.errors import Sentence
from crowd.languages import ENGLISH, LANGUAGES
from crowd.taxonomy.exchange import TermRecord, target
from crowd.taxonomy.fields import TermNameField
from crowd.taxonomy.labels import term_code
from crowd.taxonomy.schemes import SCHEMES
from crowd.taxonomy.vocabulary import current
from crowd.web.fields import Length, area, line
from crowd.web.forms import Form
from crowd.web.request_locale import reader
from crowd.web.uploads import UploadField

MAX_BYTES = 2 * 2**20  # of a file with terms


class TermForm(Form):
    """What is said of a term; `form_of` adds the fields of a scheme."""

    scheme: str
    also = area(
        _l("Other names"), "max_reason_length", optional=True, rows=5,
        description=_l("One per line. Fields written with any of these names are shown under the name above."),
    )  # fmt: skip
    note = line(_l("Note for the history"), "200", optional=True)

    def show(self, record: TermRecord) -> None:
        """Fill the fields with what is stored."""
        for locale in LANGUAGES:
            self[f"name_{locale}"].data = record.names.get(locale, "")
        self.also.data = "\n".join(record.also)
        for name in SCHEMES[self.scheme].attributes:
            self[name].data = record.attributes.get(name, "")
        for other in SCHEMES[self.scheme].links:
            self[f"link_{other}"].data = [code for scheme, code in map(target, record.links) if scheme == other]
        if "parent" in self:
            above = current().get(self.scheme, record.parent)
            self["parent"].data = above.id if above else None

    def record(self, code: str = "") -> TermRecord:
        """What was typed."""
        scheme = SCHEMES[self.scheme]
        names = {locale: self[f"name_{locale}"].data for locale in LANGUAGES}
        return TermRecord(
            code=code or self["code"].data,
            names={locale: name for locale, name in names.items() if name},
            also=tuple(name.strip() for name in (self.also.data or "").splitlines() if name.strip()),
            parent=term_code(self["parent"].data) if "parent" in self else "",
            attributes={name: self[name].data for name in scheme.attributes if self[name].data},
            links=tuple(f"{other}:{code}" for other in scheme.links for code in self[f"link_{other}"].data or ()),
        )

    @property
    def said(self) -> list[Field]:
        """The fields in the order of the page."""
        first = [name for name in ("code", *(f"name_{locale}" for locale in LANGUAGES)) if name in self]
        others = [name for name in self._fields if name not in (*first, "also", "note", "csrf_token")]
        return [self[name] for name in (*first, "also", *others, "note")]


class LinksField(SelectMultipleField):
    """Terms of another scheme, as boxes."""

    def __init__(self, label: Sentence, scheme: str, **kwargs: Any) -> None:
        choices = [SelectChoice(one.code, one.name(reader().name)) for one in current().all(scheme)]
        super().__init__(label, choices=choices, **kwargs)
        self.type = "SelectMultipleField"


@cache
def form_of(scheme: str, *, new: bool) -> type[TermForm]:
    """The form of a term of a scheme; a new one has a code."""
    known = SCHEMES[scheme]
    fields: dict[str, object] = {"scheme": scheme, "__doc__": TermForm.__doc__}
    if new:
        fields["code"] = line(_l("Code"), "40", description=_l("Letters, digits and hyphens. It never changes."))
    for locale, language in LANGUAGES.items():
        label = _l("Name (%(language)s)", language=language.name)
        fields[f"name_{locale}"] = line(label, "120", optional=locale != ENGLISH.locale)
    if known.tree:
        fields["parent"] = TermNameField(
            _l("Lies below"), [Optional(), Length("200")], scheme=scheme,
            description=_l("The name or the code of another term of this list; empty for a term at the top."),
        )  # fmt: skip
    for name, attribute in known.attributes.items():
        choices = [SelectChoice("", "–"), *(SelectChoice(*pair) for pair in attribute.values.items())]
        fields[name] = SelectField(attribute.label, choices=choices, default="")
    for other in known.links:
        fields[f"link_{other}"] = LinksField(SCHEMES[other].name, other)
    return type(f"{scheme.title()}TermForm", (TermForm,), fields)


class MergeForm(Form):
    """The term that another one stands for."""

    into = HiddenField(_l("The other term"))


class JoinForm(Form):
    """The field to which a free term belongs."""

    key = HiddenField()
    into = line(_l("Field (name or code)"), "120")


class ImportForm(Form):
    """A scheme as a CSV file."""

    table = UploadField(_l("File with terms (CSV)"), kinds=("csv",), most=MAX_BYTES)


class AppliedForm(Form):
    """The text of the file that was checked, and a note for the history."""

    text = area(_l("Terms (CSV)"), str(MAX_BYTES), rows=6)
    note = line(_l("Note for the history"), "200", optional=True)
