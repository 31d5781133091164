"""Notifications about organisations."""

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crowd import clock
from crowd.accounts.models import Invitation, Membership, Organisation, User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.queries import find_by_email, people_with_right
from crowd.config import Settings
from crowd.notifications import emails
from crowd.notifications.kinds import NotificationKinds, path_to
from crowd.notifications.services import notify, post_mail
from crowd.values import Value, term
from crowd.values import person as person_value
from crowd.web.labels import state_label
from crowd.web.request_locale import platform_name

KINDS = NotificationKinds()
define = KINDS.define
VERIFIED = define(
    "accounts.verified",
    _l("%(organisation)s is verified"),
    _l("The service centre has verified %(organisation)s. Its pages now show this."),
)
NOT_VERIFIED = define(
    "accounts.not_verified",
    _l("%(organisation)s could not be entered as verified"),
    _l("The verification of %(organisation)s was granted, but another organisation was verified under its number, or "
       "it was changed or closed, before it was entered. Apply again, or ask the service centre."),
)  # fmt: skip
JOINED = define(
    "accounts.joined",
    _l("%(person)s has joined %(organisation)s"),
    _l("%(person)s accepted the invitation and now acts for %(organisation)s."),
    always=True,
)
DECLINED = define(
    "accounts.declined",
    _l("An invitation to %(organisation)s was declined"),
    _l("%(email)s does not want to join %(organisation)s."),
)
ROLE_CHANGED = define(
    "accounts.member_role",
    _l("Your role in %(organisation)s has changed"),
    _l("Your role in %(organisation)s is now: %(role)s."),
    always=True,
)
REMOVED = define(
    "accounts.removed",
    _l("You no longer belong to %(organisation)s"),
    _l("%(organisation)s has ended your membership. What you did there stays recorded."),
    always=True,
)
LEFT = define(
    "accounts.left",
    _l("%(person)s has left %(organisation)s"),
    _l("%(person)s no longer acts for %(organisation)s."),
    always=True,
)
HANDED_OVER = define(
    "accounts.handed_over",
    _l("%(organisation)s is handed over to you"),
    _l("%(person)s has handed %(organisation)s over to you and has left it. You are now its owner: you can do "
       "everything for it."),
    always=True,
)  # fmt: skip
YOU_HANDED_OVER = define(
    "accounts.you_handed_over",
    _l("You have handed %(organisation)s over"),
    _l("%(person)s is now an owner of %(organisation)s, and you no longer act for it. If this was not you, write to "
       "the service centre at once."),
    always=True,
)  # fmt: skip
CLOSED = define(
    "accounts.organisation_closed",
    _l("%(organisation)s is closed"),
    _l("%(organisation)s is closed and can take no new action. Its balance and its records stay. Reason: %(reason)s"),
    always=True,
)


def verified(organisation: Organisation) -> None:
    """Notify those who manage it."""
    _notify_managers(VERIFIED, organisation, f"verified:{organisation.id}:{clock.db_now().timestamp()}")


def not_verified(organisation: Organisation, case_id: int) -> None:
    """Notify those who manage it."""
    _notify_managers(NOT_VERIFIED, organisation, f"not_verified:{organisation.id}:{case_id}")


def joined(invitation: Invitation, person: User) -> None:
    """Notify those who manage it."""
    _notify_managers(JOINED, invitation.organisation, f"joined:{invitation.id}", person=person_value(person))


def declined(invitation: Invitation, person: User) -> None:
    """Notify those who manage it. They know the address that they invited, and no name."""
    email = person_value(person, called=invitation.email)
    _notify_managers(DECLINED, invitation.organisation, f"declined:{invitation.id}", email=email)


def left(organisation: Organisation, person: User, membership_id: int, successor: int | None = None) -> None:
    """Notify those who manage it now, but for the successor, who is told that it was handed over to them."""
    _notify_managers(LEFT, organisation, f"left:{membership_id}", but=successor, person=person_value(person))


def closed(organisation: Organisation, reason: str) -> None:
    """Notify all who belong to it."""
    key = f"organisation_closed:{organisation.id}:{clock.now().timestamp()}"
    params = {"organisation": organisation.name, "reason": reason}
    for person in people_with_right(organisation.id, Right.VIEW_MONEY):
        notify(person.id, kind=CLOSED, key=key, path=_members(organisation.id), params=params)


def role_changed(membership: Membership) -> None:
    """Notify the member."""
    params = {"organisation": membership.organisation.name, "role": term(membership.role, "member_role")}
    key = f"member_role:{membership.id}:{clock.now().timestamp()}"
    notify(membership.user_id, kind=ROLE_CHANGED, key=key, path=_members(membership.organisation_id), params=params)


def handed_over(before: User, successor: Membership) -> None:
    """Notify the new owner and the former one."""
    row = successor.organisation
    key = f"handed_over:{successor.id}:{clock.now().timestamp()}"
    theirs = {"organisation": row.name, "person": person_value(before)}
    notify(successor.user_id, kind=HANDED_OVER, key=key, path=_members(row.id), params=theirs)
    own, here = {"organisation": row.name, "person": person_value(successor.user)}, path_to("accounts.organisations")
    notify(before.id, kind=YOU_HANDED_OVER, key=key, path=here, params=own)


def removed(membership: Membership) -> None:
    """Notify the former member."""
    params = {"organisation": membership.organisation.name}
    key = f"removed:{membership.id}"
    notify(membership.user_id, kind=REMOVED, key=key, path=path_to("accounts.organisations"), params=params)


def invited(invitation: Invitation, inviter: str, token: str, locale: str) -> None:
    """Write to the address; the token is only in the email's link.

    In the language of the account that the address has, else in the inviter's.
    """
    settings: Settings = current_app.config["CROWD"]
    account = find_by_email(invitation.email)
    with emails.in_locale(account.locale if account else locale, account.time_zone if account else None):
        names = {"person": inviter, "organisation": invitation.organisation.name}
        role = state_label(invitation.role, "member_role")
        paragraphs = [
            _(
                "%(person)s invites you to act for %(organisation)s on %(platform)s, in the role: %(role)s.",
                **names,
                platform=platform_name(),
                role=role,
            ),
            _("Open the link and sign in with this address, or create an account with it first."),
        ]
        subject = _("Invitation to %(organisation)s", organisation=names["organisation"])
        mail = emails.compose(
            "plain",
            subject,
            settings,
            paragraphs=paragraphs,
            name=account.name if account else None,
            link=settings.address + path_to("accounts.invitation", token=token),
            link_label=_("Respond to the invitation"),
        )
        post_mail(mail, kind="invitation", recipient=invitation.email, locale=account.locale if account else locale)


def _notify_managers(
    kind: str, organisation: Organisation, key: str, *, but: int | None = None, **params: str | Value
) -> None:
    for owner in people_with_right(organisation.id, Right.MANAGE_MEMBERS):
        if owner.id == but:
            continue
        notify(
            owner.id,
            kind=kind,
            key=key,
            path=_members(organisation.id),
            params={"organisation": organisation.name, **params},
        )


def _members(organisation_id: int) -> str:
    return path_to("accounts.members", organisation_id=organisation_id)
