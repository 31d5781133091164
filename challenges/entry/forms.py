"""The fields about entering, for the forms of a draft and of a published challenge."""

from collections.abc import Callable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, FormField, HiddenField, SelectChoice, SelectField, SelectMultipleField, TextAreaField
from wtforms.form import BaseForm
from wtforms.validators import Optional, ValidationError
from wtforms.widgets import HiddenInput

from challenges.entry import clause, labels
from challenges.entry.clause import AttachmentLine, Readership
from challenges.entry.models import Attachment
from crowd import files
from crowd.errors import Invalid
from crowd.taxonomy.fields import not_found
from crowd.taxonomy.lookup import lookup
from crowd.taxonomy.schemes import REGION
from crowd.web.fields import Length, WholeField, area, line, required
from crowd.web.forms import Fieldset, Form, Rows
from crowd.web.uploads import UploadsField

AUDIENCES = [SelectChoice(key.value, labels.AUDIENCES[key]) for key in Readership]
GATED = [SelectChoice(key.value, labels.AUDIENCES[key]) for key in clause.GATED]


class AskedQuestionForm(Fieldset):
    """A question that is answered at the registration."""

    text = line(_l("Question"), "400")
    required = BooleanField(_l("must be answered"), default=True)


class AskedDocumentForm(Fieldset):
    """A document that is given at the registration."""

    name = line(_l("Document"), "200")
    required = BooleanField(_l("must be given"), default=True)


class AttachmentForm(Fieldset):
    """A file that was uploaded."""

    id = HiddenField()
    audience = SelectField(_l("Who reads it"), choices=AUDIENCES, default=Readership.PUBLIC.value)
    remove = BooleanField(_l("Leave out"))


class NdaForm(Form):
    """A signature; `contract` is the number of the version that the person was shown."""

    signature = line(_l("Your name, as a signature"), "120", render_kw={"autocomplete": "name"})
    agreed = BooleanField(_l("I have read this NDA and sign it"), [required()])
    contract = WholeField(_l("Contract"), [Optional()], widget=HiddenInput())


class RegionsField(TextAreaField):
    """Regions by their names, one a line; `data` is their codes."""

    data: str | list[str] | None

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:
        """Each must be a region, and one only."""
        if isinstance(self.data, list):
            return
        found: dict[str, None] = {}
        for typed in filter(None, map(str.strip, str(self.data or "").splitlines())):
            region = lookup(REGION, typed)
            if region.term is None:
                told = {"what": typed, "problem": str(not_found(REGION, region))}
                raise ValidationError(_("%(what)s: %(problem)s", **told))
            found.setdefault(region.term.code)
        self.data = list(found)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(labels.region_name(code) for code in self.data or ())


class EntryFields:
    """Who may enter, and what is asked of them."""

    entrants = SelectField(
        _l("Who may enter"), choices=[SelectChoice(key, name) for key, name in labels.ENTRANTS.items()],
        default=clause.Entrants.ANYONE.value,
    )  # fmt: skip
    kinds = SelectMultipleField(_l("Kinds of organisations"))
    ownership = SelectMultipleField(_l("Ownership of organisations"))
    regions = RegionsField(_l("Regions"), [Length("2000")], render_kw={"rows": 3})
    verified_only = BooleanField(_l("Verified organisations only"))
    questions = Rows(FormField(AskedQuestionForm), _l("Questions"), most="registration_questions", spare=1)
    documents = Rows(FormField(AskedDocumentForm), _l("Documents"), most="registration_documents", spare=1)

    def offer_entry(self) -> None:
        """Offer the kinds that there are; a retired one, too, where the draft has it."""
        for field, codes, name in (
            (self.kinds, clause.kinds(), labels.kind_name),
            (self.ownership, clause.ownership(), labels.ownership_name),
        ):
            field.choices = [
                SelectChoice(code, name(code)) for code in dict.fromkeys([*codes, *(field.object_data or ())])
            ]


class AttachmentFields:
    """Files, and what not everybody reads."""

    nda = area(_l("NDA"), "max_nda_length", optional=True, rows=8)
    full_text = area(_l("Full text"), "max_problem_statement_length", optional=True, rows=8)
    full_text_for = SelectField(_l("Who reads it"), choices=GATED, default=Readership.REGISTERED.value)
    attachments = Rows(FormField(AttachmentForm), _l("Attachments"), most="attachments", spare=0)
    upload_for = SelectField(_l("Who reads them"), choices=AUDIENCES, default=Readership.PUBLIC.value)
    uploads = UploadsField(_l("Add files"), most="attachment_bytes")

    def kept(self) -> list[AttachmentLine]:
        """The attachments that are not left out."""
        rows = [row for row in self.attachments.data if not row["remove"]]
        return [AttachmentLine(id=row["id"], audience=row["audience"]) for row in rows]

    def take_files(self, keep: Callable[[FileStorage], Attachment]) -> None:
        """Keep the files that were chosen, and add them to the attachments of the form; what is refused is said at the
        field. Before the form is validated: a file is not to be chosen again because another field is wrong.
        """
        refused = []
        for upload in self.uploads.uploads():
            try:
                row = keep(upload)
            except Invalid as refusal:
                told = {"file": files.clean_name(upload.filename or ""), "problem": str(refusal.message)}
                refused.append(_("%(file)s was not added: %(problem)s", **told))
            else:
                self.attachments.add({"id": row.public_id, "audience": self.upload_for.data})
        self.uploads.process_errors = [*self.uploads.process_errors, *refused]
