"""Forms of signing up: first name and email address, then, after the link, the password."""

from typing import Any

from flask import current_app
from flask_babel import get_locale, get_timezone
from flask_babel import lazy_gettext as _l
from flask_security.forms import EmailValidation
from wtforms import BooleanField, HiddenField, PasswordField
from wtforms.validators import AnyOf, EqualTo, ValidationError

from crowd.text import MAX_EMAIL_LENGTH
from crowd.web.fields import LanguageField, Length, line, required
from crowd.web.forms import Form
from crowd.web.time_fields import ZoneField


class SignUpForm(Form):
    """Name and email address, language and time zone, and acceptance of the terms."""

    name = line(_l("Your name"), "80")
    email = line(_l("Email address"), str(MAX_EMAIL_LENGTH), validators=[EmailValidation(verify=True)])
    locale = LanguageField(_l("Preferred language"), default=lambda: str(get_locale()))
    time_zone = ZoneField(_l("Time zone"), default=lambda: str(get_timezone()))
    terms = BooleanField(
        _l("I accept the terms and have read the privacy notice"),
        [AnyOf([True], message=_l("Accept the terms to create an account."))],
    )
    next = HiddenField(validators=[Length("200")])


class ChoosePasswordForm(Form):
    """The display name, and the password, twice."""

    name = line(_l("Your name"), "80")
    password = PasswordField(_l("Password"), [required()])
    password_confirm = PasswordField(
        _l("The same password again"), [required(), EqualTo("password", message=_l("The two passwords differ."))]
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def validate_password(self, field: Any) -> None:
        """The rules of every password; `data` becomes what is hashed."""
        rules = current_app.extensions["security"].password_util
        problems, field.data = rules.validate(field.data, True, email=self.email, name=self.name.data)
        if problems:
            raise ValidationError(problems[0])
