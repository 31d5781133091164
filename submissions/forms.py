"""Shape and type of what people send about proposals."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, HiddenField, RadioField, SelectChoice
from wtforms.widgets import HiddenInput

from challenges.rules import Rules
from crowd.accounts.models import Organisation
from crowd.web.fields import LanguageField, PercentField, WholeField, area, at_most, line, required
from crowd.web.fields import address as email_address
from crowd.web.forms import Fieldset, Form, Rows
from crowd.web.organisations import labels
from crowd.web.uploads import UploadsField
from submissions.entry.forms import AskedForm


class RegisterForm(AskedForm):
    """Registration: personally, or for one of the person's agencies."""

    organisation_id = RadioField(_l("Enter as"), coerce=lambda value: int(value) if value else None, default="")
    accepted = BooleanField(_l("I accept the terms of this challenge and of the platform"))
    contract = WholeField(_l("Contract"), [required()], widget=HiddenInput())

    def offer(self, agencies: list[Organisation]) -> "RegisterForm":
        """Offer the person's agencies."""
        named = [SelectChoice(number, _("for %(agency)s", agency=name)) for number, name in labels(agencies).items()]
        self.organisation_id.choices = [SelectChoice("", _("for myself")), *named]
        return self


class ProposalForm(Form):
    """The editor. A draft may be incomplete."""

    title = line(_l("Title"), "max_title_length", optional=True)
    abstract = area(
        _l("Abstract"),
        "max_reason_length",
        optional=True,
        rows=4,
        description=_l("Say what you offer and why it works. Reviewers read many of these."),
    )
    body = area(
        _l("Proposal"),
        "max_body_length",
        optional=True,
        rows=22,
        description=_l("Markdown: ## for headings, * for lists, ** around bold words, | for tables."),
    )
    language = LanguageField(_l("Language of the proposal"))
    files = UploadsField(_l("Add files"))
    base = HiddenField()
    editor = HiddenField()
    overtaken: Any = None  # the version that another person saved meanwhile

    def __init__(self, rules: Rules, **kwargs: object) -> None:
        super().__init__(**kwargs)
        at_most(self.body, rules.max_body_length)
        self.files.together(rules.files_per_proposal, rules.proposal_bytes)

    def texts(self) -> dict[str, Any]:
        """The arguments of `services.save`."""
        fields = (self.title, self.abstract, self.body, self.language, self.base, self.editor)
        return {field.short_name: field.data or "" for field in fields}

    def uploads(self) -> list[Any]:
        """The files that were really chosen."""
        return list(self.files.uploads())


class ShareRow(Fieldset):
    """Another person and their part."""

    address = email_address(_l("Email address"))
    percent = PercentField(_l("Share"))


class SharesForm(Form):
    """The author's part, and the others'; what an agency gets is the rest."""

    own = PercentField(_l("Author’s share"))
    others = Rows(FormField(ShareRow), _l("Other people"), most="team_members")

    def of(self, agency: Organisation | None) -> "SharesForm":
        """For an agency's proposal: it gets the part that no person gets, and the author need not get anything."""
        if agency is not None:
            self.own.least = Decimal(0)
        return self

    def total(self) -> Decimal:
        """The sum of all valid parts of people, in percent."""
        given = [self.own.data, *(row.form.percent.data for row in self.others)]
        return sum((part for part in given if part is not None), Decimal(0))

    def parts(self) -> list[tuple[str, int]]:
        """(email address, hundredths of a percent) of the others."""
        return [(row["address"], int(row["percent"] * 100)) for row in self.others.data]
