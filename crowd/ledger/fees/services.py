"""Every write of the fee schedule."""

from datetime import date, datetime, time
from typing import Any

from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.audit import Actor, record
from crowd.config import zone
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.ledger.fees import queries
from crowd.ledger.fees.policy import can_publish
from crowd.ledger.models import FeeRate
from crowd.reasons import required
from crowd.values import basis_points, moment


@atomic
def publish(actor: Actor, *, points: int, effective_on: date, note: str, after: int) -> FeeRate:
    """Publish a version: `points` hundredths of a percent of what is awarded, from a date in the platform's time zone
    on.

    Challenges that were sent to screening before keep theirs. `after` is the newest version that the person was shown.
    Raises Forbidden, Invalid (today or before, no reason), Conflict (somebody published meanwhile).
    """
    check(actor, effective_on=effective_on, note=note, after=after)
    row = FeeRate(
        version=after + 1,
        kind=queries.AWARD,
        basis_points=points,
        effective_from=datetime.combine(effective_on, time(), zone()),
        note=note.strip(),
    )
    db.session.add(row)
    record(
        actor, "fees.published", row, version=row.version, points=basis_points(points), since=moment(row.effective_from)
    )
    return row


def check(actor: Actor, *, effective_on: date, note: str, after: int, **_rest: Any) -> None:
    """Raise what `publish` would raise, before the page asks for confirmation."""
    if not can_publish(actor):
        raise Forbidden
    if effective_on <= clock.today():
        raise Invalid.at("effective_on", _("A new version applies from tomorrow at the earliest."))
    required(note, "note")
    if queries.last_version() != after:
        raise Conflict(_("Another version has been published in the meantime. Check it first; nothing was published."))
