"""Who hears of a referral: those who manage the firm."""

from flask_babel import lazy_gettext as _l

from crowd.accounts.organisations.rights import Right
from crowd.accounts.queries import people_with_right
from crowd.notifications.kinds import NotificationKinds, path_to
from crowd.notifications.services import notify
from crowd.small_firms.referrals.models import Referral
from crowd.values import term

KINDS = NotificationKinds()
REFERRED = KINDS.define(
    "small_firms.referred",
    _l("Your firm was referred to %(institution)s"),
    _l("For: %(target)s. Whoever referred it notes what becomes of it; you read it on the page of your referrals."),
)
NOTED = KINDS.define(
    "small_firms.referral_noted",
    _l("News of the referral to %(institution)s"),
    _l("It stands so: %(state)s. What the institution said is on the page of your referrals."),
)


def referred(row: Referral) -> None:
    """It was made."""
    _tell(REFERRED, row)


def noted(row: Referral) -> None:
    """Something became of it."""
    _tell(NOTED, row)


def _tell(kind: str, row: Referral) -> None:
    params = {
        "institution": row.institution,
        "target": term(row.target, "referral_target"),
        "state": term(row.state, "referral"),
    }
    for person in people_with_right(row.firm_id, Right.DESCRIBE):
        key = f"{kind}:{row.id}:{row.state}"
        notify(person.id, kind=kind, key=key, path=path_to("small_firms.referrals"), params=params)
