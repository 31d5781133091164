"""Invitations as they arrive: in the inbox of who has an account, else as an email in two languages; and what the
sponsor hears.
"""

from collections.abc import Mapping, Sequence

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from challenges import queries
from challenges.invitations.models import ChallengeInvitation
from challenges.invitations.tokens import path_of
from challenges.notifications import KINDS
from crowd.accounts.models import User
from crowd.accounts.organisations.rights import Right
from crowd.config import Settings
from crowd.languages import LANGUAGES, language_of
from crowd.notifications import emails
from crowd.notifications.emails import RenderedEmail
from crowd.notifications.kinds import path_to
from crowd.notifications.services import notify_all, post_mail
from crowd.values import moment, money, person
from crowd.web.values import show

MAIL = "invitation"
INVITED = KINDS.define(
    "challenges.invited",
    _l("Invitation: %(title)s"),
    _l("%(organisation)s invites you to take part in a challenge with prizes of %(prizes)s, until %(closes_at)s. "
       "%(message)s"),
)  # fmt: skip
ORGANISATION_INVITED = KINDS.define(
    "challenges.organisation_invited",
    _l("Invitation of %(invited)s: %(title)s"),
    _l("%(organisation)s invites %(invited)s to take part in a challenge with prizes of %(prizes)s, until "
       "%(closes_at)s. Whoever answers for it may register it. %(message)s"),
)  # fmt: skip
DECLINED = KINDS.define(
    "challenges.invitation_declined",
    _l("An invitation was declined: %(title)s"),
    _l("%(invited)s does not take part. Reason: %(reason)s"),
)
TAKEN = KINDS.define(
    "challenges.invitation_taken",
    _l("Accepted under another address: %(title)s"),
    _l("%(person)s has accepted the invitation to %(invited)s from an account with another address. You can withdraw "
       "it until they register."),
)  # fmt: skip


def send(row: ChallengeInvitation, account: User | None) -> None:
    """The invitation itself, or a reminder of it."""
    challenge = row.challenge
    assert challenge.closes_at is not None
    params: dict[str, object] = {
        "title": challenge.title,
        "organisation": challenge.organisation.name,
        "prizes": money(challenge.prize_total, challenge.currency),
        "closes_at": moment(challenge.closes_at),
        "message": f"“{row.message}”" if row.message else "",
    }
    if row.organisation is not None:
        people = queries.members(row.organisation.id, Right.ANSWER)
        _tell(row, people, ORGANISATION_INVITED, params | {"invited": row.organisation.name})
    elif account is not None:
        _tell(row, [account.id], INVITED, params)
    else:
        assert row.address is not None
        stop = path_of(row, "invitation_stops.stop")
        mail = _mail(row, current_app.config["CROWD"], stop)
        post_mail(mail, kind=MAIL, recipient=row.address, locale=challenge.language, unsubscribe=stop)


def _tell(row: ChallengeInvitation, people: Sequence[int], kind: str, params: Mapping[str, object]) -> None:
    key = f"invited:{row.public_id}:{row.mails}"
    notify_all(people, kind=kind, key=key, path=path_of(row), params=params, challenge_id=row.challenge_id)


def _mail(row: ChallengeInvitation, settings: Settings, stop: str) -> RenderedEmail:
    """In the challenge's language and then in the others: what its reader speaks is not known."""
    first = language_of(row.challenge.language)
    languages = [first, *(one for one in LANGUAGES.values() if one != first)]
    parts, subjects = [], []
    for language in languages:
        with emails.in_locale(language.locale, row.challenge.time_zone):
            parts.append((language.tag, _part(row)))
            subjects.append(_("Invitation"))
    with emails.in_locale(first.locale, row.challenge.time_zone):
        subject = _("%(what)s: %(title)s", what=" / ".join(dict.fromkeys(subjects)), title=row.challenge.title)
        return emails.compose(
            "invitation", subject, settings, name=row.name or None, parts=parts, message=row.message,
            link=settings.address + path_of(row), stop=settings.address + stop,
        )  # fmt: skip


def _part(row: ChallengeInvitation) -> dict[str, str]:
    """What the email says in the present language."""
    challenge = row.challenge
    assert challenge.closes_at is not None
    return {
        "what": _(
            "%(organisation)s invites you to take part in a challenge: %(title)s.",
            organisation=challenge.organisation.name, title=challenge.title,
        ),
        "facts": _(
            "Prizes of %(prizes)s, held in escrow. Proposals until %(closes_at)s.",
            prizes=show(money(challenge.prize_total, challenge.currency)), closes_at=show(moment(challenge.closes_at)),
        ),
        "link": _("Read the invitation"),
        "how": _("You can accept, also without an account so far, or decline. The link is meant for you: whoever "
                 "accepts it first takes part."),
        "stop": _("No more invitations to this address"),
    }  # fmt: skip


def declined(row: ChallengeInvitation) -> None:
    """Notify those who prepare the challenge."""
    called = row.organisation.name if row.organisation else row.address
    _notify_sponsor(row, DECLINED, "declined", {"invited": called, "reason": row.reason or "–"})


def taken(row: ChallengeInvitation, actor: User) -> None:
    """Notify those who prepare the challenge that a link was used from another address."""
    _notify_sponsor(row, TAKEN, "taken", {"invited": row.address, "person": person(actor)})


def _notify_sponsor(row: ChallengeInvitation, kind: str, what: str, params: dict[str, object]) -> None:
    challenge = row.challenge
    notify_all(
        queries.members(challenge.organisation_id, Right.POST),
        kind=kind,
        key=f"invitation.{what}:{row.public_id}:{row.mails}",
        path=path_to("invitations.index", challenge_id=challenge.id),
        params={"title": challenge.title, **params},
        challenge_id=challenge.id,
    )
