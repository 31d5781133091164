"""Forms of organisations."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField
from wtforms.validators import URL, Optional

from crowd.accounts.models import MemberRole, Membership, OrganisationKind
from crowd.errors import Sentence
from crowd.taxonomy.vocabulary import current
from crowd.web.fields import address, area, line, required
from crowd.web.forms import Form
from crowd.web.labels import state_label
from crowd.web.organisations import countries
from crowd.web.request_locale import reader


def optional_number(value: object) -> int | None:
    """The number that an option of a choice stands for; None for the empty one."""
    return int(str(value)) if value else None


class CountryField(SelectField):
    """A country by its name in the reader's language; `data` is its ISO 3166 code."""

    def __init__(self, label: Sentence = None, **kwargs: Any) -> None:
        super().__init__(
            label, choices=[SelectChoice("", ""), *(SelectChoice(*pair) for pair in countries())], **kwargs
        )
        self.type = "SelectField"


class TermField(SelectField):
    """A term of a scheme by its name in the reader's language, or none; `data` is its id."""

    data: Any
    choices: Any

    def __init__(self, label: Sentence = None, scheme: str = "", **kwargs: Any) -> None:
        locale = reader().name
        terms = [SelectChoice(term.id, term.name(locale)) for term in current().all(scheme)]
        super().__init__(label, coerce=optional_number, choices=[SelectChoice("", ""), *terms], **kwargs)
        self.type = "SelectField"

    def process_data(self, value: Any) -> None:
        """Offer the present term, too, where it is retired by now: to save the form does not drop it."""
        super().process_data(value)
        entry = current().by_id(self.data)
        self.data = entry.id if entry else None
        if entry is not None and entry.id not in {choice.value for choice in self.choices}:
            self.choices = [*self.choices, SelectChoice(entry.id, entry.name(reader().name))]


class OrganisationForm(Form):
    """What an organisation says about itself."""

    name = line(_l("Name of the organisation"), "120", description=_l("As registered."))
    kind = SelectField(_l("Kind"), [required()])
    country = CountryField(_l("Country or region"))
    city = line(_l("City"), "80", optional=True)
    website = line(
        _l("Website"),
        "200",
        optional=True,
        validators=[URL(message=_l("Write the whole address, such as https://www.example.com."))],
        render_kw={"inputmode": "url"},
    )
    about = area(_l("About"), "max_reason_length", optional=True, rows=5)
    agency_kind_id = TermField(_l("Kind of agency"), "agency_kind", description=_l("For agencies."))
    ownership_kind_id = TermField(_l("Ownership"), "ownership_kind")
    stage_id = TermField(_l("Stage"), "stage", description=_l("Where the firm stands between an idea and a market."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [
            SelectChoice(kind.value, state_label(kind, "organisation_kind")) for kind in OrganisationKind
        ]


class MemberRoleForm(Form):
    """A role in an organisation."""

    role = SelectField(_l("Role"), [Optional()], default=MemberRole.MEMBER.value)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [SelectChoice(role.value, state_label(role, "member_role")) for role in MemberRole]

    def offer(self, roles: Iterable[MemberRole]) -> None:
        """Offer only these roles."""
        self.role.choices = [SelectChoice(role.value, state_label(role, "member_role")) for role in roles]


class InviteForm(MemberRoleForm):
    """An invitation: email address and role."""

    email = address(_l("Email address"))


class HandOverForm(Form):
    """The member who becomes the owner."""

    successor = SelectField(_l("New owner"), [required()], coerce=int)

    def offer(self, members: Iterable[Membership]) -> None:
        """Offer these members."""
        self.successor.choices = [SelectChoice(member.user_id, member.user.name) for member in members]
