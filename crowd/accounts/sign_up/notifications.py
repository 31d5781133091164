"""Emails to an address with which somebody signs up. None contains what they typed: the address may belong to
anybody.
"""

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_security.recoverable import generate_reset_password_token

from crowd.accounts.models import SignUp, User
from crowd.config import Settings
from crowd.notifications import emails, kinds
from crowd.notifications.services import post_mail
from crowd.web.request_locale import platform_name


def begun(row: SignUp, token: str, back_to: str) -> None:
    """The link that creates an account; its token is only in this email."""
    settings: Settings = current_app.config["CROWD"]
    going_on = {"next": back_to} if back_to else {}
    link = settings.address + kinds.path_to("accounts.choose_password", token=token, **going_on)
    with emails.in_locale(row.locale, row.time_zone):
        paragraphs = [
            _(
                "Someone, probably you, wants to create an account on %(platform)s with this address.",
                platform=platform_name(),
            ),
            _("Open the link to choose a password. It expires in two days and can be used once."),
            _("If this was not you, you can ignore this email: without the link there is no account."),
        ]
        mail = emails.compose(
            "plain",
            _("Choose your password"),
            settings,
            paragraphs=paragraphs,
            name=None,
            link=link,
            link_label=_("Choose a password"),
        )
    post_mail(mail, kind="sign_up", recipient=row.email, locale=row.locale)


def has_account(user: User) -> None:
    """Somebody signed up with the email address of an account; where that is open, a link sets a new password."""
    settings: Settings = current_app.config["CROWD"]
    path = url_for("security.reset_password", token=generate_reset_password_token(user)) if user.active else ""
    with emails.in_locale(user.locale, user.time_zone):
        paragraphs = [
            _("Someone, probably you, wanted to create an account with this address. There is one already."),
            _("If you forgot your password, the link sets a new one. It expires in two hours and can be used once.")
            if user.active
            else _("This account is closed. Write to us if you want to use it again."),
            _("If this was not you, you can ignore this email."),
        ]
        mail = emails.compose(
            "plain",
            _("You have an account already"),
            settings,
            paragraphs=paragraphs,
            name=user.name,
            link=settings.address + path if path else None,
            link_label=_("Set a new password"),
        )
    post_mail(mail, kind="sign_up_known", recipient=user.email, locale=user.locale)
