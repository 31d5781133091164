"""Every write of days off: by the person themselves."""

from datetime import date, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.accounts.models import User
from crowd.audit import record
from crowd.cases import policy
from crowd.cases.days_off import queries
from crowd.cases.days_off.models import DaysOff
from crowd.db import atomic, db
from crowd.errors import Forbidden, Invalid, NotFound
from crowd.values import count

LONGEST_AHEAD = timedelta(days=366)


@atomic
def add(actor: User, *, first_day: date, last_day: date) -> DaysOff:
    """The person is away from one day to another, both included. Raises Forbidden, Invalid."""
    db.session.execute(sa.select(User.id).where(User.id == actor.id).with_for_update())  # two forms at once
    if not policy.can_be_away(actor):
        raise Forbidden
    if last_day < first_day:
        raise Invalid.at("last_day", _("The last day is before the first."))
    if last_day < clock.today():
        raise Invalid.at("last_day", _("These days are over."))
    if last_day > clock.today() + LONGEST_AHEAD:
        raise Invalid.at("last_day", _("Enter days of the next 12 months."))
    if any(one.first_day <= last_day and first_day <= one.last_day for one in queries.own(actor.id)):
        raise Invalid.at("first_day", _("Some of these days are entered already."))
    row = DaysOff(user_id=actor.id, first_day=first_day, last_day=last_day)
    db.session.add(row)
    db.session.flush()
    record(actor, "days_off.added", row, days_off=count((last_day - first_day).days + 1))
    return row


@atomic
def remove(actor: User, days_off_id: int) -> None:
    """Remove days off: the person is there. Raises NotFound."""
    row = db.session.get(DaysOff, days_off_id, with_for_update=True)
    if row is None or row.user_id != actor.id:
        raise NotFound
    record(actor, "days_off.removed", row, days_off=count((row.last_day - row.first_day).days + 1))
    db.session.delete(row)


def erase(user_id: int, _email: str) -> None:
    """Delete the days off of a person with their account."""
    db.session.execute(sa.delete(DaysOff).where(DaysOff.user_id == user_id))
