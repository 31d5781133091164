"""Forms of verification."""

from typing import Any

from flask_babel import lazy_gettext as _l

from crowd.accounts.verification.numbers import MAX_LENGTH
from crowd.web.fields import address, line
from crowd.web.forms import Form
from crowd.web.uploads import UploadField


class RegistrationForm(Form):
    """The registration number of an organisation, its register, and a contact."""

    registration_number = line(_l("Registration number"), str(MAX_LENGTH), render_kw={"autocomplete": "off"})
    register = line(
        _l("Register"),
        "120",
        optional=True,
        description=_l("Who holds the number, such as Handelsregister B, Amtsgericht Stuttgart."),
    )
    contact_name = line(_l("Contact for verification"), "80", description=_l("Person the service centre contacts."))
    contact_email = address(_l("Email address"))
    contact_phone = line(_l("Phone"), "40", optional=True, render_kw={"type": "tel"})

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if country == "CN":
            self.registration_number.label.text = _l("Unified social credit code")
            del self.register


class DocumentForm(Form):
    """A licence, or an extract from a register."""

    document = UploadField(_l("Document"))
