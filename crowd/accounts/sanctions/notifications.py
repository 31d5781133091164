"""Who hears of a sanction: whom it is about, and of its end the service centre, too."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crowd.accounts.models import User
from crowd.accounts.notifications import plain_mail
from crowd.accounts.sanctions import queries
from crowd.accounts.sanctions.models import Sanction
from crowd.accounts.sanctions.workflow import SanctionKind
from crowd.notifications import emails
from crowd.notifications.kinds import NotificationKinds, path_to
from crowd.notifications.services import notify_all, post_mail
from crowd.values import Value, moment, person, term

KINDS = NotificationKinds()
DECIDED = KINDS.define(
    "sanctions.decided",
    _l("The council has decided: %(measure)s"),
    _l("It concerns %(party)s and begins on %(begins_at)s. Until then you can appeal; how is on the page."),
    always=True,
)
BEGUN = KINDS.define(
    "sanctions.begun",
    _l("A sanction has begun: %(measure)s"),
    _l("It concerns %(party)s. Its page says what it means and until when."),
    always=True,
)
ENDED = KINDS.define(
    "sanctions.ended",
    _l("A suspension has ended: %(party)s"),
    _l("The time that the council had decided is over."),
    always=True,
)
LIFTED = KINDS.define(
    "sanctions.lifted",
    _l("A sanction was lifted: %(measure)s"),
    _l("The council has granted the appeal. Nothing of it follows for %(party)s."),
    always=True,
)


def decided(row: Sanction) -> None:
    """To whom it is about."""
    _tell(row, DECIDED, queries.people_of(row))


def begun(row: Sanction) -> None:
    """To whom it is about; a person whose account it closed gets an email of its own, since they cannot sign in."""
    if row.user is not None and row.decided.kind != SanctionKind.WARNING:
        _mail(row.user, row)
    else:
        _tell(row, BEGUN, queries.people_of(row))


def ended(row: Sanction) -> None:
    """To whom it is about, and to the service centre."""
    _tell(row, ENDED, list(dict.fromkeys([*queries.people_of(row), *queries.staff()])))


def lifted(row: Sanction) -> None:
    """To whom it is about, and to the service centre."""
    _tell(row, LIFTED, list(dict.fromkeys([*queries.people_of(row), *queries.staff()])))


def _tell(row: Sanction, kind: str, people: list[int]) -> None:
    party: Value | str = person(row.user) if row.user is not None else row.party.name
    params = {"measure": term(row.measure, "sanction_measure"), "party": party, "begins_at": moment(row.begins_at)}
    path = path_to("sanctions.show", sanction_id=row.id)
    notify_all(people, kind=kind, key=f"{kind}:{row.id}", path=path, params=params)


def _mail(user: User, row: Sanction) -> None:
    with emails.in_locale(user.locale, user.time_zone):
        days = row.decided.days
        until = _("It ends by itself after %(days)s days, and your account is then opened again.", days=days)
        paragraphs = [
            _("By a decision of the council your account is closed: %(measure)s.", measure=str(row.decided.label)),
            until if row.ends_at is not None else _("It does not end by itself."),
            _("What you have earned stays yours. Write to us about it."),
        ]
        mail = plain_mail(_("Your account is closed by a decision of the council"), paragraphs, user.name)
    post_mail(mail, kind="sanction_begun", recipient=user.email, locale=user.locale)
