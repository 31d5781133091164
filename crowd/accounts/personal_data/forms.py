"""Forms that ask for the password again."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import PasswordField
from wtforms.validators import ValidationError

from crowd.accounts import services
from crowd.web.fields import required
from crowd.web.forms import Form


class PasswordForm(Form):
    """The person's present password."""

    password = PasswordField(_l("Password"), [required()], render_kw={"autocomplete": "current-password"})

    def validate_password(self, field: PasswordField) -> None:
        """Reject a wrong password; each one is recorded in the audit trail."""
        if not services.is_password(current_user, field.data or ""):
            raise ValidationError(_("This is not your password."))
