"""Notifications about accounts."""

from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crowd import clock
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.questions import START_PAGE
from crowd.config import Settings
from crowd.notifications import emails
from crowd.notifications.kinds import NotificationKinds, path_to
from crowd.notifications.services import notify, post_mail
from crowd.values import moment, term

KINDS = NotificationKinds()
define = KINDS.define
GRANTED = define(
    "accounts.role_granted",
    _l("You have a new role: %(role)s"),
    _l("An administrator gave you the role %(role)s. Your dashboard shows what comes with it."),
    always=True,
)
REVOKED = define(
    "accounts.role_revoked",
    _l("A role of yours has ended: %(role)s"),
    _l("An administrator removed your role %(role)s. What you did in it stays recorded."),
    always=True,
)
EXPORT = define(
    "accounts.export_ready",
    _l("Your data is ready"),
    _l("The file with your data can be downloaded until %(expires)s. Only you can open it, signed in."),
    always=True,
)


def export_ready(user_id: int, export_id: int, expires: datetime) -> None:
    """Notify the person that their export can be downloaded."""
    params = {"expires": moment(expires)}
    notify(user_id, kind=EXPORT, key=f"export:{export_id}", path=path_to("accounts.personal_data"), params=params)


def role_granted(user: User, role: PlatformRole) -> None:
    """Notify the person."""
    notify(
        user.id,
        kind=GRANTED,
        key=_key("role_granted", role),
        path=path_to(START_PAGE()),
        params={"role": term(role, "platform_role")},
    )


def role_revoked(user: User, role: PlatformRole) -> None:
    """Notify the person."""
    notify(
        user.id,
        kind=REVOKED,
        key=_key("role_revoked", role),
        path=path_to(START_PAGE()),
        params={"role": term(role, "platform_role")},
    )


def _key(what: str, role: PlatformRole) -> str:
    """A role may be granted and revoked more than once, so the time is part of the key."""
    return f"{what}:{role}:{clock.now().timestamp()}"


def address_changed(user: User, old_email: str) -> None:
    """Notify both email addresses: the new one that it is used now, the old one in case somebody else changed it."""
    for recipient in (user.email, old_email):
        with emails.in_locale(user.locale, user.time_zone):
            paragraphs = [
                _("The address of your account is now %(email)s. All sessions have ended.", email=user.email),
                _("If this was not you, write to us at once."),
            ]
            mail = plain_mail(_("The address of your account was changed"), paragraphs, user.name)
        post_mail(mail, kind="address_changed", recipient=recipient, locale=user.locale)


def account_erased(email: str, locale: str, time_zone: str) -> None:
    """The last email to a person: that their account is deleted."""
    with emails.in_locale(locale, time_zone):
        paragraphs = [
            _("Your account and its data are deleted. What others rely on stays without your name."),
            _("If this was not you, write to us at once."),
        ]
        mail = plain_mail(_("Your account is deleted"), paragraphs, None)
    post_mail(mail, kind="account_erased", recipient=email, locale=locale)


def plain_mail(subject: str, paragraphs: list[str], name: str | None) -> emails.RenderedEmail:
    """An email of its own, that is no notification."""
    settings: Settings = current_app.config["CROWD"]
    return emails.compose("plain", subject, settings, name=name, paragraphs=paragraphs, link=None, link_label=None)
