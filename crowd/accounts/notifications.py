"""Notifications about accounts."""

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
from crowd.values import term

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
    """Notify the old email address, in case somebody else changed it."""
    settings: Settings = current_app.config["CROWD"]
    with emails.in_locale(user.locale, user.time_zone):
        paragraphs = [
            _("The address of your account is now %(email)s. All sessions have ended.", email=user.email),
            _("If this was not you, write to us at once."),
        ]
        mail = emails.compose(
            "plain",
            _("The address of your account was changed"),
            settings,
            name=user.name,
            paragraphs=paragraphs,
            link=None,
            link_label=None,
        )
    post_mail(mail, kind="address_changed", recipient=old_email, locale=user.locale)
