"""What a sponsor writes to invite, and what people answer."""

from flask_babel import lazy_gettext as _l

from crowd.web.fields import area
from crowd.web.forms import Form


class InvitationForm(Form):
    """Whom the sponsor invites."""

    people = area(
        _l("Email addresses"),
        "max_addresses_length",
        optional=True,
        rows=6,
        description=_l(
            "One or many, as they stand in your mail program or in a table: Li Wei <li@example.org>, with commas,"
            " semicolons or on lines of their own."
        ),
    )
    organisations = area(
        _l("Organisations on this platform"),
        "max_addresses_length",
        optional=True,
        rows=2,
        description=_l("Names or registration numbers, one a line. Whoever answers for one may register it."),
    )
    message = area(
        _l("Your words to them"),
        "max_invitation_length",
        optional=True,
        rows=4,
        description=_l("Stands in the email under the title of the challenge, its prizes and the closing date."),
    )

    def values(self) -> dict[str, str]:
        """The fields' texts; a field that was not sent is empty."""
        return {name: str(data or "") for name, data in super().values().items()}


class DeclineInvitationForm(Form):
    """Why somebody does not take part."""

    reason = area(_l("Reason, for the sponsor"), "max_reason_length", optional=True, rows=3)
