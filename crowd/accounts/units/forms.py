"""Forms of units."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectChoice, SelectField

from crowd.accounts.models import PlatformRole, User
from crowd.accounts.organisations.forms import optional_number
from crowd.accounts.units.models import OperatorUnit
from crowd.accounts.units.queries import free_staff, staffed_units
from crowd.languages import LANGUAGES
from crowd.taxonomy.fields import TermNameField
from crowd.taxonomy.schemes import REGION
from crowd.web.fields import Length, area, line, required
from crowd.web.forms import Form
from crowd.web.labels import state_label
from crowd.web.request_locale import reader


class UnitForm(Form):
    """The names and the region of a unit."""

    region_id = TermNameField(_l("Region"), [required(), Length("120")], scheme=REGION)

    def names(self) -> dict[str, str]:
        """The names by locale."""
        return {locale: self[f"name_{locale}"].data for locale in LANGUAGES}

    @property
    def said(self) -> list[Field]:
        """The fields in the order of the page."""
        return [*(self[f"name_{locale}"] for locale in LANGUAGES), self["region_id"]]

    def show(self, unit: OperatorUnit) -> None:
        """Fill in what a unit has."""
        self.region_id.data = unit.region_id
        for locale in LANGUAGES:
            self[f"name_{locale}"].data = unit.name(locale)


for _language in LANGUAGES.values():
    setattr(UnitForm, f"name_{_language.locale}", line(_l("Name (%(language)s)", language=_language.name), "80"))


class StaffForm(Form):
    """A person for the staff of a unit."""

    user_id = SelectField(_l("Person"), [required()], coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Iterable[User] = free_staff()
        self.user_id.choices = [SelectChoice(person.id, f"{person.name}, {person.email}") for person in people]


class UnitHandOverForm(Form):
    """To which unit the work goes, and a note for it."""

    unit_id = SelectField(_l("Hand over to"), coerce=optional_number)
    note = area(_l("Note"), "max_reason_length", rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(staffed_units())

    def offer(self, units: Iterable[OperatorUnit]) -> None:
        """Offer these units, and the service centre."""
        named = [SelectChoice(unit.id, unit.name(reader().name)) for unit in units]
        centre = state_label(PlatformRole.SERVICE_CENTRE, "platform_role")
        self.unit_id.choices = [SelectChoice("", centre), *named]
