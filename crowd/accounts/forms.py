"""Forms of people: Flask-Security's with our texts, the profile, and what the administrator fills in."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security.change_email import ChangeEmailForm
from flask_security.forms import (
    ChangePasswordForm,
    EmailValidation,
    ForgotPasswordForm,
    LoginForm,
    ResetPasswordForm,
    VerifyForm,
)
from flask_security.utils import validate_redirect_url
from wtforms import EmailField, Field, PasswordField, SelectChoice, SelectField
from wtforms.validators import Optional, StopValidation, ValidationError

from crowd.accounts import services
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.profiles.fields import AudienceField, LanguagesField, WebLinksField
from crowd.accounts.profiles.visibility import USUAL, audience_of
from crowd.taxonomy.fields import TermNameField
from crowd.taxonomy.schemes import REGION
from crowd.taxonomy.vocabulary import current
from crowd.web.fields import NO_ADDRESS, REQUIRED, LanguageField, Length, TagsField, area, line, required
from crowd.web.forms import Form
from crowd.web.labels import state_label
from crowd.web.request_locale import reader
from crowd.web.time_fields import ZoneField

LABELS = {
    "email": _l("Email address"),
    "password": _l("Password"),
    "password_confirm": _l("The same password again"),
    "new_password": _l("New password"),
    "new_password_confirm": _l("The new password again"),
}


class _InOurWords:
    """Flask-Security's fields under our labels."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in LABELS.keys() & self._fields.keys():  # type: ignore[attr-defined]
            self[name].label.text = LABELS[name]  # type: ignore[index]
            self[name].description = ""  # type: ignore[index]

    def validate_next(self, field: Any) -> None:
        """Ignore a URL of another site: the person who signs in gets their dashboard, as if none had been given."""
        if field.data and not validate_redirect_url(field.data):
            field.data = ""


class SignInForm(_InOurWords, LoginForm):
    """Sign-in, without a cookie that outlives the session's row."""

    remember = None


class _AsTyped(EmailField):
    """An email address that is shown as typed, whatever a view replaces it with."""

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else str(super()._value())


class ForgottenForm(_InOurWords, ForgotPasswordForm):
    """Ask for a link that sets a new password."""

    email = _AsTyped(*ForgotPasswordForm.email.args, **ForgotPasswordForm.email.kwargs)

    def validate(self, **kwargs: Any) -> bool:
        """Whether to send a link. The form reports an invalid address, but not whether an address has an account."""
        fine = bool(super().validate(**kwargs))
        try:
            EmailValidation()(self, self.email)
        except (StopValidation, ValidationError):
            self.form_errors.append(NO_ADDRESS)
        return fine


class ResetForm(_InOurWords, ResetPasswordForm):
    """Set a new password with such a link."""


class NewPasswordForm(_InOurWords, ChangePasswordForm):
    """Change the password."""


class FreshForm(_InOurWords, VerifyForm):
    """Ask for the password again before a sensitive operation."""


class NewAddressForm(_InOurWords, ChangeEmailForm):
    """Change the email address. Its holder can set a new password, so the form requires the present one."""

    password = PasswordField(render_kw={"autocomplete": "current-password"})

    def validate_password(self, field: Any) -> None:
        """Reject a wrong password; each one is recorded in the audit trail."""
        if not field.data:
            raise ValidationError(REQUIRED)
        if not services.is_password(current_user, field.data):
            raise ValidationError(_("This is not your password."))


SECURITY_FORMS: dict[str, Any] = {  # keywords of Flask-Security
    "login_form": SignInForm,
    "forgot_password_form": ForgottenForm,
    "reset_password_form": ResetForm,
    "change_password_form": NewPasswordForm,
    "verify_form": FreshForm,
    "change_email_form": NewAddressForm,
}


class ExpertiseField(TagsField):
    """Fields of work, shown by their names in the reader's language."""

    def _value(self) -> str:
        return ", ".join(self.data or [] if self.raw_data else current().field_names(self.data or [], reader().name))


class ProfileForm(Form):
    """What people say about themselves."""

    name = line(_l("Your name"), "80")
    locale = LanguageField(_l("Preferred language"), description=_l("For pages and emails."))
    time_zone = ZoneField(_l("Time zone"), description=_l("Deadlines are shown in this time zone."))
    bio = area(_l("About you"), "max_reason_length", optional=True, rows=5)
    expertise = ExpertiseField(
        _l("Expertise"), description=_l("Separated by commas. We use these fields to choose review panels.")
    )
    region = TermNameField(
        _l("Where you are"),
        [Optional(), Length("120")],
        scheme=REGION,
        description=_l("A country, or a province and city of China."),
    )
    languages = LanguagesField(_l("Languages"), description=_l("Separated by commas."))
    availability = line(
        _l("Availability"), "200", optional=True, description=_l("Such as: from March, two days a week.")
    )
    links = WebLinksField(_l("Links"), [Optional()], description=_l("One on each line."), render_kw={"rows": 3})
    cv = area(
        _l("Curriculum vitae"), "max_body_length", optional=True, rows=8,
        description=_l("As text, or the address of a document on the web."),
    )  # fmt: skip
    see_bio = AudienceField(_l("About you"))
    see_expertise = AudienceField(_l("Expertise"))
    see_organisations = AudienceField(_l("Organisations"))
    see_region = AudienceField(_l("Where you are"))
    see_languages = AudienceField(_l("Languages"))
    see_availability = AudienceField(_l("Availability"))
    see_links = AudienceField(_l("Links"))
    see_cv = AudienceField(_l("Curriculum vitae"))

    def said(self) -> list[Field]:
        """What people say about themselves."""
        return [self[name] for name in USUAL if name != "organisations"]

    def audiences(self) -> list[Field]:
        """Who sees which field."""
        return [self[f"see_{name}"] for name in USUAL]

    def values(self) -> dict[str, Any]:
        """The arguments of `edit_profile`."""
        given = super().values()
        details = {name: given.pop(name) for name in ("languages", "links", "cv", "availability")}
        seen = {name: given.pop(f"see_{name}") for name in USUAL}
        return given | {"details": services.ProfileDetails(**details, region_id=given.pop("region"), visibility=seen)}


def profile_data(person: User) -> dict[str, object]:
    """The values with which the form begins."""
    plain = ("name", "locale", "time_zone", "bio", "expertise", "languages", "availability", "links", "cv")
    seen = {f"see_{name}": audience_of(person, name).value for name in USUAL}
    return {name: getattr(person, name) for name in plain} | {"region": person.region_id} | seen


class RoleForm(Form):
    """A platform role to grant."""

    role = SelectField(_l("Role"), [required()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = [SelectChoice(role.value, state_label(role, "platform_role")) for role in PlatformRole]
